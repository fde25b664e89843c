import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError, equalBytes, Reader, varintLength, Writer } from '../../protocol/bytes.ts';
import { arbitraryVarint } from './arbitrary-frame.ts';

function encoded(value: number): Uint8Array {
  const writer = new Writer();
  writer.varint(value);
  return writer.finish();
}

describe('a varint', () => {
  it('takes 1, 2, 4 or 8 bytes, as RFC 9000 §A.1 shows', () => {
    expect([...encoded(37)]).toEqual([0x25]);
    expect([...encoded(15_293)]).toEqual([0x7b, 0xbd]);
    expect([...encoded(494_878_333)]).toEqual([0x9d, 0x7f, 0x3e, 0x7d]);
    expect(new Reader(Uint8Array.of(0x40, 0x25)).varint()).toBe(37);
    // The RFC's own example of eight bytes is beyond what is exact here.
    const long = Uint8Array.of(0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c);
    expect(() => new Reader(long).varint()).toThrow(DecodeError);
    expect([...encoded(0x0102_0304_0506)]).toEqual([0xc0, 0, 1, 2, 3, 4, 5, 6]);
  });

  it('changes its length at these values', () => {
    for (const [value, length] of [
      [0, 1],
      [63, 1],
      [64, 2],
      [16_383, 2],
      [16_384, 4],
      [2 ** 30 - 1, 4],
      [2 ** 30, 8],
      [2 ** 32, 8],
      [2 ** 48, 8],
      [Number.MAX_SAFE_INTEGER, 8],
    ] as const) {
      expect(encoded(value)).toHaveLength(length);
      expect(varintLength(value)).toBe(length);
      expect(new Reader(encoded(value)).varint()).toBe(value);
    }
  });

  it('comes back as it went', () => {
    fc.assert(fc.property(arbitraryVarint, (value) => new Reader(encoded(value)).varint() === value));
  });

  it('over 2^53 - 1 is refused, and one that is cut off', () => {
    expect(() => new Reader(Uint8Array.of(0xc0, 0x20, 0, 0, 0, 0, 0, 0)).varint()).toThrow(DecodeError);
    expect(() => new Reader(new Uint8Array(8).fill(0xff)).varint()).toThrow(DecodeError);
    for (const value of [64, 16_384, 2 ** 30])
      expect(() => new Reader(encoded(value).subarray(0, -1)).varint()).toThrow(DecodeError);
  });
});

describe('a reader', () => {
  it('reads what a writer wrote', () => {
    fc.assert(
      fc.property(
        fc.nat(0xff),
        fc.nat(0xffff),
        fc.nat(0xffff_ffff),
        fc.nat(2 ** 48 - 1),
        fc.uint8Array(),
        (a, b, c, d, e) => {
          const writer = new Writer();
          writer.u8(a);
          writer.u16(b);
          writer.u32(c);
          writer.u48(d);
          writer.bytes(e);
          const reader = new Reader(writer.finish());
          expect([reader.u8(), reader.u16(), reader.u32(), reader.u48()]).toEqual([a, b, c, d]);
          expect(equalBytes(reader.rest(), e)).toBe(true);
          reader.end('a test');
        },
      ),
    );
  });

  it('refuses to read beyond the end, to leave something, and a count over its limit', () => {
    expect(() => new Reader(new Uint8Array(3)).take(4)).toThrow(DecodeError);
    expect(() => new Reader(new Uint8Array(3)).u32()).toThrow(DecodeError);
    expect(() => new Reader(new Uint8Array(3)).end('a test')).toThrow('3 bytes too many');
    expect(() => new Reader(encoded(11)).count(10, 'a test')).toThrow('over the limit of 10');
    expect(new Reader(encoded(10)).count(10, 'a test')).toBe(10);
  });
});

describe('a writer', () => {
  it('grows, forgets and cuts', () => {
    const writer = new Writer();
    for (let i = 0; i < 1_000; i++) writer.u8(i & 0xff);
    writer.bytes(new Uint8Array(5_000));
    expect(writer.length).toBe(6_000);
    writer.truncate(300);
    expect([...writer.finish()]).toEqual(Array.from({ length: 300 }, (_, i) => i & 0xff));
    writer.clear();
    const other = new Writer();
    other.u16(0x0102);
    writer.append(other);
    expect([...writer.finish()]).toEqual([1, 2]);
  });
});
