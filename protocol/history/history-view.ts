/**
 * The lines that have scrolled off the top of the main screen, by absolute number: line 0 is the first of the session, and the main
 * screen's top row is line `end`. Numbers only grow; a line never changes once it has left.
 */

import type { Row } from '../screen/row.ts';

export interface HistoryView {
  /** The number of the main screen's top row: one more than the newest line's. */
  readonly end: number;
  /**
   * All below this number is settled: it is here, or it was skipped and does not come by itself (a gap). What was skipped may still come later, for a pager. At most `end`; less while
   * lines are still on their way.
   */
  readonly settled: number;
  /** The line, in the width that it had; undefined in a gap, before the oldest line that is kept, and from `settled` on. */
  line(number: number): Row | undefined;
  /** The first line from `number` on that is here; `settled` if none is. */
  nextLine(number: number): number;
  /** The last line before `number` that is here; -1 if none is. */
  lineBefore(number: number): number;
  /** The oldest line that may be here. */
  readonly first: number;
}

/** The history of a session without any. */
export const NO_HISTORY: HistoryView = {
  end: 0,
  settled: 0,
  first: 0,
  line: () => undefined,
  nextLine: () => 0,
  lineBefore: () => -1,
};
