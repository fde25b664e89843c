/**
 * Diffs, deflated where that wins (SPEC.md §8). fflate is plain JavaScript, so it runs wherever the protocol does.
 *
 * ```
 * 0   the diff
 * 1   varint length of the diff   the diff, deflated (RFC 1951)
 * ```
 */

import { deflateSync, Inflate } from 'fflate';
import { DecodeError, Reader, Writer } from '../bytes.ts';
import { DEFLATE_FROM_BYTES, MAX_DIFF_BYTES } from '../constants.ts';

const PLAIN = 0;
const DEFLATED = 1;
/** The inflater is fed so many bytes at a time: deflate's 1,032 to 1 then makes at most 4 MB before the length is looked at. */
const SLICE = 4096;

/** The bytes that travel for `diff`. */
export function compress(diff: Uint8Array): Uint8Array {
  const writer = new Writer();
  const deflated = diff.length >= DEFLATE_FROM_BYTES ? deflateSync(diff, { level: 6 }) : undefined;
  if (deflated !== undefined && deflated.length + 4 < diff.length) {
    writer.u8(DEFLATED);
    writer.varint(diff.length);
    writer.bytes(deflated);
  } else {
    writer.u8(PLAIN);
    writer.bytes(diff);
  }
  return writer.finish();
}

/** The diff of what `compress` made. Throws `DecodeError`; takes no more time or memory than `max` and the input ask for. */
export function expand(bytes: Uint8Array, max: number = MAX_DIFF_BYTES): Uint8Array {
  const reader = new Reader(bytes);
  const method = reader.u8();
  if (method === PLAIN) return reader.rest();
  if (method !== DEFLATED) throw new DecodeError(`Cannot expand a diff: method ${method} is unknown`);
  const length = reader.count(max, 'the length of a diff');
  return inflate(reader.rest(), length);
}

function inflate(deflated: Uint8Array, length: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let inflated = 0;
  let ended = false;
  const inflater = new Inflate((part, final) => {
    parts.push(part);
    inflated += part.length;
    ended = final;
  });
  try {
    for (let at = 0; at < deflated.length; at += SLICE) {
      inflater.push(deflated.slice(at, at + SLICE), at + SLICE >= deflated.length);
      if (inflated > length) break;
    }
  } catch (error) {
    throw new DecodeError('Cannot expand a diff: it is not deflated data', { cause: error });
  }
  if (!ended || inflated !== length) throw new DecodeError('Cannot expand a diff: its length is not what it says');
  const diff = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    diff.set(part, at);
    at += part.length;
  }
  return diff;
}
