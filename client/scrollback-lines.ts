/** Lines of the history as rows of the user's terminal: as wide as it is, and with a word where lines are missing. Pure. */

import type { HistoryView } from '../protocol/history/history-view.ts';
import { CELL_WORDS, FAINT, TAIL } from '../protocol/screen/cell.ts';
import { Columns } from '../protocol/screen/columns.ts';
import { blankRow, Row } from '../protocol/screen/row.ts';

/** Rows for lines from some line on. */
export interface ScrollbackRows {
  readonly rows: readonly Row[];
  /** The line after them. */
  readonly next: number;
}

/** At most `most` rows, at least one line's, of the lines from `from` to before `to`, for a terminal of `cols` columns. */
export function scrollbackRows(
  history: HistoryView,
  from: number,
  to: number,
  { cols, most }: { readonly cols: number; readonly most: number },
): ScrollbackRows {
  const rows: Row[] = [];
  let next = from;
  while (next < to && rows.length < most) {
    const line = history.line(next);
    if (line === undefined) {
      const end = Math.min(Math.max(history.nextLine(next), next + 1), to);
      rows.push(gapRow(end - next, cols));
      next = end;
      continue;
    }
    const pieces = piecesOf(line, cols);
    if (rows.length > 0 && rows.length + pieces.length > most) break;
    rows.push(...pieces.slice(0, most));
    next++;
  }
  return { rows, next };
}

/** A line as rows of another width: cut into pieces that go on from each other, or filled up. */
function piecesOf(line: Row, cols: number): Row[] {
  if (line.cols === cols) return [line];
  let end = line.cols;
  while (end > cols && line.cells[(end - 1) * CELL_WORDS] === 0) end--;
  const pieces: Row[] = [];
  for (let at = 0; at < end; ) {
    let to = Math.min(at + cols, end);
    // Half of a wide character is nothing; on a single column there is no place for one.
    if (to < end && line.cells[to * CELL_WORDS] === TAIL && to - at > 1) to--;
    pieces.push(pieceOf(line, at, to, cols));
    at = to;
  }
  return pieces;
}

function pieceOf(line: Row, from: number, to: number, cols: number): Row {
  const cells = new Uint32Array(cols * CELL_WORDS);
  cells.set(line.cells.subarray(from * CELL_WORDS, to * CELL_WORDS));
  if (cells[0] === TAIL) cells[0] = 0;
  const row = new Row(cells, from > 0 || line.wrapped, part(line.clusters, from, to), part(line.extras, from, to));
  row.mark = from > 0 ? 0 : line.mark;
  row.frozen = true;
  return row;
}

function part<T>(columns: Columns<T> | undefined, from: number, to: number): Columns<T> | undefined {
  if (columns === undefined) return undefined;
  const found = new Columns<T>();
  for (const [col, value] of columns) if (col >= from && col < to) found.set(col - from, value);
  return found.size > 0 ? found : undefined;
}

/** A faint row that says how many lines are not here. */
export function gapRow(lines: number, cols: number): Row {
  const count = lines === 1 ? '1 line is' : `${lines.toLocaleString('en')} lines are`;
  const text = `--- ${count} not here: too many came at once ---`.slice(0, cols);
  const row = blankRow(cols);
  for (let col = 0; col < text.length; col++) {
    row.cells[col * CELL_WORDS] = text.charCodeAt(col);
    row.cells[col * CELL_WORDS + 1] = FAINT;
  }
  row.frozen = true;
  return row;
}
