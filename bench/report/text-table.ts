/**
 * The report in the terminal, in 100 columns: a block a link, the ratio to the baseline first, milliseconds second; then what failed
 * and what was left out, all of it. One link has every figure; several have what matters most, so that ten can be read through, and
 * end with the ratios of all of them, since the end is what stands on the screen. Names come from files and command lines: nothing of them reaches the terminal as a control.
 */

import { table } from '../figures.ts';
import type { Report } from '../measure/result.ts';
import { AT_ONCE_MS, type Distribution, shareAtOnce } from './distribution.ts';
import {
  ALL_TYPED,
  type FigureSummary,
  type LinkSummary,
  type Summary,
  summarize,
  type WorkSummary,
} from './summary.ts';
import {
  failureLine,
  interruptedLine,
  interval,
  meanOf,
  NOTHING,
  percent,
  proofLine,
  quantity,
  runLines,
  times,
} from './wording.ts';

const COLUMNS = 100;
/** Longer names are cut; shorter than the least they would say nothing. */
const NAME_MAX = 14;
const NAME_MIN = 6;
const LINK_NAME_MAX = 20;

/** The lines of the report. */
export function textTable(report: Report): readonly string[] {
  const summary = summarize(report);
  const isOne = summary.links.length === 1;
  const atOnce = AT_ONCE_MS.map((ms) => `<${ms} ms`).slice(0, isOne ? AT_ONCE_MS.length : 1);
  const lines = [
    ...runLines(report),
    '',
    `ratios are medians to those of ${summary.baseline}, with their 95 % intervals; times are ms`,
    `"${atOnce.join('", "')}": letters shown within, %; "wrong": keys after which a cell was wrong, %`,
    `"lost": keys never shown, of how many; they count everywhere${isOne ? ' but in means, which then have a ">"' : ''}`,
    ...(isOne ? [] : ['each work, means, traffic, CPU and memory: on the page']),
    ...summary.links.flatMap((link) => ['', ...(isOne ? longBlock(link) : shortBlock(link))]),
    ...closing(summary, report),
    ...(summary.links.length > 1 ? headline(summary) : []),
  ];
  return lines.flatMap((line) => wrapped(printable(line)));
}

/** The text without what would steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

function blockHead({ link }: LinkSummary): readonly string[] {
  return [
    rule(`${link.name}: ${link.title}`),
    proofLine(link.proof),
    ...(link.turns.length === 0 ? ['nothing was measured here'] : []),
  ];
}

function rule(title: string): string {
  return `── ${title} `.padEnd(COLUMNS, '─');
}

function longBlock(summary: LinkSummary): readonly string[] {
  const { works, figures } = summary;
  // All that was typed is the one work when there is but one.
  const shown = works.length === 2 ? works.slice(1) : works;
  const typed = shown.filter(({ rows }) => rows.some(({ keys }) => keys.values.length > 0));
  const awaited = shown.filter(({ rows }) => rows.some(({ enters }) => enters.values.length > 0));
  return [
    ...blockHead(summary),
    ...(typed.length > 0 ? ['', ...keyTable(typed)] : []),
    ...(awaited.length > 0 ? ['', ...enterTable(awaited)] : []),
    ...(figures.length > 0 ? figureTables(figures) : []),
  ];
}

/** Keys and Enter in one table, and what there is beside them in another, a row a shell each. */
function shortBlock(summary: LinkSummary): readonly string[] {
  const typed = summary.works.find(({ work }) => work === ALL_TYPED);
  const brief = summary.figures.flatMap(({ brief, shells }) => (brief === undefined ? [] : [{ brief, shells }]));
  const names = ['turns', ...(brief[0]?.shells.map(({ shell }) => short(shell)) ?? [])];
  const columns = brief.map(({ brief, shells }) => [brief, ...shells.map(({ values }) => medianCell(values))]);
  return [
    ...blockHead(summary),
    ...(typed === undefined ? [] : shortTable(typed)),
    ...(columns.length === 0 ? [] : sideBySide(names, columns)),
  ];
}

function shortTable({ rows }: WorkSummary): readonly string[] {
  const [atOnce] = AT_ONCE_MS;
  const head = ['keys', 'ratio', '95 %', 'p50', 'p90', `<${atOnce} ms`, 'wrong', 'lost', 'Enter', 'p50', 'lost'];
  const cells = rows.map(({ shell, keys, letters, enters, wrong, typed }) => [
    shell,
    ...ratioCells(keys),
    ...[keys.p50, keys.p90].map(quantity),
    percent(shareAtOnce(letters.values, atOnce)),
    percent(wrong / typed),
    lost(keys),
    times(enters.ratio),
    quantity(enters.p50),
    lost(enters),
  ]);
  return fitted((most) => table([head, ...cells].map(([name = '', ...rest]) => [short(name, most), ...rest])));
}

/** A row a link, a column a shell. */
function headline({ shells, baseline, links }: Summary): readonly string[] {
  return (['keys', 'enters'] as const).flatMap((timed) => {
    const labels = ['', ...links.map(({ link }) => short(link.name, LINK_NAME_MAX))];
    const columns = shells.map((shell) => [
      short(shell),
      ...links.map(({ works }) => {
        const typed = works.find(({ work }) => work === ALL_TYPED);
        const row = typed?.rows.find((one) => one.shell === shell);
        return row === undefined ? NOTHING : figureCell(row[timed]);
      }),
    ]);
    const title = `${timed === 'keys' ? 'keys' : 'Enter'}: ratio to ${baseline}, median in ms`;
    return ['', rule(title), ...sideBySide(labels, columns)];
  });
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
  return ['', ...sideBySide(labels, columns)];
}

/** As many columns beside each other as fit, but one in any case; the others below. */
function sideBySide(labels: readonly string[], columns: readonly (readonly string[])[]): readonly string[] {
  const lines: string[] = [];
  for (let from = 0; from < columns.length; ) {
    let to = from + 1;
    while (to < columns.length && widthOf([labels, ...columns.slice(from, to + 1)]) <= COLUMNS) to++;
    const part = columns.slice(from, to);
    if (from > 0) lines.push('');
    lines.push(...table(labels.map((label, row) => [label, ...part.map((column) => column[row] ?? '')])));
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
  const ratio = times(values.ratio);
  return `${ratio === NOTHING ? '' : `${ratio} `}${medianCell(values)}`;
}

/** `412 (1/4)`: one of four never came. */
function medianCell(values: Distribution): string {
  return `${quantity(values.p50)}${values.missing > 0 ? ` (${lost(values)})` : ''}`;
}

function ratioCells({ ratio }: Distribution): readonly string[] {
  return [times(ratio), interval(ratio)];
}

function lost({ missing, values }: Distribution): string {
  return `${missing}/${values.length}`;
}

function closing({ failures, interrupted }: Summary, { leftOut }: Report): readonly string[] {
  const missed = [...interrupted.map(interruptedLine), ...leftOut];
  return [
    '',
    ...(failures.length === 0 ? ['nothing failed'] : ['failed:', ...failures.map((one) => `  ${failureLine(one)}`)]),
    ...(missed.length === 0 ? [] : ['left out:', ...missed.map((line) => `  ${line}`)]),
  ];
}

/** A table whose first two columns are names, as long as they may be for the rest to fit. */
function namesLeft(rows: readonly (readonly string[])[]): readonly string[] {
  return fitted((most) => {
    const shells = rows.map(([, shell = '']) => short(shell, most));
    const width = Math.max(...shells.map(({ length }) => length));
    return table(
      rows.map(([work = '', , ...rest], at) => [short(work, most), shells[at]?.padEnd(width) ?? '', ...rest]),
    );
  });
}

/** The lines with names as long as they may be for all to fit. */
function fitted(linesOf: (nameMax: number) => readonly string[]): readonly string[] {
  for (let most = NAME_MAX; ; most--) {
    const lines = linesOf(most);
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
