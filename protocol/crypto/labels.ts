/**
 * HKDF-SHA256 (RFC 5869) in the one form in which rove uses it: every output has a label of its own, so that no two keys of
 * the protocol can ever be the same, and a later version of the protocol derives others from the same secret. See "Keys" in SPEC.md.
 */

import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { Writer } from '../bytes.ts';
import { wipe } from './wipe.ts';

/** Length of a secret that keys are derived from, and of a SHA-256 hash. */
export const SECRET_LENGTH = 32;

/** Stands before every label; the digit is the version of the protocol. */
const PROTOCOL_LABEL = 'rove 1 ';

const encoder = new TextEncoder();

/** HKDF-Extract and HKDF-Expand in one: `length` bytes from `material`, mixed with `salt`. The caller owns all of them. */
export function deriveFrom(
  salt: Uint8Array,
  material: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const pseudorandom = extract(sha256, material, salt);
  const derived = deriveLabelled(pseudorandom, label, context, length);
  wipe(pseudorandom);
  return derived;
}

/** HKDF-Expand of a uniform `secret` (32 bytes), with info = length of the full label (1 byte) | "rove 1 " label | context. */
export function deriveLabelled(secret: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array {
  const fullLabel = labelBytes(label);
  const info = new Writer();
  info.u8(fullLabel.length);
  info.bytes(fullLabel);
  info.bytes(context);
  return expand(sha256, secret, info.finish(), length);
}

/** "rove 1 " and the label, in ASCII. */
export function labelBytes(label: string): Uint8Array {
  return encoder.encode(PROTOCOL_LABEL + label);
}

/** SHA-256 of the parts one after the other. Their lengths must be fixed by the protocol, so that nothing is ambiguous. */
export function transcriptOf(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = sha256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}
