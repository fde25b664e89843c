/**
 * How long a person takes from one key to the next. Intervals between keys are skewed: most are short, a few long, and what comes
 * before a word, a symbol or an Enter takes longer than what is inside of a word; a log-normal for each is close enough.
 *
 * Source: Dhakal, Feit, Kristensson and Oulasvirta, "Observations on Typing from 136 Million Keystrokes", CHI 2018: over 168,000
 * people, 239 ms between keys on average (standard deviation 112), near 120 ms for fast typists. Those who live in a shell are
 * taken for fast ones.
 */

import type { Dice } from '../link/random.ts';

/** What the fingers or the head do before a key. */
export type Pause = 'inside' | 'word' | 'symbol' | 'again' | 'correction' | 'command' | 'enter' | 'thought';

/** No key follows another sooner, and no one thinks for longer: the lab's time is dear. */
export const GAP_MS_MIN = 40;
export const GAP_MS_MAX = 1200;

/** Half of the gaps are shorter than this. */
const MEDIAN_MS: Readonly<Record<Pause, number>> = {
  /** Of letters inside a word. */
  inside: 125,
  /** Before the first letter of a word, and the space before it. */
  word: 165,
  /** Digits, and whatever needs a second finger. */
  symbol: 190,
  /** The same editing key once more. */
  again: 110,
  /** From seeing a slip to the hand on Backspace or an arrow. */
  correction: 320,
  /** Between commands of an editor or a pager. */
  command: 260,
  /** Before Enter: most read over what they typed. */
  enter: 280,
  /** After output that was waited for. */
  thought: 550,
};

/** The standard deviation of a gap's logarithm: two of three gaps lie within a factor of 1.4 of the median. */
const SPREAD = 0.35;

/** Draws one gap, in whole ms within the bounds. */
export function drawGapMs(dice: Dice, pause: Pause): number {
  const gapMs = MEDIAN_MS[pause] * Math.exp(SPREAD * drawNormal(dice));
  return Math.round(Math.min(GAP_MS_MAX, Math.max(GAP_MS_MIN, gapMs)));
}

/** Normally distributed, mean 0 and deviation 1, by Box and Muller. */
function drawNormal(dice: Dice): number {
  // 1 - x: the logarithm of 0 is none.
  const radius = Math.sqrt(-2 * Math.log(1 - dice.next()));
  return radius * Math.cos(2 * Math.PI * dice.next());
}
