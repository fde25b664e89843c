import { describe, expect, test } from 'vitest';
import { isNarrow, nextTurn } from '../../bench/latency/schedule.ts';
import type { Turn } from '../../bench/measure/result.ts';
import type { StrokeKind } from '../../bench/work/stroke.ts';

const OPTIONS = { shells: ['a', 'b', 'c'], repetitionsMin: 2, repetitionsMax: 4, seed: 40 };
/** Far apart: a median of these says little. */
const WIDE = Array.from({ length: 20 }, (_, index) => 10 * 2 ** (index % 10));
const NARROW = Array.from({ length: 20 }, (_, index) => 80 + (index % 3));

describe('the schedule of turns', () => {
  test('the shells take turns, and each repetition has one seed', () => {
    const taken = play(OPTIONS, WIDE, () => false);
    expect(taken.map(({ shell }) => shell).join('')).toBe('abc'.repeat(4));
    expect(taken.map(({ seed }) => seed)).toEqual([40, 40, 40, 41, 41, 41, 42, 42, 42, 43, 43, 43]);
    expect(taken.map(({ repetition }) => repetition)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
  });

  test('narrow medians end it after the least number of repetitions', () => {
    expect(play(OPTIONS, NARROW, () => false)).toHaveLength(6);
    expect(play({ ...OPTIONS, repetitionsMin: 3 }, NARROW, () => false)).toHaveLength(9);
  });

  test('when the time is up, a repetition that has begun is finished, and the least number is kept', () => {
    expect(play(OPTIONS, WIDE, (turns) => turns >= 7)).toHaveLength(9);
    expect(play(OPTIONS, WIDE, () => true)).toHaveLength(6);
  });

  test('a shell that never shows its keys keeps the medians wide', () => {
    const turns = [turn('a', NARROW), turn('b', [...NARROW.slice(0, 8), ...Array.from({ length: 12 }, () => null)])];
    expect(isNarrow(['a'], turns)).toBe(true);
    expect(isNarrow(['a', 'b'], turns)).toBe(false);
  });

  test('Enters count for themselves', () => {
    expect(isNarrow(['a'], [turn('a', NARROW), turn('a', WIDE, 'enter')])).toBe(false);
    expect(isNarrow(['a'], [turn('a', NARROW), turn('a', NARROW, 'enter')])).toBe(true);
  });
});

function play(options: typeof OPTIONS, times: readonly number[], isTimeUp: (turns: number) => boolean): Turn[] {
  const taken: Turn[] = [];
  for (;;) {
    const next = nextTurn(options, taken, isTimeUp(taken.length));
    if (next === undefined) return taken;
    taken.push({ ...turn(next.shell, times), ...next });
    expect(taken.length).toBeLessThan(100);
  }
}

function turn(shell: string, times: readonly (number | null)[], kind: StrokeKind = 'letter'): Turn {
  const keys = times.map((shownMs) => ({ kind, keys: 'x', atMs: 0, shownMs }));
  const works = [{ work: 'shell', keys, measures: {}, durationMs: 0 }];
  return { shell, repetition: 0, seed: 0, startedMs: 0, promptMs: 1, works };
}
