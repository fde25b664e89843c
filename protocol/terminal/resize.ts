/**
 * A grid of another size with the same text. What stays is what xterm.js keeps when it has no scrollback: a line that was
 * wrapped is wrapped anew on the main screen, except the one with the cursor, because the shell draws that one itself after
 * SIGWINCH, counting on its rows as they were; the alternate screen is cropped, because its program draws all of it. Rows too
 * many go below the cursor first, then at the top, where a history would take them.
 *
 * Not held equal to xterm.js row by row: it moves the cursor up for lines that shrink below it, which this does not.
 */

import { CELL_WORDS, CLUSTER, EXTENDED } from '../screen/cell.ts';
import { Columns } from '../screen/columns.ts';
import { blankRow, Row } from '../screen/row.ts';
import { dropClusters, dropExtras, Grid, isWide } from './grid.ts';

/** A place on a grid. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** The new grid, and where the `places` are on it, the first of which is the cursor. Rows of the same width are kept. */
export function resizeGrid(
  grid: Grid,
  cols: number,
  height: number,
  places: readonly [Place, Place],
  reflow: boolean,
): { readonly grid: Grid; readonly places: readonly [Place, Place] } {
  const old = grid.list();
  const cursorY = places[0].y;
  const rows: Row[] = [];
  const lines: Line[] = [];
  for (let y = 0; y < old.length; ) {
    let end = y + 1;
    while (old[end]?.wrapped) end++;
    const part = old.slice(y, end);
    const kept = !reflow || cols === grid.cols || (cursorY >= y && cursorY < end) || fits(part, cols);
    const line = kept ? crop(part, cols) : rewrap(part, cols);
    lines.push({ from: y, to: rows.length, ...line });
    rows.push(...line.rows);
    y = end;
  }
  // A cursor that waits to wrap goes on waiting, if its column is still there.
  const limit = cols < grid.cols ? cols - 1 : cols;
  const [cursor, other] = places.map((place) => locate(lines, place, limit));
  const below = Math.max(0, Math.min(rows.length - height, rows.length - 1 - (cursor?.y ?? 0)));
  rows.length -= below;
  const above = Math.max(0, rows.length - height);
  for (const row of rows.splice(0, above)) grid.scrollback?.push(row);
  const resized = new Grid(cols, height, rows);
  resized.tabs = grid.tabs;
  resized.scrollback = grid.scrollback;
  return { grid: resized, places: [shift(cursor, above, height), shift(other, above, height)] };
}

/** A line of the text, rows of any width of which each but the first goes on from the one before, as rows of `cols` columns. */
export function wrapAnew(rows: readonly Row[], cols: number): readonly Row[] {
  if (rows.every((row) => row.cols === cols)) return rows;
  return fits(rows, cols) ? crop(rows, cols).rows : rewrap(rows, cols).rows;
}

/** A line of the text, one row or several wrapped ones, before and after. */
interface Wrapped {
  readonly rows: readonly Row[];
  /** For each old row and each new one, which cell of the whole line it begins with. */
  readonly oldStarts: readonly number[];
  readonly newStarts: readonly number[];
}

interface Line extends Wrapped {
  /** The first row, before and after. */
  readonly from: number;
  readonly to: number;
}

function shift(place: Place | undefined, above: number, height: number): Place {
  return { x: place?.x ?? 0, y: Math.max(0, Math.min((place?.y ?? 0) - above, height - 1)) };
}

function locate(lines: readonly Line[], place: Place, limit: number): Place {
  const line = lines.findLast((candidate) => candidate.from <= place.y);
  if (line === undefined) return place;
  const cell = (line.oldStarts[place.y - line.from] ?? 0) + place.x;
  const y = Math.max(
    0,
    line.newStarts.findLastIndex((start) => start <= cell),
  );
  return { x: Math.min(cell - (line.newStarts[y] ?? 0), limit), y: line.to + y };
}

function fits(rows: readonly Row[], cols: number): boolean {
  const [row] = rows;
  return rows.length === 1 && row !== undefined && length(row) <= cols;
}

/** The same rows, cut or filled up at the right. */
function crop(rows: readonly Row[], cols: number): Wrapped {
  // Far apart, so that no place moves from one row to another.
  const starts = rows.map((_, index) => index * 0x1_0000);
  return { rows: rows.map((row) => cropRow(row, cols)), oldStarts: starts, newStarts: starts };
}

function cropRow(row: Row, cols: number): Row {
  if (row.cols === cols) return row;
  const cells = new Uint32Array(cols * CELL_WORDS);
  cells.set(row.cells.subarray(0, cells.length));
  const { clusters, extras } = row;
  const cropped = new Row(cells, row.wrapped, clusters?.copy(), extras?.copy());
  cropped.mark = row.mark;
  dropClusters(cropped, cols, row.cols);
  dropExtras(cropped, cols, row.cols);
  if (cols < row.cols && isWide(row, cols - 1)) {
    cells[(cols - 1) * CELL_WORDS] = 0;
    cells[(cols - 1) * CELL_WORDS + 2] = ((cells[(cols - 1) * CELL_WORDS + 2] ?? 0) & ~EXTENDED) >>> 0;
    dropClusters(cropped, cols - 1, cols);
    dropExtras(cropped, cols - 1, cols);
  }
  return cropped;
}

/** The same text in rows of another width, as few as needed, at least one. */
function rewrap(rows: readonly Row[], cols: number): Wrapped {
  const oldStarts: number[] = [];
  const newStarts = [0];
  let current = blankRow(cols);
  current.wrapped = rows[0]?.wrapped ?? false;
  current.mark = rows[0]?.mark ?? 0;
  const out = [current];
  let x = 0;
  let total = 0;
  rows.forEach((row, index) => {
    oldStarts.push(total);
    const end = textEnd(row, rows[index + 1]);
    for (let col = 0; col < end; ) {
      const width = isWide(row, col) ? 2 : 1;
      if (x + width > cols) {
        if (width > cols) return;
        current = blankRow(cols);
        current.wrapped = true;
        out.push(current);
        newStarts.push(total);
        x = 0;
      }
      current.cells.set(row.cells.subarray(col * CELL_WORDS, (col + width) * CELL_WORDS), x * CELL_WORDS);
      const cluster = row.clusters?.get(col);
      if (cluster !== undefined && ((row.cells[col * CELL_WORDS] ?? 0) & CLUSTER) !== 0) {
        current.clusters ??= new Columns();
        current.clusters.set(x, cluster);
      }
      const extra = row.extras?.get(col);
      if (extra !== undefined) {
        current.extras ??= new Columns();
        for (let half = 0; half < width; half++) current.extras.set(x + half, extra);
      }
      x += width;
      col += width;
      total += width;
    }
  });
  return { rows: out, oldStarts, newStarts };
}

/** Where the text of a row ends that `next` goes on: a wide character that did not fit left the last cell empty. */
function textEnd(row: Row, next: Row | undefined): number {
  if (next === undefined) return length(row);
  const last = (row.cols - 1) * CELL_WORDS;
  return row.cells[last] === 0 && isWide(next, 0) ? row.cols - 1 : row.cols;
}

/** Cells up to the last that holds text. */
function length(row: Row): number {
  let end = row.cols;
  while (end > 0 && row.cells[(end - 1) * CELL_WORDS] === 0) end--;
  return end;
}
