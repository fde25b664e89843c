/**
 * How figures are put in words, the same in the terminal and on the page: three digits that matter, shares in per cent, a ratio with
 * its interval, `never` for a median that never came.
 */

import { figure } from '../figures.ts';
import type { Report } from '../measure/result.ts';
import type { Distribution, Ratio } from './distribution.ts';
import type { Failure } from './summary.ts';

/** Of what was not measured. */
export const NOTHING = '–';

/** A time or size; `never` when it is an infinity. */
export function quantity(value: number): string {
  if (Number.isNaN(value)) return NOTHING;
  return Number.isFinite(value) ? figure(value) : 'never';
}

/** A mean, with a `>` before it when some never came and it would be larger with them. */
export function meanOf({ mean, missing }: Distribution): string {
  return missing > 0 && Number.isFinite(mean) ? `>${quantity(mean)}` : quantity(mean);
}

/** `0.012×`; so much of the baseline's. A dash of nothing, and to a baseline that never came: that says the other's `never`. */
export function times(ratio: Ratio | undefined): string {
  if (ratio === undefined || ratio.value === 0) return NOTHING;
  return Number.isFinite(ratio.value) ? `${twoDigits(ratio.value)}×` : '∞×';
}

/** `0.011–0.014`; a dash when nothing is known, or there is nothing to know as of the baseline itself. */
export function interval(ratio: Ratio | undefined): string {
  if (ratio === undefined || ratio.low === ratio.high) return NOTHING;
  if (ratio.low === 0 && ratio.high === Number.POSITIVE_INFINITY) return NOTHING;
  return `${twoDigits(ratio.low)}–${Number.isFinite(ratio.high) ? twoDigits(ratio.high) : '∞'}`;
}

/** A share of 0 to 1 in per cent; never `100` or `0` when it is not all or nothing. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return NOTHING;
  const hundredths = 100 * share;
  if (share === 0 || share === 1) return hundredths.toFixed(0);
  if (hundredths < 9.95) return hundredths < 0.05 ? '<0.1' : hundredths.toFixed(1);
  return hundredths > 99.5 ? '>99' : hundredths.toFixed(0);
}

/** One line on a failure. */
export function failureLine({ link, shell, work, what, times: count }: Failure): string {
  return `${link}, ${shell}${work === undefined ? '' : `, ${work}`}: ${what}${count > 1 ? ` (${count} times)` : ''}`;
}

/** Lines on what an interrupt cut short, as short as it is unimportant. */
export function interruptedLine({ link, shell, work, times: count }: Failure): string {
  return `${link}, ${shell}${work === undefined ? '' : `, ${work}`}: cut short by the interrupt${count > 1 ? ` (${count} times)` : ''}`;
}

/** What a link was asked to do: `rtt 273 ms, loss up 29 %, rate down 13 Mbit/s`; the names of unknown figures as they are. */
export function askedText(asked: Readonly<Record<string, number>>): string {
  return Object.entries(asked).map(askedFigure).join(', ');
}

function askedFigure([name, value]: readonly [string, number]): string {
  const words = (figureName: string): string =>
    figureName.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const [, stem = name, unit = ''] = /^([a-z][A-Za-z]*?)(Ms|Bps|Bytes)$/.exec(name) ?? [];
  switch (unit) {
    case 'Ms':
      return `${words(stem)} ${plain(value)} ms`;
    case 'Bps':
      return `${words(stem)} ${plain(value / 1e6)} Mbit/s`;
    case 'Bytes':
      return `${words(stem)} ${plain(value / 1000)} kB`;
    default:
      return /^(loss|burst|reorder|duplicate)/.test(name)
        ? `${words(name)} ${plain(100 * value)} %`
        : `${name} ${value}`;
  }
}

/** As few digits as it takes, four at most. */
function plain(value: number): string {
  return `${Number(value.toPrecision(4))}`;
}

/** Lines on the run: when, with what, on what. */
export function runLines(report: Report): readonly string[] {
  const { machine, shells, startedAt, endedAt, seed, command, complete } = report;
  const minutes = (Date.parse(endedAt) - Date.parse(startedAt)) / 60_000;
  const gigabytes = machine.memoryBytes / 2 ** 30;
  return [
    `${startedAt.slice(0, 16).replace('T', ' ')} UTC, ${figure(minutes)} minutes, seed ${seed}`,
    `${machine.cpu}, ${machine.cores} cores, ${figure(gigabytes)} GiB; ${machine.system}, Node ${machine.node}; load ${figure(machine.load)}`,
    ...shells.map(({ name, version }) => `${name}: ${version === '' ? 'version unknown' : version}`),
    commandLine(command),
    ...(complete ? [] : ['not complete: it was interrupted or ran out of time before every shell had as many turns']),
  ];
}

/** The command that gave the report, to be typed into a shell again. */
export function commandLine(words: readonly string[]): string {
  const quoted = words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return ['rove bench', ...quoted].join(' ');
}

/** What ping saw, or that nothing did. */
export function proofLine(proof: Report['links'][number]['proof']): string {
  if (proof === undefined) return 'not measured by ping';
  const { rttMinMs, rttMedianMs, rttMaxMs, sent, received } = proof;
  const range = `${figure(rttMinMs)}–${figure(rttMaxMs)} ms, median ${figure(rttMedianMs)}`;
  return `ping through it: ${range}; ${sent - received} of ${sent} without an answer`;
}

function twoDigits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  if (value >= 1) return value.toFixed(2);
  if (value === 0) return '0';
  if (value < 0.0001) return '<0.0001';
  return value.toFixed(value >= 0.1 ? 2 : value >= 0.001 ? 3 : 4);
}
