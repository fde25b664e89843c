/**
 * Two thousand lives of a session, each drawn from its seed (scenario.ts), each checked at every step (world.ts). A failure names its
 * seed: `npm run sim -- --seed N` replays it.
 */

import { describe, expect, test } from 'vitest';
import { fingerprint, simulate } from './world.ts';

const SEEDS = 2_000;
const BATCH = 250;

describe('simulation', () => {
  for (let first = 0; first < SEEDS; first += BATCH) {
    test(`holds its invariants for the seeds ${first} to ${first + BATCH - 1}`, () => {
      for (let seed = first; seed < first + BATCH; seed++) simulate(seed);
    });
  }

  test('does the same again for the same seed', () => {
    for (const seed of [1, 7, 77]) expect(fingerprint(simulate(seed))).toBe(fingerprint(simulate(seed)));
  });
});
