/**
 * The frames inside a packet (SPEC.md §4): their codec and nothing else. A packet's frames are decoded all or not at all: one bad
 * frame makes the whole packet a `DecodeError`, and nothing of it has had an effect.
 */

import { DecodeError, Reader, type Writer } from '../bytes.ts';
import { MAX_ACK_RANGES, MAX_DATAGRAM, MAX_DIFF_BYTES, MAX_REASON_BYTES } from '../constants.ts';

const PADDING = 0x00;
const PING = 0x01;
const ACK = 0x02;
const PATH_CHALLENGE = 0x03;
const PATH_RESPONSE = 0x04;
const KEY_OFFER = 0x05;
const KEY_ANSWER = 0x06;
const CLOSE = 0x07;
const STREAM = 0x08;
const STREAM_ROOM = 0x09;
const STATE = 0x0a;
const STATE_PART = 0x0b;
const STATE_ACK = 0x0c;
const HISTORY_NEED = 0x0d;
const HISTORY_FILL = 0x0e;

const CHALLENGE_BYTES = 8;
const PUBLIC_KEY_BYTES = 32;
/** ACK delays travel in tenths of a millisecond. */
const DELAY_UNITS_PER_MS = 10;
const MAX_DELAY_UNITS = 1_000_000;

/** Packet numbers from `first` to `last`, both included. */
export interface PacketRange {
  readonly first: number;
  readonly last: number;
}

export interface AckFrame {
  readonly kind: 'ack';
  /** Newest first, apart from each other, at least one. */
  readonly ranges: readonly PacketRange[];
  /** How long the newest was held back, in ms. */
  readonly delayMs: number;
}

/** A state as a diff from another; `offset` and `total` are in bytes of the encoded diff. */
export interface StateFrame {
  readonly kind: 'state';
  readonly number: number;
  /** The state that the diff was made from, older than `number`. */
  readonly base: number;
  /** No later diff will be made from a state older than this one, at most `base`. */
  readonly oldest: number;
  readonly total: number;
  readonly offset: number;
  /** A view of the packet. */
  readonly bytes: Uint8Array;
}

export interface StreamFrame {
  readonly kind: 'stream';
  readonly stream: number;
  /** Of the first byte, from the stream's start. */
  readonly offset: number;
  /** A view of the packet. */
  readonly bytes: Uint8Array;
}

export interface KeyFrame {
  readonly kind: 'key-offer' | 'key-answer';
  /** The phase that the exchange leads to. */
  readonly phase: number;
  /** X25519, 32 bytes: a view of the packet when decoded. */
  readonly publicKey: Uint8Array;
}

export interface CloseFrame {
  readonly kind: 'close';
  /** The program's exit status, 0 to 255. */
  readonly status: number;
  /** The last state: to be shown before the end. 0 from the client. */
  readonly finalState: number;
  /** Why, for the user; empty when the program just ended. */
  readonly reason: string;
}

export interface PathFrame {
  readonly kind: 'path-challenge' | 'path-response';
  /** 8 bytes: a view of the packet when decoded. */
  readonly data: Uint8Array;
}

export type Frame =
  | { readonly kind: 'ping' }
  | AckFrame
  | PathFrame
  | KeyFrame
  | CloseFrame
  | StreamFrame
  | { readonly kind: 'stream-room'; readonly stream: number; readonly limit: number }
  | StateFrame
  | { readonly kind: 'state-ack'; readonly number: number }
  /** The lines of the history from `from` to `to` - 1 are not here. */
  | { readonly kind: 'history-need' | 'history-fill'; readonly from: number; readonly to: number };

/** What rides on acknowledgements, or answers. */
const SILENT: ReadonlySet<Frame['kind']> = new Set([
  'ack',
  'path-response',
  'state-ack',
  'history-need',
  'history-fill',
]);

/** Whether a frame asks for an acknowledgement. */
export function isEliciting(frame: Frame): boolean {
  return !SILENT.has(frame.kind);
}

/** Appends one frame. */
export function encodeFrame(writer: Writer, frame: Frame): void {
  switch (frame.kind) {
    case 'ping':
      writer.u8(PING);
      return;
    case 'ack':
      encodeAck(writer, frame);
      return;
    case 'path-challenge':
    case 'path-response':
      writer.u8(frame.kind === 'path-challenge' ? PATH_CHALLENGE : PATH_RESPONSE);
      writer.bytes(frame.data);
      return;
    case 'key-offer':
    case 'key-answer':
      writer.u8(frame.kind === 'key-offer' ? KEY_OFFER : KEY_ANSWER);
      writer.varint(frame.phase);
      writer.bytes(frame.publicKey);
      return;
    case 'close': {
      const reason = new TextEncoder().encode(frame.reason).subarray(0, MAX_REASON_BYTES);
      writer.u8(CLOSE);
      writer.u8(frame.status);
      writer.varint(frame.finalState);
      writer.varint(reason.length);
      writer.bytes(reason);
      return;
    }
    case 'stream':
      writer.u8(STREAM);
      writer.varint(frame.stream);
      writer.varint(frame.offset);
      writer.varint(frame.bytes.length);
      writer.bytes(frame.bytes);
      return;
    case 'stream-room':
      writer.u8(STREAM_ROOM);
      writer.varint(frame.stream);
      writer.varint(frame.limit);
      return;
    case 'state': {
      const whole = frame.offset === 0 && frame.bytes.length === frame.total;
      writer.u8(whole ? STATE : STATE_PART);
      writer.varint(frame.number);
      writer.varint(frame.number - frame.base);
      writer.varint(frame.base - frame.oldest);
      if (!whole) {
        writer.varint(frame.total);
        writer.varint(frame.offset);
      }
      writer.varint(frame.bytes.length);
      writer.bytes(frame.bytes);
      return;
    }
    case 'state-ack':
      writer.u8(STATE_ACK);
      writer.varint(frame.number);
      return;
    case 'history-need':
    case 'history-fill':
      writer.u8(frame.kind === 'history-need' ? HISTORY_NEED : HISTORY_FILL);
      writer.varint(frame.from);
      writer.varint(frame.to - frame.from);
  }
}

/** All frames of a packet's plaintext, in order; padding leaves none. Throws `DecodeError`. Views of `plaintext`. */
export function decodeFrames(plaintext: Uint8Array): Frame[] {
  const reader = new Reader(plaintext);
  const frames: Frame[] = [];
  while (reader.left > 0) {
    const frame = decodeFrame(reader);
    if (frame !== undefined) frames.push(frame);
  }
  return frames;
}

/** The same; undefined when a frame is malformed. */
export function framesOf(plaintext: Uint8Array): readonly Frame[] | undefined {
  try {
    return decodeFrames(plaintext);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}

function decodeFrame(reader: Reader): Frame | undefined {
  const type = reader.u8();
  switch (type) {
    case PADDING:
      return undefined;
    case PING:
      return { kind: 'ping' };
    case ACK:
      return decodeAck(reader);
    case PATH_CHALLENGE:
      return { kind: 'path-challenge', data: reader.take(CHALLENGE_BYTES) };
    case PATH_RESPONSE:
      return { kind: 'path-response', data: reader.take(CHALLENGE_BYTES) };
    case KEY_OFFER:
      return { kind: 'key-offer', phase: reader.varint(), publicKey: reader.take(PUBLIC_KEY_BYTES) };
    case KEY_ANSWER:
      return { kind: 'key-answer', phase: reader.varint(), publicKey: reader.take(PUBLIC_KEY_BYTES) };
    case CLOSE: {
      const status = reader.u8();
      const finalState = reader.varint();
      const reason = reader.take(reader.count(MAX_REASON_BYTES, 'a reason'));
      return { kind: 'close', status, finalState, reason: new TextDecoder().decode(reason) };
    }
    case STREAM: {
      const stream = reader.varint();
      const offset = reader.varint();
      return { kind: 'stream', stream, offset, bytes: reader.take(reader.count(MAX_DATAGRAM, 'stream bytes')) };
    }
    case STREAM_ROOM:
      return { kind: 'stream-room', stream: reader.varint(), limit: reader.varint() };
    case STATE:
    case STATE_PART:
      return decodeState(reader, type === STATE_PART);
    case STATE_ACK:
      return { kind: 'state-ack', number: reader.varint() };
    case HISTORY_NEED:
    case HISTORY_FILL: {
      const from = reader.varint();
      const to = from + reader.varint();
      if (to === from || !Number.isSafeInteger(to)) throw new DecodeError('Cannot read a need of lines: it has none');
      return { kind: type === HISTORY_NEED ? 'history-need' : 'history-fill', from, to };
    }
    default:
      throw new DecodeError(`Cannot read a frame: type ${type} is unknown`);
  }
}

function decodeState(reader: Reader, part: boolean): StateFrame {
  const number = reader.varint();
  const base = number - reader.varint();
  const oldest = base - reader.varint();
  if (base >= number || oldest < 0) throw new DecodeError('Cannot read a state: its base is not an older state');
  const total = part ? reader.count(MAX_DIFF_BYTES, 'a diff') : undefined;
  const offset = part ? reader.varint() : 0;
  const bytes = reader.take(reader.count(MAX_DATAGRAM, 'a part of a diff'));
  if (total !== undefined && offset + bytes.length > total) {
    throw new DecodeError('Cannot read a part of a diff: it ends behind the whole');
  }
  return { kind: 'state', number, base, oldest, total: total ?? bytes.length, offset, bytes };
}

function encodeAck(writer: Writer, frame: AckFrame): void {
  const [newest, ...older] = frame.ranges;
  if (newest === undefined) return;
  writer.u8(ACK);
  writer.varint(newest.last);
  writer.varint(Math.min(MAX_DELAY_UNITS, Math.round(frame.delayMs * DELAY_UNITS_PER_MS)));
  writer.varint(newest.last - newest.first);
  writer.varint(older.length);
  let below = newest.first;
  for (const range of older) {
    writer.varint(below - range.last - 2);
    writer.varint(range.last - range.first);
    below = range.first;
  }
}

function decodeAck(reader: Reader): AckFrame {
  const last = reader.varint();
  const delayMs = reader.count(MAX_DELAY_UNITS, 'an ACK delay') / DELAY_UNITS_PER_MS;
  let first = last - reader.varint();
  const ranges: PacketRange[] = [{ first, last }];
  for (let more = reader.count(MAX_ACK_RANGES - 1, 'ACK ranges'); more > 0; more--) {
    const end = first - reader.varint() - 2;
    first = end - reader.varint();
    ranges.push({ first, last: end });
  }
  if (first < 0) throw new DecodeError('Cannot read an ACK: a range starts below packet 0');
  return { kind: 'ack', ranges, delayMs };
}
