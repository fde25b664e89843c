/**
 * What the user does, as bytes of the input stream (SPEC.md §7): keys, and in their place among them changes of the terminal's size
 * and what the client has found out about the terminal.
 *
 * ```
 * varint n, n >= 1   n bytes of keys
 * varint 0, u8 0     cols u16, rows u16
 * varint 0, u8 1     varint n, n bytes of facts (session/terminal-facts.ts)
 * ```
 */

import { DecodeError, Reader, Writer } from '../bytes.ts';
import { MAX_SIDE } from '../screen/screen.ts';
import { decodeFacts, encodeFacts, MAX_FACTS_BYTES, type TerminalFacts } from '../session/terminal-facts.ts';

export type UserEvent =
  | { readonly kind: 'keys'; readonly bytes: Uint8Array }
  | { readonly kind: 'resize'; readonly cols: number; readonly rows: number }
  | { readonly kind: 'facts'; readonly facts: TerminalFacts };

/** Keys longer than this are cut into several events. */
const MAX_KEYS = 16_383;
const RESIZE = 0;
const FACTS = 1;
const RESIZE_BYTES = 4;

/** The stream's bytes for an event; empty for no keys. Sizes are clamped to what a screen may have. */
export function encodeUserEvent(event: UserEvent): Uint8Array {
  const writer = new Writer();
  if (event.kind === 'resize') {
    writer.u8(0);
    writer.u8(RESIZE);
    writer.u16(clampSide(event.cols));
    writer.u16(clampSide(event.rows));
    return writer.finish();
  }
  if (event.kind === 'facts') {
    const facts = encodeFacts(event.facts);
    writer.u8(0);
    writer.u8(FACTS);
    writer.varint(facts.length);
    writer.bytes(facts);
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
      const event = this.#readHead();
      if (event !== undefined) return event;
    }
    const bytes = this.#take(Math.min(maxKeys, this.#keysLeft));
    if (bytes === undefined) return undefined;
    this.#keysLeft -= bytes.length;
    return { kind: 'keys', bytes };
  }

  #readHead(): UserEvent | undefined {
    const [first = 0] = this.#head;
    if (first === 0) return this.#readOther();
    if (this.#head.length < 2 ** (first >> 6)) return undefined;
    const keys = this.#reader().count(MAX_KEYS, 'the length of keys');
    if (keys === 0) throw new DecodeError('Cannot read an event: a count of 0 takes one byte');
    this.#head = [];
    this.#keysLeft = keys;
    return undefined;
  }

  /** An event that isn't keys, once all its bytes are in the head. */
  #readOther(): UserEvent | undefined {
    const kind = this.#head[1];
    const length = kind === FACTS ? this.#factsEnd() : 2 + RESIZE_BYTES;
    if (kind !== undefined && kind !== RESIZE && kind !== FACTS)
      throw new DecodeError(`Cannot read an event: ${kind} is not one of their kinds`);
    if (kind === undefined || this.#head.length < length) return undefined;
    const reader = this.#reader();
    reader.take(2);
    this.#head = [];
    if (kind === RESIZE) return { kind: 'resize', cols: readSide(reader), rows: readSide(reader) };
    return { kind: 'facts', facts: decodeFacts(reader.take(reader.varint())) };
  }

  /** How long a head with facts is; more than it has now while that can't be told. */
  #factsEnd(): number {
    const lengthBytes = 2 ** ((this.#head[2] ?? 0) >> 6);
    if (this.#head.length < 2 + lengthBytes) return 2 + lengthBytes;
    const reader = this.#reader();
    reader.take(2);
    return 2 + lengthBytes + reader.count(MAX_FACTS_BYTES, "the length of a terminal's facts");
  }

  #reader(): Reader {
    return new Reader(Uint8Array.from(this.#head));
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
