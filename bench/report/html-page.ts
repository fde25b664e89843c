/**
 * The report as one page that needs nothing else: no script, no font, no picture from elsewhere, so that it can be mailed, printed and
 * opened in ten years. Ratios first; then a section a link with the distributions as plots and the figures under them; then every
 * failure, and how it was all measured.
 */

import { figure } from '../figures.ts';
import type { Report } from '../measure/result.ts';
import { cdfPlot, SERIES } from './cdf-plot.ts';
import { AT_ONCE_MS, type Distribution, shareAtOnce } from './distribution.ts';
import { type Child, element, type Markup } from './markup.ts';
import { style } from './style.ts';
import { ALL_TYPED, type LinkSummary, type Summary, summarize, type WorkRow, type WorkSummary } from './summary.ts';
import { commandLine, failureLine, interval, meanOf, NOTHING, percent, proofLine, quantity, times } from './wording.ts';

/** Which of a row's two distributions: the keys that can be predicted, or Enter. */
type Timed = 'keys' | 'enters';

/** More are counted instead of named. */
const TITLE_LINKS_MAX = 4;

const TIMED: Readonly<Record<Timed, { readonly name: string; readonly what: string }>> = {
  keys: { name: 'Keys', what: 'letters, corrections and commands' },
  enters: { name: 'Enter', what: 'output that nobody can predict' },
};

/** The page, whole. */
export function htmlPage(report: Report): string {
  const summary = summarize(report);
  const names = report.links.map(({ name }) => name);
  const title = `${list(summary.shells)} on ${names.length > TITLE_LINKS_MAX ? `${names.length} links` : list(names)}`;
  const page = element(
    'html',
    { lang: 'en' },
    element('head', {}, element('meta', { charset: 'utf-8' }), element('title', {}, `rove bench: ${title}`), style()),
    element(
      'body',
      {},
      element('header', {}, element('h1', {}, title), element('p', { class: 'soft' }, lead(report))),
      element('main', {}, headline(summary), ...summary.links.map((link, index) => linkSection(summary, link, index))),
      failures(summary, report),
      particulars(report, summary),
    ),
  );
  return `<!doctype html>\n${page.markup}\n`;
}

function lead(report: Report): Child {
  const when = `${report.startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  const keys = report.links.flatMap(({ turns }) => turns.flatMap(({ works }) => works.map((work) => work.keys.length)));
  const count = keys.reduce((sum, of) => sum + of, 0);
  const whole = report.complete ? '' : ' The run was not complete: shells may have had unequal numbers of turns.';
  return `How long from a key to the screen, in remote shells that take turns on the same links. Measured by rove bench, ${when}, ${count} keys.${whole}`;
}

/** The ratios of all links, and the milliseconds under them. */
function headline(summary: Summary): Markup {
  return element(
    'div',
    { class: 'pair' },
    ...(['keys', 'enters'] as const).map((timed) => headlineTable(summary, timed)),
  );
}

function headlineTable(summary: Summary, timed: Timed): Markup {
  const { name, what } = TIMED[timed];
  const caption = [element('b', {}, name), `: ${what}; ratio to ${summary.baseline}, median`];
  const rows = summary.links.map(({ link, works }) => {
    const typed = works.find(({ work }) => work === ALL_TYPED);
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, link.name, element('span', { class: 'under' }, link.title)),
      ...summary.shells.map((shell) => {
        const row = typed?.rows.find((one) => one.shell === shell);
        return element('td', {}, row === undefined ? NOTHING : ratioOver(row[timed]));
      }),
    );
  });
  return tableOf(caption, ['link', ...summary.shells.map((shell) => shellName(summary, shell))], rows, 'wide');
}

function ratioOver(values: Distribution): Child {
  if (values.values.length === 0) return NOTHING;
  return [
    element('span', { class: 'ratio' }, times(values.ratio)),
    element('span', { class: 'under' }, milliseconds(values.p50)),
  ];
}

function linkSection(summary: Summary, { link, works, figures }: LinkSummary, index: number): Markup {
  const typed = works.find(({ work }) => work === ALL_TYPED);
  const asked = Object.entries(link.asked).map(([name, value]) => `${name} ${value}`);
  return element(
    'section',
    {},
    element('h2', {}, `${link.name}: ${link.title}`),
    element(
      'p',
      { class: 'soft' },
      `${proofLine(link.proof)}.`,
      asked.length > 0 ? ` Asked for: ${asked.join(', ')}.` : '',
    ),
    element('p', { class: 'soft' }, `Source: ${link.source}`),
    typed === undefined
      ? element('p', {}, 'Nothing was typed here.')
      : element('div', { class: 'pair' }, keysFigure(summary, typed, index), enterFigure(summary, typed, index)),
    works.length > 2 ? eachWork(summary, works) : [],
    figures.length === 0 ? [] : figureTable(summary, figures),
  );
}

function keysFigure(summary: Summary, typed: WorkSummary, index: number): Markup {
  const shares = typed.rows.map(({ shell, keys, letters, wrong, typed: count }) =>
    rowOf(shellName(summary, shell), [
      ...AT_ONCE_MS.map((ms) => percent(shareAtOnce(letters.values, ms))),
      percent(wrong / count),
      lost(keys),
    ]),
  );
  const head = ['', ...AT_ONCE_MS.map((ms) => `letters < ${ms} ms, %`), 'wrong, %', 'lost'];
  return figureOf(summary, typed, 'keys', index, tableOf([], head, shares));
}

function enterFigure(summary: Summary, typed: WorkSummary, index: number): Markup {
  const means = typed.rows.map(({ shell, enters }) =>
    rowOf(shellName(summary, shell), [times(enters.meanRatio), interval(enters.meanRatio), lost(enters)]),
  );
  const head = ['', 'ratio of means', '95 %', 'lost'];
  return figureOf(summary, typed, 'enters', index, tableOf([], head, means));
}

function figureOf(summary: Summary, typed: WorkSummary, timed: Timed, index: number, below: Markup): Markup {
  const { name, what } = TIMED[timed];
  const lines = typed.rows.map((row) => ({
    name: row.shell,
    values: row[timed].values,
    series: summary.shells.indexOf(row.shell),
  }));
  const counts = [...new Set(lines.map(({ values }) => values.length))];
  const rows = typed.rows.map((row) => rowOf(shellName(summary, row.shell), timeCells(row[timed])));
  return element(
    'figure',
    {},
    element('figcaption', {}, element('b', {}, name), `: ${what}; ${counts.join(' or ')} a shell; ms`),
    cdfPlot(`${timed}-${index}`, `${name}: share shown within a time`, lines),
    tableOf([], ['', 'ratio', '95 %', 'p50', 'p90', 'p99', 'mean'], rows),
    below,
  );
}

function timeCells(values: Distribution): readonly Child[] {
  return [
    element('span', { class: 'ratio' }, times(values.ratio)),
    interval(values.ratio),
    ...[values.p50, values.p90, values.p99].map(quantity),
    meanOf(values),
  ];
}

function eachWork(summary: Summary, works: readonly WorkSummary[]): Markup {
  const atOnce = AT_ONCE_MS[0];
  const head = ['work', 'shell', 'ratio', 'p50', 'p90', `< ${atOnce} ms, %`, 'wrong, %', 'lost'];
  const rows = works
    .filter(({ work }) => work !== ALL_TYPED)
    .flatMap(({ work, rows: shells }) =>
      shells.map((row, at) =>
        element(
          'tr',
          at === 0 ? { class: 'first' } : {},
          element('th', { scope: 'row' }, at === 0 ? work : ''),
          element('td', { class: 'left' }, shellName(summary, row.shell)),
          ...workCells(row, atOnce).map((cell) => element('td', {}, cell)),
        ),
      ),
    );
  return tableOf(
    [element('b', {}, 'Each work'), ': ratio and times of keys, and of Enter'],
    [...head, 'Enter ratio', 'p50', 'lost'],
    rows,
    'grouped',
  );
}

function workCells({ keys, letters, enters, wrong, typed }: WorkRow, atOnce: number): readonly Child[] {
  return [
    element('span', { class: 'ratio' }, times(keys.ratio)),
    quantity(keys.p50),
    quantity(keys.p90),
    percent(shareAtOnce(letters.values, atOnce)),
    percent(wrong / typed),
    lost(keys),
    element('span', { class: 'ratio' }, times(enters.ratio)),
    quantity(enters.p50),
    lost(enters),
  ];
}

function figureTable(summary: Summary, figures: LinkSummary['figures']): Markup {
  const names = figures[0]?.shells.map(({ shell }) => shell) ?? [];
  const rows = figures.map(({ label, shells }) =>
    rowOf(
      label,
      shells.map(({ values }) => {
        if (values.values.length === 0) return NOTHING;
        const some = values.missing === 0 ? '' : ` (lost ${lost(values)})`;
        return [
          element('span', { class: 'ratio' }, times(values.ratio)),
          element('span', { class: 'under' }, `${quantity(values.p50)}${some}`),
        ];
      }),
    ),
  );
  const caption = [element('b', {}, 'Besides keys'), ': ratio, and median of the turns'];
  return tableOf(caption, ['', ...names.map((name) => shellName(summary, name))], rows, 'wide figures');
}

function failures({ failures: failed }: Summary, { leftOut }: Report): Markup {
  return element(
    'section',
    {},
    element('h2', {}, failed.length === 0 ? 'Nothing failed' : 'What failed'),
    failed.length === 0
      ? []
      : element('ul', { class: 'bad' }, ...failed.map((one) => element('li', {}, failureLine(one)))),
    leftOut.length === 0
      ? []
      : [element('h3', {}, 'Left out'), element('ul', {}, ...leftOut.map((line) => element('li', {}, line)))],
  );
}

function particulars(report: Report, summary: Summary): Markup {
  const { machine, seed, command, shells, startedAt, endedAt } = report;
  const minutes = figure((Date.parse(endedAt) - Date.parse(startedAt)) / 60_000);
  const entries: readonly (readonly [Child, Child])[] = [
    ['machine', `${machine.cpu}, ${machine.cores} cores, ${figure(machine.memoryBytes / 2 ** 30)} GiB of memory`],
    ['system', `${machine.system}, Node ${machine.node}, load ${figure(machine.load)} before the run`],
    ['command', element('code', {}, commandLine(command))],
    ['run', `${startedAt} to ${endedAt} (${minutes} minutes), seed ${seed}`],
    ...shells.map(({ name, version, command: line }): readonly [Child, Child] => [
      name,
      [version === '' ? 'version unknown' : version, ' ', element('code', {}, line)],
    ]),
  ];
  return element(
    'section',
    {},
    element('h2', {}, 'How it was measured'),
    ...explanations(summary.baseline).map((line) => element('p', {}, line)),
    element('dl', {}, ...entries.map(([term, text]) => [element('dt', {}, term), element('dd', {}, text)])),
  );
}

function explanations(baseline: string): readonly string[] {
  return [
    'Each shell’s client runs in a real terminal. A key is timed from its write to the moment when every cell that it changes stands on the screen as the program at the other end would have it. Shown wrongly: after the key, a cell held for at least 1 ms a character that the remote screen never had there.',
    `Ratios are medians to those of ${baseline} in the same run, with their 95 % confidence interval, for which keys are taken to be independent of each other. A key that never came counts in every percentile and share; it cannot be in a mean, so that a mean with a > would be larger with it.`,
  ];
}

function tableOf(caption: Child, head: readonly Child[], rows: readonly Markup[], kind?: string): Markup {
  const isEmpty = Array.isArray(caption) && caption.length === 0;
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      { class: kind },
      isEmpty ? [] : element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...head.map((cell, at) => element('th', headClass(cell, at), cell)))),
      element('tbody', {}, ...rows),
    ),
  );
}

function headClass(cell: Child, at: number): Readonly<Record<string, string>> {
  return { scope: 'col', ...(at === 1 && cell === 'shell' ? { class: 'left' } : {}) };
}

function rowOf(head: Child, cells: readonly Child[]): Markup {
  return element('tr', {}, element('th', { scope: 'row' }, head), ...cells.map((cell) => element('td', {}, cell)));
}

/** The name with a dot in its colour. */
function shellName(summary: Summary, shell: string): Child {
  const series = summary.shells.indexOf(shell) % SERIES;
  return element('span', { class: 'shell' }, element('span', { class: `key series-${series}` }), shell);
}

function lost({ missing, values }: Distribution): string {
  return missing === 0 ? '0' : `${missing} of ${values.length}`;
}

function milliseconds(value: number): string {
  return Number.isFinite(value) ? `${quantity(value)} ms` : quantity(value);
}

/** `a, b and c`. */
function list(names: readonly string[]): string {
  const last = names.at(-1);
  return names.length < 2 ? (last ?? 'nothing') : `${names.slice(0, -1).join(', ')} and ${last}`;
}
