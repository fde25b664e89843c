/**
 * Where two rows of the same width differ. This is the hot path of every small update (one row of a few cells, on both ends of the
 * link and on the terminal), so rows are compared cell by cell in one expression each, from
 * either end: a third faster than word by word. Clusters and extras are looked at only where the words are the same.
 */

import { CELL_WORDS, CLUSTER, EXTENDED } from './cell.ts';
import { Columns } from './columns.ts';
import { equalExtra } from './extra.ts';
import type { Row } from './row.ts';

/** Whether two cells are the same: their words, and their texts if they are clusters. */
export function sameCell(base: Row, row: Row, col: number): boolean {
  const i = col * CELL_WORDS;
  const { cells } = row;
  const old = base.cells;
  if (cells[i] !== old[i] || cells[i + 1] !== old[i + 1] || cells[i + 2] !== old[i + 2]) return false;
  return isPlain(row) || sameRest(base, row, col);
}

function isPlain(row: Row): boolean {
  return row.clusters === undefined && row.extras === undefined;
}

/** What is not in the words: the text of a cluster, the rest of the pen. */
function sameRest(base: Row, row: Row, col: number): boolean {
  const i = col * CELL_WORDS;
  const isCluster = ((row.cells[i] ?? 0) & CLUSTER) !== 0;
  if (isCluster && base.clusters?.get(col) !== row.clusters?.get(col)) return false;
  const isExtended = ((row.cells[i + 2] ?? 0) & EXTENDED) !== 0;
  return !isExtended || equalExtra(base.extras?.get(col), row.extras?.get(col));
}

/** The first column that differs, the width if none does. */
export function firstDifference(base: Row, row: Row): number {
  const { cells } = row;
  const old = base.cells;
  const { length } = cells;
  let i = 0;
  while (i < length && unequal(cells, old, i) === 0) i += CELL_WORDS;
  let end = i / CELL_WORDS;
  if (isPlain(row)) return end;
  // Below, the words are the same, and so is where there is more than them.
  if (row.clusters !== undefined && base.clusters !== undefined) {
    end = Columns.firstDifference(base.clusters, row.clusters, end, equalText);
  }
  if (row.extras !== undefined && base.extras !== undefined) {
    end = Columns.firstDifference(base.extras, row.extras, end, equalExtra);
  }
  return end;
}

/** The last column that differs, -1 if none does. */
export function lastDifference(base: Row, row: Row): number {
  const { cells, cols } = row;
  const old = base.cells;
  let i = cells.length - CELL_WORDS;
  while (i >= 0 && unequal(cells, old, i) === 0) i -= CELL_WORDS;
  let start = i / CELL_WORDS;
  if (isPlain(row)) return start;
  if (row.clusters !== undefined && base.clusters !== undefined) {
    start = Columns.lastDifference(base.clusters, row.clusters, start, cols, equalText);
  }
  if (row.extras !== undefined && base.extras !== undefined) {
    start = Columns.lastDifference(base.extras, row.extras, start, cols, equalExtra);
  }
  return start;
}

function equalText(a: string | undefined, b: string | undefined): boolean {
  return a === b;
}

/** The bits in which the cells at word `i` differ, of all three words together. */
function unequal(cells: Uint32Array, old: Uint32Array, i: number): number {
  return (
    ((cells[i] ?? 0) ^ (old[i] ?? 0)) |
    ((cells[i + 1] ?? 0) ^ (old[i + 1] ?? 0)) |
    ((cells[i + 2] ?? 0) ^ (old[i + 2] ?? 0))
  );
}
