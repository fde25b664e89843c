import { describe, expect, test } from 'vitest';
import { Corpus, type Score } from './corpus.ts';

const SHELLS = ['bash', 'zsh', 'fish'];
const ROUND_TRIPS_MS = [80, 273, 500];

function share(part: number, { letters }: Score): number {
  return part / letters;
}

describe.each([
  ['the recorded sessions', new Corpus(false)],
  ['those that are held out', new Corpus(true)],
])('%s', (_name, corpus) => {
  test.each(ROUND_TRIPS_MS)('at a round trip of %d ms show 98 of 100 letters in shells at once', (rttMs) => {
    const { all } = corpus.score({ rttMs }, SHELLS);
    expect(all.letters).toBeGreaterThan(400);
    expect(share(all.atOnce, all)).toBeGreaterThanOrEqual(0.98);
  });

  test.each(ROUND_TRIPS_MS)(
    'at a round trip of %d ms show 3 of 1,000 letters wrongly at most, in all programs',
    (rttMs) => {
      const { all } = corpus.score({ rttMs });
      expect(share(all.wrong, all)).toBeLessThanOrEqual(0.003);
    },
  );

  test('show 19 of 20 letters in emacs at once at a round trip of 80 ms, and none wrongly', () => {
    const { all } = corpus.score({ rttMs: 80 }, ['emacs']);
    expect(all.letters).toBeGreaterThan(90);
    expect(share(all.atOnce, all)).toBeGreaterThanOrEqual(0.95);
    expect(all.wrong).toBe(0);
  });

  test('show nothing of a password', () => {
    for (const rttMs of ROUND_TRIPS_MS) {
      const { all, results } = corpus.score({ rttMs }, ['password']);
      expect(all.letters).toBeGreaterThan(20);
      expect([...results.values()].flatMap(({ mistakes }) => mistakes)).toEqual([]);
    }
  });

  test('are shown right in the end over a link that jitters and loses', () => {
    const { all } = corpus.score({ rttMs: 120, jitterMs: 80, loss: 0.1, seed: 7 });
    expect(share(all.wrong, all)).toBeLessThanOrEqual(0.01);
  });
});
