/**
 * What many latencies come to. A key that never stood on the screen is +Infinity here: it counts in every percentile, interval and
 * share, so that a shell does not look faster for what it failed to show. Only means and deviations can't hold it: they are over
 * what was shown, and `missing` says beside them how many were not.
 */

import { median } from '../figures.ts';

/** A time, or null for what never came, as statistics count it. */
export function orInfinity(time: number | null): number {
  return time ?? Number.POSITIVE_INFINITY;
}

/** How many never came. */
export function missing(values: readonly number[]): number {
  return values.length - finite(values).length;
}

/** The mean of those that came; NaN of none. Only `missing` says how many did not. */
export function mean(values: readonly number[]): number {
  const shown = finite(values);
  return shown.reduce((sum, value) => sum + value, 0) / shown.length;
}

/** The standard deviation of the sample (n - 1) of those that came; NaN of fewer than two. */
export function standardDeviation(values: readonly number[]): number {
  const shown = finite(values);
  const centre = mean(shown);
  return shown.length < 2
    ? Number.NaN
    : Math.sqrt(shown.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (shown.length - 1));
}

/** The nearest rank: the smallest value that a share of at least `share` (0 to 1) of all does not exceed; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort(ascending);
  // Without the rounding, 0.07 * 100 is a hair above 7 and would take the eighth.
  const rank = Math.ceil(Number((share * sorted.length).toFixed(9)));
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] ?? Number.NaN;
}

/** The share, 0 to 1, of all values that are below `ms`; NaN of none. */
export function shareBelow(values: readonly number[], ms: number): number {
  return values.filter((value) => value < ms).length / values.length;
}

export interface MedianInterval {
  readonly median: number;
  /** The ends of the interval; -Infinity and +Infinity when there are too few values to know. */
  readonly low: number;
  readonly high: number;
}

/** The chance that the interval misses the true median is at most this. */
const MISS = 0.05;

/**
 * The median with its 95 % confidence interval by order statistics, whatever the distribution: the k-th smallest and the k-th largest
 * value hold it between them unless fewer than k of n fell on one side, a binomial with p = 1/2 (Conover, Practical Nonparametric
 * Statistics, 3rd ed., section 3.2; for values that come independently of each other). Fewer than six values bound nothing.
 */
export function medianInterval(values: readonly number[]): MedianInterval {
  const sorted = [...values].sort(ascending);
  const rank = intervalRank(sorted.length);
  return {
    median: median(sorted),
    low: rank === 0 ? Number.NEGATIVE_INFINITY : (sorted[rank - 1] ?? Number.NaN),
    high: rank === 0 ? Number.POSITIVE_INFINITY : (sorted[sorted.length - rank] ?? Number.NaN),
  };
}

/** The largest k for which P(fewer than k of n on one side) is at most half of `MISS`; 0: there is none. */
function intervalRank(count: number): number {
  // Logarithms: 2^-n is no double any more when n is above 1,074.
  let logTerm = -count * Math.LN2;
  let tail = 0;
  for (let below = 0; below < count / 2; below++) {
    tail += Math.exp(logTerm);
    if (tail > MISS / 2) return below;
    logTerm += Math.log(count - below) - Math.log(below + 1);
  }
  return Math.floor(count / 2);
}

function finite(values: readonly number[]): readonly number[] {
  return values.filter((value) => Number.isFinite(value));
}

/** Infinities are equal to each other, of which their difference would know nothing. */
function ascending(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
