/**
 * The other half of diff.ts: a screen and the bytes of a difference make the new screen (SPEC.md §9).
 *
 * The bytes come from a peer that holds the session's keys, and are checked all the same: what comes out is a valid screen, whose
 * texts cannot hold a control character, or a DecodeError. Each row is made once and no larger than the new width, so time and
 * memory are bounded by the length of the diff and the size of the screen it announces.
 */

import { DecodeError, Reader } from '../bytes.ts';
import {
  BLANK,
  COPY,
  CURSOR_AFTER,
  CURSOR_AT,
  CURSOR_BITS,
  CURSOR_GIVEN,
  EDIT_FROM,
  fitRows,
  frozenBlank,
  HAS_BELLS,
  HAS_ICON_TITLE,
  HAS_MODES,
  HAS_MORE,
  HAS_SHAPE,
  HAS_SIZE,
  HAS_TITLE,
  KEEP,
} from './diff-format.ts';
import {
  MODES_MASK,
  MOUSE_ENCODING_MASK,
  MOUSE_ENCODING_SHIFT,
  MOUSE_TRACKING_MASK,
  MOUSE_TRACKING_SHIFT,
  OTHER_KEYS_MASK,
  OTHER_KEYS_SHIFT,
} from './modes.ts';
import { readText } from './printable.ts';
import { readProperties } from './properties-codec.ts';
import { blankRow, type Row } from './row.ts';
import { RowDecoder } from './row-decoder.ts';
import { MAX_SIDE, MAX_TITLE, type Screen } from './screen.ts';

const MAX_SHAPE = 6;
const MORE_MASK = (1 << 7) - 1;
const MAX_OTHER_KEYS = 2;
const MAX_MOUSE_TRACKING = 4;
const MAX_MOUSE_ENCODING = 4;
const MAX_BELLS = 0xffff_ffff;

/**
 * The screen that `diff` makes of `base`. Rows that did not change, or only moved, are the base's own objects; all are frozen.
 * Throws DecodeError when the bytes are malformed or do not fit the base.
 */
export function patchScreen(base: Screen, diff: Uint8Array): Screen {
  const reader = new Reader(diff);
  const flags = reader.u8();
  let { cols, cursorRow, cursorCol, cursorShape, modes, title, iconTitle, bells, properties } = base;
  let height = base.rows.length;
  if ((flags & HAS_SIZE) !== 0) {
    cols = readSide(reader);
    height = readSide(reader);
  }
  const cursor = flags & CURSOR_BITS;
  if (cursor === CURSOR_GIVEN) {
    cursorRow = reader.varint();
    cursorCol = reader.varint();
  }
  if ((flags & HAS_MODES) !== 0) modes = readModes(reader);
  if ((flags & HAS_TITLE) !== 0) title = readText(reader, MAX_TITLE, 'a title');
  if ((flags & HAS_ICON_TITLE) !== 0) iconTitle = readText(reader, MAX_TITLE, 'an icon title');
  if ((flags & HAS_BELLS) !== 0) bells = (bells + reader.count(MAX_BELLS, 'bells')) >>> 0;
  if ((flags & HAS_MORE) !== 0) {
    const more = reader.u8();
    if (more === 0 || more > MORE_MASK) throw new DecodeError(`Cannot read a screen: ${more} has unknown parts`);
    if ((more & HAS_SHAPE) !== 0) cursorShape = readShape(reader);
    if (more > HAS_SHAPE) properties = readProperties(reader, more, properties);
  }

  const patch = new RowsPatch(fitRows(base.rows, cols, height), cols, height, reader);
  const rows = patch.rows();
  if (cursor === CURSOR_AFTER || cursor === CURSOR_AT) {
    if (patch.changedFrom < 0)
      throw new DecodeError('Cannot place the cursor: the last edited row has no changed cell');
    cursorRow = patch.edited;
    cursorCol = cursor === CURSOR_AT ? patch.changedFrom : Math.min(patch.changedTo, cols - 1);
  }
  if (cursorRow >= height || cursorCol >= cols) throw new DecodeError('Cannot place the cursor: it is off the screen');
  return { cols, rows, cursorRow, cursorCol, cursorShape, modes, title, iconTitle, bells, properties };
}

function readShape(reader: Reader): number {
  const shape = reader.u8();
  if (shape > MAX_SHAPE) throw new DecodeError(`Cannot read a cursor shape: ${shape} is none`);
  return shape;
}

function readSide(reader: Reader): number {
  const side = reader.count(MAX_SIDE, 'the size of a screen');
  if (side === 0) throw new DecodeError('Cannot read the size of a screen: a side is 0');
  return side;
}

function readModes(reader: Reader): number {
  const modes = reader.u32();
  const tracking = (modes & MOUSE_TRACKING_MASK) >> MOUSE_TRACKING_SHIFT;
  const encoding = (modes & MOUSE_ENCODING_MASK) >> MOUSE_ENCODING_SHIFT;
  const otherKeys = (modes & OTHER_KEYS_MASK) >> OTHER_KEYS_SHIFT;
  const isMouse = tracking <= MAX_MOUSE_TRACKING && encoding <= MAX_MOUSE_ENCODING;
  if ((modes & ~MODES_MASK) !== 0 || !isMouse || otherKeys > MAX_OTHER_KEYS) {
    throw new DecodeError(`Cannot read modes: ${modes.toString(16)} has unknown ones`);
  }
  return modes;
}

/** Reads the row operations of one diff. */
class RowsPatch {
  /** The last edited row, -1 before there is one, and what of it was written. */
  edited = -1;
  changedFrom = -1;
  changedTo = -1;

  readonly #base: readonly Row[];
  readonly #cols: number;
  readonly #height: number;
  readonly #reader: Reader;
  readonly #rows: Row[] = [];

  constructor(base: readonly Row[], cols: number, height: number, reader: Reader) {
    this.#base = base;
    this.#cols = cols;
    this.#height = height;
    this.#reader = reader;
  }

  rows(): readonly Row[] {
    const reader = this.#reader;
    if (reader.left === 0 && this.#base.length === this.#height) return this.#base;
    const decoder = new RowDecoder(reader);
    while (reader.left > 0) {
      const operation = reader.varint();
      if (operation % 2 === 0) {
        this.#copy(operation / 2, this.#rows.length);
        this.#edit(decoder, this.#rows.length + 1);
      } else {
        this.#operate(operation, decoder);
      }
    }
    this.#copy(this.#height - this.#rows.length, this.#rows.length);
    return this.#rows;
  }

  #operate(operation: number, decoder: RowDecoder): void {
    const count = Math.floor(operation / 8);
    const kind = operation % 8;
    if (kind !== EDIT_FROM && count === 0) throw new DecodeError('Cannot read a row operation: it is about no row');
    switch (kind) {
      case KEEP:
        this.#copy(count, this.#rows.length);
        break;
      case COPY:
        this.#copy(count, this.#reader.varint());
        break;
      case BLANK: {
        this.#room(count);
        const blank = frozenBlank(this.#cols);
        for (let i = 0; i < count; i++) this.#rows.push(blank);
        break;
      }
      default:
        this.#edit(decoder, count);
    }
  }

  #copy(count: number, source: number): void {
    this.#room(count);
    for (let i = 0; i < count; i++) this.#rows.push(this.#baseRow(source + i));
  }

  /** Makes one row from the base row `source - 1`, or from an empty one if `source` is 0. */
  #edit(decoder: RowDecoder, source: number): void {
    this.#room(1);
    const row = source === 0 ? blankRow(this.#cols) : this.#baseRow(source - 1).thaw();
    decoder.edit(row);
    row.frozen = true;
    this.edited = this.#rows.length;
    this.changedFrom = decoder.changedFrom;
    this.changedTo = decoder.changedTo;
    this.#rows.push(row);
  }

  #baseRow(index: number): Row {
    const row = this.#base[index];
    if (row === undefined) throw new DecodeError(`Cannot copy row ${index}: the base has ${this.#base.length}`);
    return row;
  }

  #room(count: number): void {
    if (this.#rows.length + count > this.#height) throw new DecodeError('Cannot add a row: the screen is full');
  }
}
