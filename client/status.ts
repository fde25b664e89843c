/**
 * The status line, for who asks (`~s`, `--status`): how the link is, and what became of the predictions. Each figure is one that the
 * client goes by itself. Pure: which words, how many of them fit, and when they are to be made anew. Off, it has no deadline and asks nothing.
 */

import { spanText } from './notice.ts';
import type { PredictionCounts } from './predict/engine.ts';

/** What the line tells. */
export interface LinkFacts {
  /** Whether the server has ever been heard in this session. */
  readonly heard: boolean;
  /** Since it was heard last, in ms. */
  readonly quietMs: number;
  /** Smoothed round trip, in ms. */
  readonly rttMs: number;
  /** Shares of the last datagrams that were lost, 0 to 1: of the client's, and of the server's. */
  readonly lossUp: number;
  readonly lossDown: number;
  /** Bytes of UDP payload since the start. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Undefined when nothing is ever predicted. */
  readonly letters: PredictionCounts | undefined;
}

/** The line changes no more often than this, in ms, but at the end of a silence: it is to be read, not to flicker. */
const REFRESH_MS = 1_000;

type Part = 'rtt' | 'loss' | 'heard' | 'bytes' | 'letters';

/** In their order on the line. */
const PARTS: readonly Part[] = ['rtt', 'loss', 'heard', 'bytes', 'letters'];
/** What gives way first where the line is too long: each time that a part is named it takes its next, shorter form. */
const YIELDING: readonly Part[] = ['letters', 'heard', 'bytes', 'loss', 'letters', 'loss', 'heard'];

/** Whether the line is shown, and what it was last told. */
export class StatusLine {
  readonly #pinned: boolean;
  #shown: boolean;
  #facts: LinkFacts | undefined;
  #dueAt = Number.NEGATIVE_INFINITY;

  /** `pinned`: shown from the start, and no key hides it. */
  constructor(pinned: boolean) {
    this.#pinned = pinned;
    this.#shown = pinned;
  }

  /** Shows it, or hides it. */
  toggle(): void {
    this.#shown = !this.#shown;
    this.#dueAt = Number.NEGATIVE_INFINITY;
  }

  /** The user goes on typing. */
  onKeys(): void {
    if (!this.#pinned) this.#shown = false;
  }

  /** The server was heard: a line that says how long it was not is no longer true. */
  onHeard(): void {
    const told = this.#facts;
    if (told !== undefined && (!told.heard || told.quietMs >= REFRESH_MS)) this.#dueAt = Number.NEGATIVE_INFINITY;
  }

  /** Takes in how the link is, if the line is shown and old enough. */
  tick(now: number, facts: () => LinkFacts): void {
    if (now < this.nextTimeout()) return;
    this.#facts = facts();
    this.#dueAt = now + REFRESH_MS;
  }

  /** When `tick` has something to do; Infinity while the line is hidden. */
  nextTimeout(): number {
    return this.#shown ? this.#dueAt : Number.POSITIVE_INFINITY;
  }

  /** The line for a terminal of `cols` columns; undefined while it is hidden. */
  text(cols: number): string | undefined {
    return this.#shown && this.#facts !== undefined ? statusText(this.#facts, cols) : undefined;
  }
}

/** `facts` in at most `cols` characters if they can be said in so few: the rest is for the reader to cut. */
export function statusText(facts: LinkFacts, cols: number): string {
  const forms = formsOf(facts);
  const chosen: Record<Part, number> = { rtt: 0, loss: 0, heard: 0, bytes: 0, letters: 0 };
  const text = (): string => {
    const said = PARTS.map((part) => forms[part][chosen[part]] ?? '');
    return `rove: ${said.filter((words) => words !== '').join(', ')}`;
  };
  for (const part of YIELDING) {
    if (text().length <= cols) break;
    chosen[part]++;
  }
  return text();
}

/** The ways to say each part, the longest first; behind the last, and where there is nothing to say, it is left out. */
function formsOf(facts: LinkFacts): Record<Part, readonly string[]> {
  const { heard, bytesUp, bytesDown } = facts;
  const bytes = [`${amountText(bytesUp)} up ${amountText(bytesDown)} down`];
  if (!heard) {
    const nothing = ['nothing heard yet', 'nothing heard', 'nothing heard'];
    return { rtt: [], loss: [], heard: nothing, bytes, letters: [] };
  }
  const up = shareText(facts.lossUp);
  const down = shareText(facts.lossDown);
  const ago = `${agoText(facts.quietMs)} ago`;
  return {
    rtt: [`rtt ${tenths(facts.rttMs)} ms`],
    loss: [`loss ${up} % up ${down} % down`, `loss ${up}/${down} %`],
    heard: [`last heard ${ago}`, `heard ${ago}`],
    bytes,
    letters: lettersForms(facts.letters),
  };
}

function lettersForms(letters: PredictionCounts | undefined): readonly string[] {
  if (letters === undefined || letters.typed === 0) return [];
  const { typed, atOnce, wrong } = letters;
  // On a fast link none need be; a nought would read as a failure.
  if (atOnce === 0 && wrong === 0) return ['no letters predicted'];
  const [first, second] = [percentText(atOnce / typed), percentText(wrong / typed)];
  return [`${first} % of letters at once, ${second} % wrong`, `${first} % at once, ${second} % wrong`];
}

/** A share of the few packets that are counted: more digits would be made up. */
function shareText(share: number): string {
  return share > 0 && share < 0.01 ? '<1' : `${Math.round(share * 100)}`;
}

/** A share in percent, neither nought nor a hundred unless it is. */
function percentText(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '<0.1';
  if (percent < 10) return tenths(percent);
  return `${percent < 100 ? Math.min(99, Math.round(percent)) : 100}`;
}

/** With a tenth where that is much of it. */
function tenths(amount: number): string {
  return amount < 9.95 ? amount.toFixed(1).replace(/\.0$/, '') : amount.toFixed(0);
}

function agoText(spanMs: number): string {
  return spanMs < 9_950 ? `${(spanMs / 1_000).toFixed(1)} s` : spanText(spanMs);
}

function amountText(bytes: number): string {
  let amount = bytes;
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (amount < 999.5) return `${tenths(amount)} ${unit}`;
    amount /= 1_000;
  }
  return `${tenths(amount)} TB`;
}
