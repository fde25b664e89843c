import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median } from '../../bench/figures.ts';
import { diceFrom } from '../../bench/link/random.ts';
import { drawGapMs, GAP_MS_MAX, GAP_MS_MIN, type Pause } from '../../bench/work/gaps.ts';

const PAUSES: readonly Pause[] = ['inside', 'word', 'symbol', 'again', 'correction', 'command', 'enter', 'thought'];

function gaps(seed: number, pause: Pause, count: number): number[] {
  const dice = diceFrom(seed);
  return Array.from({ length: count }, () => drawGapMs(dice, pause));
}

describe('gaps between keys', () => {
  test('are whole milliseconds within the bounds, whatever the dice', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...PAUSES), (seed, pause) => {
        for (const gap of gaps(seed, pause, 20)) {
          expect(Number.isInteger(gap)).toBe(true);
          expect(gap).toBeGreaterThanOrEqual(GAP_MS_MIN);
          expect(gap).toBeLessThanOrEqual(GAP_MS_MAX);
        }
      }),
    );
  });

  test('inside a word are those of a fast typist, skewed to the long side', () => {
    const inside = gaps(1, 'inside', 2000);
    const mean = inside.reduce((sum, gap) => sum + gap, 0) / inside.length;
    expect(median(inside)).toBeGreaterThan(118);
    expect(median(inside)).toBeLessThan(132);
    expect(mean).toBeGreaterThan(median(inside) + 3);
    expect(new Set(inside).size).toBeGreaterThan(100);
  });

  test('are longer before Enter, before a correction and after output than inside a word', () => {
    const inside = median(gaps(2, 'inside', 500));
    for (const pause of ['enter', 'correction', 'thought'] as const) {
      expect(median(gaps(2, pause, 500))).toBeGreaterThan(1.5 * inside);
    }
  });

  test('survive dice at either end', () => {
    for (const value of [0, 1 - 2 ** -32]) {
      const gap = drawGapMs({ next: () => value }, 'inside');
      expect(gap).toBeGreaterThanOrEqual(GAP_MS_MIN);
      expect(gap).toBeLessThanOrEqual(GAP_MS_MAX);
    }
  });
});
