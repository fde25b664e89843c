/**
 * The state of a terminal and how what was parsed reaches it: text to the page, sequences to the functions of sequences.ts,
 * strings to the titles and the replies.
 */

import { BLANK_PROPERTIES, type Properties } from '../screen/properties.ts';
import { Modes } from './modes.ts';
import { backspace, index, lineFeed, nextLine, tab } from './movement.ts';
import { Page } from './page.ts';
import type { Params } from './params.ts';
import { type Executor, named } from './parser.ts';
import { sgrOf } from './pen.ts';
import { Replies } from './replies.ts';
import { CONTROLS, ESCAPES } from './sequences.ts';
import { Titles } from './titles.ts';

const REP = named('b');
const SGR = named('m');
const DECRQSS = named('$q');
const XTGETTCAP = named('+q');
/** The sequences without prefix and intermediates, by their final byte, because a lookup in a list is quicker. */
const PLAIN_NAMES = 0x80;
const PLAIN = Array.from({ length: PLAIN_NAMES }, (_, name) => CONTROLS.get(name));
const decoder = new TextDecoder();

export class Interpreter implements Executor {
  page: Page;
  readonly modes = new Modes();
  readonly replies = new Replies();
  readonly titles = new Titles();
  /** DECSCUSR's parameter. */
  cursorShape = 0;
  /** How often BEL came, modulo 2^32. */
  bells = 0;
  /** Colours, clipboard and the like: a new object when something in it changes. */
  properties: Properties = BLANK_PROPERTIES;
  /** Mode 12. Only DECRQM tells it: the shape says whether the cursor blinks. */
  blink = false;
  /** Mode 2026. Only DECRQM tells it. */
  synchronized = false;

  constructor(cols: number, rows: number) {
    this.page = new Page(cols, rows);
  }

  text(bytes: Uint8Array, at: number, end: number): number {
    return this.page.text(bytes, at, end);
  }

  print(codePoint: number): void {
    this.page.print(codePoint);
  }

  execute(control: number): void {
    const { page } = this;
    page.interrupt();
    switch (control) {
      case 0x07: // BEL
        this.bells = (this.bells + 1) >>> 0;
        break;
      case 0x08: // BS
        backspace(page);
        break;
      case 0x09: // HT
        tab(page, 1);
        break;
      case 0x0a: // LF
      case 0x0b: // VT
      case 0x0c: // FF
        lineFeed(page);
        break;
      case 0x0d: // CR
        page.x = 0;
        break;
      case 0x0e: // SO
        page.useCharset(1);
        break;
      case 0x0f: // SI
        page.useCharset(0);
        break;
      case 0x84: // IND
        index(page);
        break;
      case 0x85: // NEL
        nextLine(page);
        break;
      case 0x88: // HTS
        page.grid.tabs.set(page.x);
        break;
    }
  }

  escape(name: number): void {
    this.page.interrupt();
    ESCAPES.get(name)?.(this);
  }

  control(name: number, params: Params): void {
    if (name === REP) this.page.repeat(params.count(0));
    this.page.interrupt();
    if (name === SGR) {
      this.page.pen.apply(params);
      return;
    }
    // Parts after a colon belong to SGR alone; a sequence that has them elsewhere is not one that we know.
    if (params.colons) return;
    const does = name < PLAIN_NAMES ? PLAIN[name] : CONTROLS.get(name);
    does?.(this, params);
  }

  /** OSC Ps ; Pt. */
  command(bytes: Uint8Array): void {
    this.page.interrupt();
    const text = decoder.decode(bytes);
    const semicolon = text.indexOf(';');
    if (semicolon < 0) return;
    const value = text.slice(semicolon + 1);
    const number = text.slice(0, semicolon);
    if (number === '0' || number === '2') this.titles.setWindow(value);
    if (number === '0' || number === '1') this.titles.setIcon(value);
  }

  device(name: number, _params: Params, bytes: Uint8Array): void {
    this.page.interrupt();
    if (name === DECRQSS) this.replies.add(`\x1bP${this.#setting(decoder.decode(bytes))}\x1b\\`);
    // No capability is told this way: the host's terminfo has them all.
    if (name === XTGETTCAP) this.replies.add('\x1bP0+r\x1b\\');
  }

  /** RIS: all as at the start but for titles and bells. */
  reset(): void {
    this.page = new Page(this.page.cols, this.page.height);
    this.modes.reset();
    this.cursorShape = 0;
    this.blink = false;
    this.synchronized = false;
  }

  /** DECSTR. */
  softReset(): void {
    this.page.softReset();
    this.modes.softReset();
    this.cursorShape = 0;
  }

  /** DECRQSS's answer: 1, and the setting as the sequence would set it; 0 for what is not known. */
  #setting(name: string): string {
    const { page } = this;
    if (name === 'm') return `1$r${sgrOf(page.pen)}m`;
    if (name === 'r') return `1$r${page.grid.top + 1};${page.grid.bottom + 1}r`;
    if (name === ' q') return `1$r${this.cursorShape} q`;
    if (name === '"q') return '1$r0"q';
    if (name === '"p') return '1$r62;1"p';
    return '0$r';
  }
}
