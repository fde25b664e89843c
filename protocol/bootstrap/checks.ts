/** The hand-made checks of single JSON values in bootstrap messages: each returns the value with its type or throws a DecodeError. */

import { DecodeError } from '../bytes.ts';

/** Controls, format and bidirectional characters, lone surrogates, line and paragraph separators: what may do more than print. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** Half of a character beyond U+FFFF, without its other half. */
const LONE_SURROGATE = /\p{Cs}/u;

/** A version as package.json has it, or anything else that is short, printable and without spaces. */
const PROGRAM_VERSION = /^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/;

const encoder = new TextEncoder();

/** An integer from `min` to `max`. */
export function integerOf(value: unknown, what: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new DecodeError(`Cannot read ${what}: it is not a whole number from ${min} to ${max}`);
  }
  return value;
}

/** A string of at most `maxBytes` of UTF-8, without NUL and lone surrogates, so that it can be an argument or a variable. */
export function textOf(value: unknown, what: string, maxBytes: number): string {
  if (typeof value !== 'string') throw new DecodeError(`Cannot read ${what}: it is not a string`);
  if (value.includes('\0')) throw new DecodeError(`Cannot read ${what}: it holds a NUL character`);
  if (LONE_SURROGATE.test(value)) throw new DecodeError(`Cannot read ${what}: it is not well-formed Unicode`);
  const length = encoder.encode(value).length;
  if (length > maxBytes)
    throw new DecodeError(`Cannot read ${what}: ${length} bytes are over the limit of ${maxBytes}`);
  return value;
}

/** A string that `pattern` matches. */
export function matchOf(value: unknown, what: string, pattern: RegExp): string {
  if (typeof value !== 'string' || !pattern.test(value))
    throw new DecodeError(`Cannot read ${what}: it is not of the expected form`);
  return value;
}

/** The version of a program. */
export function programOf(value: unknown): string {
  return matchOf(value, 'the program version', PROGRAM_VERSION);
}

/** `text` on one line, without anything that a terminal would obey, at most `maxLength` characters long. */
export function plainText(text: string, maxLength: number): string {
  const plain = text.replace(UNPRINTABLE, ' ').trim();
  return plain.length <= maxLength ? plain : `${plain.slice(0, maxLength - 1).replace(LONE_SURROGATE, '')}…`;
}
