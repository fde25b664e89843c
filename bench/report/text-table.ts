/**
 * The report in the terminal, in 100 columns: a block a link, the ratio to the baseline first, milliseconds second; then what failed
 * and what was left out, all of it. Names come from files and command lines: nothing of them reaches the terminal as a control.
 */

import { table } from '../figures.ts';
import type { Report } from '../measure/result.ts';
import { AT_ONCE_MS, type Distribution, shareAtOnce } from './distribution.ts';
import { type FigureSummary, type LinkSummary, type Summary, summarize, type WorkSummary } from './summary.ts';
import { failureLine, interval, meanOf, NOTHING, percent, proofLine, quantity, runLines, times } from './wording.ts';

const COLUMNS = 100;
/** Longer names are cut; shorter than the least they would say nothing. */
const NAME_MAX = 14;
const NAME_MIN = 6;

/** The lines of the report. */
export function textTable(report: Report): readonly string[] {
  const summary = summarize(report);
  const lines = [
    ...runLines(report),
    '',
    `ratios are medians to those of ${summary.baseline}, with their 95 % intervals; times are ms`,
    `"${AT_ONCE_MS.map((ms) => `<${ms} ms`).join('", "')}": letters shown within, %; "wrong": keys after which a cell was wrong, %`,
    '"lost": keys never shown, of how many; they count everywhere but in means, which then have a ">"',
    ...summary.links.flatMap((link) => ['', ...linkBlock(link)]),
    ...closing(summary, report),
  ];
  return lines.flatMap((line) => wrapped(printable(line)));
}

/** The text without what would steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

function linkBlock({ link, works, figures }: LinkSummary): readonly string[] {
  const typed = works.filter(({ rows }) => rows.some(({ keys }) => keys.values.length > 0));
  const awaited = works.filter(({ rows }) => rows.some(({ enters }) => enters.values.length > 0));
  return [
    `── ${link.name}: ${link.title} `.padEnd(COLUMNS, '─'),
    proofLine(link.proof),
    ...(link.turns.length === 0 ? ['nothing was measured here'] : []),
    ...(typed.length > 0 ? ['', ...keyTable(typed)] : []),
    ...(awaited.length > 0 ? ['', ...enterTable(awaited)] : []),
    ...(figures.length > 0 ? figureTables(figures) : []),
  ];
}

function keyTable(works: readonly WorkSummary[]): readonly string[] {
  const atOnce = AT_ONCE_MS.map((ms) => `<${ms} ms`);
  const head = ['key', 'shell', 'ratio', '95 %', 'p50', 'p90', 'p99', 'mean', ...atOnce, 'wrong', 'lost'];
  const rows = works.flatMap(({ work, rows }) =>
    rows.map(({ shell, keys, letters, wrong, typed }, index) => [
      index === 0 ? work : '',
      shell,
      ...ratioCells(keys),
      ...[keys.p50, keys.p90, keys.p99].map(quantity),
      meanOf(keys),
      ...AT_ONCE_MS.map((ms) => percent(shareAtOnce(letters.values, ms))),
      percent(wrong / typed),
      lost(keys),
    ]),
  );
  return namesLeft([head, ...rows]);
}

function enterTable(works: readonly WorkSummary[]): readonly string[] {
  const head = ['Enter', 'shell', 'ratio', '95 %', 'p50', 'p90', 'mean', 'mean ratio', 'lost'];
  const rows = works.flatMap(({ work, rows }) =>
    rows.map(({ shell, enters }, index) => [
      index === 0 ? work : '',
      shell,
      ...ratioCells(enters),
      ...[enters.p50, enters.p90].map(quantity),
      meanOf(enters),
      times(enters.meanRatio),
      lost(enters),
    ]),
  );
  return namesLeft([head, ...rows]);
}

function figureTables(figures: readonly FigureSummary[]): readonly string[] {
  const names = figures[0]?.shells.map(({ shell }) => shell) ?? [];
  const labels = ['median of turns (lost)', ...figures.map(({ label }) => label)];
  const columns = names.map((name, at) => [
    short(name),
    ...figures.map(({ shells }) => (shells[at] === undefined ? NOTHING : figureCell(shells[at].values))),
  ]);
  const lines: string[] = [];
  for (let from = 0; from < columns.length; ) {
    // As many shells beside each other as fit, but one in any case.
    let to = from + 1;
    while (to < columns.length && widthOf([labels, ...columns.slice(from, to + 1)]) <= COLUMNS) to++;
    const part = columns.slice(from, to);
    lines.push('', ...table(labels.map((label, row) => [label, ...part.map((column) => column[row] ?? '')])));
    from = to;
  }
  return lines;
}

function widthOf(columns: readonly (readonly string[])[]): number {
  const widths = columns.map((cells) => Math.max(...cells.map(({ length }) => length)));
  return widths.reduce((sum, width) => sum + width + 2, -2);
}

/** `0.91× 412`, and how many never came. */
function figureCell(values: Distribution): string {
  if (values.values.length === 0) return NOTHING;
  const some = values.missing > 0 ? ` (${lost(values)})` : '';
  return `${values.ratio === undefined ? '' : `${times(values.ratio)} `}${quantity(values.p50)}${some}`;
}

function ratioCells({ ratio }: Distribution): readonly string[] {
  return [times(ratio), interval(ratio)];
}

function lost({ missing, values }: Distribution): string {
  return `${missing}/${values.length}`;
}

function closing({ failures }: Summary, { leftOut }: Report): readonly string[] {
  return [
    '',
    ...(failures.length === 0 ? ['nothing failed'] : ['failed:', ...failures.map((one) => `  ${failureLine(one)}`)]),
    ...(leftOut.length === 0 ? [] : ['left out:', ...leftOut.map((line) => `  ${line}`)]),
  ];
}

/** A table whose first two columns are names, as long as they may be for the rest to fit. */
function namesLeft(rows: readonly (readonly string[])[]): readonly string[] {
  for (let most = NAME_MAX; ; most--) {
    const shells = rows.map(([, shell = '']) => short(shell, most));
    const width = Math.max(...shells.map(({ length }) => length));
    const lines = table(
      rows.map(([work = '', , ...rest], at) => [short(work, most), shells[at]?.padEnd(width) ?? '', ...rest]),
    );
    if (most <= NAME_MIN || lines.every(({ length }) => length <= COLUMNS)) return lines;
  }
}

function short(name: string, most = NAME_MAX): string {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

/** Lines of at most 100 columns: words that don't fit go on below, indented. */
function wrapped(line: string): readonly string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > COLUMNS) {
    const space = rest.lastIndexOf(' ', COLUMNS);
    const at = space > COLUMNS / 2 ? space : COLUMNS;
    lines.push(rest.slice(0, at));
    rest = `    ${rest.slice(at).trimStart()}`;
  }
  return [...lines, rest];
}
