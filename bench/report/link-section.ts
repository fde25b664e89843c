/**
 * The section of one link on the page: what it was, the distributions of keys and of Enter as plots with their figures, then work by
 * work, then what there is beside keys.
 */

import { cdfPlot } from './cdf-plot.ts';
import { AT_ONCE_MS, type Distribution, type Ratio, shareAtOnce } from './distribution.ts';
import { lost, ratio, ratioOver, rowOf, shellName, tableOf } from './html-table.ts';
import { type Child, element, type Markup } from './markup.ts';
import { ALL_TYPED, type LinkSummary, type Summary, type WorkRow, type WorkSummary } from './summary.ts';
import { askedText, interval, meanOf, NOTHING, percent, proofLine, quantity, times } from './wording.ts';

/** Which of a row's two distributions: the keys that can be predicted, or Enter. */
export type Timed = 'keys' | 'enters';

/** What the two are called, and what is in them. */
export const TIMED: Readonly<Record<Timed, { readonly name: string; readonly what: string }>> = {
  keys: { name: 'Keys', what: 'letters, corrections and commands' },
  enters: { name: 'Enter', what: 'output that nobody can predict' },
};

const [AT_ONCE] = AT_ONCE_MS;

/** Where the section of the link at this place begins, for those who come from a table. */
export function sectionId(index: number): string {
  return `link-${index}`;
}

/** The section of the link at place `index` of the report. */
export function linkSection(summary: Summary, { link, works, figures }: LinkSummary, index: number): Markup {
  const typed = works.find(({ work }) => work === ALL_TYPED);
  const asked = askedText(link.asked);
  return element(
    'section',
    { id: sectionId(index) },
    element('h2', {}, `${link.name}: ${link.title}`),
    element('p', { class: 'soft small' }, sentence(proofLine(link.proof)), asked === '' ? '' : ` Asked for: ${asked}.`),
    link.source === '' ? [] : element('p', { class: 'soft small' }, `Source: ${link.source}`),
    typed === undefined
      ? element('p', {}, 'Nothing was typed here.')
      : element('div', { class: 'pair' }, keysFigure(summary, typed, index), enterFigure(summary, typed, index)),
    // All that was typed is the one work when there is but one.
    works.length > 2
      ? element('div', { class: 'pair' }, eachWork(summary, works, 'keys'), eachWork(summary, works, 'enters'))
      : [],
    figures.length === 0 ? [] : figureTable(summary, figures),
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function keysFigure(summary: Summary, typed: WorkSummary, index: number): Markup {
  const shares = typed.rows.map(({ shell, keys, letters, wrong, typed: count }) =>
    rowOf(shellName(summary, shell), [
      ...AT_ONCE_MS.map((ms) => percent(shareAtOnce(letters.values, ms))),
      percent(wrong / count),
      lost(keys),
    ]),
  );
  const head = [
    '',
    ...AT_ONCE_MS.map((ms) => `letters < ${ms}\u00a0ms,\u00a0%`),
    'shown wrongly,\u00a0%',
    'never shown',
  ];
  return figureOf(summary, typed, 'keys', index, tableOf([], head, shares));
}

function enterFigure(summary: Summary, typed: WorkSummary, index: number): Markup {
  const means = typed.rows.map(({ shell, enters }) =>
    rowOf(shellName(summary, shell), [withInterval(times(enters.meanRatio), enters.meanRatio), lost(enters)]),
  );
  const head = ['', 'ratio of means, 95\u00a0%', 'never shown'];
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
    tableOf([], ['', 'ratio, 95\u00a0%', 'p50', 'p90', 'p99', 'mean'], rows),
    below,
  );
}

function timeCells(values: Distribution): readonly Child[] {
  return [
    withInterval(ratio(values), values.ratio),
    ...[values.p50, values.p90, values.p99].map(quantity),
    meanOf(values),
  ];
}

/** The interval under its ratio, where there is one: a column of its own would be too much for half a sheet of paper. */
function withInterval(shown: Child, of: Ratio | undefined): Child {
  const ends = interval(of);
  return ends === NOTHING ? shown : [shown, under(ends)];
}

/** A row a work, a column a shell. */
function eachWork(summary: Summary, works: readonly WorkSummary[], timed: Timed): Markup {
  const isThere = (row: WorkRow): boolean => row[timed].values.length > 0 || (timed === 'keys' && row.wrong > 0);
  const single = works.filter(({ work, rows }) => work !== ALL_TYPED && rows.some(isThere));
  const names = works[0]?.rows.map(({ shell }) => shellName(summary, shell)) ?? [];
  const rows = single.map(({ work, rows: shells }) =>
    rowOf(
      work,
      shells.map((row) => [
        ratioOver(row[timed], ' ms'),
        ...(timed === 'keys' ? atOnce(row) : []),
        ...flaws(row, timed),
      ]),
    ),
  );
  const { name } = TIMED[timed];
  const more = timed === 'keys' ? `, and letters in less than ${AT_ONCE} ms` : '';
  return tableOf(
    [element('b', {}, `${name}, work by work`), `: ratio and median${more}`],
    ['', ...names],
    rows,
    'wide',
  );
}

/** What is wrong with a shell in some works, beside its median: keys that were lost, keys that were wrong. */
export function flaws({ keys, enters, wrong, typed }: WorkRow, timed: Timed): readonly Markup[] {
  const { missing, values } = timed === 'keys' ? keys : enters;
  return [
    ...(missing === 0 ? [] : [under(`${percent(missing / values.length)} % lost`, 'bad')]),
    ...(wrong === 0 || timed === 'enters' ? [] : [under(`${percent(wrong / typed)} % wrong`, 'bad')]),
  ];
}

function atOnce({ letters }: WorkRow): readonly Markup[] {
  return letters.values.length === 0 ? [] : [under(`${percent(shareAtOnce(letters.values, AT_ONCE))} %`)];
}

function under(text: string, kind = ''): Markup {
  return element('span', { class: `under ${kind}`.trim() }, text);
}

function figureTable(summary: Summary, figures: LinkSummary['figures']): Markup {
  const names = figures[0]?.shells.map(({ shell }) => shell) ?? [];
  const rows = figures.map(({ label, shells }) =>
    rowOf(
      label,
      shells.map(({ values }) => {
        if (values.values.length === 0) return NOTHING;
        const some = values.missing === 0 || values.values.length === 1 ? '' : ` (lost ${lost(values)})`;
        return [
          times(values.ratio) === NOTHING ? [] : ratio(values),
          element('span', { class: 'under' }, `${quantity(values.p50)}${some}`),
        ];
      }),
    ),
  );
  const caption = [element('b', {}, 'Besides keys'), ': ratio, and median of the turns'];
  return tableOf(caption, ['', ...names.map((name) => shellName(summary, name))], rows, 'wide figures');
}
