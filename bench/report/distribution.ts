/**
 * The figures of one list of times or sizes, and their ratio to the baseline's: the ratio is the headline, since milliseconds are of
 * this machine and this link, and what one shell takes of another's time is not. What never came is an infinity and counts everywhere
 * but in the mean, beside which `missing` stands (measure/statistics.ts).
 */

import { mean, medianInterval, missing, percentile, shareBelow, standardDeviation } from '../measure/statistics.ts';

export interface Distribution {
  /** All that was tried. */
  readonly values: readonly number[];
  /** How many of them never came. */
  readonly missing: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  /** Of those that came. */
  readonly mean: number;
  /** 95 % confidence interval of the median; infinite ends: too few values to know. */
  readonly low: number;
  readonly high: number;
  /** To the baseline's; absent when one of them has no such figure. */
  readonly ratio?: Ratio;
  readonly meanRatio?: Ratio;
}

/** A ratio with its 95 % confidence interval; 0 to infinity: too few values to know. */
export interface Ratio {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A figure with the ends of its 95 % confidence interval, on its way into a ratio. */
interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Shown in less is shown at once: below what a screen of 120 Hz or 50 Hz could tell from nothing. */
export const AT_ONCE_MS = [5, 20] as const;

/** The quantile of the normal distribution that leaves 2.5 % beyond it. */
const NORMAL_97_5 = 1.96;
/** Of fewer values no interval is given, as medianInterval gives none. */
const VALUES_MIN = 6;

/** The figures of `values`, and their ratios to those of `baseline` (which may be the same list: then all are 1). */
export function distribution(values: readonly number[], baseline: readonly number[]): Distribution {
  const { median, low, high } = medianInterval(values);
  const ratio = values === baseline ? same(median) : ratioOf(medianEstimate(values), medianEstimate(baseline));
  const meanRatio =
    values === baseline ? same(meanEstimate(values).value) : ratioOf(meanEstimate(values), meanEstimate(baseline));
  return {
    values,
    missing: missing(values),
    p50: median,
    p90: percentile(values, 0.9),
    p99: percentile(values, 0.99),
    mean: mean(values),
    low,
    high,
    ...(ratio === undefined ? {} : { ratio }),
    ...(meanRatio === undefined ? {} : { meanRatio }),
  };
}

/** The share shown in less than `ms`, 0 to 1; NaN of none. */
export function shareAtOnce(values: readonly number[], ms: number): number {
  return shareBelow(values, ms);
}

/**
 * The ratio of two medians with a 95 % confidence interval, from the intervals of both: on logarithms, the distances to their ends
 * add as squares (the MOVER of Donner and Zou, "Closed-form confidence intervals for functions of the normal mean and standard
 * deviation", Statistical Methods in Medical Research 21, 2012, for two figures that come independently of each other).
 */
function ratioOf(figure: Estimate, baseline: Estimate): Ratio | undefined {
  if (!(figure.value >= 0 && baseline.value > 0)) return undefined;
  if (figure.value === Number.POSITIVE_INFINITY && baseline.value === Number.POSITIVE_INFINITY) return undefined;
  const value = figure.value / baseline.value;
  if (value === 0 || value === Number.POSITIVE_INFINITY) {
    // No distance can be told on logarithms: the ends of both, at their farthest.
    return { value, low: orElse(figure.low / baseline.high, 0), high: orElse(figure.high / baseline.low, Infinity) };
  }
  const down = Math.hypot(logRatio(figure.value, figure.low), logRatio(baseline.high, baseline.value));
  const up = Math.hypot(logRatio(figure.high, figure.value), logRatio(baseline.value, baseline.low));
  return { value, low: value / Math.exp(down), high: value * Math.exp(up) };
}

/** Infinite, too, when the smaller is not above 0. */
function logRatio(larger: number, smaller: number): number {
  return smaller > 0 ? Math.log(larger / smaller) : Number.POSITIVE_INFINITY;
}

function orElse(end: number, unknown: number): number {
  return end >= 0 ? end : unknown;
}

function same(value: number): Ratio | undefined {
  return value > 0 && Number.isFinite(value) ? { value: 1, low: 1, high: 1 } : undefined;
}

function medianEstimate(values: readonly number[]): Estimate {
  const { median, low, high } = medianInterval(values);
  return { value: median, low, high };
}

/** A mean says nothing when some never came: then there is none. */
function meanEstimate(values: readonly number[]): Estimate {
  const value = missing(values) === 0 ? mean(values) : Number.NaN;
  const half =
    values.length < VALUES_MIN ? Infinity : (NORMAL_97_5 * standardDeviation(values)) / Math.sqrt(values.length);
  return { value, low: value - half, high: value + half };
}
