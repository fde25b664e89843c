/**
 * Sealing one datagram: ChaCha20-Poly1305 (RFC 8439) over the frames, with the datagram's clear header as associated data.
 *
 * The nonce is the direction's IV with the packet number exclusive-ored into its last six bytes, as in RFC 9001 §5.3: a
 * packet number is never used twice with one key, so neither is a nonce. See "Keys" in SPEC.md.
 *
 * The steps of RFC 8439 §2.8 are taken here, over the library's ChaCha20 and Poly1305, the same for both ways. A key is sealed and
 * opened in processes that have just woken, where every page of code that is touched is waited for; and the library's own `decrypt`
 * says "not authentic" by throwing, which doubles the price of a forged datagram.
 */

import { poly1305 } from '@noble/ciphers/_poly1305.js';
import { chacha20 } from '@noble/ciphers/chacha.js';
import { equalBytes } from '@noble/ciphers/utils.js';
import { assert } from '../assert.ts';
import { PACKET_NUMBER_LIMIT, TAG_BYTES } from '../constants.ts';
import { wipe } from './wipe.ts';

/** ChaCha20's. */
const BLOCK_BYTES = 64;
/** Poly1305's. */
const ONE_TIME_KEY_BYTES = 32;

/** What one side seals with during one key phase. */
export interface DirectionKey {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly iv: Uint8Array;
}

/** The ciphertext and its tag: TAG_BYTES longer than `plaintext`, owned by the caller. `header` is authenticated, not included. */
export function seal(key: DirectionKey, packetNumber: number, header: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const { oneTimeKey, text } = crypt(key, packetNumber, plaintext);
  const sealed = new Uint8Array(text.length + TAG_BYTES);
  sealed.set(text);
  sealed.set(tagOf(oneTimeKey, header, text), text.length);
  wipe(oneTimeKey);
  return sealed;
}

/**
 * The plaintext, owned by the caller, or undefined when any bit of key, number, header or bytes is not what was sealed. Never
 * throws on any bytes.
 */
export function open(
  key: DirectionKey,
  packetNumber: number,
  header: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const ciphertext = sealed.subarray(0, -TAG_BYTES);
  const { oneTimeKey, text } = crypt(key, packetNumber, ciphertext);
  const tag = tagOf(oneTimeKey, header, ciphertext);
  wipe(oneTimeKey);
  // In constant time: an early end of the comparison would tell a forger how much of a tag was right.
  return equalBytes(tag, sealed.subarray(-TAG_BYTES)) ? text : undefined;
}

/** Block 0 of the key stream begins with Poly1305's one-time key, and from block 1 on it covers the text (RFC 8439 §2.6, §2.8): one pass for both. */
function crypt(
  key: DirectionKey,
  packetNumber: number,
  bytes: Uint8Array,
): { readonly oneTimeKey: Uint8Array; readonly text: Uint8Array } {
  const covered = new Uint8Array(BLOCK_BYTES + bytes.length);
  covered.set(bytes, BLOCK_BYTES);
  chacha20(key.key, nonceOf(key.iv, packetNumber), covered, covered);
  return { oneTimeKey: covered.subarray(0, ONE_TIME_KEY_BYTES), text: covered.subarray(BLOCK_BYTES) };
}

/** Poly1305 over header and ciphertext, each with zeros up to a multiple of 16, and their lengths (RFC 8439 §2.8). */
function tagOf(oneTimeKey: Uint8Array, header: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const textAt = padded(header.length);
  const lengthsAt = textAt + padded(ciphertext.length);
  const message = new Uint8Array(lengthsAt + 16);
  message.set(header);
  message.set(ciphertext, textAt);
  const lengths = new DataView(message.buffer, lengthsAt);
  lengths.setUint32(0, header.length, true);
  lengths.setUint32(8, ciphertext.length, true);
  return poly1305(message, oneTimeKey);
}

function padded(length: number): number {
  return Math.ceil(length / 16) * 16;
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
