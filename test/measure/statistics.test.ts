import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diceFrom } from '../../bench/link/random.ts';
import {
  mean,
  medianInterval,
  missing,
  orInfinity,
  percentile,
  shareBelow,
  standardDeviation,
} from '../../bench/measure/statistics.ts';

const times = fc.array(fc.oneof(fc.double({ min: 0, max: 1e4, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)), {
  minLength: 1,
  maxLength: 300,
});

describe('percentile()', () => {
  test('is the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    for (let rank = 1; rank <= 100; rank++) expect(percentile(hundred, rank / 100)).toBe(rank);
    expect(percentile([15, 20, 35, 40, 50], 0.3)).toBe(20);
    expect(percentile([15, 20, 35, 40, 50], 0)).toBe(15);
    expect(percentile([], 0.5)).toBeNaN();
  });

  test('is a value that so large a share does not exceed, and no smaller one is', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const found = percentile(values, percent / 100);
        const notAbove = values.filter((value) => value <= found).length;
        const below = values.filter((value) => value < found).length;
        expect(values).toContain(found);
        expect(notAbove * 100).toBeGreaterThanOrEqual(percent * values.length);
        expect(below * 100).toBeLessThan(percent * values.length);
      }),
    );
  });

  test('counts what never came', () => {
    const values = [1, 2, 3, null, null].map(orInfinity);
    expect(percentile(values, 0.6)).toBe(3);
    expect(percentile(values, 0.61)).toBe(Number.POSITIVE_INFINITY);
    expect(shareBelow(values, 3)).toBe(0.4);
  });
});

describe('mean() and standardDeviation()', () => {
  test('are over what was shown, and missing() says how many were not', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9, null].map(orInfinity);
    expect(mean(values)).toBe(5);
    expect(standardDeviation(values)).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(missing(values)).toBe(1);
    expect(mean([Number.POSITIVE_INFINITY])).toBeNaN();
    expect(standardDeviation([3])).toBeNaN();
  });
});

describe('medianInterval()', () => {
  test('has the ranks of the published tables', () => {
    // Conover's and Dixon & Massey's: the k-th smallest and largest of n.
    for (const [count, rank] of [
      [6, 1],
      [8, 1],
      [9, 2],
      [10, 2],
      [15, 4],
      [20, 6],
      [25, 8],
      [50, 18],
      [100, 40],
    ] as const) {
      const values = Array.from({ length: count }, (_, index) => index + 1);
      expect(medianInterval(values)).toEqual({ median: (count + 1) / 2, low: rank, high: count + 1 - rank });
    }
  });

  test('is unbounded for fewer than six values', () => {
    for (let count = 0; count < 6; count++) {
      const { low, high } = medianInterval(Array.from({ length: count }, () => 1));
      expect([low, high]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    }
  });

  test('narrows with the square root of the count, however many there are', () => {
    for (const count of [100, 2_000, 40_000]) {
      const values = Array.from({ length: count }, (_, index) => (index + 0.5) / count);
      const { low, high } = medianInterval(values);
      expect((high - low) * Math.sqrt(count)).toBeCloseTo(1.96, 0);
    }
  });

  test('holds the true median in 95 of 100 samples, with what never came among them', () => {
    const dice = diceFrom(5);
    let held = 0;
    for (let round = 0; round < 2_000; round++) {
      const sample = Array.from({ length: 31 }, () => {
        const drawn = dice.next();
        return drawn > 0.8 ? Number.POSITIVE_INFINITY : drawn;
      });
      const { low, high } = medianInterval(sample);
      if (low <= 0.5 && high >= 0.5) held++;
    }
    // At least 95 % is promised; order statistics come in steps, here one of 97 %.
    expect(held / 2_000).toBeGreaterThan(0.95);
    expect(held / 2_000).toBeLessThan(0.99);
  });

  test('lies around the median, between the smallest and the largest', () => {
    fc.assert(
      fc.property(times, (values) => {
        const { median, low, high } = medianInterval(values);
        expect(low).toBeLessThanOrEqual(median);
        expect(high).toBeGreaterThanOrEqual(median);
      }),
    );
  });
});
