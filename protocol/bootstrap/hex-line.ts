/**
 * How the bootstrap's messages survive a shell: a JSON object in UTF-8, written in hexadecimal. Nothing that a login shell, a
 * terminal line discipline or a character set does to text changes it. See "Bootstrap" in SPEC.md.
 */

import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { DecodeError } from '../bytes.ts';

const HEX_PAIRS = /^(?:[0-9a-f]{2})*$/;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A decoded JSON object whose members are still to be checked. */
export type Members = Readonly<Record<string, unknown>>;

/** The object's JSON in hex, lower case. */
export function encodeObject(members: Members): string {
  return bytesToHex(encoder.encode(JSON.stringify(members)));
}

/** The object that `text` holds; throws a DecodeError naming `what`. */
export function decodeObject(text: string, what: string): Members {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(decodeHex(text, what)));
  } catch (cause) {
    throw new DecodeError(`Cannot read ${what}: it is not JSON in hexadecimal`, { cause });
  }
  if (!isObject(value)) throw new DecodeError(`Cannot read ${what}: it is not an object`);
  return value;
}

/** Whether a JSON value is an object, neither null nor an array. */
export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Bytes in hex, lower case. */
export function encodeHex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

/** The bytes of a hex string, `length` of them when given; throws a DecodeError naming `what`. */
export function decodeHex(value: unknown, what: string, length?: number): Uint8Array {
  if (typeof value !== 'string' || !HEX_PAIRS.test(value))
    throw new DecodeError(`Cannot read ${what}: it is not hexadecimal`);
  if (length !== undefined && value.length !== length * 2) {
    throw new DecodeError(`Cannot read ${what}: it has ${value.length / 2} bytes instead of ${length}`);
  }
  return hexToBytes(value);
}
