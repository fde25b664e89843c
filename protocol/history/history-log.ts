/**
 * The lines of a history, by absolute number, oldest first: the newest as the rows that left the screen, all others as bytes
 * (line-codec.ts) in blocks, a tenth of that. The oldest go when there are more than the limit. Lines may be skipped: then a gap is in the log.
 *
 * A flood leaves more lines in a second than are ever looked at. So rows are handed over and not copied, a spare one is given for each, and
 * they are made into bytes when there is time for it (`compact`): of a flood, only its end ever is.
 */

import { assert } from '../assert.ts';
import type { Row } from '../screen/row.ts';
import type { Range } from '../sync/ranges.ts';
import { LineBlocks } from './line-blocks.ts';
import { decodeLine, encodeLine } from './line-codec.ts';

/** Lines kept where nobody says otherwise. */
export const DEFAULT_SCROLLBACK = 10_000;
/** Most lines that can be asked for. */
export const MAX_SCROLLBACK = 1_000_000;
/** Rows that stay rows: clients that are behind by no more lines are told that they have them (`shared`). */
const ROWS_KEPT = 256;
/** Cells that rows may have together before the oldest are made into bytes at once: 19 MB. */
const CELLS_MAX = 1_600_000;

export class HistoryLog {
  /** Of the row that `exchange` gave last: from this column on all cells are erased. */
  spareUsed = 0;

  readonly #limit: number;
  readonly #lazy: boolean;
  /** The older lines, up to the first row of `#rows`. */
  readonly #blocks: LineBlocks;
  /** The newest lines, in a ring that grows: the oldest at `#head`. */
  #rows: (Row | undefined)[] = new Array(ROWS_KEPT).fill(undefined);
  #used = new Uint16Array(ROWS_KEPT);
  #head = 0;
  #rowCount = 0;
  #cells = 0;
  #end = 0;

  /** `limit`: lines kept, 0 to MAX_SCROLLBACK. `lazy`: its owner calls `compact` when there is time. */
  constructor(limit: number, options: { readonly lazy?: boolean } = {}) {
    assert(limit >= 0 && limit <= MAX_SCROLLBACK, 'a history has a limit');
    this.#limit = limit;
    this.#blocks = new LineBlocks(limit);
    this.#lazy = options.lazy === true;
  }

  /** One more than the newest line's number. */
  get end(): number {
    return this.#end;
  }

  /** The oldest line that may be here, or come here. */
  get first(): number {
    return Math.max(this.#blocks.first, this.#end - this.#limit);
  }

  /** Whether `compact` has something to do. */
  get isLarge(): boolean {
    return this.#rowCount > ROWS_KEPT;
  }

  /** Appends a line, whose row is the log's from now on. `used`: from this column on all cells are erased. */
  push(row: Row, used: number = row.cols): void {
    this.exchange(row, used);
  }

  /** The same; gives a row of the same width to be written anew, if the log has one to spare (`spareUsed`). */
  exchange(row: Row, used: number): Row | undefined {
    this.#end++;
    if (this.#rowCount === this.#rows.length) this.#grow();
    const place = (this.#head + this.#rowCount) % this.#rows.length;
    this.#rows[place] = row;
    this.#used[place] = used;
    this.#rowCount++;
    this.#cells += row.cols;
    if (this.#rowCount <= ROWS_KEPT) return undefined;
    if (this.#rowCount > Math.max(this.#limit, ROWS_KEPT)) return this.#spare(row.cols);
    if (!this.#lazy || this.#cells > CELLS_MAX) this.compact(1);
    return undefined;
  }

  /** Appends a line as `bytesOf` gives it. Throws DecodeError when it is none. */
  pushBytes(bytes: Uint8Array): void {
    this.push(decodeLine(bytes));
  }

  /** Makes at most `count` of the older rows into bytes. */
  compact(count: number): void {
    for (let left = count; left > 0 && this.#rowCount > ROWS_KEPT; left--) this.#keepOldest();
  }

  /** Leaves out the lines up to `number`, which is the next. */
  skipTo(number: number): void {
    if (number <= this.#end) return;
    // Blocks know of gaps, rows do not.
    while (this.#rowCount > 0) this.#keepOldest();
    this.#end = number;
    this.#blocks.skipTo(number);
  }

  /** Fills a gap, or a part of one, with lines as `bytesOf` gives them; those that are here already, or are too old, are left out. */
  fill(first: number, lines: readonly Uint8Array[]): void {
    this.#blocks.fill(first, lines);
  }

  /** The newest gap among the lines that are kept. */
  get newestGap(): Range | undefined {
    const gap = this.#blocks.newestGap;
    return gap === undefined || gap.to <= this.first ? undefined : { from: Math.max(gap.from, this.first), to: gap.to };
  }

  /** Forgets all lines; the numbers go on. */
  clear(): void {
    this.#blocks.clear(this.#end);
    this.#rows.fill(undefined);
    this.#rowCount = 0;
    this.#cells = 0;
  }

  /** The very row that left the screen as this line, if a snapshot had it and it is one of the newest. */
  shared(number: number): Row | undefined {
    const row = this.#rowOf(number);
    return row?.frozen === true ? row : undefined;
  }

  /** The line; undefined if it is not here. */
  line(number: number): Row | undefined {
    const bytes = this.bytesOf(number);
    return bytes && decodeLine(bytes);
  }

  /** The line's bytes, a view; undefined if it is not here. */
  bytesOf(number: number): Uint8Array | undefined {
    if (number < this.first || number >= this.#end) return undefined;
    const row = this.#rowOf(number);
    if (row !== undefined) return encodeLine(row);
    return this.#blocks.bytesOf(number);
  }

  /** The first line from `number` on that is here; `end` if none is. */
  nextLine(number: number): number {
    const from = Math.max(number, this.first);
    return from < this.#blocks.end ? this.#blocks.nextLine(from) : Math.min(from, this.#end);
  }

  /** The last line before `number` that is here; -1 if none is. */
  lineBefore(number: number): number {
    const before = Math.min(number, this.#end);
    const last = before > this.#blocks.end ? before - 1 : this.#blocks.lineBefore(before);
    return last < this.first ? -1 : last;
  }

  /** About the bytes that the lines `from` to `to` - 1 take. */
  size(from: number, to: number): number {
    let bytes = this.#blocks.size(from, to);
    for (let at = Math.max(from, this.#end - this.#rowCount); at < Math.min(to, this.#end); at++) {
      bytes += this.#used[this.#placeOf(at)] ?? 0;
    }
    return bytes;
  }

  #placeOf(number: number): number {
    return (this.#head + number - (this.#end - this.#rowCount)) % this.#rows.length;
  }

  #rowOf(number: number): Row | undefined {
    return number < this.#end - this.#rowCount || number >= this.#end ? undefined : this.#rows[this.#placeOf(number)];
  }

  /** The oldest row, which is one too many, to be written anew; undefined if it is shared or of another width. */
  #spare(cols: number): Row | undefined {
    this.spareUsed = this.#used[this.#head] ?? 0;
    const row = this.#shift();
    this.#blocks.skipTo(this.#end - this.#rowCount);
    return row === undefined || row.frozen || row.cols !== cols ? undefined : row;
  }

  /** Makes the oldest row into bytes. */
  #keepOldest(): void {
    const used = this.#used[this.#head] ?? 0;
    const row = this.#shift();
    if (row !== undefined) this.#blocks.push(row, used);
  }

  #shift(): Row | undefined {
    const row = this.#rows[this.#head];
    this.#rows[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#rows.length;
    this.#rowCount--;
    this.#cells -= row?.cols ?? 0;
    return row;
  }

  #grow(): void {
    const rows: (Row | undefined)[] = new Array(2 * this.#rows.length).fill(undefined);
    const used = new Uint16Array(rows.length);
    for (let i = 0; i < this.#rowCount; i++) {
      const place = (this.#head + i) % this.#rows.length;
      rows[i] = this.#rows[place];
      used[i] = this.#used[place] ?? 0;
    }
    this.#rows = rows;
    this.#used = used;
    this.#head = 0;
  }
}
