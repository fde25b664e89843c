/**
 * A screen that is being guessed at: the server's rows until a guess writes to one, which then is a copy. Letters that were guessed carry
 * a mark in a bit that no cell uses, so that they can be underlined when they are shown; `compose` takes it off. They have no link and no
 * underline colour: what is beside them may, but hardly ever goes on in what is typed.
 */

import {
  CELL_WORDS,
  CLUSTER,
  CODE_POINT_MASK,
  EXTENDED,
  TAIL,
  UNDERLINE_MASK,
  UNDERLINE_SHIFT,
  WIDE,
} from '../../protocol/screen/cell.ts';
import { Columns } from '../../protocol/screen/columns.ts';
import { blankRow, type Row } from '../../protocol/screen/row.ts';
import type { Screen } from '../../protocol/screen/screen.ts';

/** In the content word, whose bits above TAIL no cell uses (cell.ts): this letter is a guess. */
const GUESSED = 1 << 24;

/** A place on the screen; `col` may be the width where the cursor waits to wrap. */
export interface Place {
  readonly row: number;
  readonly col: number;
}

/** The character of a cell: its content word, a blank being 0, and its text where that is more than one code point. */
export interface Glyph {
  readonly content: number;
  readonly text: string | undefined;
}

export const BLANK: Glyph = { content: 0, text: undefined };

export class Draft {
  readonly cols: number;
  readonly height: number;
  row: number;
  col: number;
  /** Rows that left at the top. */
  scrolled = 0;
  readonly #base: readonly Row[];
  /** Shares the base's array until something is written. */
  #rows: readonly Row[];
  #own: Row[] | undefined;

  /** Begins as `base` with the cursor at `at`. */
  constructor(base: Screen, at: Place = { row: base.cursorRow, col: base.cursorCol }) {
    this.cols = base.cols;
    this.height = base.rows.length;
    this.#base = base.rows;
    this.#rows = base.rows;
    this.row = at.row;
    this.col = at.col;
  }

  get changed(): boolean {
    return this.#own !== undefined;
  }

  glyph(row: number, col: number): Glyph {
    return glyphOf(this.#rows[row], col);
  }

  /** The foreground and background words of a cell, without EXTENDED. */
  style(row: number, col: number): readonly [number, number] {
    const cells = this.#rows[row]?.cells;
    const at = col * CELL_WORDS;
    return [cells?.[at + 1] ?? 0, ((cells?.[at + 2] ?? 0) & ~EXTENDED) >>> 0];
  }

  isGuessed(row: number, col: number): boolean {
    return ((this.#rows[row]?.cells[col * CELL_WORDS] ?? 0) & GUESSED) !== 0;
  }

  /** Whether the row goes on with the text of the row above. */
  isWrapped(row: number): boolean {
    return this.#rows[row]?.wrapped === true;
  }

  /** Writes a character of `width` cells that fits; halves of wide ones that it cuts become blank. */
  write(row: number, col: number, content: number, width: number, style: readonly [number, number]): void {
    const draft = this.#draftRow(row);
    const { cells } = draft;
    this.#unpair(cells, draft.clusters, col, col + width);
    forget(draft, col, col + width);
    const at = col * CELL_WORDS;
    const background = (style[1] & ~EXTENDED) >>> 0;
    cells[at] = (width === 2 ? content | WIDE : content) | GUESSED;
    cells[at + 1] = style[0];
    cells[at + 2] = background;
    if (width !== 2) return;
    cells[at + CELL_WORDS] = TAIL | GUESSED;
    cells[at + CELL_WORDS + 1] = style[0];
    cells[at + CELL_WORDS + 2] = background;
  }

  /** Joins a mark to the character in a cell. */
  join(row: number, col: number, text: string): void {
    const draft = this.#draftRow(row);
    const at = col * CELL_WORDS;
    const content = draft.cells[at] ?? 0;
    draft.cells[at] = content | CLUSTER | ((content & CODE_POINT_MASK) === 0 ? 0x20 : 0);
    draft.clusters ??= new Columns();
    draft.clusters.set(col, text);
  }

  /** Moves the cells `from` to `end` - 1 by `by`, left or right, cut at `limit`; what they leave is blank. */
  move(row: number, from: number, end: number, by: number, limit: number): void {
    if (by === 0) return;
    const draft = this.#draftRow(row);
    const { cells } = draft;
    const to = from + by;
    const count = Math.min(end, limit - by) - from;
    this.#unpair(cells, draft.clusters, from, Math.min(from, to));
    const edges: Moved = { from, by, count, first: Math.min(from, to), end: Math.max(end, to + count) };
    draft.clusters = draft.clusters && movedColumns(draft.clusters, edges);
    draft.extras = draft.extras && movedColumns(draft.extras, edges);
    if (count > 0) cells.copyWithin(to * CELL_WORDS, from * CELL_WORDS, (from + count) * CELL_WORDS);
    const blankFrom = by > 0 ? from : Math.max(to, to + count);
    const blankTo = by > 0 ? Math.min(to, limit) : end;
    cells.fill(0, blankFrom * CELL_WORDS, blankTo * CELL_WORDS);
    mend(draft);
  }

  /** The text between two places; undefined over more than one row. */
  text(from: Place, to: Place): string | undefined {
    if (from.row !== to.row) return undefined;
    let text = '';
    for (let col = from.col; col < to.col; col++) text += textAt(this.#rows[from.row], col);
    return text;
  }

  /** In how many cells a row of the draft differs from that of a screen. */
  difference(row: number, screen: Screen): number {
    const [a, b] = [this.#rows[row], screen.rows[row]];
    if (a === b) return 0;
    let count = 0;
    for (let col = 0; col < this.cols; col++) if (!sameGlyph(glyphOf(a, col), glyphOf(b, col))) count++;
    return count;
  }

  /** Erases the cells `from` to `to` - 1. */
  erase(row: number, from: number, to: number): void {
    if (to <= from) return;
    const draft = this.#draftRow(row);
    this.#unpair(draft.cells, draft.clusters, from, to);
    forget(draft, from, to);
    draft.cells.fill(0, from * CELL_WORDS, to * CELL_WORDS);
  }

  /** The cursor goes on at the beginning of the next row; the screen scrolls where there is none. */
  wrap(): void {
    this.col = 0;
    if (this.row < this.height - 1) {
      this.row++;
      return;
    }
    const rows = this.#ownRows();
    rows.shift();
    const blank = blankRow(this.cols);
    blank.frozen = true;
    rows.push(blank);
    this.scrolled++;
  }

  /** The rows `first` to `last` go to the top, with the cursor, and nothing else is left. */
  keep(first: number, last: number): void {
    const rows = this.#ownRows();
    const blank = blankRow(this.cols);
    blank.frozen = true;
    const kept = rows.slice(first, last + 1);
    rows.fill(blank);
    for (const [index, row] of kept.entries()) rows[index] = row;
    this.row -= first;
    this.scrolled += first;
  }

  /** `screen`, on which this draft is based, with what the draft has changed, and its cursor. */
  compose(screen: Screen, underlined: boolean): Screen {
    const cursorCol = Math.min(this.col, this.cols - 1);
    if (!this.changed && screen.cursorRow === this.row && screen.cursorCol === cursorCol) return screen;
    const rows = this.#rows.map((row, index) => {
      if (row === this.#base[index]) return screen.rows[index] ?? row;
      return row.frozen ? row : composeRow(row, underlined);
    });
    return { ...screen, rows: this.changed ? rows : screen.rows, cursorRow: this.row, cursorCol };
  }

  #ownRows(): Row[] {
    this.#own ??= [...this.#rows];
    this.#rows = this.#own;
    return this.#own;
  }

  #draftRow(index: number): Row {
    const rows = this.#ownRows();
    const row = rows[index] ?? blankRow(this.cols);
    if (!row.frozen) return row;
    const draft = row.thaw();
    rows[index] = draft;
    return draft;
  }

  /** Before the cells `from` to `to` - 1 are written: blanks the other halves of wide characters that begin or end there. */
  #unpair(cells: Uint32Array, clusters: Columns<string> | undefined, from: number, to: number): void {
    for (const col of [from, to]) {
      const at = col * CELL_WORDS;
      if (col <= 0 || at >= cells.length || ((cells[at] ?? 0) & TAIL) === 0) continue;
      cells[at] = 0;
      cells[at - CELL_WORDS] = 0;
      clusters?.delete(col - 1);
    }
  }
}

/** The columns `first` to `end` - 1 change: `count` of them, from `from` on, move by `by`, and nothing is left of the others. */
interface Moved {
  readonly from: number;
  readonly by: number;
  readonly count: number;
  readonly first: number;
  readonly end: number;
}

function movedColumns<T>(columns: Columns<T>, { from, by, count, first, end }: Moved): Columns<T> {
  const kept = [...columns].filter(([col]) => col < first || col >= end);
  const moved = [...columns].filter(([col]) => col >= from && col < from + count);
  return new Columns([...kept, ...moved.map(([col, value]): [number, T] => [col + by, value])]);
}

/** The cells `from` to `to` - 1 have nothing that is not in their words. */
function forget({ clusters, extras }: Row, from: number, to: number): void {
  for (let col = from; col < to; col++) {
    clusters?.delete(col);
    extras?.delete(col);
  }
}

/** Wide characters that were cut leave nothing, neither half of them. */
function mend({ cells, clusters, extras, cols }: Row): void {
  for (let col = 0; col < cols; col++) {
    const at = col * CELL_WORDS;
    const content = cells[at] ?? 0;
    const isWhole = (content & WIDE) === 0 || ((cells[at + CELL_WORDS] ?? 0) & TAIL) !== 0;
    const isLoneTail = (content & TAIL) !== 0 && (col === 0 || ((cells[at - CELL_WORDS] ?? 0) & WIDE) === 0);
    if (!isWhole || isLoneTail) cells[at] = 0;
    if (((cells[at] ?? 0) & CLUSTER) === 0) clusters?.delete(col);
    const background = cells[at + 2] ?? 0;
    if ((background & EXTENDED) === 0) extras?.delete(col);
    else if (extras?.has(col) !== true) cells[at + 2] = background & ~EXTENDED;
  }
}

/** The character of a cell, blank outside of the row. */
export function glyphOf(row: Row | undefined, col: number): Glyph {
  const content = (row?.cells[col * CELL_WORDS] ?? 0) & ~GUESSED;
  if ((content & CLUSTER) !== 0) return { content, text: row?.clusters?.get(col) };
  return content === 0 || content === 0x20 ? BLANK : { content, text: undefined };
}

/** The text of a cell: a space where it is blank, nothing for the right half of a wide character. */
export function textAt(row: Row | undefined, col: number): string {
  const { content, text } = glyphOf(row, col);
  if (text !== undefined) return text;
  if (content === 0) return ' ';
  return (content & TAIL) !== 0 ? '' : String.fromCodePoint(content & CODE_POINT_MASK);
}

/** Whether two cells show the same. */
export function sameGlyph(a: Glyph, b: Glyph): boolean {
  return a.content === b.content && a.text === b.text;
}

function composeRow(draft: Row, underlined: boolean): Row {
  const row = draft.thaw();
  const { cells } = row;
  for (let at = 0; at < cells.length; at += CELL_WORDS) {
    const content = cells[at] as number;
    if ((content & GUESSED) === 0) continue;
    cells[at] = content & ~GUESSED;
    const background = cells[at + 2] as number;
    if (underlined && (background & UNDERLINE_MASK) === 0) cells[at + 2] = background | (1 << UNDERLINE_SHIFT);
  }
  if (row.clusters?.size === 0) row.clusters = undefined;
  if (row.extras?.size === 0) row.extras = undefined;
  row.frozen = true;
  return row;
}
