/**
 * Lines of a history kept as bytes (line-codec.ts) in blocks, by absolute number, oldest first. The oldest go when there are more than the
 * limit. Lines may be skipped: then a gap is between blocks, and may be filled later.
 */

import type { Row } from '../screen/row.ts';
import type { Range } from '../sync/ranges.ts';
import { encodeLine, encodePlainLine } from './line-codec.ts';

/** Most that all lines may take, in bytes, for a line of the limit on average. */
const BYTES_PER_LINE = 400;
const BLOCK_BYTES = 32_768;
interface Block {
  /** The number of its first line. */
  readonly first: number;
  bytes: Uint8Array;
  /** Where each line begins, and where the last ends. */
  readonly starts: number[];
}

export class LineBlocks {
  readonly #limit: number;
  #blocks: Block[] = [];
  #bytes = 0;
  #end = 0;
  #first = 0;

  /** `limit`: lines kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** One more than the newest line's number. */
  get end(): number {
    return this.#end;
  }

  /** The oldest line that may be here, or come here. */
  get first(): number {
    return this.#first;
  }

  /** Appends a line. `used`: from this column on all cells are erased. */
  push(row: Row, used: number): void {
    const number = this.#end++;
    if (this.#limit > 0) this.#store(row, used, number);
    else this.#first = this.#end;
  }

  /** Leaves out the lines up to `number`, which is the next. */
  skipTo(number: number): void {
    if (number <= this.#end) return;
    this.#end = number;
    this.#first = Math.max(this.#first, number - this.#limit);
    this.#drop();
  }

  /** Fills a gap, or a part of one, with lines as `bytesOf` gives them; those that are here already, or are too old, are left out. */
  fill(first: number, lines: readonly Uint8Array[]): void {
    for (let at = 0; at < lines.length; ) {
      const from = Math.max(first + at, this.#first);
      const gap = this.#gapAt(from);
      const to = Math.min(gap?.to ?? from + 1, first + lines.length);
      if (gap !== undefined && from < to) this.#insert(from, lines.slice(from - first, to - first));
      at = to - first;
    }
  }

  /** The newest gap among the lines that are kept. */
  get newestGap(): Range | undefined {
    for (let index = this.#blocks.length; index >= 0; index--) {
      const gap = this.#gapBefore(index);
      if (gap.from < gap.to) return gap;
    }
    return undefined;
  }

  /** Forgets all lines; `next` is the next. */
  clear(next: number): void {
    this.#blocks = [];
    this.#bytes = 0;
    this.#end = next;
    this.#first = next;
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
    const index = this.#indexOf(from);
    const block = this.#blocks[index];
    if (block !== undefined && from < endOf(block)) return from;
    return this.#blocks[index + 1]?.first ?? this.#end;
  }

  /** The last line before `number` that is here; -1 if none is. */
  lineBefore(number: number): number {
    const block = this.#blocks[this.#indexOf(number - 1)];
    const last = block === undefined ? -1 : Math.min(number, endOf(block)) - 1;
    return last < this.#first ? -1 : last;
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
    if (block === undefined || endOf(block) !== number) block = this.#open(number);
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
    this.#blocks.push(block);
    return block;
  }

  /** Drops the blocks of which no line is wanted any more. */
  #drop(): void {
    let oldest = this.#blocks[0];
    while (oldest !== undefined && this.#blocks.length > 1) {
      const isOver = this.#bytes > this.#limit * BYTES_PER_LINE + BLOCK_BYTES;
      if (endOf(oldest) > this.#first && !isOver) return;
      this.#bytes -= oldest.starts.at(-1) ?? 0;
      this.#first = Math.max(this.#first, endOf(oldest));
      this.#blocks.shift();
      oldest = this.#blocks[0];
    }
  }

  #blockOf(number: number): Block | undefined {
    const block = this.#blocks[this.#indexOf(number)];
    return block !== undefined && number < endOf(block) ? block : undefined;
  }

  /** The index of the last block that begins at `number` or before; -1 if none does. */
  #indexOf(number: number): number {
    let low = -1;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#blocks[middle]?.first ?? 0) <= number) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The gap that the line is in. */
  #gapAt(number: number): Range | undefined {
    if (number < this.#first || number >= this.#end) return undefined;
    const gap = this.#gapBefore(this.#indexOf(number) + 1);
    return number >= gap.from && number < gap.to ? gap : undefined;
  }

  /** What is missing between the block at `index` and the one before it. */
  #gapBefore(index: number): Range {
    const before = this.#blocks[index - 1];
    return {
      from: Math.max(this.#first, before === undefined ? 0 : endOf(before)),
      to: this.#blocks[index]?.first ?? this.#end,
    };
  }

  /** Puts a block of its own into a gap. */
  #insert(first: number, lines: readonly Uint8Array[]): void {
    const starts = [0];
    for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length);
    const bytes = new Uint8Array(starts.at(-1) ?? 0);
    for (const [i, line] of lines.entries()) bytes.set(line, starts[i]);
    this.#blocks.splice(this.#indexOf(first) + 1, 0, { first, bytes, starts });
    this.#bytes += bytes.length;
    this.#drop();
  }
}

function linesOf(block: Block): number {
  return block.starts.length - 1;
}

function endOf(block: Block): number {
  return block.first + linesOf(block);
}
