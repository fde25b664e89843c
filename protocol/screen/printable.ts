/**
 * What text may stand on a screen: no control characters and no lone surrogates, so that nothing a peer sends as text can become
 * an escape sequence on somebody's terminal. Both ends of a diff and the renderer use this (SPEC.md §9).
 */

import { DecodeError, type Reader, type Writer } from '../bytes.ts';

const SURROGATES_START = 0xd800;
const SURROGATES_END = 0xdfff;
const CODE_POINT_MAX = 0x10ffff;

/** Lead bytes of UTF-8 that can begin something valid. */
export const UTF8_LEAD_FIRST = 0xc2;
export const UTF8_LEAD_LAST = 0xf4;

const CONTROL = /[\x00-\x1f\x7f-\x9f]/;
const CONTROLS = /[\x00-\x1f\x7f-\x9f]+/g;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether a code point may stand in a cell: not a C0 or C1 control, DEL or surrogate, and at most U+10FFFF. */
export function isPrintable(codePoint: number): boolean {
  if (codePoint < 0x7f) return codePoint >= 0x20;
  if (codePoint < 0xa0) return false;
  return codePoint < SURROGATES_START || (codePoint > SURROGATES_END && codePoint <= CODE_POINT_MAX);
}

/** `text` without control characters. */
export function withoutControls(text: string): string {
  return CONTROL.test(text) ? text.replace(CONTROLS, '') : text;
}

/** Appends the UTF-8 of one printable code point. */
export function writeCodePoint(writer: Writer, codePoint: number): void {
  if (codePoint < 0x80) {
    writer.u8(codePoint);
  } else if (codePoint < 0x800) {
    writer.u8(0xc0 | (codePoint >> 6));
    writer.u8(0x80 | (codePoint & 0x3f));
  } else if (codePoint < 0x10000) {
    writer.u8(0xe0 | (codePoint >> 12));
    writer.u8(0x80 | ((codePoint >> 6) & 0x3f));
    writer.u8(0x80 | (codePoint & 0x3f));
  } else {
    writer.u8(0xf0 | (codePoint >> 18));
    writer.u8(0x80 | ((codePoint >> 12) & 0x3f));
    writer.u8(0x80 | ((codePoint >> 6) & 0x3f));
    writer.u8(0x80 | (codePoint & 0x3f));
  }
}

/** Reads the rest of a code point of two to four bytes whose first was `lead`. Throws unless it is printable, in its shortest form. */
export function readCodePoint(reader: Reader, lead: number): number {
  let codePoint: number;
  let least: number;
  if (lead < 0xe0) {
    codePoint = ((lead & 0x1f) << 6) | continuation(reader);
    least = 0x80;
  } else if (lead < 0xf0) {
    codePoint = ((lead & 0x0f) << 12) | (continuation(reader) << 6) | continuation(reader);
    least = 0x800;
  } else {
    codePoint =
      ((lead & 0x07) << 18) | (continuation(reader) << 12) | (continuation(reader) << 6) | continuation(reader);
    least = 0x10000;
  }
  if (codePoint < least || !isPrintable(codePoint))
    throw new DecodeError('Cannot read a character: not printable UTF-8');
  return codePoint;
}

function continuation(reader: Reader): number {
  const byte = reader.u8();
  if ((byte & 0xc0) !== 0x80) throw new DecodeError('Cannot read a character: not UTF-8');
  return byte & 0x3f;
}

/** A text of at most this many UTF-16 code units, or bytes, is quicker without the engine's own coder: most clusters and links are. */
const SHORT = 48;

/** Appends `text` in UTF-8, its length in bytes before it. */
export function writeText(writer: Writer, text: string): void {
  const length = text.length > SHORT ? -1 : shortLength(text);
  if (length >= 0) {
    writer.varint(length);
    for (let i = 0; i < text.length; i++) {
      const codePoint = text.codePointAt(i) ?? 0;
      if (codePoint > 0xffff) i++;
      writeCodePoint(writer, codePoint);
    }
    return;
  }
  const bytes = encoder.encode(text);
  writer.varint(bytes.length);
  writer.bytes(bytes);
}

/** The bytes of `text` in UTF-8; -1 with a lone surrogate. */
function shortLength(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      length++;
    } else if (unit < 0x800) {
      length += 2;
    } else if (unit < SURROGATES_START || unit > SURROGATES_END) {
      length += 3;
    } else {
      if ((text.codePointAt(i) ?? 0) <= 0xffff) return -1;
      i++;
      length += 4;
    }
  }
  return length;
}

/** Reads what `writeText` wrote. Throws on control characters, on bad UTF-8, and on more than `max` UTF-16 code units. */
export function readText(reader: Reader, max: number, what: string): string {
  // A UTF-16 code unit is at most three bytes of UTF-8.
  const length = reader.count(max * 3, what);
  let text: string;
  if (length <= SHORT) {
    text = readShort(reader, length);
    if (text.length > max) throw new DecodeError(`Cannot read ${what}: longer than ${max}`);
    return text;
  }
  const bytes = reader.take(length);
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw new DecodeError(`Cannot read ${what}: not UTF-8`, { cause });
  }
  if (text.length > max) throw new DecodeError(`Cannot read ${what}: longer than ${max}`);
  if (CONTROL.test(text)) throw new DecodeError(`Cannot read ${what}: it holds control characters`);
  return text;
}

function readShort(reader: Reader, length: number): string {
  const end = reader.left - length;
  let text = '';
  while (reader.left > end) {
    const byte = reader.u8();
    if (byte < 0x7f && byte >= 0x20) text += String.fromCharCode(byte);
    else if (byte >= UTF8_LEAD_FIRST && byte <= UTF8_LEAD_LAST)
      text += String.fromCodePoint(readCodePoint(reader, byte));
    else throw new DecodeError('Cannot read a text: it holds control characters or is not UTF-8');
  }
  if (reader.left !== end) throw new DecodeError('Cannot read a text: it ends within a character');
  return text;
}

/** Reads a text of at most `max` characters, all of them printable ASCII. `what` is for the error. */
export function readAscii(reader: Reader, max: number, what: string): string {
  const bytes = reader.take(reader.count(max, what));
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) throw new DecodeError(`Cannot read ${what}: it holds more than printable ASCII`);
  }
  return decoder.decode(bytes);
}
