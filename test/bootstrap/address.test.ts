import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressFamily } from '../../protocol/bootstrap/address.ts';

/** What addresses are made of, in any order: mostly wrong, often nearly right. */
const nearly = fc
  .array(
    fc.constantFrom(
      ':',
      '::',
      '.',
      '0',
      '1',
      '12',
      '255',
      '256',
      '01',
      'a',
      'ffff',
      '12345',
      '1.2.3.4',
      '%eth0',
      'g',
      ' ',
    ),
    { maxLength: 17 },
  )
  .map((parts) => parts.join(''));

describe('a literal address', () => {
  it('is what node:net says it is, but for zones', () => {
    fc.assert(
      fc.property(fc.oneof(nearly, fc.ipV4(), fc.ipV6(), fc.ipV4Extended(), fc.string()), (text) => {
        fc.pre(!text.includes('%'));
        expect(addressFamily(text) ?? 0).toBe(isIP(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['127.0.0.1', 4],
    ['255.255.255.255', 4],
    ['256.0.0.1', undefined],
    ['1.2.3', undefined],
    ['1.2.3.4.', undefined],
    ['01.2.3.4', undefined],
    ['::', 6],
    ['::1', 6],
    ['1::', 6],
    ['fe80::1%eth0', undefined],
    ['::ffff:192.0.2.1', 6],
    ['1:2:3:4:5:6:7:8', 6],
    ['1:2:3:4:5:6:7', undefined],
    ['1:2:3:4:5:6:7::', 6],
    ['1:2:3:4:5:6:7:8::', undefined],
    ['1::2::3', undefined],
    [':::', undefined],
    [':1', undefined],
    ['1:', undefined],
    ['localhost', undefined],
    ['', undefined],
  ])('%s: %s', (text, family) => {
    expect(addressFamily(text)).toBe(family);
  });

  it('is refused quickly when it is long', () => {
    expect(addressFamily(':'.repeat(1_000_000))).toBeUndefined();
    expect(addressFamily('1.'.repeat(1_000_000))).toBeUndefined();
  });
});
