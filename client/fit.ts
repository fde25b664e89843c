/** A screen on a terminal of another size: for the moment between a resize here and the server's screen of that size. Pure. */

import { CELL_WORDS, CLUSTER, EXTENDED, WIDE } from '../protocol/screen/cell.ts';
import { Columns } from '../protocol/screen/columns.ts';
import type { Extra } from '../protocol/screen/extra.ts';
import { blankRow, Row } from '../protocol/screen/row.ts';
import type { Screen } from '../protocol/screen/screen.ts';

/**
 * `screen` as a terminal of another size shows it: cut, or padded with erased cells. Of a screen that is too high the rows around
 * the cursor are kept.
 */
export function fitScreen(screen: Screen, cols: number, rows: number): Screen {
  if (screen.cols === cols && screen.rows.length === rows) return screen;
  const top = Math.max(0, screen.cursorRow - rows + 1);
  const fitted = screen.rows.slice(top, top + rows).map((row) => fitRow(row, cols));
  while (fitted.length < rows) fitted.push(fitRow(blankRow(0), cols));
  return {
    ...screen,
    cols,
    rows: fitted,
    cursorRow: screen.cursorRow - top,
    cursorCol: Math.min(screen.cursorCol, cols - 1),
  };
}

function fitRow(row: Row, cols: number): Row {
  if (row.cols === cols) return row;
  const cells = new Uint32Array(cols * CELL_WORDS);
  cells.set(row.cells.subarray(0, cells.length));
  const last = (cols - 1) * CELL_WORDS;
  const content = cells[last] ?? 0;
  // Half of a wide character is nothing.
  if ((content & WIDE) !== 0 && row.cols > cols) {
    cells[last] = 0;
    cells[last + 2] = (cells[last + 2] ?? 0) & ~EXTENDED;
  }
  const fitted = new Row(
    cells,
    false,
    kept(row.clusters, cells, 0, CLUSTER),
    kept<Extra>(row.extras, cells, 2, EXTENDED),
  );
  fitted.mark = row.mark;
  fitted.frozen = true;
  return fitted;
}

/** What of `columns` belongs to cells that have `bit` in their word `word`; undefined if nothing does. */
function kept<T>(
  columns: Columns<T> | undefined,
  cells: Uint32Array,
  word: number,
  bit: number,
): Columns<T> | undefined {
  if (columns === undefined) return undefined;
  const left = [...columns].filter(([col]) => ((cells[col * CELL_WORDS + word] ?? 0) & bit) !== 0);
  return left.length === 0 ? undefined : new Columns(left);
}
