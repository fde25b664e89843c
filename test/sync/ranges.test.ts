import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRange, type Range, removeRange } from '../../protocol/sync/ranges.ts';

/** The slow twin: every integer by itself. */
function members(ranges: readonly Range[]): number[] {
  return ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
}

const change = fc.record({ add: fc.boolean(), from: fc.nat(40), length: fc.integer({ min: 1, max: 12 }) });

describe('ranges', () => {
  it('hold what a set of integers holds, ascending and apart', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        let ranges: Range[] = [];
        const twin = new Set<number>();
        for (const { add, from, length } of changes) {
          const range = { from, to: from + length };
          ranges = add ? addRange(ranges, range) : removeRange(ranges, range);
          for (const member of members([range])) {
            if (add) twin.add(member);
            else twin.delete(member);
          }
          expect(members(ranges)).toEqual([...twin].sort((a, b) => a - b));
          for (const [i, { from: start }] of ranges.entries()) {
            const before = ranges[i - 1];
            if (before !== undefined) expect(start).toBeGreaterThan(before.to);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
