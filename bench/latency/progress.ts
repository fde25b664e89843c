/**
 * How far a run has come: events in, as they happen, and at any moment what is going on, how long it may take and what the figures
 * look like so far. Pure: moments are given. What is drawn from it (dashboard.ts, plain-progress.ts) is a matter of taste.
 */

import type { KeyReport, LinkProof } from '../measure/result.ts';
import { percentile, shareBelow } from '../measure/statistics.ts';

export type ProgressEvent =
  /** The plan: at least so many turns on each link, and no new repetition after `timeMs`. */
  | {
      readonly kind: 'begun';
      readonly links: readonly string[];
      readonly shells: readonly string[];
      readonly turnsPerLink: number;
      readonly timeMs: number | undefined;
    }
  | { readonly kind: 'link'; readonly name: string; readonly title: string }
  /** What is done before the turns: `ping proves the link`, `playing vim once without a network`. */
  | { readonly kind: 'preparing'; readonly what: string }
  | { readonly kind: 'proved'; readonly proof: LinkProof }
  | { readonly kind: 'turn'; readonly shell: string; readonly repetition: number }
  | { readonly kind: 'work'; readonly name: string }
  | { readonly kind: 'key'; readonly key: KeyReport }
  | { readonly kind: 'turn-ended'; readonly promptMs: number | null }
  /** A line for people; of a turn, if one is under way. */
  | { readonly kind: 'failure'; readonly why: string }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'done' };

/** Whoever shows it. */
export interface ProgressView {
  /** After each event, which `progress` has seen; `now` is ms, by one clock for all calls. */
  show(event: ProgressEvent, progress: Progress, now: number): void;
  /** Leaves the terminal as it was. May be called twice. */
  close(): void;
}

/** One shell on the current link, so far. */
export interface RunningFigures {
  readonly shell: string;
  readonly turns: number;
  /** Keys that must be shown, without Enter. */
  readonly keys: number;
  /** NaN: none yet; Infinity: that many were never shown. */
  readonly p50Ms: number;
  readonly p90Ms: number;
  /** Share of the letters shown within 5 ms. */
  readonly atOnce: number;
  readonly wrong: number;
  readonly enterP50Ms: number;
  readonly promptP50Ms: number;
  readonly failures: number;
}

interface Tally {
  turns: number;
  failures: number;
  wrong: number;
  readonly letters: number[];
  readonly keys: number[];
  readonly enters: number[];
  readonly prompts: number[];
}

const AT_ONCE_MS = 5;
/** Running percentiles are of the latest so many. */
const TIMES_MAX = 10_000;
const FAILURES_MAX = 50;

export class Progress {
  /** What is going on, as far as it is known. */
  link: { readonly name: string; readonly title: string } | undefined;
  shell: string | undefined;
  repetition = 0;
  /** The work, or what is being prepared. */
  doing = '';
  proof: LinkProof | undefined;
  state: 'running' | 'stopping' | 'done' = 'running';
  turnsDone = 0;
  linksBegun = 0;
  linksPlanned = 0;
  timeMs: number | undefined;
  readonly #startedAt: number;
  #turnsPerLink = 0;
  #turnsOnLink = 0;
  /** Turns on the links before this one, beyond or below the plan. */
  #turnsBefore = 0;
  readonly #tallies = new Map<string, Tally>();
  readonly #failures: string[] = [];

  constructor(now: number) {
    this.#startedAt = now;
  }

  note(event: ProgressEvent): void {
    switch (event.kind) {
      case 'begun':
        this.linksPlanned = event.links.length;
        this.#turnsPerLink = event.turnsPerLink;
        this.timeMs = event.timeMs;
        for (const shell of event.shells) this.#tallies.set(shell, emptyTally());
        break;
      case 'link':
        this.link = { name: event.name, title: event.title };
        this.linksBegun++;
        this.#turnsBefore = this.turnsDone;
        this.#turnsOnLink = 0;
        this.proof = undefined;
        this.shell = undefined;
        for (const shell of this.#tallies.keys()) this.#tallies.set(shell, emptyTally());
        break;
      case 'preparing':
        this.shell = undefined;
        this.doing = event.what;
        break;
      case 'proved':
        this.proof = event.proof;
        break;
      case 'turn':
        this.shell = event.shell;
        this.repetition = event.repetition;
        this.doing = 'starting';
        break;
      case 'work':
        this.doing = event.name;
        break;
      case 'key':
        this.#noteKey(event.key);
        break;
      case 'turn-ended':
        this.#endTurn(event.promptMs);
        break;
      case 'failure':
        this.#noteFailure(event.why);
        break;
      case 'stopping':
        this.state = 'stopping';
        break;
      case 'done':
        this.state = 'done';
        break;
    }
  }

  elapsedMs(now: number): number {
    return now - this.#startedAt;
  }

  /** The turns that will be taken at least, by what is known now. */
  get turnsPlanned(): number {
    const linksLeft = Math.max(0, this.linksPlanned - Math.max(1, this.linksBegun));
    return this.#turnsBefore + Math.max(this.#turnsOnLink, this.#turnsPerLink) + linksLeft * this.#turnsPerLink;
  }

  /** Of those turns, 0 to 1. */
  get share(): number {
    if (this.state === 'done') return 1;
    return this.turnsPlanned === 0 ? 0 : Math.min(1, this.turnsDone / this.turnsPlanned);
  }

  /** About how long those turns will still take, as those before did; undefined until one is done. */
  leftMs(now: number): number | undefined {
    if (this.turnsDone === 0) return undefined;
    return (this.elapsedMs(now) / this.turnsDone) * (this.turnsPlanned - this.turnsDone);
  }

  /** The shells on the current link, in the order of their turns. */
  get figures(): readonly RunningFigures[] {
    return [...this.#tallies].map(([shell, tally]) => ({
      shell,
      turns: tally.turns,
      keys: tally.keys.length,
      p50Ms: percentile(tally.keys, 0.5),
      p90Ms: percentile(tally.keys, 0.9),
      atOnce: shareBelow(tally.letters, AT_ONCE_MS),
      wrong: tally.wrong,
      enterP50Ms: percentile(tally.enters, 0.5),
      promptP50Ms: percentile(tally.prompts, 0.5),
      failures: tally.failures,
    }));
  }

  /** The latest ones, the newest last. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  #noteKey(key: KeyReport): void {
    const tally = this.#tallies.get(this.shell ?? '');
    if (tally === undefined) return;
    if (key.wrongMs !== undefined) tally.wrong++;
    if (key.shownMs === undefined) return;
    const time = key.shownMs ?? Number.POSITIVE_INFINITY;
    keep(key.kind === 'enter' ? tally.enters : tally.keys, time);
    if (key.kind === 'letter') keep(tally.letters, time);
  }

  #endTurn(promptMs: number | null): void {
    this.turnsDone++;
    this.#turnsOnLink++;
    const tally = this.#tallies.get(this.shell ?? '');
    if (tally === undefined) return;
    tally.turns++;
    keep(tally.prompts, promptMs ?? Number.POSITIVE_INFINITY);
  }

  #noteFailure(why: string): void {
    const tally = this.#tallies.get(this.shell ?? '');
    if (tally !== undefined) tally.failures++;
    const where = [this.link?.name, this.shell, this.shell === undefined ? undefined : this.doing];
    const place = where.filter((name) => name !== undefined && name !== '').join(', ');
    this.#failures.push(place === '' ? why : `${place}: ${why}`);
    if (this.#failures.length > FAILURES_MAX) this.#failures.shift();
  }
}

/** `0:07`, `12:34`, `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, at) => (at === 0 ? `${part}` : `${part}`.padStart(2, '0'))).join(':');
}

/** A time for a column: `1.73`, `82.6`, `371`; `never` where it was not shown, `-` where there is none yet. */
export function millis(ms: number): string {
  if (Number.isNaN(ms)) return '-';
  if (!Number.isFinite(ms)) return 'never';
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
}

/** `95 %`; `-` where there is none yet. */
export function percent(share: number): string {
  return Number.isNaN(share) ? '-' : `${Math.round(share * 100)} %`;
}

function emptyTally(): Tally {
  return { turns: 0, failures: 0, wrong: 0, letters: [], keys: [], enters: [], prompts: [] };
}

function keep(times: number[], time: number): void {
  times.push(time);
  if (times.length > TIMES_MAX) times.shift();
}
