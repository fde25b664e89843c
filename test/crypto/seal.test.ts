import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DirectionKey, open, seal } from '../../protocol/crypto/seal.ts';
import { bytesOf, hexOf } from './hex.ts';

const MAX_NUMBER = 2 ** 48 - 1;

const directionKey = fc.record({
  key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  iv: fc.uint8Array({ minLength: 12, maxLength: 12 }),
});
const packetNumber = fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: MAX_NUMBER }));
const header = fc.uint8Array({ maxLength: 20 });
const plaintext = fc.uint8Array({ maxLength: 200 });

describe('sealing', () => {
  it('gives the AEAD example of RFC 8439 §2.8.2', () => {
    const key: DirectionKey = {
      key: bytesOf('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
      iv: bytesOf('070000004041000000000000'),
    };
    const text =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
    const sealed = seal(key, 0x424344454647, bytesOf('50515253c0c1c2c3c4c5c6c7'), new Uint8Array(Buffer.from(text)));
    expect(hexOf(sealed)).toBe(
      hexOf(
        bytesOf(`d31a8d34648e60db7b86afbc53ef7ec2 a4aded51296e08fea9e2b5a736ee62d6
          3dbea45e8ca9671282fafb69da92728b 1a71de0a9e060b2905d6a5b67ecd3b36
          92ddbd7f2d778b8c9803aee328091b58 fab324e4fad675945585808b4831d7bc
          3ff4def08e4b7a9de576d26586cec64b 6116 1ae10b594f09e26a7e902ecbd0600691`),
      ),
    );
  });

  it('makes the nonce of RFC 9001, appendix A.5', () => {
    const key: DirectionKey = {
      key: bytesOf('c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8'),
      iv: bytesOf('e0459b3474bdd0e44a41c144'),
    };
    const sealed = seal(key, 654_360_564, bytesOf('4200bff4'), bytesOf('01'));
    expect(hexOf(sealed)).toBe('655e5cd55c41f69080575d7999c25a5bfb');
    expect(hexOf(open(key, 654_360_564, bytesOf('4200bff4'), sealed))).toBe('01');
  });

  it('equals the ChaCha20-Poly1305 of node:crypto, over all 48 bits of the packet number', () => {
    fc.assert(
      fc.property(directionKey, packetNumber, header, plaintext, (key, number, head, plain) => {
        const nonce = Buffer.from(key.iv);
        const counter = Buffer.alloc(12);
        counter.writeUIntBE(number, 6, 6);
        for (let i = 0; i < 12; i++) nonce[i] = (nonce[i] ?? 0) ^ (counter[i] ?? 0);
        const cipher = createCipheriv('chacha20-poly1305', key.key, nonce, { authTagLength: 16 });
        cipher.setAAD(head, { plaintextLength: plain.length });
        const expected = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
        expect(hexOf(seal(key, number, head, plain))).toBe(expected.toString('hex'));
        expect(hexOf(open(key, number, head, expected))).toBe(hexOf(plain));
      }),
    );
  });

  it('opens what was sealed', () => {
    fc.assert(
      fc.property(directionKey, packetNumber, header, plaintext, (key, number, head, plain) => {
        expect(hexOf(open(key, number, head, seal(key, number, head, plain)))).toBe(hexOf(plain));
      }),
    );
  });

  it('leaves its arguments as they were', () => {
    const key: DirectionKey = { key: new Uint8Array(32).fill(1), iv: new Uint8Array(12).fill(2) };
    const head = Uint8Array.of(3);
    const plain = Uint8Array.of(4, 5);
    const sealed = seal(key, 77, head, plain);
    const before = hexOf(sealed);
    open(key, 77, head, sealed);
    expect([hexOf(key.iv), hexOf(head), hexOf(plain), hexOf(sealed)]).toEqual(['02'.repeat(12), '03', '0405', before]);
  });

  it('opens views into a datagram, wherever they begin', () => {
    fc.assert(
      fc.property(directionKey, packetNumber, header, plaintext, (key, number, head, plain) => {
        const datagram = new Uint8Array([...head, ...seal(key, number, head, plain)]);
        const opened = open(key, number, datagram.subarray(0, head.length), datagram.subarray(head.length));
        expect(hexOf(opened)).toBe(hexOf(plain));
      }),
    );
  });

  it('refuses packet numbers outside of 48 bits: they would repeat a nonce', () => {
    const key: DirectionKey = { key: new Uint8Array(32), iv: new Uint8Array(12) };
    for (const number of [-1, 0.5, Number.NaN, 2 ** 48]) {
      expect(() => seal(key, number, new Uint8Array(0), new Uint8Array(0))).toThrow('a packet number is an integer');
    }
  });
});

describe('opening', () => {
  it('refuses a datagram with any bit flipped, in header, ciphertext or tag', () => {
    fc.assert(
      fc.property(directionKey, packetNumber, header, plaintext, fc.nat(), (key, number, head, plain, at) => {
        const sealed = seal(key, number, head, plain);
        const bit = at % ((head.length + sealed.length) * 8);
        const inHeader = bit < head.length * 8;
        const badHead = inHeader ? flip(head, bit) : head;
        const badSealed = inHeader ? sealed : flip(sealed, bit - head.length * 8);
        expect(open(key, number, badHead, badSealed)).toBeUndefined();
      }),
    );
  });

  it('refuses every truncation and extension', () => {
    const key: DirectionKey = { key: new Uint8Array(32).fill(1), iv: new Uint8Array(12).fill(2) };
    const head = Uint8Array.of(1, 2, 3);
    const sealed = seal(key, 1, head, new Uint8Array(40).fill(7));
    for (let length = 0; length < sealed.length; length++) {
      expect(open(key, 1, head, sealed.subarray(0, length))).toBeUndefined();
      expect(open(key, 1, head, sealed.subarray(sealed.length - length))).toBeUndefined();
    }
    expect(open(key, 1, head, new Uint8Array([...sealed, 0]))).toBeUndefined();
  });

  it('refuses another packet number, another key and another IV', () => {
    fc.assert(
      fc.property(directionKey, directionKey, packetNumber, packetNumber, (key, other, number, otherNumber) => {
        fc.pre(number !== otherNumber && hexOf(key.key) !== hexOf(other.key) && hexOf(key.iv) !== hexOf(other.iv));
        const head = new Uint8Array(15);
        const sealed = seal(key, number, head, Uint8Array.of(1, 2, 3));
        expect(open(key, otherNumber, head, sealed)).toBeUndefined();
        expect(open({ key: other.key, iv: key.iv }, number, head, sealed)).toBeUndefined();
        expect(open({ key: key.key, iv: other.iv }, number, head, sealed)).toBeUndefined();
      }),
    );
  });

  it('refuses any bytes that were never sealed, without throwing', () => {
    fc.assert(
      fc.property(directionKey, packetNumber, header, fc.uint8Array({ maxLength: 100 }), (key, number, head, bytes) => {
        expect(open(key, number, head, bytes)).toBeUndefined();
      }),
    );
  });
});

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}
