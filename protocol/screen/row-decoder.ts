/** Reads the tokens of an edited row (SPEC.md §9.3) and carries them out on a draft: row-encoder.ts in reverse. */

import { DecodeError, type Reader } from '../bytes.ts';
import {
  CELL_WORDS,
  CLUSTER,
  COLOR_KIND_MASK,
  COLOR_MASK,
  COLOR_PALETTE,
  COLOR_RGB,
  EXTENDED,
  TAIL,
  UNDERLINE_SHIFT,
  WIDE,
} from './cell.ts';
import { Columns } from './columns.ts';
import {
  ATTRIBUTES,
  ATTRIBUTES_MAX,
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
  UNDERLINE_STYLE_MAX,
  WIDE_TEXT,
} from './diff-format.ts';
import { type Extra, type Link, MAX_LINK_ID, MAX_LINK_URI } from './extra.ts';
import { MAX_MARK } from './mark.ts';
import { readAscii, readCodePoint, readText, UTF8_LEAD_FIRST, UTF8_LEAD_LAST } from './printable.ts';
import type { Row } from './row.ts';
import { MAX_CLUSTER, MAX_SIDE } from './screen.ts';

const COLOR = COLOR_MASK | COLOR_KIND_MASK;
const FG_ATTRIBUTES = (1 << FG_ATTRIBUTE_BITS) - 1;
const UNDERLINE_STYLES = 7;

export class RowDecoder {
  /** The first cell that the last edit wrote, -1 if none. */
  changedFrom = -1;
  /** Where the last edit stopped writing. */
  changedTo = -1;

  readonly #reader: Reader;
  #fg = 0;
  #bg = 0;
  #extra: Extra | undefined;
  /** Those that the diff has named so far. */
  readonly #links: Link[] = [];
  #wide = false;
  // The draft being written, the column, and the last character written in it.
  #row: Row | undefined;
  #col = 0;
  #content = 0;
  #cluster: string | undefined;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** Reads one row's tokens and writes its cells into the draft `row`. Throws DecodeError on anything that would not be a valid row. */
  edit(row: Row): void {
    const reader = this.#reader;
    const { cols } = row;
    this.changedFrom = -1;
    this.changedTo = -1;
    this.#row = row;
    this.#col = 0;
    this.#content = 0;
    this.#cluster = undefined;
    while (this.#col < cols && reader.left > 0) {
      const token = reader.u8();
      if (token === END) break;
      if (token >= 0x20 && token < 0x7f) this.#write(row, token, undefined);
      else if (token < 0x20) this.#control(row, token);
      else if (token >= SKIP_FIRST && token < SKIP_FIRST + SKIP_FIRST_MAX) this.#skip(token - SKIP_FIRST + 1);
      else if (token < UTF8_LEAD_FIRST || token > UTF8_LEAD_LAST) throw unknown(token);
      else this.#write(row, readCodePoint(reader, token) | (this.#wide ? WIDE : 0), undefined);
    }
    checkHalves(row);
    if (row.clusters?.size === 0) row.clusters = undefined;
    if (row.extras?.size === 0) row.extras = undefined;
  }

  #control(row: Row, token: number): void {
    const reader = this.#reader;
    switch (token) {
      case ERASE:
        this.#erase(row, this.#count());
        break;
      case ERASE_REST:
        this.#erase(row, row.cols - this.#col);
        break;
      case REPEAT: {
        if (this.#content === 0) throw new DecodeError('Cannot repeat: no character before it in this row');
        const count = this.#count();
        for (let i = 0; i < count; i++) this.#write(row, this.#content, this.#cluster);
        break;
      }
      case SKIP:
        this.#skip(this.#count());
        break;
      case FLIP_WRAPPED:
        row.wrapped = !row.wrapped;
        break;
      case NARROW_TEXT:
        this.#wide = false;
        break;
      case WIDE_TEXT:
        this.#wide = true;
        break;
      case CLUSTER_TEXT:
        this.#writeCluster(row);
        break;
      case UNDERLINE_DEFAULT:
        this.#setExtra(0, this.#extra?.link);
        break;
      case UNDERLINE_PALETTE:
        this.#setExtra(COLOR_PALETTE | reader.u8(), this.#extra?.link);
        break;
      case UNDERLINE_RGB:
        this.#setExtra(COLOR_RGB | (reader.u8() << 16) | reader.u16(), this.#extra?.link);
        break;
      case LINK_END:
        this.#setExtra(this.#extra?.underlineColor ?? 0, undefined);
        break;
      case LINK:
        this.#setExtra(this.#extra?.underlineColor ?? 0, this.#link(reader.varint()));
        break;
      case LINK_NEW:
        this.#setExtra(this.#extra?.underlineColor ?? 0, this.#newLink());
        break;
      case MARK:
        row.mark = reader.count(MAX_MARK, 'a mark');
        break;
      case PEN_DEFAULT:
        this.#fg = 0;
        this.#bg = 0;
        this.#extra = undefined;
        break;
      case FG_DEFAULT:
        this.#setFg(0);
        break;
      case FG_PALETTE:
        this.#setFg(COLOR_PALETTE | reader.u8());
        break;
      case FG_RGB:
        this.#setFg(COLOR_RGB | (reader.u8() << 16) | reader.u16());
        break;
      case BG_DEFAULT:
        this.#setBg(0);
        break;
      case BG_PALETTE:
        this.#setBg(COLOR_PALETTE | reader.u8());
        break;
      case BG_RGB:
        this.#setBg(COLOR_RGB | (reader.u8() << 16) | reader.u16());
        break;
      case ATTRIBUTES:
        this.#setAttributes(reader.count(ATTRIBUTES_MAX, 'attributes'));
        break;
      default:
        if (token < FG_FIRST || token >= FG_FIRST + FG_FIRST_COUNT) throw unknown(token);
        this.#setFg(COLOR_PALETTE | (token - FG_FIRST));
    }
  }

  #count(): number {
    const count = this.#reader.count(MAX_SIDE, 'a number of cells');
    if (count === 0) throw new DecodeError('Cannot read a number of cells: it is 0');
    return count;
  }

  #skip(count: number): void {
    this.#col += count;
    if (this.#row === undefined || this.#col >= this.#row.cols) {
      throw new DecodeError('Cannot skip cells: the row has ended');
    }
  }

  #setFg(color: number): void {
    this.#fg = ((this.#fg & ~COLOR) | color) >>> 0;
  }

  #setBg(color: number): void {
    this.#bg = ((this.#bg & ~COLOR) | color) >>> 0;
  }

  #setAttributes(attributes: number): void {
    const below = attributes & FG_ATTRIBUTES;
    const above = attributes >> FG_ATTRIBUTE_BITS;
    if ((above & UNDERLINE_STYLES) > UNDERLINE_STYLE_MAX) {
      throw new DecodeError('Cannot read attributes: unknown underline style');
    }
    this.#fg = ((this.#fg & COLOR) | (below << UNDERLINE_SHIFT)) >>> 0;
    this.#bg = ((this.#bg & COLOR) | (above << UNDERLINE_SHIFT)) >>> 0;
  }

  #setExtra(underlineColor: number, link: Link | undefined): void {
    this.#extra = underlineColor === 0 && link === undefined ? undefined : { underlineColor, link };
  }

  #link(place: number): Link {
    const link = this.#links[place];
    if (link === undefined) throw new DecodeError(`Cannot set a link: ${place} have not been named`);
    return link;
  }

  #newLink(): Link {
    const id = readAscii(this.#reader, MAX_LINK_ID, "a link's id");
    const uri = readAscii(this.#reader, MAX_LINK_URI, "a link's address");
    if (uri === '') throw new DecodeError("Cannot read a link's address: it is empty");
    const link = { id, uri };
    this.#links.push(link);
    return link;
  }

  /** Gives the cells `from` to `to` - 1 what the words of a cell have no room for. */
  #extend(row: Row, from: number, to: number): void {
    const extra = this.#extra;
    if (extra === undefined && row.extras === undefined) return;
    row.extras ??= new Columns();
    for (let col = from; col < to; col++) {
      if (extra === undefined) row.extras.delete(col);
      else row.extras.set(col, extra);
    }
  }

  /** The background word to write. */
  get #background(): number {
    return this.#extra === undefined ? this.#bg : (this.#bg | EXTENDED) >>> 0;
  }

  #writeCluster(row: Row): void {
    const text = readText(this.#reader, MAX_CLUSTER, 'the text of a cell');
    const codePoint = text.codePointAt(0);
    if (codePoint === undefined) throw new DecodeError('Cannot read the text of a cell: it is empty');
    const wide = this.#wide ? WIDE : 0;
    if (text.length === String.fromCodePoint(codePoint).length) this.#write(row, codePoint | wide, undefined);
    else this.#write(row, codePoint | wide | CLUSTER, text);
  }

  #write(row: Row, content: number, cluster: string | undefined): void {
    const { cells, clusters } = row;
    const col = this.#col;
    const width = (content & WIDE) === 0 ? 1 : 2;
    const i = col * CELL_WORDS;
    if (i + width * CELL_WORDS > cells.length) throw new DecodeError('Cannot write a character: the row has ended');
    if (this.changedFrom < 0) this.changedFrom = col;
    cells[i] = content;
    cells[i + 1] = this.#fg;
    cells[i + 2] = this.#background;
    if (width === 2) {
      cells[i + CELL_WORDS] = TAIL;
      cells[i + CELL_WORDS + 1] = this.#fg;
      cells[i + CELL_WORDS + 2] = this.#background;
      clusters?.delete(col + 1);
    }
    if (cluster !== undefined) {
      row.clusters ??= new Columns();
      row.clusters.set(col, cluster);
    } else {
      clusters?.delete(col);
    }
    this.#extend(row, col, col + width);
    this.#content = content;
    this.#cluster = cluster;
    this.#col = col + width;
    this.changedTo = this.#col;
  }

  #erase(row: Row, count: number): void {
    const { cells, clusters } = row;
    const end = this.#col + count;
    if (end > row.cols) throw new DecodeError('Cannot erase cells: the row has ended');
    if (this.changedFrom < 0) this.changedFrom = this.#col;
    const background = this.#background;
    for (let col = this.#col; col < end; col++) {
      const i = col * CELL_WORDS;
      cells[i] = 0;
      cells[i + 1] = this.#fg;
      cells[i + 2] = background;
      clusters?.delete(col);
    }
    this.#extend(row, this.#col, end);
    this.#col = end;
    this.changedTo = end;
  }
}

/** Throws unless every wide character of the row is whole: an edit may have written over half of one. */
function checkHalves(row: Row): void {
  const { cells } = row;
  let open = false;
  for (let i = 0; i < cells.length; i += CELL_WORDS) {
    const content = cells[i] ?? 0;
    if ((content === TAIL) !== open) throw new DecodeError('Cannot edit a row: it would hold half a wide character');
    open = (content & WIDE) !== 0;
  }
  if (open) throw new DecodeError('Cannot edit a row: its last cell would be half a wide character');
}

function unknown(token: number): DecodeError {
  return new DecodeError(`Cannot read a row: no token is ${token.toString(16)}`);
}
