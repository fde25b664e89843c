/**
 * The difference of two screens, as bytes from which `patchScreen` makes the second out of the first (SPEC.md §9).
 *
 * Rows that are one object in both screens cost a pointer comparison, so the price of a small change hardly depends on the
 * size of the screen. Where several rows changed, those that only moved are found by identity, then by content, and sent as
 * copies; the others are edited from whichever row is nearest: the one in their place, the one that moved with their neighbours,
 * or an empty one.
 */

import { assert } from '../assert.ts';
import { Writer } from '../bytes.ts';
import { CELL_WORDS } from './cell.ts';
import {
  BLANK,
  COPY,
  CURSOR_AFTER,
  CURSOR_AT,
  CURSOR_GIVEN,
  CURSOR_SAME,
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
import { writeText } from './printable.ts';
import { propertyFlags, writeProperties } from './properties-codec.ts';
import { equalRows, type Row } from './row.ts';
import { firstDifference, lastDifference } from './row-difference.ts';
import { RowEncoder } from './row-encoder.ts';
import type { Screen } from './screen.ts';

/** From this many changed rows on, rows that moved are also looked for by content: programs that scroll by rewriting. */
const CONTENT_SEARCH_MIN_ROWS = 4;
/** An edit of the row in place that spans at most this many cells is taken without looking for a nearer row. */
const NEAR_ENOUGH = 4;

// A diff is made in one synchronous call, so all of them share their buffers.
const head = new Writer();
const body = new Writer();
const rowEncoder = new RowEncoder(body);

/**
 * The bytes that `patchScreen(from, …)` turns into `to`. Both screens are valid: every TAIL follows its WIDE and has its colours,
 * `clusters` holds exactly the cells with CLUSTER and `extras` those with EXTENDED, texts hold no control characters.
 */
export function diffScreens(from: Screen, to: Screen): Uint8Array {
  head.clear();
  body.clear();
  rowEncoder.reset();
  const height = to.rows.length;
  const resized = from.cols !== to.cols || from.rows.length !== height;
  const edited = writeRows(resized ? fitRows(from.rows, to.cols, height) : from.rows, to.rows);

  const cursor = cursorFlag(from, to, edited);
  const bells = (to.bells - from.bells) >>> 0;
  const shape = to.cursorShape === from.cursorShape ? 0 : HAS_SHAPE;
  const more = shape | propertyFlags(from.properties, to.properties);
  head.u8(
    cursor |
      (resized ? HAS_SIZE : 0) |
      (to.modes !== from.modes ? HAS_MODES : 0) |
      (to.title !== from.title ? HAS_TITLE : 0) |
      (to.iconTitle !== from.iconTitle ? HAS_ICON_TITLE : 0) |
      (bells !== 0 ? HAS_BELLS : 0) |
      (more !== 0 ? HAS_MORE : 0),
  );
  if (resized) {
    head.varint(to.cols);
    head.varint(height);
  }
  if (cursor === CURSOR_GIVEN) {
    head.varint(to.cursorRow);
    head.varint(to.cursorCol);
  }
  if (to.modes !== from.modes) head.u32(to.modes);
  if (to.title !== from.title) writeText(head, to.title);
  if (to.iconTitle !== from.iconTitle) writeText(head, to.iconTitle);
  if (bells !== 0) head.varint(bells);
  if (more !== 0) {
    head.u8(more);
    if (shape !== 0) head.u8(to.cursorShape);
    writeProperties(head, more, from.properties, to.properties);
  }
  head.append(body);
  return head.finish();
}

/** How the diff says where the cursor is. `edited` is the last edited row, -1 if none. */
function cursorFlag(from: Screen, to: Screen, edited: number): number {
  if (from.cursorRow === to.cursorRow && from.cursorCol === to.cursorCol) return CURSOR_SAME;
  if (edited === to.cursorRow && rowEncoder.changedFrom >= 0) {
    if (to.cursorCol === Math.min(rowEncoder.changedTo, to.cols - 1)) return CURSOR_AFTER;
    if (to.cursorCol === rowEncoder.changedFrom) return CURSOR_AT;
  }
  return CURSOR_GIVEN;
}

/** Writes the operations that make `to` out of `base`. Returns the index of the last edited row, -1 if none is. */
function writeRows(base: readonly Row[], to: readonly Row[]): number {
  let first = 0;
  while (first < to.length && to[first] === base[first]) first++;
  if (first === to.length) return -1;
  let last = to.length - 1;
  while (to[last] === base[last]) last--;

  const cols = rowAt(to, first).cols;
  let moved: MovedRows | undefined;
  let blank: Row | undefined;
  let edited = -1;
  // Where the END of the last edited row is in the body.
  let endAt = -1;
  // The operation being gathered: `count` rows to keep, blank, or copy from `source` on.
  let operation = KEEP;
  let count = first;
  let source = 0;
  let offset = 0;
  for (let i = first; i <= last; i++) {
    const row = rowAt(to, i);
    const inPlace = rowAt(base, i);
    if (operation === COPY && isSame(row, base[source + count])) {
      count++;
      continue;
    }
    const from = row === inPlace ? cols : firstDifference(inPlace, row);
    let wanted = EDIT_FROM;
    let found = -1;
    if (from === cols && row.wrapped === inPlace.wrapped && row.mark === inPlace.mark) {
      wanted = KEEP;
    } else if (isBlank(row)) {
      wanted = BLANK;
    } else if (last > first) {
      moved ??= new MovedRows(base, to, first, last);
      found = moved.find(row);
      if (found >= 0) wanted = COPY;
    }
    if (wanted !== EDIT_FROM) {
      // A copy that could go on has done so above.
      if (wanted !== operation || wanted === COPY) {
        writeOperation(operation, count, source);
        operation = wanted;
        count = 0;
        source = found;
        if (wanted === COPY) offset = found - i;
      }
      count++;
      continue;
    }

    const until = lastDifference(inPlace, row);
    const near = until - from < NEAR_ENOUGH ? i : nearest(row, base, i, offset);
    if (near === i) {
      if (operation !== KEEP) {
        writeOperation(operation, count, source);
        count = 0;
      }
      body.varint(count * 2);
      endAt = rowEncoder.edit(inPlace, row, from, until) ? body.length - 1 : -1;
    } else {
      writeOperation(operation, count, source);
      body.varint(((near + 1) << 3) | EDIT_FROM);
      blank ??= frozenBlank(cols);
      const origin = near < 0 ? blank : rowAt(base, near);
      endAt = rowEncoder.edit(origin, row, firstDifference(origin, row), lastDifference(origin, row))
        ? body.length - 1
        : -1;
    }
    edited = i;
    operation = KEEP;
    count = 0;
  }
  if (operation !== KEEP) writeOperation(operation, count, source);
  // The end of the diff ends its last row as well.
  if (endAt >= 0 && endAt === body.length - 1) body.truncate(endAt);
  return edited;
}

function writeOperation(operation: number, count: number, source: number): void {
  if (count === 0) return;
  body.varint((count << 3) | operation);
  if (operation === COPY) body.varint(source);
}

function isSame(row: Row, other: Row | undefined): boolean {
  return other !== undefined && (row === other || equalRows(row, other));
}

function isBlank(row: Row): boolean {
  if (row.wrapped || row.mark !== 0) return false;
  const { cells } = row;
  for (let i = 0; i < cells.length; i++) if (cells[i] !== 0) return false;
  return true;
}

/** The index of the base row from which the fewest cells are to be written; -1 for an empty one. */
function nearest(row: Row, base: readonly Row[], index: number, offset: number): number {
  let best = index;
  let least = editCost(row, rowAt(base, index), Number.POSITIVE_INFINITY);
  const beside = offset === 0 ? undefined : base[index + offset];
  if (beside !== undefined) {
    const cost = editCost(row, beside, least);
    if (cost < least) {
      best = index + offset;
      least = cost;
    }
  }
  return fillCost(row, least) < least ? -1 : best;
}

/** Tokens for the cells to erase, however many. */
const ERASE_COST = 2;

/** About how many bytes it takes to make `row` out of `base`; stops counting at `limit`. */
function editCost(row: Row, base: Row, limit: number): number {
  const wanted = row.cells;
  const { cells } = base;
  let cost = 0;
  let erases = 0;
  for (let i = 0; i < wanted.length && cost + erases < limit; i += CELL_WORDS) {
    if (wanted[i] === cells[i] && wanted[i + 1] === cells[i + 1] && wanted[i + 2] === cells[i + 2]) continue;
    if (wanted[i] === 0) erases = ERASE_COST;
    else cost++;
  }
  return cost + erases;
}

/** The same from an empty row. */
function fillCost(row: Row, limit: number): number {
  const wanted = row.cells;
  let cost = 0;
  let erases = 0;
  for (let i = 0; i < wanted.length && cost + erases < limit; i += CELL_WORDS) {
    if (wanted[i] !== 0) cost++;
    else if (wanted[i + 1] !== 0 || wanted[i + 2] !== 0) erases = ERASE_COST;
  }
  return cost + erases;
}

function rowAt(rows: readonly Row[], index: number): Row {
  const row = rows[index];
  assert(row !== undefined, 'a screen has all of its rows');
  return row;
}

/** Finds where in the base a row of the new screen stood: the same object, or, where much changed, the same content. */
class MovedRows {
  readonly #base: readonly Row[];
  readonly #byIdentity = new Map<Row, number>();
  readonly #byContent: Map<number, number> | undefined;

  constructor(base: readonly Row[], to: readonly Row[], first: number, last: number) {
    this.#base = base;
    for (let i = base.length - 1; i >= 0; i--) this.#byIdentity.set(rowAt(base, i), i);
    let strangers = 0;
    for (let i = first; i <= last; i++) if (!this.#byIdentity.has(rowAt(to, i))) strangers++;
    if (strangers < CONTENT_SEARCH_MIN_ROWS) return;
    this.#byContent = new Map();
    for (let i = base.length - 1; i >= 0; i--) this.#byContent.set(fingerprint(rowAt(base, i)), i);
  }

  /** An index in the base, or -1. */
  find(row: Row): number {
    const identical = this.#byIdentity.get(row);
    if (identical !== undefined) return identical;
    const alike = this.#byContent?.get(fingerprint(row));
    return alike !== undefined && isSame(row, this.#base[alike]) ? alike : -1;
  }
}

/** Cells that a fingerprint looks at. Every row that it finds is compared in full. */
const FINGERPRINT_CELLS = 20;

function fingerprint(row: Row): number {
  const { cells } = row;
  const stride = Math.max(1, Math.floor(row.cols / FINGERPRINT_CELLS)) * CELL_WORDS;
  let hash = 0;
  for (let i = 0; i < cells.length; i += stride) hash = (Math.imul(hash, 31) + (cells[i] ?? 0)) | 0;
  return hash;
}
