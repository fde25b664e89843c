/** How far a run has come, as lines on standard error: for logs, pipes and screen readers. One line a turn, none a key. */

import { clock, millis, type Progress, type ProgressEvent, type ProgressView, percent } from './progress.ts';

export class PlainProgress implements ProgressView {
  readonly #write: (line: string) => void;

  /** `write` is given a line with its line feed. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  show(event: ProgressEvent, progress: Progress, now: number): void {
    const line = lineOf(event, progress, now);
    if (line !== undefined) this.#write(`${clock(progress.elapsedMs(now)).padStart(6)}  ${line}\n`);
  }

  close(): void {}
}

function lineOf(event: ProgressEvent, progress: Progress, now: number): string | undefined {
  switch (event.kind) {
    case 'begun':
      return `${event.shells.join(', ')} on ${event.links.join(', ')}: ${progress.turnsPlanned} turns or more`;
    case 'link':
      return `${event.name}: ${event.title} (link ${progress.linksBegun} of ${progress.linksPlanned})`;
    case 'preparing':
      return `  ${event.what}`;
    case 'proved': {
      const { rttMedianMs, sent, received } = event.proof;
      return `  ping: round trip ${millis(rttMedianMs)} ms, ${received} of ${sent} answered`;
    }
    case 'turn-ended':
      return `  ${turnLine(progress)}${leftOf(progress, now)}`;
    case 'failure':
      return `  failed: ${progress.failures.at(-1) ?? event.why}`;
    case 'stopping':
      return 'stopping: what was measured until now will be written';
    case 'done':
      return 'done';
    case 'turn':
    case 'work':
    case 'key':
      return undefined;
  }
}

function turnLine(progress: Progress): string {
  const figures = progress.figures.find(({ shell }) => shell === progress.shell);
  const name = `${progress.shell ?? ''} ${progress.repetition + 1}`;
  if (figures === undefined) return name;
  const { p50Ms, p90Ms, atOnce, enterP50Ms } = figures;
  return `${name}: keys p50 ${millis(p50Ms)}, p90 ${millis(p90Ms)} ms, at once ${percent(atOnce)}; Enter p50 ${millis(enterP50Ms)} ms`;
}

function leftOf(progress: Progress, now: number): string {
  const leftMs = progress.leftMs(now);
  return leftMs === undefined ? '' : `; about ${clock(leftMs)} left`;
}
