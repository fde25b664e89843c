/**
 * X25519 (RFC 7748), the Diffie-Hellman that the key agreement and every renewal share.
 *
 * Public keys are made by the Montgomery ladder over the base point instead of the library's `getPublicKey`: that one
 * builds tables on its first call (30 to 40 ms), which never pay off for a program that makes a key every two minutes.
 */

import { x25519 } from '@noble/curves/ed25519.js';
import type { Random } from './random.ts';

/** Length of an X25519 private key, public key and shared secret. */
export const X25519_LENGTH = 32;

/** An ephemeral key pair; whoever holds it wipes `privateKey` after its one use. */
export interface ExchangeKeys {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** A fresh pair from 32 random bytes (clamped when used, RFC 7748 §5). */
export function createExchange(random: Random): ExchangeKeys {
  const privateKey = random(X25519_LENGTH);
  return { publicKey: x25519.getSharedSecret(privateKey, x25519.GuBytes), privateKey };
}

/**
 * The shared secret, or undefined when `peerPublic` has the wrong length or is one of the few points of low order, which
 * would make the result independent of our key (RFC 7748 §6.1, the all-zero check).
 */
export function agreeExchange(privateKey: Uint8Array, peerPublic: Uint8Array): Uint8Array | undefined {
  if (peerPublic.length !== X25519_LENGTH) return undefined;
  try {
    return x25519.getSharedSecret(privateKey, peerPublic);
  } catch {
    return undefined;
  }
}
