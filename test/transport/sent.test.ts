import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_REORDERING_PACKETS, MAX_SENT_PACKETS, REORDERING_PACKETS } from '../../protocol/constants.ts';
import type { AckFrame } from '../../protocol/transport/frames.ts';
import { RttEstimator } from '../../protocol/transport/rtt.ts';
import { type SentPacket, SentPackets } from '../../protocol/transport/sent.ts';

function packet(packetNumber: number, sentAt = 0, size = 100): SentPacket {
  return { packetNumber, sentAt, size, ackEliciting: true, path: 'x', carried: [], acknowledges: -1, repeats: false };
}

/** The ACK of single packets, in any order. */
function ack(...numbers: number[]): AckFrame {
  const ranges: { first: number; last: number }[] = [];
  for (const number of [...numbers].sort((a, b) => b - a)) {
    const lowest = ranges.at(-1);
    if (lowest?.first === number + 1) lowest.first = number;
    else ranges.push({ first: number, last: number });
  }
  return { kind: 'ack', ranges, delayMs: 0 };
}

/** On a link with a round trip of 100 ms. */
function onLink(): { sent: SentPackets; rtt: RttEstimator } {
  const rtt = new RttEstimator();
  for (let i = 0; i < 40; i++) rtt.update(0, 100, 0);
  return { sent: new SentPackets(rtt), rtt };
}

const numbersOf = (packets: readonly SentPacket[]): number[] => packets.map((one) => one.packetNumber);

describe('packets under way', () => {
  it('are counted, those only that ask for an acknowledgement', () => {
    const { sent } = onLink();
    sent.add(packet(0));
    sent.add({ ...packet(1), ackEliciting: false });
    sent.add(packet(2, 0, 50));
    expect([sent.bytes, sent.eliciting]).toEqual([150, 2]);
    expect(numbersOf(sent.onAck(100, ack(0, 1, 2)).acked)).toEqual([0, 2]);
    expect([sent.bytes, sent.eliciting]).toEqual([0, 0]);
  });

  it('are lost when one sent three later has arrived', () => {
    const { sent } = onLink();
    for (let number = 0; number < 5; number++) sent.add(packet(number, number));
    expect(numbersOf(sent.onAck(50, ack(2)).lost)).toEqual([]);
    expect(numbersOf(sent.onAck(51, ack(3)).lost)).toEqual([0]);
    expect(numbersOf(sent.onAck(52, ack(4)).lost)).toEqual([1]);
    expect(sent.eliciting).toBe(0);
  });

  it('are lost 9/8 of a round trip after they were sent, when a later one has arrived', () => {
    const { sent } = onLink();
    sent.add(packet(0, 0));
    sent.add(packet(1, 10));
    sent.add(packet(2, 20));
    sent.onAck(110, ack(1));
    expect(sent.lossAt).toBeCloseTo(112.5, 1);
    expect(sent.detectLost(112)).toEqual([]);
    expect(numbersOf(sent.detectLost(sent.lossAt))).toEqual([0]);
    // Nothing later than packet 2 has arrived: silence alone takes nothing for lost.
    expect(sent.lossAt).toBe(Number.POSITIVE_INFINITY);
    expect(sent.detectLost(100_000)).toEqual([]);
  });

  it('raise the number of packets to wait for when they were only late, to 24 at most', () => {
    const { sent } = onLink();
    for (let number = 0; number < 20; number++) sent.add(packet(number));
    expect(numbersOf(sent.onAck(50, ack(6)).lost)).toEqual([0, 1, 2, 3]);
    sent.onAck(51, ack(6, 1));
    sent.onAck(52, ack(9));
    expect(sent.eliciting).toBeGreaterThan(0);
    expect(numbersOf(sent.onAck(53, ack(10)).lost)).toEqual([4]);

    const wild = onLink().sent;
    for (let number = 0; number < 100; number++) wild.add(packet(number));
    wild.onAck(50, ack(90));
    wild.onAck(51, ack(90, 2));
    for (let number = 100; number < 160; number++) wild.add(packet(number));
    expect(numbersOf(wild.onAck(52, ack(100 + MAX_REORDERING_PACKETS - 1)).lost)).not.toContain(100);
    expect(numbersOf(wild.onAck(52, ack(100 + MAX_REORDERING_PACKETS)).lost)).toContain(100);
    expect(REORDERING_PACKETS).toBe(3);
  });

  it('give a round trip when the newest named is new, also when it had been given up', () => {
    const { sent } = onLink();
    sent.add(packet(0, 0));
    sent.add(packet(1, 30));
    expect(sent.onAck(130, ack(1)).sample).toBe(100);
    expect(sent.onAck(140, ack(1)).sample).toBeUndefined();
    sent.add(packet(2, 200));
    expect(numbersOf(sent.abandon(500, 300))).toEqual([2]);
    expect(sent.onAck(900, ack(2)).sample).toBe(700);
    expect(sent.onAck(901, ack(2)).sample).toBeUndefined();
  });

  it('are given up when they were sent before a moment', () => {
    const { sent } = onLink();
    for (let number = 0; number < 4; number++) sent.add(packet(number, number * 10));
    expect(numbersOf(sent.abandon(100, 20))).toEqual([0, 1]);
    expect(sent.eliciting).toBe(2);
  });

  it('are no more than 4,096: the oldest is given up', () => {
    const { sent } = onLink();
    for (let number = 0; number < MAX_SENT_PACKETS; number++) expect(sent.add(packet(number))).toEqual([]);
    expect(numbersOf(sent.add(packet(MAX_SENT_PACKETS)))).toEqual([0]);
    expect(sent.eliciting).toBe(MAX_SENT_PACKETS);
  });

  it('are settled once each, acknowledged or lost, whatever the acknowledgements say', () => {
    const step = fc.record({ at: fc.nat(300), send: fc.nat(4), names: fc.array(fc.nat(80), { maxLength: 6 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { sent, rtt } = onLink();
        const open = new Set<number>();
        let next = 0;
        let now = 0;
        const settle = (packets: readonly SentPacket[]): void => {
          for (const { packetNumber } of packets) expect(open.delete(packetNumber)).toBe(true);
        };
        for (const { at, send, names } of steps) {
          now += at;
          for (let i = 0; i < send; i++) {
            sent.add(packet(next, now));
            open.add(next++);
          }
          if (sent.lossAt <= now) {
            settle(sent.detectLost(now));
            expect(sent.lossAt).toBeGreaterThan(now);
          }
          if (names.length > 0) {
            const outcome = sent.onAck(now, ack(...new Set(names)));
            if (outcome.sample !== undefined) rtt.update(now, outcome.sample, 0);
            settle(outcome.acked);
            settle(outcome.lost);
          }
          expect(sent.eliciting).toBe(open.size);
          expect(sent.bytes).toBe(100 * open.size);
        }
        settle(sent.abandon(now, Number.POSITIVE_INFINITY));
        expect(open.size).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
