/** The tokens of an edited row (SPEC.md §9.3): from one row to another, with a pen that stays from row to row. */

import { assert } from '../assert.ts';
import type { Writer } from '../bytes.ts';
import {
  CELL_WORDS,
  CLUSTER,
  CODE_POINT_MASK,
  COLOR_DEFAULT,
  COLOR_KIND_MASK,
  COLOR_MASK,
  COLOR_PALETTE,
  EXTENDED,
  TAIL,
  UNDERLINE_SHIFT,
  WIDE,
} from './cell.ts';
import {
  ATTRIBUTES,
  BG_DEFAULT,
  BG_PALETTE,
  BG_RGB,
  CLUSTER_TEXT,
  END,
  ERASE,
  ERASE_REST,
  FG_ATTRIBUTE_BITS,
  FG_DEFAULT,
  FG_FIRST,
  FG_FIRST_COUNT,
  FG_PALETTE,
  FG_RGB,
  FLIP_WRAPPED,
  LINK,
  LINK_END,
  LINK_NEW,
  MARK,
  NARROW_TEXT,
  PEN_DEFAULT,
  REPEAT,
  SKIP,
  SKIP_FIRST,
  SKIP_FIRST_MAX,
  UNDERLINE_DEFAULT,
  UNDERLINE_PALETTE,
  UNDERLINE_RGB,
  WIDE_TEXT,
} from './diff-format.ts';
import { type Extra, equalExtra, equalLink, type Link } from './extra.ts';
import { writeCodePoint, writeText } from './printable.ts';
import type { Row } from './row.ts';
import { sameCell } from './row-difference.ts';

const COLOR = COLOR_MASK | COLOR_KIND_MASK;
const ATTRIBUTES_SHIFT = UNDERLINE_SHIFT;

/** Fewest repetitions worth a token of two bytes: of a character of one byte, and of longer ones. */
const REPEAT_MIN_ASCII = 4;
const REPEAT_MIN = 2;

export class RowEncoder {
  /** The first cell that the last edit changed, -1 if none. */
  changedFrom = -1;
  /** One after the last cell that the last edit wrote. */
  changedTo = -1;

  readonly #writer: Writer;
  #fg = 0;
  /** With EXTENDED while there is an `#extra`. */
  #bg = 0;
  #extra: Extra | undefined;
  /** The first link of this diff, mostly the only one; and the others by id and address, with their places. */
  #firstLink: Link | undefined;
  readonly #links = new Map<string, number>();
  #wide = false;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** At the start of a diff: default pen, narrow text. */
  reset(): void {
    this.#fg = 0;
    this.#bg = 0;
    this.#extra = undefined;
    this.#firstLink = undefined;
    if (this.#links.size > 0) this.#links.clear();
    this.#wide = false;
    this.changedFrom = -1;
    this.changedTo = -1;
  }

  /**
   * Writes what turns `base` into `row`, which differ from column `first` to column `last` (in no cell, if `first` is the width).
   * Returns whether END was needed.
   */
  edit(base: Row, row: Row, first: number, last: number): boolean {
    const writer = this.#writer;
    const { cols } = row;
    this.changedFrom = -1;
    this.changedTo = -1;
    if (row.wrapped !== base.wrapped) writer.u8(FLIP_WRAPPED);
    if (row.mark !== base.mark) {
      writer.u8(MARK);
      writer.varint(row.mark);
    }

    let at = 0;
    if (first < cols) {
      this.changedFrom = first;
      this.#skip(first);
      at = this.#write(row, first, last);
      let col = at;
      while (col <= last) {
        if (sameCell(base, row, col)) {
          col++;
          continue;
        }
        if (col - at === 1 && this.#isPlain(row, at)) writer.u8(row.cells[at * CELL_WORDS] ?? 0);
        else this.#skip(col - at);
        at = this.#write(row, col, last);
        col = at;
      }
      this.changedTo = at;
    }
    if (at === cols) return false;
    writer.u8(END);
    return true;
  }

  /** Whether the cell is one byte of text in the present pen. */
  #isPlain(row: Row, col: number): boolean {
    const { cells } = row;
    const i = col * CELL_WORDS;
    const content = cells[i] ?? 0;
    return content >= 0x20 && content < 0x7f && this.#hasPen(row, col);
  }

  /** Whether the cell is written with the present pen. */
  #hasPen(row: Row, col: number): boolean {
    const i = col * CELL_WORDS;
    if (row.cells[i + 1] !== this.#fg || row.cells[i + 2] !== this.#bg) return false;
    return (this.#bg & EXTENDED) === 0 || equalExtra(row.extras?.get(col), this.#extra);
  }

  #skip(count: number): void {
    if (count === 0) return;
    if (count <= SKIP_FIRST_MAX) {
      this.#writer.u8(SKIP_FIRST + count - 1);
    } else if (count <= SKIP_FIRST_MAX * 2) {
      this.#writer.u8(SKIP_FIRST + SKIP_FIRST_MAX - 1);
      this.#writer.u8(SKIP_FIRST + count - SKIP_FIRST_MAX - 1);
    } else {
      this.#writer.u8(SKIP);
      this.#writer.varint(count);
    }
  }

  /** Writes the cell at `col`, and those alike after it. Returns the column after what was written. */
  #write(row: Row, col: number, last: number): number {
    const { cells } = row;
    const i = col * CELL_WORDS;
    const content = cells[i] ?? 0;
    const fg = cells[i + 1] ?? 0;
    const bg = cells[i + 2] ?? 0;
    assert(content !== TAIL, 'the right half of a wide character changes with its left half');
    const extra = (bg & EXTENDED) === 0 ? undefined : row.extras?.get(col);
    if (fg !== this.#fg || bg !== this.#bg || !equalExtra(extra, this.#extra)) this.#setPen(fg, bg, extra);
    if (content === 0) return this.#erase(row, col);

    const writer = this.#writer;
    const codePoint = content & CODE_POINT_MASK;
    const wide = (content & WIDE) !== 0;
    const width = wide ? 2 : 1;
    if (content >= 0x20 && content < 0x7f) {
      writer.u8(content);
    } else {
      if (wide !== this.#wide) {
        this.#wide = wide;
        writer.u8(wide ? WIDE_TEXT : NARROW_TEXT);
      }
      if ((content & CLUSTER) !== 0) {
        writer.u8(CLUSTER_TEXT);
        const text = row.clusters?.get(col);
        assert(text !== undefined, 'a cell with CLUSTER has its text in its row');
        writeText(writer, text);
        return col + width;
      }
      if (codePoint < 0x80) {
        writer.u8(CLUSTER_TEXT);
        writeText(writer, String.fromCodePoint(codePoint));
      } else {
        writeCodePoint(writer, codePoint);
      }
    }

    let end = col + width;
    let alike = 0;
    while (end <= last) {
      const k = end * CELL_WORDS;
      if (cells[k] !== content || !this.#hasPen(row, end)) break;
      alike++;
      end += width;
    }
    if (alike < (content < 0x7f ? REPEAT_MIN_ASCII : REPEAT_MIN)) return col + width;
    writer.u8(REPEAT);
    writer.varint(alike);
    return end;
  }

  #erase(row: Row, col: number): number {
    const { cells, cols } = row;
    let end = col + 1;
    for (; end < cols; end++) {
      if (cells[end * CELL_WORDS] !== 0 || !this.#hasPen(row, end)) break;
    }
    if (end === cols) {
      this.#writer.u8(ERASE_REST);
    } else {
      this.#writer.u8(ERASE);
      this.#writer.varint(end - col);
    }
    return end;
  }

  #setPen(fg: number, bg: number, extra: Extra | undefined): void {
    const writer = this.#writer;
    const afresh = penBytes(0, 0, fg, bg) + extraBytes(undefined, extra);
    // From the default pen, or from the present one: whichever takes fewer bytes.
    if (1 + afresh <= penBytes(this.#fg, this.#bg, fg, bg) + extraBytes(this.#extra, extra)) {
      writer.u8(PEN_DEFAULT);
      this.#fg = 0;
      this.#bg = 0;
      this.#extra = undefined;
    }
    const attributes = attributesOf(fg, bg);
    if (attributes !== attributesOf(this.#fg, this.#bg)) {
      writer.u8(ATTRIBUTES);
      writer.varint(attributes);
    }
    if ((fg & COLOR) !== (this.#fg & COLOR)) this.#setColor(fg & COLOR, FG_DEFAULT, FG_PALETTE, FG_RGB);
    if ((bg & COLOR) !== (this.#bg & COLOR)) this.#setColor(bg & COLOR, BG_DEFAULT, BG_PALETTE, BG_RGB);
    this.#fg = fg;
    this.#bg = bg;
    if (extra !== this.#extra) this.#setExtra(extra);
  }

  #setExtra(extra: Extra | undefined): void {
    const before = this.#extra;
    const color = extra?.underlineColor ?? 0;
    if (color !== (before?.underlineColor ?? 0)) {
      this.#setColor(color, UNDERLINE_DEFAULT, UNDERLINE_PALETTE, UNDERLINE_RGB);
    }
    if (!equalLink(extra?.link, before?.link)) this.#setLink(extra?.link);
    this.#extra = extra;
  }

  #setLink(link: Link | undefined): void {
    const writer = this.#writer;
    if (link === undefined) {
      writer.u8(LINK_END);
      return;
    }
    const place = this.#placeOf(link);
    if (place >= 0) {
      writer.u8(LINK);
      writer.varint(place);
    } else {
      writer.u8(LINK_NEW);
      writeText(writer, link.id);
      writeText(writer, link.uri);
    }
  }

  /** Which of the links that this diff has named it is; -1 if it is a new one, which has its place from now on. */
  #placeOf(link: Link): number {
    if (this.#firstLink === undefined) {
      this.#firstLink = link;
      return -1;
    }
    if (equalLink(link, this.#firstLink)) return 0;
    const name = `${link.id}\n${link.uri}`;
    const place = this.#links.get(name);
    if (place !== undefined) return place;
    this.#links.set(name, this.#links.size + 1);
    return -1;
  }

  #setColor(color: number, byDefault: number, palette: number, rgb: number): void {
    const writer = this.#writer;
    const kind = color & COLOR_KIND_MASK;
    const value = color & COLOR_MASK;
    if (kind === COLOR_DEFAULT) {
      writer.u8(byDefault);
    } else if (kind !== COLOR_PALETTE) {
      writer.u8(rgb);
      writer.u8(value >> 16);
      writer.u16(value & 0xffff);
    } else if (palette === FG_PALETTE && value < FG_FIRST_COUNT) {
      writer.u8(FG_FIRST + value);
    } else {
      writer.u8(palette);
      writer.u8(value);
    }
  }
}

/** Bytes of the tokens that turn one pen into another, without PEN_DEFAULT. */
function penBytes(fromFg: number, fromBg: number, fg: number, bg: number): number {
  const attributes = attributesOf(fg, bg);
  let bytes = 0;
  if (attributes !== attributesOf(fromFg, fromBg)) bytes += attributes < 0x40 ? 2 : 3;
  if ((fg & COLOR) !== (fromFg & COLOR)) bytes += colorBytes(fg & COLOR, FG_FIRST_COUNT);
  if ((bg & COLOR) !== (fromBg & COLOR)) bytes += colorBytes(bg & COLOR, 0);
  return bytes;
}

function colorBytes(color: number, first: number): number {
  if (color === COLOR_DEFAULT) return 1;
  if ((color & COLOR_KIND_MASK) !== COLOR_PALETTE) return 4;
  return (color & COLOR_MASK) < first ? 1 : 2;
}

/** About the bytes of the tokens from one rest of the pen to another. */
function extraBytes(from: Extra | undefined, to: Extra | undefined): number {
  if (from === to) return 0;
  const color = to?.underlineColor ?? 0;
  const bytes = color === (from?.underlineColor ?? 0) ? 0 : colorBytes(color, 0);
  if (equalLink(from?.link, to?.link)) return bytes;
  return bytes + (to?.link === undefined ? 1 : 2);
}

/** The attributes of both words, as they travel. */
function attributesOf(fg: number, bg: number): number {
  return (fg >>> ATTRIBUTES_SHIFT) | (((bg >>> ATTRIBUTES_SHIFT) & 0x1f) << FG_ATTRIBUTE_BITS);
}
