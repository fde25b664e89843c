import { createHash, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto';
import { shake128 } from '@noble/hashes/sha3.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../protocol/bytes.ts';
import {
  ANSWER_LENGTH,
  acceptAnswer,
  answerOffer,
  createOffer,
  OFFER_LENGTH,
  warmUp,
} from '../../protocol/crypto/agreement.ts';
import { bytesOf, hexOf } from './hex.ts';
import { countingRandom, systemRandom } from './random.ts';

/** The points of small order and their unreduced twins, https://cr.yp.to/ecdh.html#validate. */
const LOW_ORDER_POINTS = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

/** 100 rounds with inputs from one SHAKE128, outputs hashed by another: `TestAccumulated` (short) of Go's crypto/mlkem. */
const MLKEM_ACCUMULATED = '1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415';

describe('ML-KEM-768', () => {
  it('is that of FIPS 203 in a hundred rounds, rejected ciphertexts included', () => {
    const inputs = shake128.create({});
    const outputs = shake128.create({});
    for (let round = 0; round < 100; round++) {
      const { publicKey, secretKey } = ml_kem768.keygen(inputs.xof(64));
      const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, inputs.xof(32));
      expect(hexOf(ml_kem768.decapsulate(cipherText, secretKey))).toBe(hexOf(sharedSecret));
      const rejected = ml_kem768.decapsulate(inputs.xof(1088), secretKey);
      for (const output of [publicKey, cipherText, sharedSecret, rejected]) outputs.update(output);
    }
    expect(hexOf(outputs.xof(32))).toBe(MLKEM_ACCUMULATED);
  });
});

describe('the key agreement', () => {
  it('gives both sides the same 32 bytes', () => {
    const offer = createOffer(systemRandom);
    const { answer, secret } = answerOffer(offer.message, systemRandom);
    expect(offer.message).toHaveLength(OFFER_LENGTH);
    expect(answer).toHaveLength(ANSWER_LENGTH);
    expect(secret).toHaveLength(32);
    expect(hexOf(acceptAnswer(offer, answer))).toBe(hexOf(secret));
  });

  it('gives each session another secret', () => {
    const offer = createOffer(systemRandom).message;
    const secrets = [1, 2, 3].map(() => hexOf(answerOffer(offer, systemRandom).secret));
    expect(new Set(secrets).size).toBe(3);
  });

  it('equals the same steps taken with the X25519, SHA-256 and HKDF of node:crypto', () => {
    const offer = createOffer(countingRandom(0));
    const { answer, secret } = answerOffer(offer.message, countingRandom(0x60));
    const clientPrivate = Uint8Array.from({ length: 32 }, (_, i) => i);
    const seed = Uint8Array.from({ length: 64 }, (_, i) => 0x20 + i);

    const x25519Secret = nodeX25519(clientPrivate, answer.slice(0, 32));
    const mlkemSecret = ml_kem768.decapsulate(answer.slice(32), ml_kem768.keygen(seed).secretKey);
    const transcript = createHash('sha256').update(offer.message).update(answer).digest();
    const info = Buffer.concat([Buffer.from('\x0brove 1 root'), transcript]);
    const root = hkdfSync('sha256', Buffer.concat([mlkemSecret, x25519Secret]), 'rove 1 agreement', info, 32);
    expect(hexOf(secret)).toBe(Buffer.from(root).toString('hex'));
  });

  it('is frozen: the vector of SPEC.md', () => {
    const offer = createOffer(countingRandom(0));
    const { answer, secret } = answerOffer(offer.message, countingRandom(0x60));
    expect(hexOf(offer.message.slice(0, 32))).toBe('8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f');
    expect(sha256(offer.message)).toBe('71303144a1874323cb56388b365f18b4fa23ca3d02e3bde52c29abd20867a74f');
    expect(sha256(answer)).toBe('fc58d9621515a6ce97f96396742da6b8b8a2009af76ee956f1f2007564200f84');
    expect(hexOf(secret)).toBe('28f8f82bd7b918c6d87362ac27be508edaa31a9bde8811f88f4555a4cc8e6bc2');
    expect(hexOf(acceptAnswer(offer, answer))).toBe(hexOf(secret));
  });

  it('gives another secret, and no error, for a corrupted ML-KEM ciphertext', () => {
    const bits = fc.integer({ min: 32 * 8, max: ANSWER_LENGTH * 8 - 1 });
    fc.assert(
      fc.property(bits, (bit) => {
        const offer = createOffer(systemRandom);
        const { answer, secret } = answerOffer(offer.message, systemRandom);
        expect(hexOf(acceptAnswer(offer, flip(answer, bit)))).not.toBe(hexOf(secret));
      }),
      { numRuns: 10 },
    );
  });

  it('depends on every bit of both messages, even where the shared secrets do not', () => {
    // X25519 ignores the top bit of a public key (RFC 7748 §5): only the transcript sees it.
    const offer = createOffer(systemRandom);
    const { answer, secret } = answerOffer(flip(offer.message, 31 * 8 + 7), systemRandom);
    expect(hexOf(acceptAnswer(offer, answer))).not.toBe(hexOf(secret));

    const other = createOffer(systemRandom);
    const agreed = answerOffer(other.message, systemRandom);
    expect(hexOf(acceptAnswer(other, flip(agreed.answer, 31 * 8 + 7)))).not.toBe(hexOf(agreed.secret));
  });

  it('refuses messages of another length', () => {
    const { message } = createOffer(systemRandom);
    const { answer } = answerOffer(message, systemRandom);
    for (const wrong of [message.slice(1), new Uint8Array(0), new Uint8Array([...message, 0])]) {
      expect(() => answerOffer(wrong, systemRandom)).toThrow(DecodeError);
    }
    for (const wrong of [answer.slice(1), new Uint8Array(0), new Uint8Array([...answer, 0])]) {
      expect(() => acceptAnswer(createOffer(systemRandom), wrong)).toThrow(DecodeError);
    }
  });

  it.each(LOW_ORDER_POINTS)('refuses the low-order public key %s on both sides', (point) => {
    const offer = createOffer(systemRandom);
    const { answer } = answerOffer(offer.message, systemRandom);
    const badOffer = offer.message.slice();
    badOffer.set(bytesOf(point));
    answer.set(bytesOf(point));
    expect(() => answerOffer(badOffer, systemRandom)).toThrow(DecodeError);
    expect(() => acceptAnswer(offer, answer)).toThrow(DecodeError);
  });

  it('refuses an ML-KEM key with a coefficient over the modulus (FIPS 203 §7.2)', () => {
    const { message } = createOffer(systemRandom);
    message.fill(0xff, 32, 35);
    expect(() => answerOffer(message, systemRandom)).toThrow(DecodeError);
  });

  it('answers any bytes of the right length with a value or a DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: OFFER_LENGTH, maxLength: OFFER_LENGTH }), (message) => {
        try {
          expect(answerOffer(message, systemRandom).secret).toHaveLength(32);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('overwrites the private keys and takes no second answer', () => {
    const offer = createOffer(systemRandom);
    const { answer } = answerOffer(offer.message, systemRandom);
    acceptAnswer(offer, answer);
    expect(offer.secret.x25519.every((byte) => byte === 0)).toBe(true);
    expect(offer.secret.mlkem.every((byte) => byte === 0)).toBe(true);
    expect(() => acceptAnswer(offer, answer)).toThrow('an offer is good for one answer');
  });

  it('overwrites the private keys when the answer is bad, too', () => {
    const offer = createOffer(systemRandom);
    expect(() => acceptAnswer(offer, new Uint8Array(3))).toThrow(DecodeError);
    expect(offer.secret.x25519.every((byte) => byte === 0)).toBe(true);
  });

  it('warms up without randomness', () => {
    expect(() => warmUp()).not.toThrow();
  });
});

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function nodeX25519(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const pkcs8 = Buffer.concat([bytesOf('302e020100300506032b656e04220420'), privateKey]);
  const spki = Buffer.concat([bytesOf('302a300506032b656e032100'), publicKey]);
  return diffieHellman({
    privateKey: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }),
    publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
  });
}
