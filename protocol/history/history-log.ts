/**
 * The lines of a history, kept as bytes (line-codec.ts) in blocks, by absolute number, oldest first. The oldest go when there are more
 * than the limit. Lines may be skipped: then a gap is in the log. Lines that a snapshot of the screen shares are kept for a while as rows,
 * too: that is how the sync finds that the other end has them already.
 */

import { assert } from '../assert.ts';
import type { Row } from '../screen/row.ts';
import { decodeLine, encodeLine, encodePlainLine } from './line-codec.ts';

/** Lines kept where nobody says otherwise. */
export const DEFAULT_SCROLLBACK = 10_000;
/** Most lines that can be asked for. */
export const MAX_SCROLLBACK = 1_000_000;
/** Most that all lines may take, in bytes, for a line of the limit on average. */
const BYTES_PER_LINE = 400;
const BLOCK_BYTES = 32_768;
/** Rows kept as such: the screens that a client may still be at are of no more. */
const SHARED_ROWS = 256;

interface Block {
  /** The number of its first line. */
  readonly first: number;
  bytes: Uint8Array;
  /** Where each line begins, and where the last ends. */
  readonly starts: number[];
}

export class HistoryLog {
  readonly #limit: number;
  #blocks: Block[] = [];
  #bytes = 0;
  #end = 0;
  #first = 0;
  readonly #shared = new Map<number, Row>();

  /** `limit`: lines kept, 0 to MAX_SCROLLBACK. */
  constructor(limit: number) {
    assert(limit >= 0 && limit <= MAX_SCROLLBACK, 'a history has a limit');
    this.#limit = limit;
  }

  /** One more than the newest line's number. */
  get end(): number {
    return this.#end;
  }

  /** The oldest line that may be here. */
  get first(): number {
    return this.#first;
  }

  /** Appends a line. The row stays the caller's, unless it is frozen. `used`: from this column on all cells are erased. */
  push(row: Row, used: number = row.cols): void {
    const number = this.#end++;
    if (this.#limit > 0) this.#store(row, used, number);
    else this.#first = this.#end;
    if (!row.frozen) return;
    this.#shared.set(number, row);
    if (this.#shared.size > SHARED_ROWS) {
      for (const oldest of this.#shared.keys()) {
        this.#shared.delete(oldest);
        break;
      }
    }
  }

  /** Appends a line as `bytesOf` gives it. Throws DecodeError when it is none. */
  pushBytes(bytes: Uint8Array): void {
    this.push(decodeLine(bytes));
  }

  /** Leaves out the lines up to `number`, which is the next. */
  skipTo(number: number): void {
    if (number > this.#end) this.#end = number;
    if (this.#blocks.length === 0) this.#first = this.#end;
  }

  /** Forgets all lines; the numbers go on. */
  clear(): void {
    this.#blocks = [];
    this.#bytes = 0;
    this.#first = this.#end;
    this.#shared.clear();
  }

  /** The very row that left the screen as this line, if a snapshot had it and it is one of the newest. */
  shared(number: number): Row | undefined {
    return this.#shared.get(number);
  }

  /** The line; undefined if it is not here. */
  line(number: number): Row | undefined {
    const bytes = this.bytesOf(number);
    return bytes && decodeLine(bytes);
  }

  /** The line's bytes, a view; undefined if it is not here. */
  bytesOf(number: number): Uint8Array | undefined {
    if (number < this.#first || number >= this.#end) return undefined;
    const block = this.#blockOf(number);
    if (block === undefined) return undefined;
    const index = number - block.first;
    const [from, to] = [block.starts[index], block.starts[index + 1]];
    return from === undefined || to === undefined ? undefined : block.bytes.subarray(from, to);
  }

  /** The first line from `number` on that is here; `end` if none is. */
  nextLine(number: number): number {
    const from = Math.max(number, this.#first);
    for (const block of this.#blocks) {
      if (from < block.first + linesOf(block)) return Math.max(from, block.first);
    }
    return this.#end;
  }

  /** The bytes that the lines `from` to `to` - 1 take here. */
  size(from: number, to: number): number {
    let bytes = 0;
    for (const { first, starts } of this.#blocks) {
      const low = starts[Math.max(0, from - first)];
      const high = starts[Math.min(starts.length - 1, to - first)];
      if (low !== undefined && high !== undefined && high > low) bytes += high - low;
    }
    return bytes;
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
    this.#first = Math.max(this.#first, this.#end - this.#limit);
    this.#drop();
  }

  #open(number: number): Block {
    const block = { first: number, bytes: new Uint8Array(BLOCK_BYTES), starts: [0] };
    const last = this.#blocks.at(-1);
    // A block that a gap has ended gives back what it did not use.
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
      if (oldest.first + linesOf(oldest) > this.#first && !isOver) return;
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
