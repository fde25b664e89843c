import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACTS, CATALOGUE, findWork, typedWorks, WORK_NAMES } from '../../bench/work/catalogue.ts';
import { GAP_MS_MAX, GAP_MS_MIN } from '../../bench/work/gaps.ts';
import type { Stroke } from '../../bench/work/stroke.ts';

const seeds = fc.nat({ max: 2 ** 32 - 1 });

function keysOf(strokes: readonly Stroke[]): readonly string[] {
  return strokes.map(({ keys }) => keys);
}

describe('the catalogue of works', () => {
  test('finds each work by a name of its own', () => {
    expect(new Set(WORK_NAMES).size).toBe(CATALOGUE.length);
    for (const name of WORK_NAMES) expect(findWork(name).name).toBe(name);
    expect(typedWorks(1).map(({ name }) => name)).toEqual(
      CATALOGUE.flatMap(({ kind, name }) => (kind === 'typed' ? [name] : [])),
    );
  });

  test('says in one line what there is when a name is unknown', () => {
    expect(() => findWork('emacs')).toThrow(/^there is no work "emacs": choose of shell, .*address-change$/);
  });

  test('puts what a session may not survive last', () => {
    expect(ACTS.findIndex(({ endsSessions }) => endsSessions)).toBe(ACTS.length - 1);
    expect(CATALOGUE.at(-1)?.name).toBe(ACTS.at(-1)?.name);
  });

  test('has titles of one short line', () => {
    for (const { title } of CATALOGUE) expect(title).toMatch(/^.{5,60}$/);
  });
});

describe('typed works', () => {
  test('are the same for the same seed, and others for another', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(typedWorks(seed)).toEqual(typedWorks(seed));
      }),
      { numRuns: 10 },
    );
    for (const [index, { strokes, files }] of typedWorks(1).entries()) {
      const other = typedWorks(2)[index];
      expect({ keys: keysOf(strokes), files }).not.toEqual({ keys: keysOf(other?.strokes ?? []), files: other?.files });
    }
  });

  test('change their gaps and nothing else with the seed of the gaps', () => {
    fc.assert(
      fc.property(seeds, seeds, (seed, gapSeed) => {
        fc.pre(seed !== gapSeed);
        const withoutGaps = (works: ReturnType<typeof typedWorks>): unknown =>
          works.map((work) => ({ ...work, strokes: work.strokes.map((stroke) => ({ ...stroke, gapMs: 0 })) }));
        const [one, other] = [typedWorks(seed), typedWorks(seed, gapSeed)];
        expect(withoutGaps(other)).toEqual(withoutGaps(one));
        expect(other).not.toEqual(one);
      }),
      { numRuns: 20 },
    );
  });

  test('keep to the rules of strokes, whatever the seed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const { name, strokes } of typedWorks(seed)) {
          for (const { kind, keys, gapMs, awaited, measured } of strokes) {
            expect(gapMs).toBeGreaterThanOrEqual(GAP_MS_MIN);
            expect(gapMs).toBeLessThanOrEqual(GAP_MS_MAX);
            expect(keys).not.toBe('');
            // Keys after an Enter, or on a stage that is not set, would depend on who is faster.
            if (kind === 'enter' || !measured) expect([name, keys, awaited]).toEqual([name, keys, true]);
            if (kind === 'letter' || kind === 'silent') expect(keys).toMatch(/^[ -~]$/);
          }
          const [first, last] = [strokes[0], strokes.at(-1)];
          expect([first?.keys, first?.awaited, first?.measured]).toEqual(['\x0c', true, false]);
          expect([last?.awaited, last?.measured]).toEqual([true, false]);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('take about a quarter of a minute each, and hold every kind of stroke among them', () => {
    const works = typedWorks(3);
    for (const { name, strokes } of works) {
      const seconds = strokes.reduce((sum, { gapMs }) => sum + gapMs, 0) / 1000;
      expect([name, seconds > 5 && seconds < 35]).toEqual([name, true]);
    }
    const kinds = new Set(works.flatMap(({ strokes }) => strokes.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual(['command', 'edit', 'enter', 'letter', 'silent']);
  });
});
