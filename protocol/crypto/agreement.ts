/**
 * The key agreement of the bootstrap: X25519 and ML-KEM-768 (FIPS 203) together, so that a session stays secret as long
 * as either holds: today's attackers break neither, and a recording kept for a quantum computer still meets ML-KEM.
 *
 *     offer   (client)   X25519 public key 32 | ML-KEM-768 encapsulation key 1184
 *     answer  (server)   X25519 public key 32 | ML-KEM-768 ciphertext        1088
 *
 * Both travel in SSH's authenticated channel, which is what proves who made them; nothing that SSH carries, not even to
 * someone who can read SSH later, gives the session keys. The two shared secrets are concatenated with ML-KEM's first, as
 * in TLS's X25519MLKEM768, and hashed with both messages: the messages make the result depend on exactly this exchange,
 * which ML-KEM's secret alone does for its own part and X25519's does not (RFC 7748 §7). See "Keys" in SPEC.md.
 */

import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { assert } from '../assert.ts';
import { DecodeError } from '../bytes.ts';
import { agreeExchange, createExchange, type ExchangeKeys, X25519_LENGTH } from './exchange.ts';
import { deriveFrom, labelBytes, SECRET_LENGTH, transcriptOf } from './labels.ts';
import type { Random } from './random.ts';
import { wipe } from './wipe.ts';

/** Length of the client's message. */
export const OFFER_LENGTH = 32 + 1184;

/** Length of the server's message. */
export const ANSWER_LENGTH = 32 + 1088;

/** Length of the random seed of an ML-KEM key pair (d | z of FIPS 203) and of one encapsulation (m). */
const MLKEM_SEED_LENGTH = 64;
const MLKEM_COINS_LENGTH = 32;

/** The client's side between its message and the server's. Good for one answer; never leaves the process. */
export interface Offer {
  /** To be sent: OFFER_LENGTH bytes. */
  readonly message: Uint8Array;
  /** Kept, and wiped by `acceptAnswer`. */
  readonly secret: { readonly x25519: Uint8Array; readonly mlkem: Uint8Array; spent: boolean };
}

/** What the server makes of an offer. */
export interface Agreed {
  /** To be sent back: ANSWER_LENGTH bytes. */
  readonly answer: Uint8Array;
  /** The root secret, that of key phase 0: 32 bytes. */
  readonly secret: Uint8Array;
}

/** Client, first: fresh key pairs. */
export function createOffer(random: Random): Offer {
  const exchange = createExchange(random);
  const seed = random(MLKEM_SEED_LENGTH);
  const keys = ml_kem768.keygen(seed);
  wipe(seed);
  return {
    message: join(exchange.publicKey, keys.publicKey),
    secret: { x25519: exchange.privateKey, mlkem: keys.secretKey, spent: false },
  };
}

/** Server: answers an offer. Throws a DecodeError on one that no honest client sends. */
export function answerOffer(message: Uint8Array, random: Random): Agreed {
  if (message.length !== OFFER_LENGTH) {
    throw new DecodeError(`Cannot answer the offer: it has ${message.length} bytes instead of ${OFFER_LENGTH}`);
  }
  const exchange = createExchange(random);
  const x25519Secret = agree(exchange.privateKey, message);
  const coins = random(MLKEM_COINS_LENGTH);
  const { cipherText, sharedSecret } = encapsulate(message.slice(X25519_LENGTH), coins);
  const answer = join(exchange.publicKey, cipherText);
  const secret = rootSecret(sharedSecret, x25519Secret, message, answer);
  wipe(exchange.privateKey, coins, sharedSecret, x25519Secret);
  return { answer, secret };
}

/**
 * Client, last: the same root secret as the server's. Throws a DecodeError on an answer that no honest server sends. A
 * ciphertext changed on the way gives another secret (FIPS 203's implicit rejection), so that no datagram will ever open.
 * The offer's private keys are wiped in every case: an offer is good for one answer.
 */
export function acceptAnswer(offer: Offer, answer: Uint8Array): Uint8Array {
  assert(!offer.secret.spent, 'an offer is good for one answer');
  try {
    if (answer.length !== ANSWER_LENGTH) {
      throw new DecodeError(`Cannot accept the answer: it has ${answer.length} bytes instead of ${ANSWER_LENGTH}`);
    }
    const x25519Secret = agree(offer.secret.x25519, answer);
    const mlkemSecret = ml_kem768.decapsulate(answer.slice(X25519_LENGTH), offer.secret.mlkem);
    const secret = rootSecret(mlkemSecret, x25519Secret, offer.message, answer);
    wipe(mlkemSecret, x25519Secret);
    return secret;
  } finally {
    offer.secret.spent = true;
    wipe(offer.secret.x25519, offer.secret.mlkem);
  }
}

/**
 * Runs a whole agreement with itself and throws it away, so that the engine has compiled the arithmetic before it is
 * needed: to be called while waiting for the network. `random` need not be random.
 */
export function warmUp(random: Random = (length) => new Uint8Array(length).fill(1)): void {
  const offer = createOffer(random);
  acceptAnswer(offer, answerOffer(offer.message, random).answer);
}

/** HKDF over ML-KEM's secret and X25519's, in this order, bound to both messages. */
function rootSecret(mlkem: Uint8Array, x25519: Uint8Array, offer: Uint8Array, answer: Uint8Array): Uint8Array {
  const material = join(mlkem, x25519);
  const secret = deriveFrom(labelBytes('agreement'), material, 'root', transcriptOf(offer, answer), SECRET_LENGTH);
  wipe(material);
  return secret;
}

/** X25519 with the public key at the head of a message. */
function agree(privateKey: ExchangeKeys['privateKey'], message: Uint8Array): Uint8Array {
  const shared = agreeExchange(privateKey, message.slice(0, X25519_LENGTH));
  if (shared === undefined) throw new DecodeError('Cannot agree on keys: the X25519 public key is of low order');
  return shared;
}

/** Checks the key's coefficients, as FIPS 203 §7.2 asks for, and encapsulates. */
function encapsulate(publicKey: Uint8Array, coins: Uint8Array): { cipherText: Uint8Array; sharedSecret: Uint8Array } {
  try {
    return ml_kem768.encapsulate(publicKey, coins);
  } catch (cause) {
    throw new DecodeError('Cannot agree on keys: the ML-KEM-768 key is not a valid one', { cause });
  }
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
