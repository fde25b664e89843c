import { hkdfSync } from 'node:crypto';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveFrom, deriveLabelled, labelBytes } from '../../protocol/crypto/labels.ts';
import { bytesOf, hexOf } from './hex.ts';

describe('HKDF', () => {
  it('gives the first test case of RFC 5869, appendix A.1', () => {
    const secret = extract(sha256, bytesOf('0b'.repeat(22)), bytesOf('000102030405060708090a0b0c'));
    expect(hexOf(secret)).toBe('077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5');
    expect(hexOf(expand(sha256, secret, bytesOf('f0f1f2f3f4f5f6f7f8f9'), 42))).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
  });
});

describe('a labelled derivation', () => {
  it('is HKDF-SHA256 with the info that SPEC.md names, in one step or in two', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.integer({ min: 1, max: 100 }), (salt, material, context, length) => {
        const info = Buffer.concat([Buffer.from('\x0brove 1 test'), context]);
        const expected = Buffer.from(hkdfSync('sha256', material, salt, info, length)).toString('hex');
        expect(hexOf(deriveFrom(salt, material, 'test', context, length))).toBe(expected);
        expect(hexOf(deriveLabelled(extract(sha256, material, salt), 'test', context, length))).toBe(expected);
      }),
    );
  });

  it('tells a label from a context that continues it', () => {
    const secret = new Uint8Array(32).fill(1);
    const one = deriveLabelled(secret, 'key', bytesOf('61'), 32);
    const other = deriveLabelled(secret, 'keya', new Uint8Array(0), 32);
    expect(hexOf(one)).not.toBe(hexOf(other));
    expect(Buffer.from(labelBytes('key')).toString()).toBe('rove 1 key');
  });
});
