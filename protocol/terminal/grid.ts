/**
 * The rows of one of the two screens, main or alternate, and what moves and erases them. It owns the copy on write: rows that
 * a snapshot shares are frozen, and the first write after it replaces the row by a draft. Scrolling the whole screen turns a
 * ring and recycles the row that leaves, because a line feed is what a terminal does most.
 *
 * Columns and rows given here are in range, callers clamp. `background` is the background word of erased cells (back colour
 * erase: only its colour, no attributes).
 */

import { CELL_WORDS, CLUSTER, EXTENDED, TAIL, WIDE } from '../screen/cell.ts';
import { Columns } from '../screen/columns.ts';
import type { Extra } from '../screen/extra.ts';
import { blankRow, type Row } from '../screen/row.ts';
import { TabStops } from './tabs.ts';

/** Up to this many words, a loop clears faster than the call of `fill`. */
const SHORT = 48;

/** Where rows go that scroll off the top. */
export interface Scrollback {
  /** Takes a row over, which from column `used` on is erased. */
  push(row: Row, used?: number): void;
  /** The same; gives another of the same width, to be written anew, if there is one to spare … */
  exchange(row: Row, used: number): Row | undefined;
  /** … which from this column on is erased. */
  readonly spareUsed: number;
  clear(): void;
}

export class Grid {
  readonly cols: number;
  readonly height: number;
  /** The margins, first and last row that scroll (DECSTBM). */
  top = 0;
  bottom: number;
  /** The first and last column that scroll (DECSLRM). */
  left = 0;
  right: number;
  tabs = new TabStops();
  /** Takes the rows that leave at the top; the alternate screen has none. */
  scrollback: Scrollback | undefined;
  /** A ring: row `y` of the screen stands at `#first + y`. */
  readonly #rows: Row[];
  /** By place in the ring: from this column on, all cells are three zeros. */
  readonly #used: Uint16Array;
  #first = 0;
  /** Shared by all rows that were cleared while a snapshot held them: no allocation until somebody writes there. */
  readonly #blank: Row;

  /** Takes over `rows`, top to bottom, each `cols` wide; missing ones at the bottom are blank. */
  constructor(cols: number, height: number, rows: Row[] = []) {
    this.cols = cols;
    this.height = height;
    this.bottom = height - 1;
    this.right = cols - 1;
    this.#blank = blankRow(cols);
    this.#blank.frozen = true;
    this.#rows = rows;
    this.#used = new Uint16Array(height).fill(cols, 0, rows.length);
    while (rows.length < height) rows.push(this.#blank);
  }

  /** The row to read. */
  row(y: number): Row {
    return this.#rows[this.place(y)] as Row;
  }

  /** The row to write: a draft. Whoever writes right of what was used says so by `touch`. */
  draft(y: number): Row {
    const place = this.place(y);
    const row = this.#rows[place] as Row;
    return row.frozen ? this.#thaw(place, row) : row;
  }

  /** Where row `y` is in the ring. */
  place(y: number): number {
    const place = this.#first + y;
    return place < this.height ? place : place - this.height;
  }

  /** Says that cells left of column `end` may have been written. */
  touch(y: number, end: number): void {
    const place = this.place(y);
    if (end > (this.#used[place] as number)) this.#used[place] = end;
  }

  setWrapped(y: number, wrapped: boolean): void {
    if (this.row(y).wrapped !== wrapped) this.draft(y).wrapped = wrapped;
  }

  /** The rows, top to bottom, frozen. */
  freeze(): Row[] {
    const rows = this.list();
    for (const row of rows) row.frozen = true;
    return rows;
  }

  /** The rows, top to bottom. */
  list(): Row[] {
    const rows = this.#rows.slice(this.#first);
    for (let place = 0; place < this.#first; place++) rows.push(this.#rows[place] as Row);
    return rows;
  }

  /** Scrolls the rows `top` to `bottom` up by `count`; blank ones come in below. */
  scrollUp(top: number, bottom: number, count: number, background: number): void {
    if (top === 0) this.#leave(Math.min(count, bottom + 1));
    this.deleteRows(top, bottom, count, background);
  }

  /** The same with rows that the program deletes, so that they are no history. */
  deleteRows(top: number, bottom: number, count: number, background: number): void {
    const height = bottom - top + 1;
    const lines = Math.min(count, height);
    if (height < this.height) {
      this.#rotate(top, height, lines);
      for (let y = bottom - lines + 1; y <= bottom; y++) this.#clear(this.place(y), background);
      return;
    }
    for (let i = 0; i < lines; i++) {
      this.#clear(this.#first, background);
      this.#first = this.#first + 1 < this.height ? this.#first + 1 : 0;
    }
  }

  /** Scrolls the rows `top` to `bottom` down by `count`; blank ones come in above. */
  scrollDown(top: number, bottom: number, count: number, background: number): void {
    const height = bottom - top + 1;
    const lines = Math.min(count, height);
    this.#rotate(top, height, height - lines);
    for (let y = top; y < top + lines; y++) this.#clear(this.place(y), background);
  }

  /** Erases a whole row, and that it goes on from the one above. */
  clear(y: number, background: number): void {
    this.#clear(this.place(y), background);
  }

  /** Erases the cells `from` to `to` - 1, and the other halves of wide characters cut there. */
  erase(y: number, from: number, to: number, background: number): void {
    if (from >= to) return;
    const place = this.place(y);
    const used = this.#used[place] as number;
    if (background === 0 && from >= used) return;
    const row = this.draft(y);
    this.split(row, from, 0, background);
    this.split(row, to, 0, background);
    this.#fill(row, from, background === 0 ? Math.min(to, used) : to, background);
    if (background !== 0) this.touch(y, to);
    else if (to >= used) this.#used[place] = from;
  }

  /** Inserts `count` erased cells with `foreground` and `background` at `col`; the last ones up to the right margin fall off. */
  insertCells(y: number, col: number, count: number, foreground: number, background: number): void {
    const row = this.draft(y);
    const { cells } = row;
    const limit = this.right + 1;
    const end = Math.min(col + count, limit);
    const kept = limit - (end - col);
    this.split(row, col, foreground, background);
    this.split(row, kept, foreground, background);
    this.split(row, limit, foreground, background);
    cells.copyWithin(end * CELL_WORDS, col * CELL_WORDS, kept * CELL_WORDS);
    dropClusters(row, kept, limit);
    dropExtras(row, kept, limit);
    moveClusters(row, col, kept, end - col);
    moveExtras(row, col, kept, end - col);
    this.#fill(row, col, end, background);
    if (foreground !== 0) for (let x = col; x < end; x++) cells[x * CELL_WORDS + 1] = foreground;
    this.touch(y, limit);
  }

  /** Deletes `count` cells at `col`; erased ones come in at the right margin. */
  deleteCells(y: number, col: number, count: number, background: number): void {
    const row = this.draft(y);
    const limit = this.right + 1;
    const deleted = Math.min(count, limit - col);
    this.split(row, col, 0, background);
    this.split(row, col + deleted, 0, background);
    this.split(row, limit, 0, background);
    row.cells.copyWithin(col * CELL_WORDS, (col + deleted) * CELL_WORDS, limit * CELL_WORDS);
    dropClusters(row, col, col + deleted);
    dropExtras(row, col, col + deleted);
    moveClusters(row, col + deleted, limit, -deleted);
    moveExtras(row, col + deleted, limit, -deleted);
    this.#fill(row, limit - deleted, limit, background);
    if (background !== 0) this.touch(y, limit);
  }

  /** If the boundary left of `col` cuts a wide character of the draft `row`, erases both its halves. */
  split(row: Row, col: number, foreground: number, background: number): void {
    if (col <= 0 || col >= this.cols) return;
    const { cells } = row;
    const tail = col * CELL_WORDS;
    if (((cells[tail] as number) & TAIL) === 0) return;
    const lead = tail - CELL_WORDS;
    cells[lead] = cells[tail] = 0;
    cells[lead + 1] = cells[tail + 1] = foreground;
    cells[lead + 2] = cells[tail + 2] = background;
    row.clusters?.delete(col - 1);
    if (row.extras !== undefined) dropExtras(row, col - 1, col + 1);
  }

  /** Erases cells of a draft. */
  #fill(row: Row, from: number, to: number, background: number): void {
    const { cells } = row;
    const end = to * CELL_WORDS;
    if (background === 0) {
      zero(cells, from * CELL_WORDS, end);
    } else {
      for (let i = from * CELL_WORDS; i < end; i += CELL_WORDS) {
        cells[i] = 0;
        cells[i + 1] = 0;
        cells[i + 2] = background;
      }
    }
    if (row.clusters !== undefined) dropClusters(row, from, to);
    if (row.extras !== undefined) dropExtras(row, from, to);
  }

  #thaw(place: number, row: Row): Row {
    const draft = row.thaw();
    this.#rows[place] = draft;
    return draft;
  }

  #clear(place: number, background: number): void {
    const row = this.#rows[place] as Row;
    if (row.frozen && background === 0) {
      this.#rows[place] = this.#blank;
      this.#used[place] = 0;
      return;
    }
    const draft = row.frozen ? blankRow(this.cols) : row;
    this.#rows[place] = draft;
    draft.wrapped = false;
    draft.clusters = undefined;
    draft.extras = undefined;
    draft.mark = 0;
    if (background === 0) {
      zero(draft.cells, 0, (this.#used[place] as number) * CELL_WORDS);
      this.#used[place] = 0;
    } else {
      this.#fill(draft, 0, this.cols, background);
      this.#used[place] = this.cols;
    }
  }

  /** Turns the rows `top` to `top + height - 1` up by `count`, the upper ones coming in below. */
  #rotate(top: number, height: number, count: number): void {
    if (count === 0 || count === height) return;
    const rows: Row[] = [];
    const used: number[] = [];
    for (let y = 0; y < height; y++) {
      const place = this.place(top + y);
      rows.push(this.#rows[place] as Row);
      used.push(this.#used[place] as number);
    }
    for (let y = 0; y < height; y++) {
      const place = this.place(top + y);
      const from = y + count < height ? y + count : y + count - height;
      this.#rows[place] = rows[from] as Row;
      this.#used[place] = used[from] as number;
    }
  }

  /** The first `count` rows leave at the top. */
  #leave(count: number): void {
    const { scrollback } = this;
    if (scrollback === undefined) return;
    for (let y = 0; y < count; y++) {
      const place = this.place(y);
      const spare = scrollback.exchange(this.#rows[place] as Row, this.#used[place] as number);
      this.#rows[place] = spare ?? this.#blank;
      this.#used[place] = spare === undefined ? 0 : scrollback.spareUsed;
    }
  }
}

function zero(cells: Uint32Array, from: number, to: number): void {
  if (to - from > SHORT) cells.fill(0, from, to);
  else for (let i = from; i < to; i++) cells[i] = 0;
}

/** Drops the clusters of the columns `from` to `to` - 1. */
export function dropClusters(row: Row, from: number, to: number): void {
  const { clusters } = row;
  if (clusters === undefined) return;
  clusters.drop(from, to);
  if (clusters.size === 0) row.clusters = undefined;
}

/** Moves the clusters of the columns `from` to `to` - 1 by `by`; those that leave the row are dropped. */
function moveClusters(row: Row, from: number, to: number, by: number): void {
  const { clusters } = row;
  if (clusters === undefined) return;
  const moved = new Columns<string>();
  for (const [col, text] of clusters) {
    const next = col >= from && col < to ? col + by : col;
    if (((row.cells[next * CELL_WORDS] ?? 0) & CLUSTER) !== 0) moved.set(next, text);
  }
  row.clusters = moved.size > 0 ? moved : undefined;
}

/** Drops the extras of the columns `from` to `to` - 1. */
export function dropExtras(row: Row, from: number, to: number): void {
  const { extras } = row;
  if (extras === undefined) return;
  extras.drop(from, to);
  if (extras.size === 0) row.extras = undefined;
}

/** Moves the extras of the columns `from` to `to` - 1 by `by`; those that leave the row are dropped. */
function moveExtras(row: Row, from: number, to: number, by: number): void {
  const { extras } = row;
  if (extras === undefined) return;
  const moved = new Columns<Extra>();
  for (const [col, extra] of extras) {
    const next = col >= from && col < to ? col + by : col;
    if (((row.cells[next * CELL_WORDS + 2] ?? 0) & EXTENDED) !== 0) moved.set(next, extra);
  }
  row.extras = moved.size > 0 ? moved : undefined;
}

/** Whether the cell at `col` is the left half of a wide character. */
export function isWide(row: Row, col: number): boolean {
  return ((row.cells[col * CELL_WORDS] ?? 0) & WIDE) !== 0;
}
