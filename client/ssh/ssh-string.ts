/**
 * The data types of ssh's own formats (RFC 4251 §5), for keys, certificates and the agent's messages: a string is bytes behind their
 * length in 32 bits, an mpint a string that holds a signed number. They are read with the bounds-checked reader of the protocol.
 */

import type { Reader } from '../../protocol/bytes.ts';

/** The next string, a view into what is read. Throws `DecodeError`. */
export function readString(reader: Reader): Uint8Array {
  return reader.take(reader.u32());
}

/** The next string as text; meant for names, which are ASCII. Throws `DecodeError`. */
export function readText(reader: Reader): string {
  return Buffer.from(readString(reader)).toString('utf8');
}

/** A string; text goes as UTF-8. */
export function encodeString(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([encodeU32(bytes.length), bytes]);
}

/** Several strings in a row. */
export function encodeStrings(...values: readonly (Uint8Array | string)[]): Uint8Array {
  return Buffer.concat(values.map(encodeString));
}

/** A number of 32 bits. */
export function encodeU32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A number that is not negative, given big-endian, as an mpint: no zeros in front but the one that keeps it positive. */
export function encodeMpint(magnitude: Uint8Array): Uint8Array {
  let start = 0;
  while (magnitude[start] === 0) start++;
  const digits = magnitude.subarray(start);
  return encodeString((digits[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), digits]) : digits);
}
