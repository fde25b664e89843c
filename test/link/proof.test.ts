/** The judge of links: what ping printed, and what chance allows. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { symmetric } from '../../bench/link/link.ts';
import { PRESETS } from '../../bench/link/presets.ts';
import { disagreement, lossRange, parsePing, pingPlan } from '../../bench/link/proof.ts';
import type { LinkProof } from '../../bench/measure/result.ts';

const OUTPUT = `PING 10.9.0.1 (10.9.0.1) 56(84) bytes of data.
64 bytes from 10.9.0.1: icmp_seq=1 ttl=64 time=40.1 ms
64 bytes from 10.9.0.1: icmp_seq=3 ttl=64 time=42 ms
64 bytes from 10.9.0.1: icmp_seq=3 ttl=64 time=42.1 ms (DUP!)
64 bytes from 10.9.0.1: icmp_seq=4 ttl=64 time=41.0 ms

--- 10.9.0.1 ping statistics ---
4 packets transmitted, 3 received, +1 duplicates, 25% packet loss, time 61ms
rtt min/avg/max/mdev = 40.100/41.300/42.100/0.800 ms
`;

function proof(sent: number, received: number, rttMedianMs: number): LinkProof {
  return { sent, received, rttMinMs: rttMedianMs, rttMedianMs, rttMaxMs: rttMedianMs, loss: 1 - received / sent };
}

test('what ping printed is read without its doubles', () => {
  expect(parsePing(OUTPUT)).toEqual({
    sent: 4,
    received: 3,
    rttMinMs: 40.1,
    rttMedianMs: 41,
    rttMaxMs: 42,
    loss: 0.25,
  });
  expect(parsePing('--- x ---\n5 packets transmitted, 0 received, 100% packet loss, time 40ms\n')).toEqual(
    proof(5, 0, 0),
  );
  expect(() => parsePing('ping: unknown host')).toThrow('ping printed no summary');
});

test('a round trip within 1 ms or 3 % agrees, another is named', () => {
  expect(disagreement(symmetric(40), proof(50, 50, 41.1))).toBeUndefined();
  expect(disagreement(symmetric(40), proof(50, 50, 41.3))).toBe(
    'asked for a round trip of 40.0 ms, ping saw a median of 41.3 ms',
  );
  expect(disagreement(symmetric(40), proof(50, 50, 38))).toContain('asked for a round trip');
  expect(disagreement(symmetric(273), proof(50, 50, 280))).toBeUndefined();
  expect(disagreement(symmetric(273), proof(50, 50, 290))).toContain('asked for a round trip of 273.0 ms');
});

test('jitter counts with its mean, a rate with the time of a ping on the wire, a trace with its gaps', () => {
  expect(disagreement(symmetric(0, { jitterMs: 20 }), proof(50, 50, 20))).toBeUndefined();
  expect(disagreement(symmetric(0, { jitterMs: 20 }), proof(50, 50, 29))).toContain('20.0 ms');
  // 84 bytes at 8 kbit/s are 84 ms.
  expect(disagreement(symmetric(0, { rateBps: 8000 }), proof(10, 10, 168))).toBeUndefined();
  expect(disagreement(symmetric(20, { trace: [30, 60] }), proof(50, 50, 90))).toBeUndefined();
  expect(disagreement(symmetric(20, { trace: [30, 60] }), proof(50, 50, 200))).toContain('20.0 to 140.0 ms');
});

test('loss where none was asked for, none where some was, and more than chance allows are all named', () => {
  expect(disagreement(symmetric(10), proof(50, 49, 10))).toBe(
    'asked for 0.0 % loss of round trips, ping saw 2.0 % of 50',
  );
  expect(disagreement(symmetric(10, { loss: 0.1 }), proof(400, 400, 10))).toContain('asked for 19.0 % loss');
  expect(disagreement(symmetric(10, { loss: 0.1 }), proof(400, 324, 10))).toBeUndefined();
  expect(disagreement(symmetric(10, { loss: 0.1 }), proof(400, 290, 10))).toContain('27.5 %');
  expect(disagreement(symmetric(10, { loss: 1 }), proof(400, 0, 0))).toBeUndefined();
  expect(disagreement({ up: {}, down: { burst: { enter: 0.02, leave: 0.1 } } }, proof(400, 320, 0))).toBeUndefined();
});

test('the range of chance holds the expectation and is as wide as tables of the binomial distribution say', () => {
  // 100 throws of a fair coin: 33.5 to 66.5 heads by the normal distribution.
  expect(lossRange(100, 0.5)).toEqual({ low: 0.34, high: 0.66 });
  const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      share,
      fc.double({ min: 1, max: 50, noNaN: true }),
      (sent, p, inflation) => {
        const { low, high } = lossRange(sent, p, inflation);
        const count = Math.max(1, Math.round(sent / inflation));
        expect(low).toBeLessThanOrEqual(Math.ceil(p * count) / count);
        expect(high).toBeGreaterThanOrEqual(Math.floor(p * count) / count);
      },
    ),
  );
});

test('no proof of a preset takes longer than its pings should', () => {
  for (const { options, asked } of PRESETS) {
    const { count, intervalMs } = pingPlan(options);
    const isLossy = Object.keys(asked).some((name) => /^(loss|burst)/.test(name));
    expect(count * intervalMs).toBeLessThanOrEqual(isLossy ? 5000 : 2000);
    expect(count).toBeGreaterThanOrEqual(isLossy ? 100 : 13);
  }
});
