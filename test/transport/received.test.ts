import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ACK_DELAY_MS, MAX_ACK_RANGES } from '../../protocol/constants.ts';
import { ReceivedPackets } from '../../protocol/transport/received.ts';

function numbers(received: ReceivedPackets): number[] {
  return (received.frame(0)?.ranges ?? []).flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, i) => last - i),
  );
}

describe('what has been received', () => {
  it('is told as a set tells it, newest first, in whatever order it came', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(60), { minLength: 1 }), (arrivals) => {
        const received = new ReceivedPackets();
        const twin: number[] = [];
        for (const number of arrivals) {
          received.add(0, number, 1_200, true);
          twin.push(number);
          expect(numbers(received)).toEqual([...twin].sort((a, b) => b - a));
        }
        const ranges = received.frame(0)?.ranges ?? [];
        for (const [i, { last }] of ranges.entries()) {
          const newer = ranges[i - 1];
          if (newer !== undefined) expect(newer.first - last).toBeGreaterThan(1);
        }
      }),
    );
  });

  it('is told as 32 ranges at most, the newest', () => {
    const received = new ReceivedPackets();
    for (let number = 0; number < 200; number += 2) received.add(0, number, 1_200, true);
    const ranges = received.frame(0)?.ranges ?? [];
    expect(ranges).toHaveLength(MAX_ACK_RANGES);
    expect(ranges[0]).toEqual({ first: 198, last: 198 });
  });

  it('is told within 25 ms, and at once when a second packet waits', () => {
    const received = new ReceivedPackets();
    received.add(100, 0, 1_200, true);
    expect(received.ackAt).toBe(100 + MAX_ACK_DELAY_MS);
    received.add(110, 1, 1_200, true);
    expect(received.ackAt).toBe(110);
    received.settle();
    expect(received.ackAt).toBe(Number.POSITIVE_INFINITY);
    received.add(120, 2, 1_200, true);
    expect(received.ackAt).toBe(145);
  });

  it('is told at once when a packet is missing, or comes late', () => {
    const received = new ReceivedPackets();
    received.add(0, 0, 1_200, true);
    received.settle();
    received.add(10, 2, 1_200, true);
    expect(received.ackAt).toBe(10);
    received.settle();
    received.add(20, 1, 1_200, true);
    expect(received.ackAt).toBe(20);
  });

  it('is not told for packets that do not ask', () => {
    const received = new ReceivedPackets();
    received.add(0, 0, 1_200, false);
    received.add(0, 5, 1_200, false);
    expect(received.ackAt).toBe(Number.POSITIVE_INFINITY);
    expect(numbers(received)).toEqual([5, 0]);
  });

  it('says how long the newest was held back', () => {
    const received = new ReceivedPackets();
    received.add(100, 5, 1_200, true);
    received.add(110, 3, 1_200, true);
    expect(received.frame(120)?.delayMs).toBe(20);
  });

  it('is nothing before the first packet, not even in a hurry', () => {
    const received = new ReceivedPackets();
    received.hurry(0);
    expect(received.frame(0)).toBeUndefined();
    expect(received.ackAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('forgets what the peer knows to be known, but never the newest', () => {
    const received = new ReceivedPackets();
    for (const number of [0, 2, 4, 6]) received.add(0, number, 1_200, true);
    received.forgetBelow(4);
    expect(numbers(received)).toEqual([6, 4]);
    received.forgetBelow(1_000);
    expect(numbers(received)).toEqual([6]);
  });
});
