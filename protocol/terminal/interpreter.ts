/**
 * The state of a terminal and how what was parsed reaches it: text to the page, sequences to the functions of sequences.ts,
 * strings to the titles and the replies.
 */

import { BLANK_PROPERTIES, type Properties } from '../screen/properties.ts';
import { type TerminalFacts, UNKNOWN_TERMINAL } from '../session/terminal-facts.ts';
import { ColorTable } from './color-table.ts';
import { isDark } from './colors.ts';
import { COMMANDS } from './commands.ts';
import type { Scrollback } from './grid.ts';
import { Keyboard } from './keyboard.ts';
import { Modes } from './modes.ts';
import { backspace, carriageReturn, index, lineFeed, nextLine, tab } from './movement.ts';
import type { PendingNotice } from './notices.ts';
import { Page } from './page.ts';
import type { Params } from './params.ts';
import { type Executor, named } from './parser.ts';
import { reportCapabilities, reportColorScheme, reportResize, reportSetting } from './queries.ts';
import { Replies } from './replies.ts';
import { CONTROLS, ESCAPES } from './sequences.ts';
import { Titles } from './titles.ts';
import { widthsUnder } from './width.ts';

const REP = named('b');
const SGR = named('m');
const DECRQSS = named('$q');
const XTGETTCAP = named('+q');
/** The sequences without prefix and intermediates, by their final byte, because a lookup in a list is quicker. */
const PLAIN_NAMES = 0x80;
const PLAIN = Array.from({ length: PLAIN_NAMES }, (_, name) => CONTROLS.get(name));
/** Longest OSC or DCS string that has an effect, in bytes; only a clipboard's may be as long as the parser keeps any (`MAX_STRING`). */
const MAX_COMMAND = 8_192;
const CLIPBOARD = [...'52;'].map((character) => character.charCodeAt(0));
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
  /** Clipboard, notices and the like: a new object when something in it changes. Its colours are those of the last screen. */
  properties: Properties = BLANK_PROPERTIES;
  readonly colors = new ColorTable();
  /** Mode 12: for DECRQM. What the cursor does, its shape says. */
  #blink = false;
  readonly keyboard = new Keyboard();
  /** What the user's terminal is, for the answers. */
  #facts: TerminalFacts = UNKNOWN_TERMINAL;
  /** Mode 2048: each resize is reported. */
  resizeReports = false;
  /** The exit status that a shell told last, until its next prompt (OSC 133;D). */
  commandStatus: number | undefined;
  pendingNotice: PendingNotice | undefined;
  /** What XTSAVE kept. */
  readonly savedModes = new Map<number, boolean>();
  #synchronized = false;
  readonly #onSynchronize: (on: boolean) => void;

  /** `onSynchronize` is told when mode 2026 begins, before anything more is drawn, and when it ends. */
  constructor(
    cols: number,
    rows: number,
    onSynchronize: (on: boolean) => void,
    scrollback: Scrollback | undefined = undefined,
  ) {
    this.page = new Page(cols, rows, scrollback);
    this.#onSynchronize = onSynchronize;
  }

  /** Mode 2026: what is drawn from now on is to be seen at once, when it ends. */
  get synchronized(): boolean {
    return this.#synchronized;
  }

  synchronize(on: boolean): void {
    if (on === this.#synchronized) return;
    this.#synchronized = on;
    this.#onSynchronize(on);
  }

  get facts(): TerminalFacts {
    return this.#facts;
  }

  /** Another terminal, or the same with other colours or another font: programs that asked to be told so are. */
  setFacts(facts: TerminalFacts): void {
    const wasDark = isDark(this);
    const { cellWidth, cellHeight } = this.#facts;
    this.#facts = facts;
    this.page.widths = widthsUnder(facts.widths);
    if (this.modes.is(2031) && isDark(this) !== wasDark) reportColorScheme(this);
    if (this.resizeReports && (facts.cellWidth !== cellWidth || facts.cellHeight !== cellHeight)) reportResize(this);
  }

  get blink(): boolean {
    return this.#blink;
  }

  /** Mode 12. A shape that a program has not set is the user's own, and blinks as the user likes. */
  setBlink(blink: boolean): void {
    this.#blink = blink;
    if (this.cursorShape > 0) this.cursorShape = ((this.cursorShape - 1) & ~1) + (blink ? 1 : 2);
  }

  /** DECSCUSR: 1, 3 and 5 blink. */
  setCursorShape(shape: number): void {
    this.cursorShape = shape;
    this.#blink = shape % 2 === 1;
  }

  resize(cols: number, rows: number): void {
    if (cols === this.page.cols && rows === this.page.height) return;
    this.page.resize(cols, rows);
    if (this.resizeReports) reportResize(this);
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
        carriageReturn(page);
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

  /** OSC Ps ; Pt, or Ps alone. */
  command(bytes: Uint8Array): void {
    this.page.interrupt();
    if (bytes.length > MAX_COMMAND && !CLIPBOARD.every((byte, i) => bytes[i] === byte)) return;
    const text = decoder.decode(bytes);
    const semicolon = text.indexOf(';');
    const number = semicolon < 0 ? text : text.slice(0, semicolon);
    COMMANDS.get(number)?.(this, semicolon < 0 ? '' : text.slice(semicolon + 1));
  }

  device(name: number, _params: Params, bytes: Uint8Array): void {
    this.page.interrupt();
    if (bytes.length > MAX_COMMAND) return;
    if (name === DECRQSS) reportSetting(this, decoder.decode(bytes));
    if (name === XTGETTCAP) reportCapabilities(this, decoder.decode(bytes));
  }

  /** RIS: all as at the start but for titles and bells. */
  reset(): void {
    const { widths } = this.page;
    this.page = new Page(this.page.cols, this.page.height, this.page.scrollback);
    this.page.widths = widths;
    this.modes.reset();
    this.cursorShape = 0;
    this.#blink = false;
    this.keyboard.reset();
    this.resizeReports = false;
    this.savedModes.clear();
    this.commandStatus = undefined;
    this.pendingNotice = undefined;
    this.synchronize(false);
    this.colors.reset();
    if (this.properties.progress !== 0) this.properties = { ...this.properties, progress: 0 };
  }

  /** What goes into a screen beside the cells: the same object while nothing changes. */
  takeProperties(): Properties {
    const colors = this.colors.take();
    if (colors !== this.properties.colors) this.properties = { ...this.properties, colors };
    return this.properties;
  }

  /** DECSTR. */
  softReset(): void {
    this.page.softReset();
    this.modes.softReset();
    this.keyboard.reset();
    this.cursorShape = 0;
    this.#blink = false;
  }
}
