/**
 * What the two ends of a screen diff share (SPEC.md §9): the numbers in the bytes, and the rows that a diff is read against.
 *
 * A diff is a head (one byte of flags and what they announce) and then operations, each of which makes the next rows of the
 * new screen, top to bottom. The rows that no operation makes are those of the base. An edited row is a string of tokens that
 * reads like the output of a program: bytes of text are themselves, and what would be controls moves, erases or changes the pen.
 */

import { CELL_WORDS, TAIL } from './cell.ts';
import { Columns } from './columns.ts';
import type { Extra } from './extra.ts';
import { blankRow, Row } from './row.ts';

/** Flags of the first byte. The lowest two bits say where the cursor is. */
export const CURSOR_BITS = 3;
/** The cursor is where the base has it. */
export const CURSOR_SAME = 0;
/** The cursor stands after the last cell that the last edited row changes (on the last column if that was the last). */
export const CURSOR_AFTER = 1;
/** Row and column follow. */
export const CURSOR_GIVEN = 2;
/** The cursor stands on the first cell that the last edited row changes. */
export const CURSOR_AT = 3;
export const HAS_SIZE = 1 << 2;
export const HAS_MODES = 1 << 3;
export const HAS_TITLE = 1 << 4;
export const HAS_ICON_TITLE = 1 << 5;
export const HAS_BELLS = 1 << 6;
/** A byte of the further flags follows, which has at least one of them. */
export const HAS_MORE = 1 << 7;

/** The further flags. */
export const HAS_SHAPE = 1 << 0;
export const HAS_COLORS = 1 << 1;
export const HAS_DIRECTORY = 1 << 2;
export const HAS_PROGRESS = 1 << 3;
export const HAS_NOTICES = 1 << 4;
export const HAS_COPIED = 1 << 5;
export const HAS_PASTES = 1 << 6;

/** Row operations are a varint. Even: twice the rows to keep before one to edit. Odd: `n << 3 | operation`. */
export const KEEP = 1;
export const COPY = 3;
export const BLANK = 5;
export const EDIT_FROM = 7;

/** Tokens of an edited row below 0x20. 0x20 to 0x7e and 0xc2 to 0xf4 begin text in UTF-8; 0x80 to 0xbf skip 1 to 64 cells. */
export const END = 0x00;
export const ERASE = 0x01;
export const ERASE_REST = 0x02;
export const REPEAT = 0x03;
export const SKIP = 0x04;
export const FLIP_WRAPPED = 0x05;
export const NARROW_TEXT = 0x06;
export const WIDE_TEXT = 0x07;
export const CLUSTER_TEXT = 0x08;
export const UNDERLINE_DEFAULT = 0x09;
export const UNDERLINE_PALETTE = 0x0a;
export const UNDERLINE_RGB = 0x0b;
export const LINK_END = 0x0c;
/** A link that this diff has named before, by its place among them. */
export const LINK = 0x0d;
export const LINK_NEW = 0x0e;
export const MARK = 0x0f;
export const PEN_DEFAULT = 0x10;
export const FG_DEFAULT = 0x11;
export const FG_PALETTE = 0x12;
export const FG_RGB = 0x13;
export const BG_DEFAULT = 0x14;
export const BG_PALETTE = 0x15;
export const BG_RGB = 0x16;
export const ATTRIBUTES = 0x17;
/** 0x18 to 0x1f: the foreground is colour 0 to 7 of the palette. */
export const FG_FIRST = 0x18;
export const FG_FIRST_COUNT = 8;
/** 0x80 to 0xbf: skip 1 to 64 cells. */
export const SKIP_FIRST = 0x80;
export const SKIP_FIRST_MAX = 64;

/** In ATTRIBUTES: 6 bits of the foreground word (26-31), above them 5 of the background word (26-30). */
export const FG_ATTRIBUTE_BITS = 6;
export const ATTRIBUTES_MAX = (1 << 11) - 1;
export const UNDERLINE_STYLE_MAX = 5;

/** A frozen row of `cols` erased cells. */
export function frozenBlank(cols: number): Row {
  const row = blankRow(cols);
  row.frozen = true;
  return row;
}

/**
 * The rows that a diff to a screen of `cols` x `rows` is read against: the base's, cut or filled up with erased cells to the new
 * width, and blank rows after them if the new screen has more. The base's own array when it fits.
 */
export function fitRows(base: readonly Row[], cols: number, rows: number): readonly Row[] {
  const first = base[0];
  if (first !== undefined && first.cols === cols && base.length >= rows) return base;
  const fitted: Row[] = [];
  let last: Row | undefined;
  for (const row of base) {
    // The rows of an empty screen are one object: keep them one.
    const again = row === last ? fitted[fitted.length - 1] : undefined;
    fitted.push(again ?? fitRow(row, cols));
    last = row;
  }
  if (fitted.length < rows) {
    const blank = frozenBlank(cols);
    while (fitted.length < rows) fitted.push(blank);
  }
  return fitted;
}

/** `row` at another width. A wide character that is cut in half is erased, to default colours. */
function fitRow(row: Row, cols: number): Row {
  if (row.cols === cols) return row;
  const cells = new Uint32Array(cols * CELL_WORDS);
  cells.set(row.cells.subarray(0, Math.min(cells.length, row.cells.length)));
  const cut = row.cells[cols * CELL_WORDS] === TAIL;
  if (cut) cells.fill(0, (cols - 1) * CELL_WORDS);
  let clusters: Columns<string> | undefined;
  for (const [col, text] of row.clusters ?? []) {
    if (col < (cut ? cols - 1 : cols)) {
      clusters ??= new Columns();
      clusters.set(col, text);
    }
  }
  let extras: Columns<Extra> | undefined;
  for (const [col, extra] of row.extras ?? []) {
    if (col < (cut ? cols - 1 : cols)) {
      extras ??= new Columns();
      extras.set(col, extra);
    }
  }
  const fitted = new Row(cells, row.wrapped, clusters, extras);
  fitted.mark = row.mark;
  fitted.frozen = true;
  return fitted;
}
