/**
 * From one secret per key phase to the keys that seal datagrams, and from a phase to the next.
 *
 *     root ──> secret 0 ──HKDF with a fresh X25519──> secret 1 ──> secret 2 ──> …
 *                 ├─> client key, client IV
 *                 └─> server key, server IV
 *
 * Each direction has its own key, so that the same packet number may occur in both. The next secret hangs on the one
 * before (which keeps ML-KEM's part in all of them) and on an exchange that exists only in memory for a moment: who reads
 * today's keys out of memory can't go back, and loses track at the next renewal. See "Keys" in SPEC.md.
 */

import { Writer } from '../bytes.ts';
import { agreeExchange, createExchange, type ExchangeKeys } from './exchange.ts';
import { deriveFrom, deriveLabelled, SECRET_LENGTH, transcriptOf } from './labels.ts';
import type { Random } from './random.ts';
import type { DirectionKey } from './seal.ts';

/** The side that seals with a key. */
export type Sender = 'client' | 'server';

const KEY_LENGTH = 32;
const IV_LENGTH = 12;

const NO_CONTEXT = new Uint8Array(0);

/** The key and IV with which `sender` seals in the phase of this secret. */
export function directionKey(secret: Uint8Array, sender: Sender): DirectionKey {
  return {
    key: deriveLabelled(secret, `${sender} key`, NO_CONTEXT, KEY_LENGTH),
    iv: deriveLabelled(secret, `${sender} iv`, NO_CONTEXT, IV_LENGTH),
  };
}

/** The secret of the next phase. `transcript` is `renewalTranscript`'s. The caller wipes `current` and `x25519Shared`. */
export function nextSecret(current: Uint8Array, x25519Shared: Uint8Array, transcript: Uint8Array): Uint8Array {
  return deriveFrom(current, x25519Shared, 'next', transcript, SECRET_LENGTH);
}

/** SHA-256 of what the two sides said to each other in a renewal: new phase (6 bytes) | client's public key | server's. */
export function renewalTranscript(phase: number, clientPublic: Uint8Array, serverPublic: Uint8Array): Uint8Array {
  const number = new Writer();
  number.u48(phase);
  return transcriptOf(number.finish(), clientPublic, serverPublic);
}

/** A fresh key pair for one renewal. */
export function createRenewal(random: Random): ExchangeKeys {
  return createExchange(random);
}

/** The shared secret of a renewal, or undefined when the peer's public key is unusable. */
export function agreeRenewal(privateKey: Uint8Array, peerPublic: Uint8Array): Uint8Array | undefined {
  return agreeExchange(privateKey, peerPublic);
}
