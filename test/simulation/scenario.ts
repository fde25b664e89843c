/**
 * One simulated life of a session, drawn whole from its seed: the link in both directions, what goes wrong when, how the user types
 * and how the program behaves. Plain data, so that a failing seed can be printed and read.
 */

import type { ImpairmentOptions } from '../../bench/link/impairment.ts';
import { type Dice, diceFrom } from '../../bench/link/random.ts';

/** Something that happens to the network or the machine at a moment, in ms since the start. */
export type Mishap =
  | { readonly at: number; readonly kind: 'outage'; readonly forMs: number; readonly direction: 'up' | 'down' | 'both' }
  /** The client's address, or its NAT's port, is another one. */
  | { readonly at: number; readonly kind: 'new-address' }
  /** One of the server's addresses can't be reached any more. */
  | { readonly at: number; readonly kind: 'family-gone'; readonly forMs: number }
  /** The client's process stands still: no timer runs, and what comes waits in its socket. */
  | { readonly at: number; readonly kind: 'client-stopped'; readonly forMs: number }
  /** The link refuses datagrams over `bytes` (EMSGSIZE), or swallows them. */
  | { readonly at: number; readonly kind: 'small-link'; readonly bytes: number; readonly silent: boolean };

export interface Scenario {
  readonly seed: number;
  readonly cols: number;
  readonly rows: number;
  readonly up: ImpairmentOptions;
  readonly down: ImpairmentOptions;
  readonly mishaps: readonly Mishap[];
  /** Share of datagrams of which a mangled copy, a replay or a forgery is sent too, from elsewhere or from the same address. */
  readonly hostile: number;
  /** Share of datagrams that arrive with an attacker's source address first. */
  readonly diverted: number;
  /** When the user stops typing; then the link heals. */
  readonly activeMs: number;
  /** Mean gap between keys in ms. */
  readonly keyGapMs: number;
  /** Chance that a key press is a paste, and its largest size. */
  readonly pasteChance: number;
  readonly pasteBytes: number;
  readonly resizeChance: number;
  /** The program: what it prints for a key, whether it floods, and how much input it accepts at a time. */
  readonly echo: 'echo' | 'lines' | 'fullscreen' | 'silent';
  readonly floodChance: number;
  readonly acceptsBytes: number;
  /** Two idle minutes in the middle, so that the keys are renewed. */
  readonly longPause: boolean;
  readonly end: 'exit' | 'hang-up' | 'none';
}

/** The scenario of a seed: an integer from 0. */
export function drawScenario(seed: number): Scenario {
  const dice = diceFrom(seed);
  const activeMs = between(dice, 1_000, 6_000);
  const bad = chance(dice, 0.8);
  const rtt = pick(dice, [1, 20, 80, 273, 500]);
  const loss = bad ? pick(dice, [0, 0, 0.02, 0.1, 0.29]) : 0;
  const rate = chance(dice, 0.25) ? pick(dice, [64_000, 600_000, 5_000_000]) : undefined;
  return {
    seed,
    cols: pick(dice, [80, 80, 80, 20, 132, 1]),
    rows: pick(dice, [24, 24, 24, 5, 50, 1]),
    up: drawImpairment(dice, rtt, loss, rate, bad),
    down: drawImpairment(dice, rtt, loss, rate, bad),
    mishaps: bad ? drawMishaps(dice, activeMs) : [],
    hostile: chance(dice, 0.3) ? 0.3 : 0,
    diverted: chance(dice, 0.1) ? 0.05 : 0,
    activeMs,
    keyGapMs: pick(dice, [30, 120, 400]),
    pasteChance: chance(dice, 0.2) ? 0.1 : 0,
    pasteBytes: pick(dice, [200, 3_000, 20_000]),
    resizeChance: chance(dice, 0.2) ? 0.1 : 0,
    echo: pick(dice, ['echo', 'lines', 'fullscreen', 'silent']),
    floodChance: chance(dice, 0.3) ? 0.15 : 0,
    acceptsBytes: pick(dice, [1_000_000, 1_000_000, 100]),
    longPause: chance(dice, 0.1),
    end: pick(dice, ['exit', 'exit', 'hang-up', 'none']),
  };
}

function drawImpairment(
  dice: Dice,
  rtt: number,
  loss: number,
  rateBps: number | undefined,
  bad: boolean,
): ImpairmentOptions {
  const burst = bad && chance(dice, 0.15) ? { enter: 0.02, leave: 0.2 } : undefined;
  return {
    delayMs: rtt / 2,
    jitterMs: bad && chance(dice, 0.4) ? between(dice, 1, 80) : 0,
    loss,
    reorder: bad && chance(dice, 0.3) ? 0.1 : 0,
    reorderMs: between(dice, 1, 100),
    duplicate: bad && chance(dice, 0.3) ? 0.05 : 0,
    ...(burst === undefined ? {} : { burst }),
    ...(rateBps === undefined ? {} : { rateBps }),
  };
}

function drawMishaps(dice: Dice, activeMs: number): Mishap[] {
  const mishaps: Mishap[] = [];
  for (let more = pick(dice, [0, 0, 1, 1, 2, 3]); more > 0; more--) {
    const at = between(dice, 100, activeMs);
    const forMs = pick(dice, [300, 2_000, 10_000, 70_000]);
    const kind = pick(dice, ['outage', 'new-address', 'family-gone', 'client-stopped', 'small-link'] as const);
    if (kind === 'outage') mishaps.push({ at, kind, forMs, direction: pick(dice, ['up', 'down', 'both']) });
    else if (kind === 'new-address') mishaps.push({ at, kind });
    else if (kind === 'small-link')
      mishaps.push({ at, kind, bytes: pick(dice, [1_100, 900, 548]), silent: chance(dice, 0.5) });
    else mishaps.push({ at, kind, forMs });
  }
  return mishaps.sort((a, b) => a.at - b.at);
}

export function chance(dice: Dice, share: number): boolean {
  return dice.next() < share;
}

/** An integer from `low` to `high`, both included. */
export function between(dice: Dice, low: number, high: number): number {
  return low + Math.floor(dice.next() * (high - low + 1));
}

export function pick<Item>(dice: Dice, items: readonly Item[]): Item {
  const item = items[Math.floor(dice.next() * items.length)];
  if (item === undefined) throw new Error('Cannot pick from an empty list');
  return item;
}
