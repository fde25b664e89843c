/** The text of rows, and where in them each of its characters stands: for searching. Pure. */

import { CELL_WORDS, CLUSTER, CODE_POINT_MASK, INVERSE, TAIL, WIDE } from '../../protocol/screen/cell.ts';
import type { Row } from '../../protocol/screen/row.ts';

/** Cells of rows, from one to another, counted on from row to row. */
export interface Span {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/** Cells up to the last that holds text. */
export function textEnd(row: Row | undefined): number {
  let end = row?.cols ?? 0;
  while (end > 0 && row?.cells[(end - 1) * CELL_WORDS] === 0) end--;
  return end;
}

/** Where `words` stand in the rows of a paragraph; upper and lower case are one as long as there are only lower ones in `words`. */
export function spansOf(rows: readonly Row[], words: string): readonly Span[] {
  if (words === '') return [];
  const isExact = words !== words.toLowerCase();
  const { text, cells } = textOf(rows, isExact);
  const spans: Span[] = [];
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + words.length)) {
    const [from = 0, last = 0] = [cells[at], cells[at + words.length - 1]];
    spans.push({ from, to: last + 1 });
  }
  return spans;
}

/** The same row with some of its cells inverted. */
export function highlighted(row: Row, from: number, to: number): Row {
  const draft = row.thaw();
  let end = to;
  if (end > 0 && ((row.cells[(end - 1) * CELL_WORDS] ?? 0) & WIDE) !== 0) end++;
  for (let col = from; col < Math.min(end, row.cols); col++) {
    const at = col * CELL_WORDS + 1;
    draft.cells[at] = ((draft.cells[at] ?? 0) ^ INVERSE) >>> 0;
  }
  draft.frozen = true;
  return draft;
}

/** The text, and for each of its UTF-16 code units the cell that it is of. */
function textOf(rows: readonly Row[], isExact: boolean): { readonly text: string; readonly cells: readonly number[] } {
  const texts: string[] = [];
  const cells: number[] = [];
  let base = 0;
  for (const [i, row] of rows.entries()) {
    const end = i + 1 < rows.length ? fullEnd(row, rows[i + 1]) : textEnd(row);
    for (let col = 0; col < end; col++) {
      const content = row.cells[col * CELL_WORDS] ?? 0;
      if ((content & TAIL) !== 0) continue;
      const code = content & CODE_POINT_MASK;
      const character =
        (content & CLUSTER) !== 0 ? (row.clusters?.get(col) ?? '') : code === 0 ? ' ' : String.fromCodePoint(code);
      const piece = isExact ? character : character.toLowerCase();
      texts.push(piece);
      for (let unit = 0; unit < piece.length; unit++) cells.push(base + col);
    }
    base += row.cols;
  }
  return { text: texts.join(''), cells };
}

/** A wide character that did not fit left the last cell empty. */
function fullEnd(row: Row, next: Row | undefined): number {
  const isSpared = row.cells[(row.cols - 1) * CELL_WORDS] === 0 && ((next?.cells[0] ?? 0) & WIDE) !== 0;
  return isSpared ? row.cols - 1 : row.cols;
}
