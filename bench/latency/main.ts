/**
 * The lab that measures shells: `rove bench`, or `npm run bench:latency`. Arguments in, a report out: a table in the terminal, a JSON
 * file with every key, a page to look at. The status is 0 when everything was measured, 1 when something was left out or failed
 * to begin, 2 for a command line that can't be obeyed, 130 after an interrupt.
 */

import process from 'node:process';
import { findPreset, PRESETS } from '../link/presets.ts';
import type { Report } from '../measure/result.ts';
import { compareReports } from '../report/compare.ts';
import { whyNotWritten, writeWhole } from '../report/file-writer.ts';
import { htmlPage } from '../report/html-page.ts';
import { defaultBaseName, readReport, writeReport } from '../report/json-file.ts';
import { paperTable } from '../report/paper-table.ts';
import { textTable } from '../report/text-table.ts';
import { onInterrupt } from '../way-out.ts';
import { CATALOGUE, WORK_NAMES } from '../work/catalogue.ts';
import { hasDashboard, openDashboard } from './dashboard.ts';
import { BENCH_USAGE, BenchUsageError, parseBenchOptions, type RunOptions } from './options.ts';
import { PAPER_CONDITIONS } from './paper.ts';
import { PlainProgress } from './plain-progress.ts';
import { planRun } from './plan.ts';
import { Progress, type ProgressEvent, type ProgressView } from './progress.ts';
import { runLab } from './run.ts';

const INTERRUPTED = 130;

async function main(words: readonly string[]): Promise<number> {
  const options = parseBenchOptions(words, {
    links: PRESETS.map(({ name }) => name),
    works: WORK_NAMES,
    shells: ['rove', 'ssh', 'mosh'],
  });
  switch (options.kind) {
    case 'help':
      process.stdout.write(BENCH_USAGE);
      return 0;
    case 'list':
      process.stdout.write(catalogue());
      return 0;
    case 'run':
      return await measure(options, words);
  }
}

async function measure(options: RunOptions, words: readonly string[]): Promise<number> {
  const old = options.compare === undefined ? undefined : await readReport(options.compare);
  const base = options.out ?? defaultBaseName(new Date().toISOString());
  for (const file of [`${base}.json`, `${base}.html`]) {
    const why = await whyNotWritten(file, options.out !== undefined);
    if (why !== undefined) throw new BenchUsageError(why);
  }
  const stop = new AbortController();
  const report = await run(options, words, stop);
  if (report.links.every(({ turns }) => turns.length === 0)) {
    throw new Error(`nothing was measured: ${report.leftOut.join('; ') || 'it was stopped before the first turn'}`);
  }
  await writeReport(`${base}.json`, report, options.out !== undefined);
  await writeWhole(`${base}.html`, htmlPage(report), options.out !== undefined);
  const lines = [
    ...textTable(report),
    ...(options.paper ? ['', ...paperTable(report, PAPER_CONDITIONS)] : []),
    ...(old === undefined ? [] : ['', ...compareReports(old, report)]),
    '',
    `every key: ${base}.json; to look at: ${base}.html`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (stop.signal.aborted) return INTERRUPTED;
  return report.leftOut.length > 0 || !report.complete ? 1 : 0;
}

async function run(options: RunOptions, words: readonly string[], stop: AbortController): Promise<Report> {
  const now = (): number => performance.now();
  const progress = new Progress(now());
  let view: ProgressView | undefined;
  const onProgress = (event: ProgressEvent): void => {
    progress.note(event);
    view?.show(event, progress, now());
  };
  const plan = await planRun(options, words, onProgress, stop.signal);
  const askToStop = (): boolean => {
    // The second time, whoever asks wants an end, not a report.
    if (stop.signal.aborted) return false;
    stop.abort();
    onProgress({ kind: 'stopping' });
    return true;
  };
  onInterrupt(askToStop);
  view =
    hasDashboard() && !options.plain
      ? await openDashboard(progress, now, () => {
          if (!askToStop()) process.exit(INTERRUPTED);
        })
      : new PlainProgress((line) => process.stderr.write(line));
  try {
    return await runLab(plan);
  } finally {
    view.close();
  }
}

function catalogue(): string {
  const links = PRESETS.map(({ name }) => findPreset(name)).map(({ name, title }) => `  ${name.padEnd(16)}${title}`);
  const works = CATALOGUE.map(({ name, title }) => `  ${name.padEnd(16)}${title}`);
  return [
    'links',
    ...links,
    '',
    'works',
    ...works,
    '',
    'shells',
    '  rove, ssh, mosh, and any other by --shell',
    '',
  ].join('\n');
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`rove bench: ${error instanceof Error ? error.message.split('\n')[0] : error}\n`);
  process.exit(error instanceof BenchUsageError ? 2 : 1);
}
