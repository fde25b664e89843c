/** Packet-delivery traces: what a file may say, and the wire that it makes. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  OPPORTUNITY_BYTES,
  parseDeliveryTrace,
  TraceWire,
  traceGapMsMax,
  traceRateBps,
} from '../../bench/link/delivery-trace.ts';
import { Impairment } from '../../bench/link/impairment.ts';
import { OrderLines } from '../../bench/link/order-lines.ts';
import { diceFrom } from '../../bench/link/random.ts';

const traces = fc
  .array(fc.nat(200), { minLength: 1, maxLength: 40 })
  .map((stamps) => stamps.sort((a, b) => a - b))
  .filter((stamps) => (stamps.at(-1) ?? 0) > 0);
const offers = fc.array(fc.tuple(fc.nat(150), fc.integer({ min: 20, max: 1500 })), { minLength: 1, maxLength: 60 });

/** The same wire, played opportunity by opportunity as mahimahi does it. */
function slowDepartures(trace: readonly number[], packets: readonly { at: number; size: number }[]): number[] {
  const left = packets.map(({ size }) => size);
  const departures: number[] = [];
  for (let round = 0; departures.length < packets.length && round < 1000; round++) {
    for (const stamp of trace) {
      const now = round * (trace.at(-1) ?? 0) + stamp;
      let room = OPPORTUNITY_BYTES;
      while (room > 0 && departures.length < packets.length) {
        const index = departures.length;
        if ((packets[index]?.at ?? 0) > now) break;
        const part = Math.min(room, left[index] ?? 0);
        room -= part;
        left[index] = (left[index] ?? 0) - part;
        if (left[index] === 0) departures.push(now);
      }
    }
  }
  return departures;
}

test('the wire of a trace is the slow one that goes through every opportunity', () => {
  fc.assert(
    fc.property(traces, offers, (trace, gaps) => {
      const wire = new TraceWire(trace, 0);
      let now = 0;
      const packets = gaps.map(([gap, size]) => {
        now += gap;
        return { at: now, size };
      });
      expect(packets.map(({ at, size }) => wire.send(at, size))).toEqual(slowDepartures(trace, packets));
    }),
  );
});

test('a wire that always has something to send carries what the trace offers', () => {
  fc.assert(
    fc.property(traces, (trace) => {
      const wire = new TraceWire(trace, 0);
      let last = 0;
      for (let packet = 0; packet < trace.length * 10; packet++) last = wire.send(0, OPPORTUNITY_BYTES);
      expect(last).toBe((trace.at(-1) ?? 0) * 10);
      expect((trace.length * 10 * OPPORTUNITY_BYTES * 8000) / last).toBeCloseTo(traceRateBps(trace), 6);
    }),
  );
});

test('small packets share an opportunity, a large one spans two, and unused ones are lost', () => {
  const wire = new TraceWire([10, 20, 30], 0);
  expect([wire.send(5, 500), wire.send(6, 500), wire.send(7, 1500), wire.send(7, 500)]).toEqual([10, 10, 20, 20]);
  expect(wire.send(35, 100)).toBe(40);
  expect(wire.send(40, 1400)).toBe(40);
  expect(wire.send(40, 1)).toBe(50);
});

test('what waits is counted until its last byte has left', () => {
  const wire = new TraceWire([10, 20], 0);
  wire.send(0, 1000);
  wire.send(0, 1000);
  expect([wire.waitingBytes(9), wire.waitingBytes(10), wire.waitingBytes(20)]).toEqual([2000, 1000, 0]);
});

test('an impairment with a trace drops what its queue has no room for, and begins anew when reseeded', () => {
  const link = new Impairment({ trace: [100], queueBytes: 3000, delayMs: 5 }, diceFrom(1));
  const verdicts = Array.from({ length: 3 }, () => link.offer(1000, 1500));
  expect(verdicts).toEqual([
    { kind: 'deliver', at: [1105] },
    { kind: 'deliver', at: [1205] },
    { kind: 'drop', why: 'queue' },
  ]);
  link.reseed(diceFrom(1));
  // Behind what is under way, 100 ms after the trace's new beginning.
  expect(link.offer(1000, 1500)).toEqual({ kind: 'deliver', at: [1305] });
  link.reseed(diceFrom(1));
  expect(link.offer(2042, 1500)).toEqual({ kind: 'deliver', at: [2147] });
});

test('a link has a rate or a trace, not both', () => {
  expect(() => new Impairment({ trace: [1], rateBps: 1e6 }, diceFrom(1))).toThrow('a rate or a trace, not both');
});

describe('a file with a trace', () => {
  test('is read line by line, with or without a last line end', () => {
    expect(parseDeliveryTrace('0\n0\n7\r\n12', 'x')).toEqual([0, 0, 7, 12]);
    expect(parseDeliveryTrace('5\n', 'x')).toEqual([5]);
    expect(traceGapMsMax([0, 0, 7, 12])).toBe(7);
  });

  test.each([
    ['', 'lte.up: a trace needs at least one line'],
    ['1\ntwo\n', 'lte.up, line 2: expected a whole number of milliseconds, not "two"'],
    ['1\n2.5\n', 'lte.up, line 2: expected a whole number'],
    ['1\n-3\n', 'lte.up, line 2: expected a whole number'],
    ['1\n\n3\n', 'lte.up, line 2: expected a whole number of milliseconds, not ""'],
    ['9\n3\n', 'lte.up, line 2: 3 comes after 9: stamps must not decrease'],
    ['0\n0\n', 'lte.up, line 2: the last stamp must be above 0'],
    ['1\n'.repeat(1_000_001), 'lte.up: a trace has at most 1000000 lines'],
  ])('that says %j is refused in one line', (text, message) => {
    expect(() => parseDeliveryTrace(text, 'lte.up')).toThrow(message);
  });
});

test('orders are put together from whatever pieces they come in', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 9 }), (texts, size) => {
      const lines = texts.map((text) => JSON.stringify(text));
      const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
      const orders = new OrderLines();
      const seen: string[] = [];
      for (let at = 0; at < bytes.length; at += size) seen.push(...orders.push(bytes.subarray(at, at + size)));
      expect(seen).toEqual(lines);
    }),
  );
});
