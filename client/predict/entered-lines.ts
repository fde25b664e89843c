/**
 * Lines that were entered and of which nothing was seen to come yet. The server counts a key as answered a fixed time after it was written,
 * and a program that is late with an Enter still stands at the prompt before it: what is typed there belongs to whatever comes next,
 * which may be the prompt of a password. So as long as the cursor stands after such a line, nothing is shown.
 */

import type { Screen } from '../../protocol/screen/screen.ts';
import type { Place } from './draft.ts';
import type { KeyAction } from './key-parser.ts';
import { leftText } from './prompt.ts';
import { sameAbove } from './run.ts';

/** Where the cursor was when a line was entered, on which screen, and the last letters of it, if it ended with letters. */
export interface EnteredLine extends Place {
  readonly screen: Screen;
  readonly tail: string;
  /** Where the cursor was when Enter was answered by the clock, though the line was not to be seen up to its end. */
  readonly from?: Place;
}

/** Lines that are kept in mind. */
const LINES_MAX = 16;
/** So many letters tell a line that was entered from the prompt after it. */
const TAIL_MAX = 8;

export class EnteredLines {
  /** The letters typed since the last other key. */
  #tail = '';
  #lines: EnteredLine[] = [];

  /** A key was typed, with the cursor at `at` by all that is known; gives the line that it enters, if it does. */
  typed(action: KeyAction, screen: Screen | undefined, at: Place): EnteredLine | undefined {
    const tail = this.#tail;
    this.#tail = action.kind === 'letter' ? (tail + String.fromCodePoint(action.code)).slice(-TAIL_MAX) : '';
    if (action.kind !== 'unknown' || action.cause !== 'enter' || screen === undefined) return undefined;
    return { screen, row: at.row, col: at.col, tail };
  }

  /**
   * These were answered, by the clock, or are not waited for any more. Any other key of unknown effect changes what stands there.
   * `from`: the cursor, where they were typed into a line that does not show them yet.
   */
  answered(
    keys: readonly { readonly action: KeyAction; readonly line: EnteredLine | undefined }[],
    from?: Place,
  ): void {
    for (const { action, line } of keys) {
      if (line !== undefined) this.#lines.push(from === undefined ? line : { ...line, from });
      else if (action.kind === 'unknown') this.#lines = [];
    }
    this.#lines = this.#lines.slice(-LINES_MAX);
  }

  /** The program has come to what was typed after them. */
  clear(): void {
    this.#lines = [];
  }

  /** Whether the cursor is still where one of them was entered: the place is the same, or the text before it. */
  standOn(screen: Screen): boolean {
    if (this.#lines.length === 0) return false;
    const { cursorRow, cursorCol } = screen;
    const { text } = leftText(screen, { row: cursorRow, col: cursorCol });
    return this.#lines.some(({ screen: before, row, col, tail, from = { row, col } }) => {
      const isAfter = cursorRow > from.row || (cursorRow === from.row && cursorCol >= from.col);
      const isBefore = cursorRow < row || (cursorRow === row && cursorCol <= col);
      // With the screen to be cleared, the line is to go up, and the cursor is in it or still where it was.
      const isToRise = from.row > row;
      if (isToRise && cursorRow === row && isBefore) return true;
      const isWithin = isAfter && (isBefore || (isToRise && cursorRow === from.row));
      if (isWithin && sameAbove(before, from.row, screen, from.row)) return true;
      return tail.trim() !== '' && text.endsWith(tail);
    });
  }
}
