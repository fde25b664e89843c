/**
 * What the user does, as bytes of the input stream (SPEC.md §7): keys, and changes of the terminal's size in their place among them.
 *
 * ```
 * varint n, n >= 1   n bytes of keys
 * varint 0           cols u16, rows u16
 * ```
 */

import { DecodeError, Reader, Writer } from '../bytes.ts';
import { MAX_SIDE } from '../screen/screen.ts';

export type UserEvent =
  | { readonly kind: 'keys'; readonly bytes: Uint8Array }
  | { readonly kind: 'resize'; readonly cols: number; readonly rows: number };

/** Keys longer than this are cut into several events. */
const MAX_KEYS = 16_383;
const RESIZE_BYTES = 4;

/** The stream's bytes for an event; empty for no keys. Sizes are clamped to what a screen may have. */
export function encodeUserEvent(event: UserEvent): Uint8Array {
  const writer = new Writer();
  if (event.kind === 'resize') {
    writer.u8(0);
    writer.u16(clampSide(event.cols));
    writer.u16(clampSide(event.rows));
    return writer.finish();
  }
  for (let at = 0; at < event.bytes.length; at += MAX_KEYS) {
    const keys = event.bytes.subarray(at, at + MAX_KEYS);
    writer.varint(keys.length);
    writer.bytes(keys);
  }
  return writer.finish();
}

/** Reads events from the stream as its bytes come, in any chunking. */
export class UserEventReader {
  readonly #take: (max: number) => Uint8Array | undefined;
  /** Of the event at hand: its bytes so far that aren't keys. */
  #head: number[] = [];
  #keysLeft = 0;

  /** `take` gives the stream's next bytes, at most so many; undefined when there are none. */
  constructor(take: (max: number) => Uint8Array | undefined) {
    this.#take = take;
  }

  /** The next event, with at most `maxKeys` bytes of keys; undefined until more has come. Throws `DecodeError`. */
  next(maxKeys: number): UserEvent | undefined {
    while (this.#keysLeft === 0) {
      const byte = this.#take(1)?.[0];
      if (byte === undefined) return undefined;
      this.#head.push(byte);
      const resize = this.#readHead();
      if (resize !== undefined) return resize;
    }
    const bytes = this.#take(Math.min(maxKeys, this.#keysLeft));
    if (bytes === undefined) return undefined;
    this.#keysLeft -= bytes.length;
    return { kind: 'keys', bytes };
  }

  #readHead(): UserEvent | undefined {
    const [first = 0] = this.#head;
    const length = first === 0 ? 1 + RESIZE_BYTES : 2 ** (first >> 6);
    if (this.#head.length < length) return undefined;
    const reader = new Reader(Uint8Array.from(this.#head));
    this.#head = [];
    const keys = reader.count(MAX_KEYS, 'the length of keys');
    if (keys > 0) {
      this.#keysLeft = keys;
      return undefined;
    }
    if (first !== 0) throw new DecodeError('Cannot read an event: a count of 0 takes one byte');
    return { kind: 'resize', cols: readSide(reader), rows: readSide(reader) };
  }
}

function readSide(reader: Reader): number {
  const side = reader.u16();
  if (side < 1 || side > MAX_SIDE) throw new DecodeError(`Cannot read a size: ${side} is not from 1 to ${MAX_SIDE}`);
  return side;
}

function clampSide(side: number): number {
  return Math.max(1, Math.min(MAX_SIDE, Math.floor(side) || 1));
}
