import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyJudge } from '../../bench/measure/key-judge.ts';
import type { Reference } from '../../bench/measure/reference.ts';
import type { ScreenState } from '../../bench/measure/screen-state.ts';
import { anyKeys, play, referenceOf, screenOf, type Timing, timingOf, withCell } from './script.ts';

const TIMEOUT_MS = 1_000;

interface Frame {
  readonly at: number;
  readonly screen: ScreenState;
}

function judgeOf(reference: Reference): KeyJudge {
  return new KeyJudge(reference, { timeoutMs: TIMEOUT_MS, startedAt: 0, first: 0, screen: state(reference, 0) });
}

function state(reference: Reference, index: number): ScreenState {
  const found = reference.states[index];
  if (found === undefined) throw new Error(`no state ${index}`);
  return found;
}

/** The screens that arrive: at each moment the newest one. */
function framesOf(reference: Reference, { drawnAt }: Timing): Frame[] {
  return drawnAt.flatMap((at, index) =>
    drawnAt[index + 1] === at ? [] : [{ at, screen: state(reference, index + 1) }],
  );
}

/** Types and shows in the order of time, what is typed first where both are at once; gives the judge at its end. */
function run(reference: Reference, typedAt: readonly number[], frames: readonly Frame[]): KeyJudge {
  const judge = judgeOf(reference);
  let key = 0;
  const typeUntil = (now: number): void => {
    for (; (typedAt[key] ?? Number.POSITIVE_INFINITY) <= now; key++) judge.typed(typedAt[key] ?? 0);
  };
  for (const { at, screen } of frames) {
    typeUntil(at);
    judge.frame(at, screen);
  }
  typeUntil(Number.MAX_VALUE);
  judge.end(frames.at(-1)?.at ?? 0);
  return judge;
}

/** Ms from each key to the screen; null where that is not known (yet), undefined where there is nothing to see. */
function latencies(judge: KeyJudge, reference: Reference): readonly (number | null | undefined)[] {
  return reference.strokes.map((_, index) => judge.report(index)?.shownMs);
}

const anyGaps = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 40, maxLength: 40 });
const anyLags = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 40, maxLength: 40 });

describe('a key judge', () => {
  test('times every key to the frame that shows it, whatever the lag', () => {
    fc.assert(
      fc.property(anyKeys, anyGaps, anyLags, (keys, gaps, lags) => {
        const reference = play(keys);
        const timing = timingOf(gaps.slice(0, keys.length), lags, 1);
        // Apart by a hair, so that every screen is seen.
        const drawnAt = timing.drawnAt.map((at, index) => at + index / 1_000);
        const judge = run(reference, timing.typedAt, framesOf(reference, { ...timing, drawnAt }));
        for (const [index, found] of latencies(judge, reference).entries()) {
          if (found === undefined) continue;
          expect(found).toBeCloseTo((drawnAt[index] ?? 0) - (timing.typedAt[index] ?? 0), 6);
        }
      }),
    );
  });

  test('is never too early, whichever screens are left out', () => {
    fc.assert(
      fc.property(anyKeys, anyGaps, anyLags, fc.integer({ min: 20, max: 400 }), (keys, gaps, lags, grain) => {
        const reference = play(keys);
        const timing = timingOf(gaps.slice(0, keys.length), lags, grain);
        const judge = run(reference, timing.typedAt, framesOf(reference, timing));
        for (const [index, found] of latencies(judge, reference).entries()) {
          const least = (timing.drawnAt[index] ?? 0) - (timing.typedAt[index] ?? 0);
          expect(found ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(least - 1e-9);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('is exact where letters that only add up come many in one screen', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 9 }),
        anyGaps,
        anyLags,
        fc.integer({ min: 20, max: 400 }),
        (keys, gaps, lags, grain) => {
          const reference = play(keys);
          const timing = timingOf(gaps.slice(0, keys.length), lags, grain);
          const judge = run(reference, timing.typedAt, framesOf(reference, timing));
          expect(latencies(judge, reference)).toEqual(
            timing.drawnAt.map((at, index) => at - (timing.typedAt[index] ?? 0)),
          );
        },
      ),
    );
  });

  test('takes what a client shows before its server does', () => {
    fc.assert(
      fc.property(anyKeys, anyGaps, (keys, gaps) => {
        const reference = play(keys);
        const { typedAt } = timingOf(gaps.slice(0, keys.length), [], 1);
        const frames = typedAt.map((at, index) => ({ at: at + 0.25, screen: state(reference, index + 1) }));
        for (const found of latencies(run(reference, typedAt, frames), reference)) expect(found ?? 0.25).toBe(0.25);
      }),
    );
  });

  test('does not take a screen that lags for a deletion that is done', () => {
    const reference = play(['a', '<']);
    const judge = judgeOf(reference);
    judge.typed(0);
    judge.typed(10);
    expect(judge.frame(20, state(reference, 0))).toEqual([]);
    expect(judge.frame(30, state(reference, 1))).toEqual([0]);
    expect(judge.frame(40, state(reference, 2))).toEqual([1]);
    expect(latencies(judge, reference)).toEqual([30, 30]);
  });

  test('lets the next key tell when a letter and its deletion came at once', () => {
    const reference = play(['a', '<', 'b']);
    const judge = judgeOf(reference);
    judge.typed(0);
    judge.typed(10);
    expect(judge.frame(50, state(reference, 2))).toEqual([]);
    judge.typed(60);
    expect(judge.frame(100, state(reference, 3))).toEqual([0, 1, 2]);
    expect(latencies(judge, reference)).toEqual([100, 90, 40]);
  });

  test('times what undid itself by the last output, once nothing more can come', () => {
    const reference = play(['a', '<']);
    const judge = judgeOf(reference);
    judge.typed(0);
    judge.typed(10);
    judge.frame(50, state(reference, 2));
    expect(judge.expire(999)).toEqual([]);
    expect(judge.deadline).toBe(1_000);
    expect(judge.expire(1_000)).toEqual([0, 1]);
    expect(latencies(judge, reference)).toEqual([50, 40]);
    expect(judge.lateInARow).toBe(0);
  });

  test('does not take a screen that stands still for one that is right again while keys are fresh', () => {
    const reference = play(['a', '<', 'a', '<']);
    const judge = judgeOf(reference);
    for (const at of [0, 400, 800, 900]) judge.typed(at);
    expect(judge.expire(1_000)).toEqual([0]);
    judge.frame(1_100, state(reference, 1));
    judge.frame(1_200, state(reference, 2));
    judge.frame(1_300, state(reference, 3));
    judge.frame(1_400, state(reference, 4));
    expect(latencies(judge, reference)).toEqual([null, 800, 500, 500]);
  });

  test('says never of what undid itself without any output', () => {
    const reference = play(['a', '<', 'b']);
    const judge = judgeOf(reference);
    judge.typed(0);
    judge.typed(10);
    judge.expire(1_000);
    judge.typed(1_100);
    expect(judge.frame(1_150, state(reference, 3))).toEqual([2]);
    expect(latencies(judge, reference)).toEqual([null, null, 50]);
  });

  test('gives up a key that does not come, counts on, and goes on with those after it', () => {
    const reference = play(['a', 'b', 'c', 'd']);
    const judge = judgeOf(reference);
    for (const at of [0, 100, 200]) judge.typed(at);
    expect(judge.expire(1_150)).toEqual([0, 1]);
    expect(judge.lateInARow).toBe(2);
    expect([judge.isDecided(1), judge.isDecided(2)]).toEqual([true, false]);
    // The order is kept by those that were given up, too: they are met, but stay never shown.
    judge.frame(1_160, state(reference, 1));
    judge.frame(1_170, state(reference, 3));
    judge.typed(1_180);
    judge.frame(1_190, state(reference, 4));
    expect(latencies(judge, reference)).toEqual([null, null, 970, 10]);
    expect(judge.lateInARow).toBe(0);
    expect(judge.deadline).toBeUndefined();
  });

  test('asks nothing of silent keys, nor of keys without an effect', () => {
    const reference = play(['<', '*', 'a']);
    const judge = judgeOf(reference);
    for (const at of [0, 10, 20]) judge.typed(at);
    expect(judge.frame(30, state(reference, 3))).toEqual([2]);
    expect(judge.report(0)).toEqual({ kind: 'letter', keys: 'k', atMs: 0 });
    expect(judge.report(1)).toEqual({ kind: 'silent', keys: 'k', atMs: 10 });
    expect(judge.report(2)?.shownMs).toBe(10);
  });

  test('asks for the cursor where no cell changes', () => {
    const reference = referenceOf(['letter'], [screenOf(['$ '], 0, 2), screenOf(['$ '], 0, 3)]);
    const judge = judgeOf(reference);
    judge.typed(0);
    expect(judge.frame(10, screenOf(['$ '], 0, 2))).toEqual([]);
    expect(judge.frame(20, screenOf(['$ '], 0, 3))).toEqual([0]);
  });

  test('looks for a letter where it is typed, and for a command wherever it shows', () => {
    const states = [screenOf(['ab', '', 'column 2'], 0, 2), screenOf(['abc', '', 'column 3'], 0, 3)];
    const predicted = screenOf(['abc', '', 'column 2'], 0, 3);
    for (const [kind, isShown] of [
      ['letter', true],
      ['edit', true],
      ['command', false],
      ['enter', false],
    ] as const) {
      const judge = judgeOf(referenceOf([kind], states));
      judge.typed(0);
      expect([kind, judge.frame(10, predicted)]).toEqual([kind, isShown ? [0] : []]);
    }
  });

  test('looks for the cursor where an edit changes nothing else but a status line', () => {
    const states = [screenOf(['ab', '', 'column 2'], 0, 2), screenOf(['ab', '', 'column 1'], 0, 1)];
    const judge = judgeOf(referenceOf(['edit'], states));
    judge.typed(0);
    expect(judge.frame(5, screenOf(['ab', '', 'column 1'], 0, 2))).toEqual([]);
    expect(judge.frame(10, screenOf(['ab', '', 'column 2'], 0, 1))).toEqual([0]);
  });

  test('finds every wrong letter, its time, and the key that it came after', () => {
    const injections = fc.array(
      fc.record({
        row: fc.nat(2),
        col: fc.nat(11),
        gap: fc.integer({ min: 1, max: 200 }),
        span: fc.oneof(fc.constant(0.5), fc.integer({ min: 1, max: 100 })),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(anyKeys, anyGaps, anyLags, injections, (keys, gaps, lags, wanted) => {
        const reference = play(keys);
        const timing = timingOf(gaps.slice(0, keys.length), lags, 1);
        const honest = framesOf(reference, timing);
        const under = (at: number): ScreenState =>
          honest.filter((frame) => frame.at <= at).at(-1)?.screen ?? state(reference, 0);
        // One wrong letter after another, from a quarter past a whole ms to another: never at the time of anything else.
        let from = (timing.typedAt[0] ?? 0) + 0.25;
        const wrongs = wanted.map((wrong) => {
          from += wrong.gap;
          const placed = { ...wrong, from, to: from + wrong.span };
          from += Math.ceil(wrong.span);
          return placed;
        });
        const shownAt = (at: number): ScreenState => {
          const wrong = wrongs.find((candidate) => at >= candidate.from && at < candidate.to);
          return wrong === undefined ? under(at) : withCell(under(at), wrong.row, wrong.col, '#');
        };
        const moments = [...honest.map(({ at }) => at), ...wrongs.flatMap((wrong) => [wrong.from, wrong.to])];
        const frames = moments.sort((a, b) => a - b).map((at) => ({ at, screen: shownAt(at) }));
        const judge = run(reference, timing.typedAt, frames);
        const expected = keys.map((_, index) => {
          const spans = wrongs
            .filter((wrong) => timing.typedAt.filter((at) => at <= wrong.from).length - 1 === index)
            .flatMap(({ span }) => (span < 1 ? [] : [span]));
          return spans.length === 0 ? undefined : Math.max(...spans);
        });
        expect(keys.map((_, index) => judge.report(index)?.wrongMs)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test("does not take a client's own notice, nor a blank, for a wrong letter", () => {
    const reference = play(['a', 'b']);
    const judge = judgeOf(reference);
    judge.typed(0);
    judge.frame(10, screenOf(['mosh: Last c'], 0, 3));
    judge.frame(500, screenOf(['      '], 0, 3));
    judge.frame(600, state(reference, 1));
    judge.end(700);
    expect(judge.report(0)).toEqual({ kind: 'letter', keys: 'k', atMs: 0, shownMs: 600 });
  });

  test('counts a wrong letter that is still there at the end', () => {
    const reference = play(['a']);
    const judge = judgeOf(reference);
    judge.typed(0);
    judge.frame(10, withCell(state(reference, 1), 0, 2, 'x'));
    expect(judge.report(0)?.wrongMs).toBeUndefined();
    judge.end(60);
    expect(judge.report(0)?.wrongMs).toBe(50);
  });
});
