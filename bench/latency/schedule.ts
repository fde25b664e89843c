/**
 * Who is measured when. The shells take turns on a link, A B C A B C, so that whatever changes on the machine meanwhile hits all of
 * them; each repetition has a seed of its own, the same for every shell: the same keys, and the same dice of the link. Repetitions
 * go on until the medians are known well enough or the time is up. Pure: what was measured and the time in, the next turn out.
 */

import type { Turn } from '../measure/result.ts';
import { medianInterval } from '../measure/statistics.ts';

export interface ScheduleOptions {
  /** Names, in the order of their turns. */
  readonly shells: readonly string[];
  /** At least so many repetitions, whatever the figures say; 1 or more. */
  readonly repetitionsMin: number;
  /** At most so many, however wide the intervals are. */
  readonly repetitionsMax: number;
  /** The seed of the first repetition; the next have the numbers after it. */
  readonly seed: number;
}

export interface NextTurn {
  readonly shell: string;
  readonly repetition: number;
  readonly seed: number;
}

/** A median is known well enough when half of its 95 % interval is at most this share of it … */
const NARROW_SHARE = 0.05;
/** … or so many ms: finer than this the terminal and the keyboard are not. */
const NARROW_MS = 1;

/**
 * The turn after those taken; undefined when the link is done: every median narrow, or `timeIsUp`. A repetition that has begun is
 * finished, since half of one would compare shells on different keys; only the least number of repetitions ignores the time.
 */
export function nextTurn(options: ScheduleOptions, taken: readonly Turn[], timeIsUp: boolean): NextTurn | undefined {
  const { shells, repetitionsMin, repetitionsMax, seed } = options;
  const repetition = Math.floor(taken.length / shells.length);
  const shell = shells[taken.length % shells.length];
  if (shell === undefined) return undefined;
  const isBetween = taken.length % shells.length === 0;
  if (isBetween && repetition >= repetitionsMin) {
    if (timeIsUp || repetition >= repetitionsMax || isNarrow(shells, taken)) return undefined;
  }
  return { shell, repetition, seed: seed + repetition };
}

/** Whether the medians of every shell, of its keys and of its Enters, are known well enough. */
export function isNarrow(shells: readonly string[], taken: readonly Turn[]): boolean {
  return shells.every((shell) => {
    const keys = taken
      .filter((turn) => turn.shell === shell)
      .flatMap((turn) => turn.works.flatMap((work) => work.keys));
    const isEnter = [false, true];
    return isEnter.every((enter) => {
      const times = keys.flatMap(({ kind, shownMs }) =>
        shownMs === undefined || (kind === 'enter') !== enter ? [] : [shownMs ?? Number.POSITIVE_INFINITY],
      );
      return times.length === 0 || isMedianNarrow(times);
    });
  });
}

function isMedianNarrow(times: readonly number[]): boolean {
  const { median, low, high } = medianInterval(times);
  if (!Number.isFinite(median)) return false;
  return (high - low) / 2 <= Math.max(NARROW_MS, NARROW_SHARE * median);
}
