/**
 * The report as one page that needs nothing else: no script, no font, no picture from elsewhere, so that it can be mailed, printed and
 * opened in ten years. Ratios first; then a section a link with the distributions as plots and the figures under them; then every
 * failure, and how it was all measured.
 */

import { figure } from '../figures.ts';
import type { Report } from '../measure/result.ts';
import { ratioOver, shellName, tableOf } from './html-table.ts';
import { flaws, linkSection, sectionId, TIMED, type Timed } from './link-section.ts';
import { type Child, element, type Markup } from './markup.ts';
import { style } from './style.ts';
import { ALL_TYPED, type Summary, summarize } from './summary.ts';
import { commandLine, failureLine, interruptedLine, NOTHING } from './wording.ts';

/** More are counted instead of named. */
const TITLE_LINKS_MAX = 4;

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
  const rows = summary.links.map(({ link, works }, index) => {
    const typed = works.find(({ work }) => work === ALL_TYPED);
    return element(
      'tr',
      {},
      element(
        'th',
        { scope: 'row' },
        element('a', { href: `#${sectionId(index)}` }, link.name),
        element('span', { class: 'under title' }, link.title),
      ),
      ...summary.shells.map((shell) => {
        const row = typed?.rows.find((one) => one.shell === shell);
        return element('td', {}, row === undefined ? NOTHING : [ratioOver(row[timed], ' ms'), ...flaws(row, timed)]);
      }),
    );
  });
  return tableOf(caption, ['link', ...summary.shells.map((shell) => shellName(summary, shell))], rows, 'wide');
}

function failures({ failures: failed, interrupted }: Summary, { leftOut }: Report): Markup {
  const missed = [...interrupted.map(interruptedLine), ...leftOut];
  return element(
    'section',
    {},
    element('h2', {}, failed.length === 0 ? 'Nothing failed' : 'What failed'),
    failed.length === 0
      ? []
      : element('ul', { class: 'bad' }, ...failed.map((one) => element('li', {}, failureLine(one)))),
    missed.length === 0
      ? []
      : [element('h3', {}, 'Left out'), element('ul', {}, ...missed.map((line) => element('li', {}, line)))],
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

/** `a, b and c`. */
function list(names: readonly string[]): string {
  const last = names.at(-1);
  return names.length < 2 ? (last ?? 'nothing') : `${names.slice(0, -1).join(', ')} and ${last}`;
}
