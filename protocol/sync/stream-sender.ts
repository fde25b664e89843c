/**
 * The sending half of a reliable stream of bytes (SPEC.md §7). A state of an append-only log is its length, and the diff of two is
 * the bytes between: so this is the state sync of what was typed, with offsets as state numbers.
 *
 * While little is unacknowledged all of it rides in every packet, so that losing one delays nothing. More than that goes out piece
 * by piece, and each piece that is lost is sent again.
 */

import { RIDE_BYTES, STREAM_WINDOW } from '../constants.ts';
import type { Carried, Content, Room } from '../transport/content.ts';
import { encodeFrame, type Frame } from '../transport/frames.ts';
import { addRange, type Range, removeRange } from './ranges.ts';

/** Bytes of a STREAM frame besides its bytes, at most: type, stream, offset, length. */
const FRAME_OVERHEAD = 1 + 8 + 8 + 2;
/** A shorter piece isn't worth a packet of its own. */
const LEAST_PIECE = 16;

export class StreamSender implements Content {
  readonly ridesWithAck = false;
  readonly #stream: number;
  /** What is not acknowledged, from offset `#acked` on; the spare room behind it is for appending. */
  #buffer = new Uint8Array(1024);
  #buffered = 0;
  /** All below has arrived. */
  #acked = 0;
  /** Arrived out of order: apart, ascending, above `#acked`. */
  #ackedAhead: Range[] = [];
  /** All below has been sent at least once. */
  #sent = 0;
  /** To be sent again, ascending. */
  #lost: Range[] = [];
  /** The receiver has room up to here. */
  #limit = STREAM_WINDOW;

  constructor(stream: number) {
    this.#stream = stream;
  }

  /** Bytes given so far: the newest state number. */
  get end(): number {
    return this.#acked + this.#buffered;
  }

  /** Bytes not acknowledged. */
  get unacknowledged(): number {
    return this.#buffered;
  }

  get pending(): boolean {
    return this.#sent > this.#acked;
  }

  get outstanding(): number {
    return this.pending ? this.#buffered : 0;
  }

  get urgent(): boolean {
    return this.#buffered <= RIDE_BYTES;
  }

  get sendAt(): number {
    const some = this.#lost.length > 0 || this.#sent < Math.min(this.end, this.#limit);
    return some ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }

  /** Appends a copy of `bytes`. */
  push(bytes: Uint8Array): void {
    if (this.#buffered + bytes.length > this.#buffer.length) {
      const bigger = new Uint8Array(Math.max(2 * this.#buffer.length, this.#buffered + bytes.length));
      bigger.set(this.#buffer.subarray(0, this.#buffered));
      this.#buffer = bigger;
    }
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.length;
  }

  write(_now: number, room: Room): Carried | undefined {
    const most = room.left - FRAME_OVERHEAD;
    if (most < 1) return undefined;
    const range = this.#next(most, room.probe);
    if (range === undefined) return undefined;
    if (range.to - range.from < LEAST_PIECE && range.to < this.end && most < LEAST_PIECE) return undefined;
    const bytes = this.#buffer.subarray(range.from - this.#acked, range.to - this.#acked);
    encodeFrame(room.writer, { kind: 'stream', stream: this.#stream, offset: range.from, bytes });
    this.#sent = Math.max(this.#sent, range.to);
    this.#lost = removeRange(this.#lost, range);
    return { acked: () => this.#onAcked(range), lost: () => this.#onLost(range) };
  }

  receive(_now: number, frame: Frame): boolean {
    if (frame.kind !== 'stream-room' || frame.stream !== this.#stream) return false;
    this.#limit = Math.max(this.#limit, frame.limit);
    return true;
  }

  #next(most: number, probe: boolean): Range | undefined {
    const end = Math.min(this.end, this.#limit);
    if (this.#buffered <= Math.min(RIDE_BYTES, most)) {
      const idle = this.#lost.length === 0 && this.#sent >= end && !probe;
      return idle || end === this.#acked ? undefined : { from: this.#acked, to: end };
    }
    const lost = this.#lost[0];
    if (lost !== undefined) return { from: lost.from, to: Math.min(lost.to, lost.from + most) };
    if (this.#sent < end) return { from: this.#sent, to: Math.min(end, this.#sent + most) };
    if (!probe || this.#sent <= this.#acked) return undefined;
    return { from: this.#acked, to: Math.min(this.#ackedAhead[0]?.from ?? this.#sent, this.#acked + most) };
  }

  #onAcked(range: Range): void {
    if (range.to <= this.#acked) return;
    this.#lost = removeRange(this.#lost, range);
    this.#ackedAhead = addRange(this.#ackedAhead, range);
    const [first, ...ahead] = this.#ackedAhead;
    if (first === undefined || first.from > this.#acked) return;
    const arrived = first.to - this.#acked;
    this.#buffer.copyWithin(0, arrived, this.#buffered);
    this.#buffered -= arrived;
    this.#acked = first.to;
    this.#ackedAhead = ahead;
    this.#lost = removeRange(this.#lost, { from: 0, to: this.#acked });
  }

  #onLost(range: Range): void {
    let missing: Range[] = [{ from: Math.max(range.from, this.#acked), to: range.to }];
    for (const arrived of this.#ackedAhead) missing = missing.flatMap((piece) => removeRange([piece], arrived));
    for (const piece of missing) if (piece.from < piece.to) this.#lost = addRange(this.#lost, piece);
  }
}
