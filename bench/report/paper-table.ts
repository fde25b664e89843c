/**
 * mosh's paper and this run, side by side: for each of its conditions the published latency of a key and the measured one. The paper
 * replays other keys over other machines, so what is to be compared is who is how many times slower, not the digits.
 */

import { median, table } from '../figures.ts';
import type { PaperCondition, PublishedFigures } from '../latency/paper.ts';
import type { Report } from '../measure/result.ts';
import { mean, missing, standardDeviation } from '../measure/statistics.ts';
import { timesOf } from './summary.ts';
import { NOTHING, quantity } from './wording.ts';

/** The lines of the table: every key that shows something, Enters too, as in the paper. */
export function paperTable(report: Report, conditions: readonly PaperCondition[]): readonly string[] {
  const lines = [
    'time from a key to its display, ms: as published (Winstein and Balakrishnan 2012, §4), and in this run',
    'beside it. A dash: not published, or known only from other sources than were at hand.',
  ];
  for (const { title, link, published } of conditions) {
    const measured = report.links.find(({ name }) => name === link.name);
    const head = ['', 'published', 'mean', 'σ', 'measured', 'mean', 'σ', 'lost'];
    const rows = report.shells.map(({ name }) => {
      const turns = measured?.turns.filter(({ shell }) => shell === name) ?? [];
      const keys = turns.flatMap(({ works }) => works.flatMap((work) => work.keys));
      const times = timesOf(keys, ['letter', 'edit', 'command', 'enter']);
      const known = name === 'ssh' || name === 'mosh' ? published[name] : {};
      return [name, ...publishedCells(known), ...measuredCells(times)];
    });
    lines.push('', title, ...table([head, ...rows]));
  }
  return lines;
}

function publishedCells({ medianMs, medianBelowMs, meanMs, sigmaMs }: PublishedFigures): readonly string[] {
  const cell = (value: number | undefined): string => (value === undefined ? NOTHING : quantity(value));
  return [medianBelowMs === undefined ? cell(medianMs) : `<${medianBelowMs}`, cell(meanMs), cell(sigmaMs)];
}

function measuredCells(times: readonly number[]): readonly string[] {
  if (times.length === 0) return [NOTHING, NOTHING, NOTHING, NOTHING];
  return [median(times), mean(times), standardDeviation(times)]
    .map(quantity)
    .concat(`${missing(times)}/${times.length}`);
}
