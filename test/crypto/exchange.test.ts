import { x25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { agreeExchange, createExchange } from '../../protocol/crypto/exchange.ts';
import { bytesOf, hexOf } from './hex.ts';
import { systemRandom } from './random.ts';

describe('X25519', () => {
  it('gives the Diffie-Hellman example of RFC 7748 §6.1', () => {
    const alice = createExchange(() => bytesOf('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'));
    const bob = createExchange(() => bytesOf('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'));
    const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
    expect(hexOf(alice.publicKey)).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    expect(hexOf(bob.publicKey)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    expect(hexOf(agreeExchange(alice.privateKey, bob.publicKey))).toBe(shared);
    expect(hexOf(agreeExchange(bob.privateKey, alice.publicKey))).toBe(shared);
  });

  it('gives the first scalar multiplication of RFC 7748 §5.2', () => {
    const scalar = bytesOf('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4');
    const u = bytesOf('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c');
    expect(hexOf(agreeExchange(scalar, u))).toBe('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552');
  });

  it('makes the public keys that the library makes from its tables', () => {
    for (let run = 0; run < 5; run++) {
      const { publicKey, privateKey } = createExchange(systemRandom);
      expect(hexOf(publicKey)).toBe(hexOf(x25519.getPublicKey(privateKey)));
    }
  });

  it('agrees on nothing with a public key of low order or of another length', () => {
    const { privateKey } = createExchange(systemRandom);
    expect(agreeExchange(privateKey, new Uint8Array(32))).toBeUndefined();
    expect(agreeExchange(privateKey, new Uint8Array(31).fill(9))).toBeUndefined();
    expect(agreeExchange(privateKey, new Uint8Array(33).fill(9))).toBeUndefined();
  });
});
