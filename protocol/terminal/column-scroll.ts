/**
 * Scrolling between left and right margins (DECLRMM): cells move from row to row, because the rows themselves stay. Rare, and as slow as
 * it looks. What is beside the cells, clusters and links, moves with them; wide characters that a margin cuts are erased.
 */

import { CELL_WORDS } from '../screen/cell.ts';
import { Columns } from '../screen/columns.ts';
import type { Row } from '../screen/row.ts';
import { dropClusters, dropExtras, type Grid } from './grid.ts';

/** Rows and columns, the first and the last of each. */
export interface Region {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Scrolls what is in the region up by `count` rows, down if it is negative; erased cells come in. */
export function scrollColumns(
  grid: Grid,
  { top, bottom, left, right }: Region,
  count: number,
  background: number,
): void {
  const height = bottom - top + 1;
  const lines = Math.min(Math.abs(count), height);
  const end = right + 1;
  for (let y = top; y <= bottom; y++) {
    const row = grid.draft(y);
    grid.split(row, left, 0, background);
    grid.split(row, end, 0, background);
    grid.touch(y, end);
  }
  for (let i = 0; i < height - lines; i++) {
    const y = count > 0 ? top + i : bottom - i;
    copyCells(grid.draft(count > 0 ? y + lines : y - lines), grid.draft(y), left, end);
  }
  const first = count > 0 ? bottom - lines + 1 : top;
  for (let y = first; y < first + lines; y++) grid.erase(y, left, end, background);
}

function copyCells(from: Row, to: Row, left: number, end: number): void {
  to.cells.set(from.cells.subarray(left * CELL_WORDS, end * CELL_WORDS), left * CELL_WORDS);
  dropClusters(to, left, end);
  dropExtras(to, left, end);
  for (const [col, text] of from.clusters ?? []) {
    if (col < left || col >= end) continue;
    to.clusters ??= new Columns();
    to.clusters.set(col, text);
  }
  for (const [col, extra] of from.extras ?? []) {
    if (col < left || col >= end) continue;
    to.extras ??= new Columns();
    to.extras.set(col, extra);
  }
}
