/**
 * The terminal emulator: a program's output in, screens and the terminal's answers out. Pure and synchronous. It is
 * our own because the screen that is synced is the product: rows that know whether they changed, an answer in a microsecond, every mode
 * at hand. test/terminal/oracle.ts holds it equal to xterm.js.
 *
 * bytes → parser.ts (syntax) → interpreter.ts and sequences.ts (meaning) → page.ts (cursor, writing) → grid.ts (rows)
 */

import { assert } from '../assert.ts';
import type { HistoryLog } from '../history/history-log.ts';
import { ALTERNATE_SCREEN } from '../screen/modes.ts';
import type { Row } from '../screen/row.ts';
import { MAX_SIDE, type Screen } from '../screen/screen.ts';
import type { TerminalFacts } from '../session/terminal-facts.ts';
import { Interpreter } from './interpreter.ts';
import { Parser } from './parser.ts';

export class Emulator {
  readonly #terminal: Interpreter;
  readonly #parser: Parser;
  #last: Screen | undefined;
  /** The screen before what is being drawn under mode 2026. */
  #held: Screen | undefined;
  /** Lines that had left the screen then. */
  #heldScrolled = 0;
  readonly #history: HistoryLog | undefined;

  /** `history` takes the lines that scroll off the top of the main screen. */
  constructor(options: { readonly cols: number; readonly rows: number; readonly history?: HistoryLog }) {
    const { cols, rows, history } = options;
    assertSize(cols, rows);
    this.#history = history;
    const onSynchronize = (on: boolean): void => {
      this.#held = on ? this.#take() : undefined;
      this.#heldScrolled = history?.end ?? 0;
    };
    this.#terminal = new Interpreter(cols, rows, onSynchronize, history);
    this.#parser = new Parser(this.#terminal);
  }

  /** Parses and executes all of `bytes`, cut anywhere from the stream; borrowed during the call. Never throws on any bytes. */
  write(bytes: Uint8Array): void {
    this.#parser.parse(bytes);
  }

  /** What the terminal answers to the program since the last call; empty if nothing. The caller's own. */
  takeReplies(): Uint8Array {
    return this.#terminal.replies.take();
  }

  /** Sets the size, 1 to MAX_SIDE each. What stays is said in resize.ts. */
  resize(cols: number, rows: number): void {
    assertSize(cols, rows);
    this.#terminal.resize(cols, rows);
    this.release();
  }

  /** What the user's terminal is: answers and widths are its from now on. */
  setFacts(facts: TerminalFacts): void {
    this.#terminal.setFacts(facts);
  }

  /** While a program is drawing what is to be seen at once (mode 2026): the screen before it, which `snapshot` gives. */
  get held(): Screen | undefined {
    return this.#held;
  }

  /** Ends the holding: a program that does not end it itself would leave the user in the dark. */
  release(): void {
    this.#terminal.synchronize(false);
  }

  /**
   * The screen as it is now, immutable. Rows not written since the last call are the same objects as in the last screen; if
   * nothing at all changed, it is the same screen.
   */
  snapshot(): Screen {
    return this.#held ?? this.#take();
  }

  /** How many lines had scrolled off the top of the main screen at the moment that `snapshot` shows. */
  get scrolled(): number {
    return this.#held === undefined ? (this.#history?.end ?? 0) : this.#heldScrolled;
  }

  #take(): Screen {
    const last = this.#last;
    const { page, keyboard, modes, titles, cursorShape, bells } = this.#terminal;
    const properties = this.#terminal.takeProperties();
    const rows = sameRows(last?.rows, page.grid.freeze());
    const screen: Screen = {
      cols: page.cols,
      rows,
      cursorRow: page.y,
      cursorCol: page.column,
      cursorShape,
      modes: modes.bits | keyboard.bits(page.alternate) | (page.alternate ? ALTERNATE_SCREEN : 0),
      title: titles.window,
      iconTitle: titles.icon,
      bells,
      properties,
    };
    if (last !== undefined && sameScreen(last, screen)) return last;
    this.#last = screen;
    return screen;
  }
}

/** `last`, if it holds the same objects as `rows`. */
function sameRows(last: readonly Row[] | undefined, rows: readonly Row[]): readonly Row[] {
  if (last?.length !== rows.length) return rows;
  for (let y = 0; y < rows.length; y++) if (last[y] !== rows[y]) return rows;
  return last;
}

function sameScreen(a: Screen, b: Screen): boolean {
  return (
    a.rows === b.rows &&
    a.cols === b.cols &&
    a.cursorRow === b.cursorRow &&
    a.cursorCol === b.cursorCol &&
    a.cursorShape === b.cursorShape &&
    a.modes === b.modes &&
    a.title === b.title &&
    a.iconTitle === b.iconTitle &&
    a.bells === b.bells &&
    a.properties === b.properties
  );
}

function assertSize(cols: number, rows: number): void {
  assert(Number.isInteger(cols) && cols >= 1 && cols <= MAX_SIDE, `a screen is 1 to ${MAX_SIDE} columns wide`);
  assert(Number.isInteger(rows) && rows >= 1 && rows <= MAX_SIDE, `a screen is 1 to ${MAX_SIDE} rows high`);
}
