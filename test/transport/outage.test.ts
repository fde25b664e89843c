/** What a user sees after a hole in the path: how soon the newest screen is there, and what asking for it costs meanwhile. */

import { describe, expect, it } from 'vitest';
import { screenText } from '../terminal/text.ts';
import { Pair } from './pair.ts';

/** Moments of the return, in ms: the rhythm of the questions must not matter. */
const PHASES = [0, 17, 37];
/** A whole probe timeout after a return nothing new is on its way any more. */
const LAST_OUTPUT_MS = 60;

interface Outage {
  readonly rttMs: number;
  readonly ms: number;
  readonly phaseMs: number;
  /** What happens each tenth of a second. */
  readonly happens: (pair: Pair, tenth: number) => void;
  /** Whether what was typed is to be answered too. */
  readonly typed: boolean;
}

/** From the return of the path to the newest screen on the user's terminal, in ms over the round trip. */
function newestAfter(outage: Outage): number {
  const { rttMs, ms, phaseMs, happens, typed } = outage;
  const pair = new Pair();
  pair.oneWayMs = rttMs / 2;
  pair.run(1_000);
  for (const key of 'a line of typing') {
    pair.type(key);
    pair.run(150);
  }
  pair.run(1_200);
  pair.fate = () => 'lose';
  const quietAt = pair.now + ms + phaseMs - LAST_OUTPUT_MS;
  for (let tenth = 0; pair.now < quietAt; tenth++) {
    happens(pair, tenth);
    pair.run(Math.min(100, quietAt - pair.now));
  }
  pair.run(LAST_OUTPUT_MS);
  pair.fate = () => 'pass';
  const before = pair.emulator.snapshot();
  const took = pair.runUntil(() => {
    const newest = pair.emulator.snapshot();
    if (typed && newest === before) return false;
    return pair.shown.join('\n') === screenText(newest).join('\n');
  }, 10_000);
  return took - rttMs;
}

function worst(outage: Omit<Outage, 'phaseMs'>): number {
  return Math.max(...PHASES.map((phaseMs) => newestAfter({ ...outage, phaseMs })));
}

/** A screen full of text that no other resembles. */
function fullScreen(seed: number): string {
  const rows = Array.from({ length: 23 }, (_, row) => ((seed + 1) * (row + 7) * 2_654_435_761).toString(36).repeat(5));
  return `\x1b[H\x1b[2J${rows.map((row) => row.slice(0, 60)).join('\r\n')}`;
}

describe.each([20, 100, 500])('after an outage at rtt %i', (rttMs) => {
  it.each([2_000, 10_000, 60_000])('of %i ms, a key typed in it has its echo within one round trip and 50 ms', (ms) => {
    const typed = worst({ rttMs, ms, typed: true, happens: (pair, tenth) => tenth === 0 && pair.type('k') });
    expect(typed).toBeLessThanOrEqual(50);
  });

  it.each([2_000, 10_000, 60_000])('of %i ms, so has a full screen that changed all the time', (ms) => {
    const happens = (pair: Pair, tenth: number): void => {
      if (tenth === 0) pair.type('k');
      if (tenth % 10 === 5) pair.print(fullScreen(tenth));
    };
    expect(worst({ rttMs, ms, typed: true, happens })).toBeLessThanOrEqual(50);
  });

  it.each([10_000, 60_000])('of %i ms in which nobody typed, so has the output', (ms) => {
    const happens = (pair: Pair, tenth: number): void => pair.print(`line ${tenth}\r\n`);
    expect(worst({ rttMs, ms, typed: false, happens })).toBeLessThanOrEqual(50);
  });

  it('of 2 s that only the server can have noticed, the output is there in one trip and a half: news, question, answer', () => {
    const happens = (pair: Pair, tenth: number): void => pair.print(`line ${tenth}\r\n`);
    expect(worst({ rttMs, ms: 2_000, typed: false, happens })).toBeLessThanOrEqual(rttMs / 2 + 50);
  });
});

describe('a silent path', () => {
  it('is fed at most 2 kB/s of questions from each end, whatever is unacknowledged', () => {
    const pair = new Pair();
    pair.run(1_000);
    pair.type('warm');
    pair.run(1_000);
    pair.fate = () => 'lose';
    const since = pair.now;
    for (let second = 0; second < 60; second++) {
      pair.type('0123456789');
      pair.print(fullScreen(second));
      pair.run(1_000);
    }
    for (const side of ['client', 'server'] as const) {
      const bytes = pair.sentBy(side, since).reduce((sum, sent) => sum + sent.datagram.length, 0);
      expect(bytes).toBeLessThanOrEqual(60 * 2_500);
    }
  });

  it('is asked quickly again when something is typed after a long time', () => {
    const pair = new Pair();
    pair.run(1_000);
    pair.type('a');
    pair.run(1_000);
    pair.fate = () => 'lose';
    pair.run(600_000);
    const before = pair.now;
    pair.run(10_000);
    expect(pair.sentBy('client', before).length).toBeLessThanOrEqual(4);
    pair.type('b');
    pair.run(2_000);
    pair.fate = () => 'pass';
    expect(pair.runUntil(() => pair.shown[0] === 'ab', 5_000)).toBeLessThanOrEqual(80 + 50);
  });

  it('does not count as a path that loses packets', () => {
    const pair = new Pair();
    pair.run(1_000);
    pair.type('a');
    pair.run(1_000);
    pair.fate = () => 'lose';
    pair.type('b');
    pair.run(20_000);
    pair.fate = () => 'pass';
    pair.run(2_000);
    expect(pair.client.connection.lossRates.sent).toBeLessThan(0.03);
    expect(pair.server.connection.lossRates.sent).toBeLessThan(0.03);
    expect(pair.server.connection.lossRates.received).toBeLessThan(0.03);
    expect(pair.client.connection.lossRates.received).toBeLessThan(0.03);
  });
});

describe('an address that changes in an outage', () => {
  function returned(asked: boolean): number {
    const pair = new Pair();
    pair.run(1_000);
    pair.type('a');
    pair.run(1_000);
    pair.fate = () => 'lose';
    pair.type('b');
    for (let second = 0; second < 5; second++) {
      pair.print(fullScreen(second));
      pair.run(1_000);
    }
    pair.fate = () => 'pass';
    pair.address = 'train';
    if (asked) pair.client.connection.probe();
    const took = pair.runUntil(
      () =>
        pair.shown.join('\n') === screenText(pair.emulator.snapshot()).join('\n') && pair.shown.join('').endsWith('b'),
      5_000,
    );
    return took - 80;
  }

  it('has the newest screen within one round trip and 50 ms when the client knows of it', () => {
    expect(returned(true)).toBeLessThanOrEqual(50);
  });

  it('has it within two when only the NAT does: a question is too small for a screen, until the address has proved itself', () => {
    expect(returned(false)).toBeLessThanOrEqual(80 + 50);
  });
});
