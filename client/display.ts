/**
 * What the user sees: the server's screen, fitted to the terminal, under what the client has to say. The main screen is drawn on the
 * terminal's main screen, and its lines go into the terminal's own scrollback as they scroll off; the alternate screen on its alternate one.
 *
 * While the terminal has not taken the last frame, frames are skipped, not queued: the next one drawn leads to the newest screen,
 * whatever was between. Lines are never skipped: they go in order, each once, a slice at a time.
 */

import { type HistoryView, NO_HISTORY } from '../protocol/history/history-view.ts';
import { render } from '../protocol/render/ansi.ts';
import { type Capabilities, FULL_TERMINAL } from '../protocol/render/capabilities.ts';
import { propertiesRestored } from '../protocol/render/property-changes.ts';
import { textEnd } from '../protocol/render/row-drawing.ts';
import { pushLines } from '../protocol/render/scrollback.ts';
import { KEYBOARD_SAVED, restored, saved } from '../protocol/render/terminal-modes.ts';
import { frozenBlank } from '../protocol/screen/diff-format.ts';
import { ALTERNATE_SCREEN, KEYBOARD_MASK } from '../protocol/screen/modes.ts';
import { MAX_SIDE, type Screen } from '../protocol/screen/screen.ts';
import { fitScreen } from './fit.ts';
import { chooseEdge, type Edge, overlay } from './notice.ts';
import { scrollbackRows } from './scrollback-lines.ts';
import type { TerminalSize } from './tty.ts';

const ENTER_ALTERNATE_SCREEN = '\x1b[?1049h\x1b[H';
const LEAVE_ALTERNATE_SCREEN = '\x1b[?1049l\x1b[H';
const BEGIN_UPDATE = '\x1b[?2026h';
const END_UPDATE = '\x1b[?2026l';
/** Scrolled lines from which on the terminal is asked to show them and the screen at once. */
const LARGE_PUSH = 4;
/** Bytes of lines that are given to the terminal before the newest screen is drawn again. */
const SLICE_BYTES = 32_768;

const encoder = new TextEncoder();

/** What was asked to be shown last. */
interface Wish {
  readonly screen: Screen;
  readonly lines: readonly string[];
  readonly size: TerminalSize;
}

export class Display {
  readonly #write: (bytes: Uint8Array) => boolean;
  #capabilities: Capabilities;
  #ready = true;
  /** What the terminal shows, on the screen that it shows; undefined when that is not known. */
  #shown: Screen | undefined;
  /** What its main screen showed when the alternate one was entered. */
  #main: Screen | undefined;
  #onAlternate = false;
  /** Whether the terminal's keyboard flags have been put aside. */
  #keysAreSaved = false;
  /** The next line for the terminal's scrollback. */
  #pushed = 0;
  /** The number of the line that the terminal's main screen begins with. */
  #top = 0;
  #granted: Wish | undefined;
  /** Where the lines over the screen are. */
  #edge: Edge | undefined;
  /** The terminal's size, as far as that has been told. */
  #size: TerminalSize | undefined;
  /** The terminal has changed its size, and no screen made for it has been drawn since. */
  #resized = false;
  /** The rows at the top of the main screen that the terminal took out of its scrollback when it grew, and which belong there. */
  #taken = 0;
  /** The lines that it moved into its scrollback since it was drawn on last: these it takes back first. */
  #given = 0;

  /** `write` answers false while the terminal has not taken everything; then `drained` is to be called when it has. */
  constructor(write: (bytes: Uint8Array) => boolean, capabilities: Capabilities = FULL_TERMINAL) {
    this.#write = write;
    this.#capabilities = capabilities;
  }

  /** What the terminal can do has turned out to be something else. */
  setCapabilities(capabilities: Capabilities): void {
    if (capabilities === this.#capabilities) return;
    this.#capabilities = capabilities;
    this.#shown = undefined;
    this.#main = undefined;
  }

  /**
   * The bytes that take a terminal over: what stands above its cursor goes into its scrollback, by as many line feeds as lead from the first
   * row to the last, wherever the cursor is.
   */
  enter({ rows }: TerminalSize): Uint8Array {
    this.invalidate();
    this.#onAlternate = false;
    this.#keysAreSaved = false;
    return encoder.encode(`${saved(this.#capabilities)}\r${'\n'.repeat(Math.max(0, rows - 1))}`);
  }

  /** The bytes that give it back: as it was but for the session's text, and the cursor below that. */
  leave(): Uint8Array {
    const shown = this.#shown;
    const main = this.#onAlternate ? this.#main : shown;
    const colors = shown === undefined ? '' : propertiesRestored(shown.properties, this.#capabilities);
    const alternate = this.#onAlternate ? LEAVE_ALTERNATE_SCREEN : '';
    this.#onAlternate = false;
    this.invalidate();
    return encoder.encode(
      `${colors}${alternate}${restored({ ...this.#capabilities, keyboard: this.#keysAreSaved })}${below(main)}`,
    );
  }

  /**
   * Shows `screen` with `lines` over its first rows or its last on a terminal of `size`, and gives it what has scrolled off; nothing if
   * the terminal isn't ready or has it all already.
   */
  draw(screen: Screen, lines: readonly string[], size: TerminalSize, history: HistoryView = NO_HISTORY): void {
    while (this.#ready && this.#drawSlice(screen, lines, size, history)) {
      // Until all lines are there, or the terminal takes no more for now.
    }
  }

  /** Draws once; true when lines are left. */
  #drawSlice(screen: Screen, lines: readonly string[], size: TerminalSize, history: HistoryView): boolean {
    const isAlternate = (screen.modes & ALTERNATE_SCREEN) !== 0;
    const due = !isAlternate && this.#pushed < history.settled;
    if (this.#size === undefined || !sameSize(this.#size, size)) this.resized(size);
    if (this.#resized && sameSize(size, { cols: screen.cols, rows: screen.rows.length })) {
      // What a terminal does to its contents when it is resized, and when, is its own affair.
      this.#resized = false;
      this.#shown = this.#shown && withoutRows(this.#shown);
      this.#main = this.#main && withoutRows(this.#main);
      // A program that did not leave its lines to be scrolled off has some of them here twice, rather than others not at all.
      if (!isAlternate && history.end > 0) this.#pushed = Math.min(this.#pushed, history.end);
    } else if (!due && this.#shown !== undefined && isSame(this.#granted, { screen, lines, size })) {
      return false;
    }
    const wanted = this.#withLines(fitScreen(screen, size.cols, size.rows), lines);
    const pieces: Uint8Array[] = [encoder.encode(this.#saveKeys()), this.#switchTo(isAlternate)];
    if (!isAlternate && this.#taken > 0) {
      pieces.push(encoder.encode(`\x1b[${size.rows};1H${'\n'.repeat(this.#taken)}`));
      this.#taken = 0;
    }
    const scrolled = due ? this.#scroll(wanted, history, pieces) : 0;
    const isLarge = scrolled >= LARGE_PUSH && this.#capabilities.synchronized;
    const capabilities = isLarge ? { ...this.#capabilities, synchronized: false } : this.#capabilities;
    pieces.push(render(this.#shown, wanted, capabilities));
    this.#shown = wanted;
    if (!isAlternate && sameSize(size, { cols: screen.cols, rows: screen.rows.length })) this.#top = history.end;
    this.#granted = { screen, lines, size };
    this.#given = 0;
    const bytes = joined(isLarge ? [encoder.encode(BEGIN_UPDATE), ...pieces, encoder.encode(END_UPDATE)] : pieces);
    if (bytes.length > 0) this.#ready = this.#write(bytes);
    return !isAlternate && this.#pushed < history.settled;
  }

  /**
   * The terminal has this size now, be it the one before: between the two it may have had another. To be called each time that is told, also
   * if nothing can be drawn yet.
   *
   * Terminals keep the bottom of their main screen, also while the alternate one is shown: one that becomes lower moves rows above the
   * cursor into its scrollback, which is then spared them, and one that becomes higher takes rows back, the user's own among them, which
   * are sent there again. (xterm, VTE and tmux do; where a terminal takes none back, rows of the screen are there twice, and nothing is
   * lost.) How they wrap lines anew is not known. While lines are still on their way the rows get there before them: they are not spared.
   */
  resized(size: TerminalSize): void {
    const before = this.#size ?? size;
    this.#size = size;
    this.#resized = true;
    this.#granted = undefined;
    const main = this.#onAlternate ? this.#main : this.#shown;
    this.#shown = this.#shown && withoutRows(this.#shown);
    if (main === undefined) return;
    const taken = Math.max(0, size.rows - before.rows);
    const given = Math.max(0, main.cursorRow + 1 - size.rows);
    const back = Math.min(taken, this.#given);
    if (this.#pushed === this.#top) {
      const spared = Math.max(0, given - this.#taken) - back;
      this.#given += spared;
      this.#pushed += spared;
      this.#top = this.#pushed;
    }
    this.#taken = Math.max(0, this.#taken - given) + taken - back;
    const moved = { ...withoutRows(main), cursorRow: main.cursorRow + taken - given };
    if (this.#onAlternate) this.#main = moved;
    else this.#shown = moved;
  }

  /** Gives the terminal's scrollback the next lines. Returns how many. */
  #scroll(wanted: Screen, history: HistoryView, pieces: Uint8Array[]): number {
    if (
      this.#shown === undefined ||
      this.#shown.rows.length !== wanted.rows.length ||
      this.#shown.cols !== wanted.cols
    ) {
      // Nothing can be scrolled off before it is known what stands there.
      const blank = frozenBlank(wanted.cols);
      const empty = { ...wanted, rows: wanted.rows.map(() => blank) };
      pieces.push(render(this.#shown, empty, this.#capabilities));
      this.#shown = empty;
    }
    let scrolled = 0;
    const { cols } = wanted;
    // One row is for what goes on from the last line.
    const most = Math.max(1, wanted.rows.length - 1);
    for (let bytes = 0; bytes < SLICE_BYTES && this.#pushed < history.settled; ) {
      const { rows, next } = scrollbackRows(history, this.#pushed, history.settled, { cols, most });
      const [after] =
        next < history.settled
          ? scrollbackRows(history, next, history.settled, { cols, most: 1 }).rows
          : wanted.rows.slice(0, next === history.end ? 1 : 0);
      const pushed = pushLines(this.#shown, rows, this.#capabilities, after);
      pieces.push(pushed.bytes);
      this.#shown = pushed.screen;
      this.#pushed = next;
      bytes += pushed.bytes.length;
      scrolled += rows.length;
    }
    return scrolled;
  }

  /** Puts the terminal's keyboard flags aside, once it is known to have any. */
  #saveKeys(): string {
    if (this.#keysAreSaved || !this.#capabilities.keyboard || this.#onAlternate) return '';
    this.#keysAreSaved = true;
    return KEYBOARD_SAVED;
  }

  /** Shows the terminal's other screen if the program has gone to the other of its two. */
  #switchTo(alternate: boolean): Uint8Array {
    if (alternate === this.#onAlternate) return new Uint8Array(0);
    this.#onAlternate = alternate;
    const shown = this.#shown;
    // Kitty has flags for each of the two.
    const keys = this.#capabilities.keyboard ? '\x1b[=0u' : '';
    if (alternate) {
      this.#main = shown;
      const blank = shown && frozenBlank(shown.cols);
      this.#shown = shown && blank && entered({ ...shown, rows: shown.rows.map(() => blank) });
      return encoder.encode(`${ENTER_ALTERNATE_SCREEN}${keys}`);
    }
    const main = this.#main;
    this.#main = undefined;
    this.#shown = shown && (main === undefined ? withoutRows(shown) : entered({ ...shown, rows: main.rows }));
    return encoder.encode(`${keys}${LEAVE_ALTERNATE_SCREEN}${keys}`);
  }

  #withLines(screen: Screen, lines: readonly string[]): Screen {
    this.#edge = lines.length === 0 ? undefined : chooseEdge(screen, lines.length, this.#edge);
    return this.#edge === undefined ? screen : overlay(screen, lines, this.#edge);
  }

  /** The same for what is to be seen last, which does not wait for a terminal that isn't ready: what it has is finished first. */
  drawLast(screen: Screen, size: TerminalSize, history: HistoryView = NO_HISTORY): void {
    for (let isLeft = true; isLeft; ) {
      this.#ready = true;
      isLeft = this.#drawSlice(screen, [], size, history);
    }
  }

  /** The terminal has taken all it was given. */
  drained(): void {
    this.#ready = true;
  }

  /** Nothing is known of what the terminal shows: the next drawing is a whole one. */
  invalidate(): void {
    this.#shown = undefined;
    this.#main = undefined;
    this.#ready = true;
  }
}

/** What is left of what is known of a terminal when its rows are not: colours, titles and the like. */
function withoutRows(screen: Screen): Screen {
  return { ...screen, rows: [] };
}

/** What a terminal shows after it went to its other screen, which has the rows of `screen`: the cursor is put home, keys are plain. */
function entered(screen: Screen): Screen {
  return { ...screen, cursorRow: 0, cursorCol: 0, modes: screen.modes & ~KEYBOARD_MASK };
}

/** From the first row of the main screen to the start of the one below its text, or below all where that is not known. */
function below(main: Screen | undefined): string {
  if (main === undefined || main.rows.length === 0) return `\x1b[${MAX_SIDE}H\r\n`;
  const { rows, cursorRow } = main;
  let last = rows.length - 1;
  while (last > cursorRow && textEndOf(rows, last) === 0) last--;
  if (textEndOf(rows, last) > 0) last++;
  return last < rows.length ? `\x1b[${last + 1};1H` : `\x1b[${rows.length};1H\r\n`;
}

function textEndOf(rows: Screen['rows'], index: number): number {
  const row = rows[index];
  return row === undefined ? 0 : textEnd(row);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function isSame(a: Wish | undefined, b: Wish): boolean {
  return (
    a !== undefined &&
    a.screen === b.screen &&
    sameSize(a.size, b.size) &&
    a.lines.length === b.lines.length &&
    a.lines.every((line, i) => line === b.lines[i])
  );
}

function sameSize(a: TerminalSize, b: TerminalSize): boolean {
  return a.cols === b.cols && a.rows === b.rows;
}
