import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { DecodeError, Writer } from '../../protocol/bytes.ts';
import { MAX_DIFF_BYTES } from '../../protocol/constants.ts';
import { compress, expand } from '../../protocol/sync/compression.ts';
import { seededRandom } from '../crypto/random.ts';

function deflated(length: number, data: Uint8Array): Uint8Array {
  const writer = new Writer();
  writer.u8(1);
  writer.varint(length);
  writer.bytes(data);
  return writer.finish();
}

describe('compression', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 1, max: 40 }), (bytes, times) => {
        const diff = new Uint8Array(bytes.length * times);
        for (let i = 0; i < times; i++) diff.set(bytes, i * bytes.length);
        const sent = compress(diff);
        expect(sent.length).toBeLessThanOrEqual(diff.length + 1);
        expect([...expand(sent)]).toEqual([...diff]);
      }),
      { numRuns: 100 },
    );
  });

  it('costs what can not be made smaller one byte', () => {
    expect(compress(seededRandom(1)(5_000)).length).toBe(5_001);
    expect(compress(new Uint8Array(100)).length).toBe(101);
    expect(compress(new Uint8Array(1_000_000)).length).toBeLessThan(2_000);
  });

  it('expands or refuses any bytes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 2),
        fc.nat(2_000),
        fc.uint8Array({ maxLength: 300 }),
        (method, length, bytes) => {
          const writer = new Writer();
          writer.u8(method);
          if (method === 1) writer.varint(length);
          writer.bytes(bytes);
          try {
            const expanded = expand(writer.finish());
            expect(expanded.length).toBe(method === 0 ? bytes.length : length);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses what is longer or shorter than it says, or breaks off', () => {
    const data = deflateSync(new Uint8Array(1_000));
    expect(expand(deflated(1_000, data))).toHaveLength(1_000);
    for (const bad of [
      deflated(999, data),
      deflated(1_001, data),
      deflated(1_000, data.subarray(0, -1)),
      deflated(0, new Uint8Array(0)),
    ])
      expect(() => expand(bad)).toThrow(DecodeError);
    expect(() => expand(deflated(MAX_DIFF_BYTES + 1, data))).toThrow('over the limit');
    expect(() => expand(new Uint8Array(0))).toThrow(DecodeError);
  });

  it('inflates a bomb no further than its announced length and a slice', () => {
    const bomb = deflateSync(new Uint8Array(50_000_000), { level: 9 });
    const before = process.memoryUsage().arrayBuffers;
    expect(() => expand(deflated(1_000, bomb))).toThrow(DecodeError);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(25_000_000);
  });
});
