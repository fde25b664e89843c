/**
 * What has changed between two reports: for each link, work and shell that both know, the medians, means and shares that moved, as
 * new to old. A change of a median is marked when the 95 % intervals of the two don't overlap; the rest may be chance.
 */

import { table } from '../figures.ts';
import type { Report } from '../measure/result.ts';
import { AT_ONCE_MS, type Distribution, shareAtOnce } from './distribution.ts';
import { summarize, type WorkRow, type WorkSummary } from './summary.ts';
import { printable } from './text-table.ts';
import { percent, quantity } from './wording.ts';

/** Marks a change that chance does not explain. */
const CERTAIN = '*';
const [AT_ONCE] = AT_ONCE_MS;
/** Medians that differ by less, in share, are not worth a line. */
const NOTICEABLE = 0.02;
/** The same of shares, absolute. */
const NOTICEABLE_SHARE = 0.01;

/** The lines of a comparison, ready to be printed. */
export function compareReports(old: Report, now: Report): readonly string[] {
  const before = rowsOf(old);
  const after = rowsOf(now);
  const rows = [...after].flatMap(([place, row]) => {
    const was = before.get(place);
    return was === undefined ? [] : changesOf(place, was, row);
  });
  const gone = [...before.keys()].filter((place) => !after.has(place));
  const come = [...after.keys()].filter((place) => !before.has(place));
  const head = ['link, work, shell', 'figure', 'was', 'is', 'ratio', ''];
  const lines = [
    `compared with the report of ${old.startedAt.slice(0, 16).replace('T', ' ')} UTC (${CERTAIN}: the 95 % intervals don't overlap)`,
    ...differences(old, now),
    ...(rows.length === 0 ? ['nothing changed that is worth a line'] : table([head, ...rows])),
    ...(gone.length === 0 ? [] : [`no longer measured: ${gone.join('; ')}`]),
    ...(come.length === 0 ? [] : [`not measured then: ${come.join('; ')}`]),
  ];
  return lines.map(printable);
}

/** What makes two runs hard to compare, a line each. */
function differences(old: Report, now: Report): readonly string[] {
  const of = ({ machine }: Report): string => `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`;
  const machines = of(old) === of(now) ? [] : [`another machine: ${of(old)}; now ${of(now)}`];
  const versions = now.shells.flatMap(({ name, version }) => {
    const was = old.shells.find((shell) => shell.name === name)?.version;
    return was === undefined || was === version ? [] : [`${name} was ${was}, is ${version}`];
  });
  const links = now.links.flatMap(({ name, asked }) => {
    const was = old.links.find((link) => link.name === name)?.asked;
    return was === undefined || isSame(was, asked) ? [] : [`the link ${name} is another one now`];
  });
  return [...machines, ...versions, ...links];
}

function isSame(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => a[key] === b[key]);
}

/** The rows of a report by `link, work, shell`. */
function rowsOf(report: Report): ReadonlyMap<string, WorkRow> {
  const { links } = summarize(report);
  const entry = (link: string, { work, rows }: WorkSummary): (readonly [string, WorkRow])[] =>
    rows.map((row) => [`${link}, ${work}, ${row.shell}`, row]);
  return new Map(links.flatMap(({ link, works }) => works.flatMap((work) => entry(link.name, work))));
}

function changesOf(place: string, was: WorkRow, is: WorkRow): readonly (readonly string[])[] {
  const rows = [
    ...timeChanges('key', was.keys, is.keys),
    ...timeChanges('Enter', was.enters, is.enters),
    ...shareChange('at once', shareAtOnce(was.letters.values, AT_ONCE), shareAtOnce(is.letters.values, AT_ONCE)),
    ...shareChange('wrong', was.wrong / was.typed, is.wrong / is.typed),
  ];
  return rows.map((row, index) => [index === 0 ? place : '', ...row]);
}

function timeChanges(name: string, was: Distribution, is: Distribution): readonly (readonly string[])[] {
  const isCertain = was.high < is.low || is.high < was.low;
  return [
    ...timeChange(`${name} p50`, was.p50, is.p50, isCertain ? CERTAIN : ''),
    ...timeChange(`${name} mean`, orMore(was), orMore(is), ''),
    ...(was.missing === is.missing ? [] : [[`${name} lost`, `${was.missing}`, `${is.missing}`, '', '']]),
  ];
}

/** Some never came, so the mean would be larger than any. */
function orMore({ mean, missing }: Distribution): number {
  return missing > 0 ? Number.POSITIVE_INFINITY : mean;
}

function timeChange(name: string, was: number, is: number, mark: string): readonly (readonly string[])[] {
  if (Number.isNaN(was) || Number.isNaN(is) || was === is) return [];
  const ratio = is / was;
  if (mark === '' && Math.abs(ratio - 1) < NOTICEABLE) return [];
  return [[name, quantity(was), quantity(is), Number.isFinite(ratio) ? `${ratio.toFixed(2)}×` : '', mark]];
}

function shareChange(name: string, was: number, is: number): readonly (readonly string[])[] {
  if (!Number.isFinite(was) || !Number.isFinite(is) || Math.abs(is - was) < NOTICEABLE_SHARE) return [];
  return [[`${name} %`, percent(was), percent(is), '', '']];
}
