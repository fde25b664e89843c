/**
 * The records of the history stream (SPEC.md §14), read as its bytes come, in any chunking.
 *
 * ```
 * varint first   varint count   varint length   `length` bytes: the lines, deflated or not as a difference is (§8)
 * a line         varint length   its bytes (line-codec.ts)
 * ```
 */

import { DecodeError, Reader } from '../bytes.ts';
import { expand } from '../sync/compression.ts';
import { decodeLine, MAX_LINE_BYTES } from './line-codec.ts';

/** Most lines of a record, and most bytes of them together before they are deflated. */
export const MAX_RECORD_LINES = 256;
export const MAX_RECORD_BYTES = 32_768;
/** Three varints. */
const HEAD_BYTES = 3 * 8;

/** Lines from `first` on, in order, each checked. */
export interface HistoryRecord {
  readonly first: number;
  readonly lines: readonly Uint8Array[];
}

export class RecordReader {
  #bytes = new Uint8Array(0);

  /** Appends what came next, and gives the records that are whole now. Throws DecodeError; then the stream is of no more use. */
  push(bytes: Uint8Array): HistoryRecord[] {
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
    const records: HistoryRecord[] = [];
    for (let record = this.#next(); record !== undefined; record = this.#next()) records.push(record);
    return records;
  }

  #next(): HistoryRecord | undefined {
    const reader = new Reader(this.#bytes);
    // A head of fewer bytes than the longest is whole only if what it announces is there, too.
    if (this.#bytes.length < HEAD_BYTES && !isWhole(this.#bytes)) return undefined;
    const first = reader.varint();
    const count = reader.count(MAX_RECORD_LINES, 'lines of a record');
    const length = reader.count(MAX_RECORD_BYTES + 16, 'a record');
    if (reader.left < length) return undefined;
    const lines = linesOf(reader.take(length), count);
    if (!Number.isSafeInteger(first + count)) throw new DecodeError('Cannot read a record: its lines are beyond 2^53');
    this.#bytes = reader.rest().slice();
    return { first, lines };
  }
}

/** Whether three varints are there. */
function isWhole(bytes: Uint8Array): boolean {
  let at = 0;
  for (let i = 0; i < 3; i++) {
    const byte = bytes[at];
    if (byte === undefined) return false;
    at += 2 ** (byte >> 6);
  }
  return at <= bytes.length;
}

function linesOf(payload: Uint8Array, count: number): Uint8Array[] {
  const reader = new Reader(expand(payload, MAX_RECORD_BYTES));
  const lines: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const bytes = reader.take(reader.count(MAX_LINE_BYTES, 'a line')).slice();
    decodeLine(bytes);
    lines.push(bytes);
  }
  reader.end('the lines of a record');
  return lines;
}
