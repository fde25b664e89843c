/**
 * The receiving half of a reliable stream (SPEC.md §7): puts pieces in order, drops what it has already, and opens the window only as
 * its reader takes bytes, so that a reader who is slow stops the sender and nothing in between grows.
 */

import { DecodeError } from '../bytes.ts';
import { STREAM_WINDOW } from '../constants.ts';
import type { Carried, Content, Room } from '../transport/content.ts';
import { encodeFrame, type Frame } from '../transport/frames.ts';

/** Bytes of a STREAM_ROOM frame at most: type, stream, limit. */
const FRAME_BYTES = 1 + 8 + 8;
/** The window is opened again when this much of it was taken. */
const OPEN_FROM = STREAM_WINDOW / 2;
/** A piece is put together with the one before it up to this many bytes, so that keys typed one by one don't stay as many pieces. */
const JOINED_BYTES = 1_024;
/** Pieces that are kept: twice what a full window makes when they are joined; a sender of ours never leaves so many gaps. */
const MAX_PIECES = 1_024;

export class StreamReceiver implements Content {
  readonly ridesWithAck = false;
  readonly #stream: number;
  /** All below was taken by the reader. */
  #taken = 0;
  /** Not taken yet: ascending, without overlap. The first is the next to be read if it starts at `#taken`. */
  #pieces: { offset: number; bytes: Uint8Array }[] = [];
  /** The limit that the sender knows of, acknowledged. */
  #knownLimit = STREAM_WINDOW;
  /** The limit in a packet under way. */
  #sentLimit = STREAM_WINDOW;

  constructor(stream: number) {
    this.#stream = stream;
  }

  /** Bytes taken so far. */
  get taken(): number {
    return this.#taken;
  }

  get pending(): boolean {
    return this.#sentLimit > this.#knownLimit;
  }

  get outstanding(): number {
    return this.pending ? FRAME_BYTES : 0;
  }

  get urgent(): boolean {
    return true;
  }

  get sendAt(): number {
    return this.#taken + STREAM_WINDOW - this.#sentLimit >= OPEN_FROM
      ? Number.NEGATIVE_INFINITY
      : Number.POSITIVE_INFINITY;
  }

  /** The next bytes in order, at most `max`; undefined when there are none. A copy, owned by the caller. */
  take(max: number): Uint8Array | undefined {
    const first = this.#pieces[0];
    if (first === undefined || first.offset > this.#taken || max <= 0) return undefined;
    const bytes = first.bytes.subarray(0, max);
    this.#taken += bytes.length;
    if (bytes.length === first.bytes.length) this.#pieces.shift();
    else this.#pieces[0] = { offset: this.#taken, bytes: first.bytes.subarray(bytes.length) };
    return bytes;
  }

  write(_now: number, room: Room): Carried | undefined {
    if (room.left < FRAME_BYTES) return undefined;
    const limit = this.#taken + STREAM_WINDOW;
    this.#sentLimit = limit;
    encodeFrame(room.writer, { kind: 'stream-room', stream: this.#stream, limit });
    return {
      acked: () => {
        this.#knownLimit = Math.max(this.#knownLimit, limit);
      },
      lost: () => {
        if (this.#sentLimit === limit) this.#sentLimit = this.#knownLimit;
      },
    };
  }

  receive(_now: number, frame: Frame): boolean {
    if (frame.kind !== 'stream' || frame.stream !== this.#stream) return false;
    const end = frame.offset + frame.bytes.length;
    if (end > this.#taken + STREAM_WINDOW)
      throw new DecodeError('Cannot take stream bytes: they are beyond the window');
    this.#insert(frame.offset, frame.bytes);
    return true;
  }

  /** Keeps what is new of `bytes` from `offset` on. */
  #insert(offset: number, bytes: Uint8Array): void {
    let from = Math.max(offset, this.#taken);
    const end = offset + bytes.length;
    let index = 0;
    while (from < end) {
      const next = this.#pieces[index];
      const to = Math.min(end, next?.offset ?? end);
      if (from < to) {
        if (!this.#join(index - 1, from, bytes.subarray(from - offset, to - offset))) {
          if (this.#pieces.length >= MAX_PIECES) throw new DecodeError('Cannot take stream bytes: too many pieces');
          this.#pieces.splice(index, 0, { offset: from, bytes: bytes.slice(from - offset, to - offset) });
          index++;
        }
      }
      const here = this.#pieces[index];
      if (here === undefined) return;
      from = Math.max(from, here.offset + here.bytes.length);
      index++;
    }
  }

  /** Puts `bytes` behind the piece at `index`; false when they don't follow it, or it is long enough. */
  #join(index: number, offset: number, bytes: Uint8Array): boolean {
    const before = this.#pieces[index];
    if (before === undefined || before.offset + before.bytes.length !== offset) return false;
    if (before.bytes.length + bytes.length > JOINED_BYTES) return false;
    const joined = new Uint8Array(before.bytes.length + bytes.length);
    joined.set(before.bytes);
    joined.set(bytes, before.bytes.length);
    this.#pieces[index] = { offset: before.offset, bytes: joined };
    return true;
  }
}
