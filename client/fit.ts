/** A screen on a terminal of another size: for the moment between a resize here and the server's screen of that size. Pure. */

import { CELL_WORDS, CLUSTER, WIDE } from '../protocol/screen/cell.ts';
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
  if ((content & WIDE) !== 0 && row.cols > cols) cells[last] = 0;
  const clusters = [...(row.clusters ?? [])].filter(([col]) => ((cells[col * CELL_WORDS] ?? 0) & CLUSTER) !== 0);
  return frozen(cells, new Map(clusters));
}

function frozen(cells: Uint32Array, clusters: Map<number, string>): Row {
  const row = new Row(cells, false, clusters.size > 0 ? clusters : undefined);
  row.frozen = true;
  return row;
}
