/**
 * How far a run has come, on the whole terminal: what is being measured, how long it takes, the shells' figures so far. Drawn with
 * blessed, which is loaded here and nowhere else.
 *
 * The process that draws is the one that measures, and a redraw takes it some ms. So it is drawn in the wake of an event, when a key
 * has just stood on the screen and its user pauses, and by a clock only when nothing has happened for longer than a key takes.
 */

import process from 'node:process';
import type { Widgets } from 'blessed';
import { figure, table } from '../figures.ts';
import { onTheWayOut } from '../way-out.ts';
import { clock, millis, type Progress, type ProgressEvent, type ProgressView, percent } from './progress.ts';

/** No more than so many redraws: a user reads no faster. */
const REDRAW_MS = 300;
/** A clock that stands for so long looks broken. */
const IDLE_REDRAW_MS = 2000;
/** What surrounds the list of failures. */
const HEADER_ROWS = 7;
const FOOTER_ROWS = 1;
const BAR = { full: '█', empty: '░' };

type Blessed = typeof import('blessed');

/** The widgets, from top to bottom. */
interface Panes {
  readonly screen: Widgets.Screen;
  readonly header: Widgets.BoxElement;
  readonly figures: Widgets.BoxElement;
  readonly failures: Widgets.BoxElement;
  readonly footer: Widgets.BoxElement;
}

/** Whether there is a terminal to draw on and to read keys from. */
export function hasDashboard(): boolean {
  return process.stdout.isTTY === true && process.stdin.isTTY === true && process.env.TERM !== 'dumb';
}

/** Takes the terminal over. `onStop` is called when the user asks to stop, each time. */
export async function openDashboard(
  progress: Progress,
  clockMs: () => number,
  onStop: () => void,
): Promise<ProgressView> {
  const { default: blessed } = await import('blessed');
  return new Dashboard(openPanes(blessed, onStop), progress, clockMs);
}

class Dashboard implements ProgressView {
  readonly #panes: Panes;
  readonly #progress: Progress;
  readonly #timer: NodeJS.Timeout;
  readonly #forget: () => void;
  readonly #onCrash = (): void => this.close();
  #drawnAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(panes: Panes, progress: Progress, clockMs: () => number) {
    this.#panes = panes;
    this.#progress = progress;
    this.#forget = onTheWayOut(() => this.close());
    // Before Node prints the error: what it prints on the dashboard would go with it.
    process.on('uncaughtExceptionMonitor', this.#onCrash);
    panes.screen.on('resize', () => this.#draw(clockMs()));
    this.#timer = setInterval(() => {
      if (clockMs() - this.#drawnAt >= IDLE_REDRAW_MS) this.#draw(clockMs());
    }, IDLE_REDRAW_MS / 2);
    this.#timer.unref();
    this.#draw(clockMs());
  }

  show(event: ProgressEvent, _progress: Progress, now: number): void {
    const isUrgent = event.kind !== 'key' && event.kind !== 'work';
    if (isUrgent || now - this.#drawnAt >= REDRAW_MS) this.#draw(now);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#forget();
    process.removeListener('uncaughtExceptionMonitor', this.#onCrash);
    this.#panes.screen.destroy();
  }

  #draw(now: number): void {
    if (this.#isClosed) return;
    this.#drawnAt = now;
    const { screen, header, figures, failures, footer } = this.#panes;
    const progress = this.#progress;
    const cols = Number(screen.width);
    const rows = Number(screen.height);
    header.setContent(headerText(progress, now, cols - 2));
    const shown = figuresLines(progress);
    figures.height = shown.length + 1;
    figures.setContent(shown.join('\n'));
    failures.top = HEADER_ROWS + shown.length + 1;
    failures.height = Math.max(1, rows - HEADER_ROWS - shown.length - 1 - FOOTER_ROWS);
    failures.setContent(failuresText(progress, Number(failures.height), cols - 2));
    footer.setContent(
      progress.state === 'stopping'
        ? ' stopping: what was measured is being written. Again to end at once'
        : ' q or Ctrl-C: stop, and write what was measured',
    );
    screen.render();
  }
}

function openPanes(blessed: Blessed, onStop: () => void): Panes {
  const screen = blessed.screen({
    smartCSR: true,
    // Without it the box characters are drawn as letters where the locale is C.
    forceUnicode: true,
    fullUnicode: true,
    title: 'rove bench',
    // The terminal's own description may hold what blessed can't read; every terminal of today takes this one.
    terminal: 'xterm-256color',
  });
  const pane = (options: Widgets.BoxOptions): Widgets.BoxElement =>
    blessed.box({ parent: screen, left: 0, width: '100%', wrap: false, ...options });
  const panes: Panes = {
    screen,
    header: pane({ top: 0, height: HEADER_ROWS, padding: { left: 1, right: 1 }, tags: true }),
    figures: pane({ top: HEADER_ROWS, height: 1, padding: { left: 1, right: 1 }, tags: true }),
    failures: pane({ height: 1, padding: { left: 1, right: 1 }, style: { fg: 'red' } }),
    footer: pane({ bottom: 0, height: FOOTER_ROWS, style: { inverse: true } }),
  };
  screen.key(['q', 'C-c'], () => onStop());
  return panes;
}

function headerText(progress: Progress, now: number, cols: number): string {
  const { link, shell, repetition, doing, proof, linksBegun, linksPlanned } = progress;
  const where = linksPlanned > 1 ? `link ${Math.max(1, linksBegun)} of ${linksPlanned}` : '';
  const seen =
    proof === undefined
      ? ''
      : `ping ${figure(proof.rttMedianMs)} ms${proof.loss > 0 ? `, ${percent(proof.loss)} lost` : ''}`;
  const turn = shell === undefined ? doing : `${shell}, repetition ${repetition + 1}: ${doing}`;
  return [
    `{bold}rove bench{/bold}${where.padStart(Math.max(0, cols - 'rove bench'.length))}`,
    barText(progress.share, cols),
    timeText(progress, now),
    '',
    `{bold}${link === undefined ? '' : safe(link.name)}{/bold}  ${safe(link?.title ?? '')}${seen === '' ? '' : ` (${seen})`}`,
    safe(turn),
  ].join('\n');
}

function barText(share: number, cols: number): string {
  const label = ` ${Math.floor(share * 100)} %`.padStart(6);
  const room = Math.max(1, cols - label.length);
  const full = Math.round(share * room);
  return `{cyan-fg}${BAR.full.repeat(full)}${BAR.empty.repeat(room - full)}{/cyan-fg}${label}`;
}

function timeText(progress: Progress, now: number): string {
  const elapsedMs = progress.elapsedMs(now);
  const leftMs = progress.leftMs(now);
  const parts = [`${clock(elapsedMs)} gone`];
  if (progress.turnsDone > 0) parts.push(`${progress.turnsDone} of ${progress.turnsPlanned} turns`);
  if (leftMs !== undefined) parts.push(`about ${clock(leftMs)} left`);
  if (progress.timeMs !== undefined) parts.push(`new repetitions until ${clock(progress.timeMs)}`);
  return parts.join(', ');
}

function figuresLines(progress: Progress): readonly string[] {
  const rows = progress.figures.map((of) => [
    of.shell,
    `${of.turns}`,
    `${of.keys}`,
    millis(of.p50Ms),
    millis(of.p90Ms),
    percent(of.atOnce),
    `${of.wrong}`,
    millis(of.enterP50Ms),
    millis(of.promptP50Ms),
    `${of.failures}`,
  ]);
  const title = ['shell', 'turns', 'keys', 'p50 ms', 'p90 ms', '<5 ms', 'wrong', 'Enter', 'prompt', 'failed'];
  return table([title, ...rows]).map((line, at) => {
    if (at === 0) return `{underline}${line}{/underline}`;
    return progress.figures[at - 1]?.shell === progress.shell ? `{yellow-fg}${safe(line)}{/yellow-fg}` : safe(line);
  });
}

function failuresText(progress: Progress, rows: number, cols: number): string {
  return progress.failures
    .slice(-rows)
    .map((line) => (line.length > cols ? `${line.slice(0, cols - 1)}…` : line))
    .join('\n');
}

/** Text in which blessed finds no tags. */
function safe(text: string): string {
  return text.replaceAll('{', '(').replaceAll('}', ')');
}
