import { describe, expect, it } from 'vitest';
import { INITIAL_RTT_MS } from '../../protocol/constants.ts';
import { RttEstimator } from '../../protocol/transport/rtt.ts';

describe('the round trip', () => {
  it('is taken for 200 ms before the first sample, with a probe after a little over three times that', () => {
    const rtt = new RttEstimator();
    expect([rtt.smoothed, rtt.minimum, rtt.sampled]).toEqual([INITIAL_RTT_MS, INITIAL_RTT_MS, false]);
    expect(rtt.probeTimeout).toBe(INITIAL_RTT_MS + 4 * (INITIAL_RTT_MS / 2) + 25);
  });

  it('begins with the first sample and follows the rest as RFC 9002 §5.3', () => {
    const rtt = new RttEstimator();
    rtt.update(0, 100, 0);
    expect([rtt.smoothed, rtt.variation]).toEqual([100, 50]);
    rtt.update(1, 180, 0);
    expect([rtt.smoothed, rtt.variation, rtt.latest]).toEqual([0.875 * 100 + 0.125 * 180, 0.75 * 50 + 0.25 * 80, 180]);
  });

  it('is without the time that the peer held the acknowledgement back, and never negative', () => {
    const rtt = new RttEstimator();
    rtt.update(0, 125, 25);
    expect(rtt.smoothed).toBe(100);
    rtt.update(1, 10, 100_000);
    expect(rtt.latest).toBeGreaterThan(0);
    rtt.update(2, -5, 0);
    expect(rtt.latest).toBeGreaterThan(0);
  });

  it('remembers its shortest for 15 s at least and 30 s at most', () => {
    const rtt = new RttEstimator();
    rtt.update(0, 50, 0);
    let forgotten = Number.POSITIVE_INFINITY;
    for (let now = 100; now < 60_000; now += 100) {
      rtt.update(now, 200, 0);
      if (rtt.minimum > 50) forgotten = Math.min(forgotten, now);
    }
    expect(forgotten).toBeGreaterThan(15_000);
    expect(forgotten).toBeLessThanOrEqual(30_300);
  });

  it('waits 5 s at most before a probe', () => {
    const rtt = new RttEstimator();
    rtt.update(0, 60_000, 0);
    expect(rtt.probeTimeout).toBe(5_000);
  });

  it('is a guess again on another path: the next sample counts whole', () => {
    const rtt = new RttEstimator();
    for (let i = 0; i < 20; i++) rtt.update(i, 20, 0);
    rtt.reset();
    expect(rtt.sampled).toBe(false);
    expect(rtt.probeTimeout).toBeGreaterThan(20 + 4 * 10);
    rtt.update(30, 300, 0);
    expect([rtt.smoothed, rtt.minimum]).toEqual([300, 300]);
  });
});
