/** One direction of the emulated link: its delays, losses, queue and order, from seeds and under virtual time. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Impairment, type ImpairmentOptions, type Verdict } from '../../bench/link/impairment.ts';
import { diceFrom } from '../../bench/link/random.ts';

function impairment(options: ImpairmentOptions, seed = 1): Impairment {
  return new Impairment(options, diceFrom(seed));
}

/** When each of `count` packets of `size` bytes leaves that enter `gapMs` apart; NaN for a lost one. */
function departures(link: Impairment, count: number, gapMs: number, size = 100): number[] {
  return Array.from({ length: count }, (_, index) => firstAt(link.offer(index * gapMs, size)));
}

function firstAt(verdict: Verdict): number {
  return verdict.kind === 'deliver' ? (verdict.at[0] ?? Number.NaN) : Number.NaN;
}

test('a perfect wire delivers at once', () => {
  expect(impairment({}).offer(7, 1500)).toEqual({ kind: 'deliver', at: [7] });
});

test('a delay is added to each packet', () => {
  expect(departures(impairment({ delayMs: 20 }), 3, 1)).toEqual([20, 21, 22]);
});

test('jitter spreads over its whole range and never lets one packet overtake another', () => {
  const at = departures(impairment({ delayMs: 10, jitterMs: 40 }), 2000, 100);
  const late = at.map((time, index) => time - index * 100 - 10);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  expect(Math.min(...late)).toBeLessThan(1);
  expect(Math.max(...late)).toBeGreaterThan(39);
  expect(Math.max(...late)).toBeLessThanOrEqual(40);
  const close = departures(impairment({ delayMs: 10, jitterMs: 40 }), 2000, 0.5);
  expect(close).toEqual([...close].sort((a, b) => a - b));
});

test('independent loss takes its share, within what chance allows', () => {
  const lost = departures(impairment({ loss: 0.29 }), 20_000, 1).filter(Number.isNaN).length;
  // Three standard deviations of the binomial distribution are 193.
  expect(Math.abs(lost - 5800)).toBeLessThan(200);
});

test('burst loss comes in runs of the mean length asked for', () => {
  const at = departures(impairment({ burst: { enter: 0.01, leave: 0.2 } }, 5), 100_000, 1);
  const runs = at
    .map((time) => (Number.isNaN(time) ? 'x' : '.'))
    .join('')
    .match(/x+/g);
  const lost = at.filter(Number.isNaN).length;
  const mean = lost / (runs?.length ?? 0);
  expect(mean).toBeGreaterThan(4.5);
  expect(mean).toBeLessThan(5.5);
  expect(lost / at.length).toBeCloseTo(0.01 / 0.21, 2);
});

test('a rate spaces packets out by their size', () => {
  // 1,250 bytes are 10,000 bits: 1 ms at 10 Mbit/s.
  expect(departures(impairment({ rateBps: 10e6, delayMs: 5 }), 3, 0, 1250)).toEqual([6, 7, 8]);
});

test('a full queue drops what comes, and has room again when it has drained', () => {
  const link = impairment({ rateBps: 10e6, queueBytes: 3000 });
  expect(departures(link, 4, 0, 1250)).toEqual([1, 2, Number.NaN, Number.NaN]);
  expect(link.offer(0, 1250)).toEqual({ kind: 'drop', why: 'queue' });
  expect(firstAt(link.offer(1, 1250))).toBe(3);
});

test('a single packet larger than the queue passes an idle wire', () => {
  expect(firstAt(impairment({ rateBps: 8e6, queueBytes: 0 }).offer(0, 1000))).toBe(1);
});

test('a share of the packets is overtaken by later ones', () => {
  const at = departures(impairment({ reorder: 0.1, reorderMs: 10 }), 1000, 1);
  const overtaken = at.filter((time, index) => at.slice(index + 1, index + 12).some((later) => later < time)).length;
  expect(overtaken).toBeGreaterThan(60);
  expect(overtaken).toBeLessThan(140);
});

test('a share of the packets arrives twice', () => {
  const link = impairment({ duplicate: 0.05 });
  let copies = 0;
  for (let index = 0; index < 2000; index++) {
    const verdict = link.offer(index, 100);
    if (verdict.kind === 'deliver') copies += verdict.at.length;
  }
  expect(copies).toBeGreaterThan(2060);
  expect(copies).toBeLessThan(2140);
});

test('an outage drops everything and leaves nothing behind', () => {
  const link = impairment({ delayMs: 10, rateBps: 1e6 });
  link.setOutage(true);
  expect(link.offer(0, 1000)).toEqual({ kind: 'drop', why: 'outage' });
  link.setOutage(false);
  expect(firstAt(link.offer(0, 125))).toBe(11);
});

test('the same seed does the same, another does something else', () => {
  const options = { jitterMs: 30, loss: 0.1, reorder: 0.1, duplicate: 0.1 };
  const first = departures(impairment(options, 7), 300, 3);
  expect(departures(impairment(options, 7), 300, 3)).toEqual(first);
  expect(departures(impairment(options, 8), 300, 3)).not.toEqual(first);
});

test('no packet leaves before it entered, whatever the options', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const ms = fc.double({ min: 0, max: 1000, noNaN: true });
  const options = fc.record(
    {
      delayMs: ms,
      jitterMs: ms,
      loss: share,
      reorder: share,
      reorderMs: ms,
      duplicate: share,
      rateBps: fc.integer({ min: 1000, max: 1e9 }),
      queueBytes: fc.nat(1e6),
      burst: fc.record({ enter: share, leave: share }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      options,
      fc.array(fc.tuple(ms, fc.integer({ min: 20, max: 1500 })), { maxLength: 50 }),
      (with_, offers) => {
        const link = impairment(with_);
        let now = 0;
        for (const [gap, size] of offers) {
          now += gap;
          const verdict = link.offer(now, size);
          if (verdict.kind === 'deliver') for (const at of verdict.at) expect(at).toBeGreaterThanOrEqual(now);
        }
      },
    ),
  );
});

test('options that make no sense are named', () => {
  expect(() => impairment({ loss: 1.5 })).toThrow('loss must lie within 0 and 1: 1.5');
  expect(() => impairment({ delayMs: -1 })).toThrow('delayMs');
  expect(() => impairment({ rateBps: 0 })).toThrow('rateBps');
  expect(() => impairment({ burst: { enter: 0.1, leave: 2 } })).toThrow('leave');
});
