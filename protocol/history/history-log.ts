/**
 * The lines of a history, by absolute number, oldest first: the newest as the rows that left the screen, all others as bytes
 * (line-codec.ts) in blocks, a tenth of that. The oldest go when there are more than the limit. Lines may be skipped: then a gap is in the log.
 *
 * A flood leaves more lines in a second than are ever looked at. So rows are handed over and not copied, a spare one is given for each, and
 * they are made into bytes when there is time for it (`compact`): of a flood, only its end ever is.
 */

import { assert } from '../assert.ts';
import type { Row } from '../screen/row.ts';
import { decodeLine, encodeLine, encodePlainLine } from './line-codec.ts';

/** Lines kept where nobody says otherwise. */
export const DEFAULT_SCROLLBACK = 10_000;
/** Most lines that can be asked for. */
export const MAX_SCROLLBACK = 1_000_000;
/** Most that all lines may take as bytes, for a line of the limit on average. */
const BYTES_PER_LINE = 400;
const BLOCK_BYTES = 32_768;
/** Rows that stay rows: clients that are behind by no more lines are told that they have them (`shared`). */
const ROWS_KEPT = 256;
/** Cells that rows may have together before the oldest are made into bytes at once: 19 MB. */
const CELLS_MAX = 1_600_000;

interface Block {
  /** The number of its first line. */
  readonly first: number;
  bytes: Uint8Array;
  /** Where each line begins, and where the last ends. */
  readonly starts: number[];
}

export class HistoryLog {
  /** Of the row that `exchange` gave last: from this column on all cells are erased. */
  spareUsed = 0;

  readonly #limit: number;
  readonly #lazy: boolean;
  #blocks: Block[] = [];
  #bytes = 0;
  /** The newest lines, in a ring that grows: the oldest at `#head`. */
  #rows: (Row | undefined)[] = new Array(ROWS_KEPT).fill(undefined);
  #used = new Uint16Array(ROWS_KEPT);
  #head = 0;
  #rowCount = 0;
  #cells = 0;
  #end = 0;
  #first = 0;

  /** `limit`: lines kept, 0 to MAX_SCROLLBACK. `lazy`: its owner calls `compact` when there is time. */
  constructor(limit: number, options: { readonly lazy?: boolean } = {}) {
    assert(limit >= 0 && limit <= MAX_SCROLLBACK, 'a history has a limit');
    this.#limit = limit;
    this.#lazy = options.lazy === true;
  }

  /** One more than the newest line's number. */
  get end(): number {
    return this.#end;
  }

  /** The oldest line that may be here. */
  get first(): number {
    return Math.max(this.#first, this.#end - this.#limit);
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
    for (let left = count; left > 0 && this.#rowCount > ROWS_KEPT; left--) {
      const number = this.#end - this.#rowCount;
      const used = this.#used[this.#head] ?? 0;
      const row = this.#shift();
      if (row !== undefined && number >= this.first) this.#store(row, used, number);
    }
  }

  /** Leaves out the lines up to `number`, which is the next. */
  skipTo(number: number): void {
    if (number <= this.#end) return;
    // Blocks know of gaps, rows do not.
    while (this.#rowCount > 0) {
      const line = this.#end - this.#rowCount;
      const used = this.#used[this.#head] ?? 0;
      const row = this.#shift();
      if (row !== undefined && line >= this.first) this.#store(row, used, line);
    }
    this.#end = number;
    if (this.#blocks.length === 0) this.#first = number;
  }

  /** Forgets all lines; the numbers go on. */
  clear(): void {
    this.#blocks = [];
    this.#bytes = 0;
    this.#rows.fill(undefined);
    this.#rowCount = 0;
    this.#cells = 0;
    this.#first = this.#end;
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
    const block = this.#blockOf(number);
    if (block === undefined) return undefined;
    const index = number - block.first;
    const [from, to] = [block.starts[index], block.starts[index + 1]];
    return from === undefined || to === undefined ? undefined : block.bytes.subarray(from, to);
  }

  /** The first line from `number` on that is here; `end` if none is. */
  nextLine(number: number): number {
    const from = Math.max(number, this.first);
    for (const block of this.#blocks) {
      if (from < block.first + linesOf(block)) return Math.max(from, block.first);
    }
    return Math.min(Math.max(from, this.#end - this.#rowCount), this.#end);
  }

  /** About the bytes that the lines `from` to `to` - 1 take. */
  size(from: number, to: number): number {
    let bytes = 0;
    for (const { first, starts } of this.#blocks) {
      const low = starts[Math.max(0, from - first)];
      const high = starts[Math.min(starts.length - 1, to - first)];
      if (low !== undefined && high !== undefined && high > low) bytes += high - low;
    }
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
    return row === undefined || row.frozen || row.cols !== cols ? undefined : row;
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

  #store(row: Row, used: number, number: number): void {
    let block = this.#blocks.at(-1);
    if (block === undefined || block.first + linesOf(block) !== number) block = this.#open(number);
    let at = block.starts.at(-1) ?? 0;
    let end = encodePlainLine(row, used, block.bytes, at);
    if (end < 0) {
      const bytes = encodeLine(row);
      if (at + bytes.length > block.bytes.length) {
        block = this.#open(number);
        at = 0;
      }
      block.bytes.set(bytes, at);
      end = at + bytes.length;
    }
    block.starts.push(end);
    this.#bytes += end - at;
    this.#drop();
  }

  #open(number: number): Block {
    const block = { first: number, bytes: new Uint8Array(BLOCK_BYTES), starts: [0] };
    const last = this.#blocks.at(-1);
    // A block that is full, or that a gap has ended, gives back what it did not use.
    if (last !== undefined) last.bytes = last.bytes.slice(0, last.starts.at(-1));
    else this.#first = Math.max(this.#first, number);
    this.#blocks.push(block);
    return block;
  }

  /** Drops the blocks of which no line is wanted any more. */
  #drop(): void {
    let oldest = this.#blocks[0];
    while (oldest !== undefined && this.#blocks.length > 1) {
      const isOver = this.#bytes > this.#limit * BYTES_PER_LINE + BLOCK_BYTES;
      if (oldest.first + linesOf(oldest) > this.first && !isOver) return;
      this.#bytes -= oldest.starts.at(-1) ?? 0;
      this.#first = Math.max(this.#first, oldest.first + linesOf(oldest));
      this.#blocks.shift();
      oldest = this.#blocks[0];
    }
  }

  #blockOf(number: number): Block | undefined {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#blocks[middle]?.first ?? 0) <= number) low = middle;
      else high = middle - 1;
    }
    const block = this.#blocks[low];
    return block !== undefined && number >= block.first && number < block.first + linesOf(block) ? block : undefined;
  }
}

function linesOf(block: Block): number {
  return block.starts.length - 1;
}
