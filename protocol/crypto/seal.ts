/**
 * Sealing one datagram: ChaCha20-Poly1305 (RFC 8439) over the frames, with the datagram's clear header as associated data.
 *
 * The nonce is the direction's IV with the packet number exclusive-ored into its last six bytes, as in RFC 9001 §5.3: a
 * packet number is never used twice with one key, so neither is a nonce. See "Keys" in SPEC.md.
 */

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { assert } from '../assert.ts';
import { PACKET_NUMBER_LIMIT } from '../constants.ts';

/** What one side seals with during one key phase. */
export interface DirectionKey {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly iv: Uint8Array;
}

/** The ciphertext and its tag: TAG_BYTES longer than `plaintext`, owned by the caller. `header` is authenticated, not included. */
export function seal(key: DirectionKey, packetNumber: number, header: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return chacha20poly1305(key.key, nonceOf(key.iv, packetNumber), header).encrypt(plaintext);
}

/** The plaintext, owned by the caller, or undefined when any bit of key, number, header or bytes is not what was sealed. Never throws on any bytes. */
export function open(
  key: DirectionKey,
  packetNumber: number,
  header: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const cipher = chacha20poly1305(key.key, nonceOf(key.iv, packetNumber), header);
  try {
    return cipher.decrypt(sealed);
  } catch {
    return undefined;
  }
}

/** IV xor packet number (big-endian, right-aligned). */
function nonceOf(iv: Uint8Array, packetNumber: number): Uint8Array {
  assert(
    Number.isInteger(packetNumber) && packetNumber >= 0 && packetNumber < PACKET_NUMBER_LIMIT,
    'a packet number is an integer of 48 bits',
  );
  const nonce = iv.slice();
  let rest = packetNumber;
  for (let at = nonce.length - 1; rest > 0; at--) {
    nonce[at] = (nonce[at] ?? 0) ^ (rest % 0x100);
    rest = Math.floor(rest / 0x100);
  }
  return nonce;
}
