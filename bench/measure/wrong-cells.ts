/**
 * Finds what a screen shows wrongly: a cell with a text that the remote screen never had there. Such a thing is a guess of the
 * client that was no good, and the user has read it. Pure: frames and their times in, spans out.
 */

import type { Reference } from './reference.ts';
import type { ScreenState } from './screen-state.ts';

/** What is gone sooner was never seen: output that came in two parts is no error. */
export const WRONG_MS_MIN = 1;

/**
 * A row that says it is the client's own is a notice laid over the screen, not a mistake about it:
 * `mosh: Last contact 7 seconds ago`, `rove: no answer for 5 s`.
 */
const NOTICE = /^\s*(mosh|rove): /;

interface WrongCell {
  readonly text: string;
  readonly since: number;
  /** The stroke that it is put down to. */
  readonly stroke: number;
}

export class WrongCells {
  readonly #reference: Reference;
  /** By row and column, as `row * cols + col`. */
  readonly #open = new Map<number, WrongCell>();
  /** The longest span of each stroke's cells, ms. */
  readonly #spans = new Map<number, number>();
  #screen: ScreenState;

  /** `screen` is right: the one that the work begins with. */
  constructor(reference: Reference, screen: ScreenState) {
    this.#reference = reference;
    this.#screen = screen;
  }

  /** The screen at `at`; what has newly appeared on it is put down to `stroke`, the last one typed. */
  frame(at: number, screen: ScreenState, stroke: number): void {
    for (const [row, now] of screen.rows.entries()) {
      const before = this.#screen.rows[row];
      if (now === before || now.text === before?.text) continue;
      const isNotice = NOTICE.test(now.text);
      for (const [col, text] of now.cells.entries()) {
        if (text === before?.cells[col]) continue;
        const place = row * now.cells.length + col;
        this.#close(place, at);
        if (isNotice || isBlank(text) || this.#reference.everHeld(row, col, text)) continue;
        this.#open.set(place, { text, since: at, stroke });
      }
    }
    this.#screen = screen;
  }

  /** Nothing more is watched after `at`. */
  end(at: number): void {
    for (const place of [...this.#open.keys()]) this.#close(place, at);
  }

  /** How long a cell that appeared after this stroke and before the next was wrong; undefined: none was. Final after `end`. */
  wrongMs(stroke: number): number | undefined {
    return this.#spans.get(stroke);
  }

  #close(place: number, at: number): void {
    const cell = this.#open.get(place);
    if (cell === undefined) return;
    this.#open.delete(place);
    const span = at - cell.since;
    if (span >= WRONG_MS_MIN) this.#spans.set(cell.stroke, Math.max(span, this.#spans.get(cell.stroke) ?? 0));
  }
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}
