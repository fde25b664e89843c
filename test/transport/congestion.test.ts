import { describe, expect, it } from 'vitest';
import { INITIAL_WINDOW, MAX_DATAGRAM, MAX_WINDOW, MIN_WINDOW } from '../../protocol/constants.ts';
import { CongestionWindow } from '../../protocol/transport/congestion.ts';
import { RttEstimator } from '../../protocol/transport/rtt.ts';

interface Link {
  readonly rttMs: number;
  readonly bytesPerMs: number;
  /** Share of packets that get lost. */
  readonly loss?: number;
  /** Whether there is always something to send. */
  readonly greedy?: boolean;
}

/** A sender of full packets over a bottleneck with an endless queue, in steps of 1 ms. Tells window and queue at the end, and the longest queue of the second half. */
function flow(link: Link, forMs: number): { window: number; queued: number; delivered: number } {
  const rtt = new RttEstimator();
  const congestion = new CongestionWindow(rtt);
  const acks: { at: number; sentAt: number; lost: boolean }[] = [];
  let inFlight = 0;
  let freeAt = 0;
  let queued = 0;
  let delivered = 0;
  let sent = 0;
  for (let now = 0; now < forMs; now++) {
    for (let next = acks[0]; next !== undefined && next.at <= now; next = acks[0]) {
      acks.shift();
      inFlight -= MAX_DATAGRAM;
      if (next.lost) {
        congestion.onLost(1);
        continue;
      }
      delivered += MAX_DATAGRAM;
      rtt.update(now, now - next.sentAt, 0);
      congestion.onAck(now, 1, now - next.sentAt);
    }
    if (link.greedy === false && now % 20 !== 0) continue;
    while (inFlight + MAX_DATAGRAM <= congestion.window) {
      freeAt = Math.max(now, freeAt) + MAX_DATAGRAM / link.bytesPerMs;
      // Evenly spread: every so-manieth packet.
      const lost = Math.floor((sent + 1) * (link.loss ?? 0)) > Math.floor(sent * (link.loss ?? 0));
      sent++;
      acks.push({ at: freeAt + link.rttMs, sentAt: now, lost });
      inFlight += MAX_DATAGRAM;
      if (now > forMs / 2) queued = Math.max(queued, (freeAt - now) * link.bytesPerMs);
      if (link.greedy === false) break;
    }
    if (link.greedy !== false) congestion.markLimited();
  }
  return { window: congestion.window, queued, delivered };
}

describe('the congestion window', () => {
  it('begins at ten packets', () => {
    expect(new CongestionWindow(new RttEstimator()).window).toBe(INITIAL_WINDOW);
  });

  it('grows to fill a long, fast link', () => {
    const link = { rttMs: 100, bytesPerMs: 1_000 };
    const { delivered } = flow(link, 10_000);
    expect(delivered).toBeGreaterThan(0.6 * 10_000 * link.bytesPerMs);
  });

  it('keeps a slow link full without a long queue in front of the next key', () => {
    const link = { rttMs: 50, bytesPerMs: 75 };
    const { queued, delivered } = flow(link, 20_000);
    expect(delivered).toBeGreaterThan(0.8 * 20_000 * link.bytesPerMs);
    // Once it knows the link: 12 kB are 160 ms here.
    expect(queued).toBeLessThan(12_000 + MIN_WINDOW);
  });

  it('is not shrunk by loss at random', () => {
    const link = { rttMs: 100, bytesPerMs: 1_000 };
    const clean = flow(link, 10_000);
    const lossy = flow({ ...link, loss: 0.2 }, 10_000);
    expect(lossy.window).toBeGreaterThan(0.5 * clean.window);
  });

  it('is shrunk when more than 40 % of a round is lost', () => {
    const lossy = flow({ rttMs: 100, bytesPerMs: 1_000, loss: 0.6 }, 10_000);
    expect(lossy.window).toBeLessThanOrEqual(INITIAL_WINDOW);
  });

  it('does not grow while it is not what limits', () => {
    expect(flow({ rttMs: 100, bytesPerMs: 1_000, greedy: false }, 5_000).window).toBe(INITIAL_WINDOW);
  });

  it('stays between its bounds', () => {
    const rtt = new RttEstimator();
    const congestion = new CongestionWindow(rtt);
    for (let now = 0; now < 5_000; now++) {
      congestion.markLimited();
      rtt.update(now, 1, 0);
      congestion.onAck(now, 1, 1);
      expect(congestion.window).toBeLessThanOrEqual(MAX_WINDOW);
    }
    expect(congestion.window).toBe(MAX_WINDOW);
    for (let now = 5_000; now < 20_000; now++) {
      rtt.update(now, 2_000, 0);
      congestion.onAck(now, 1, 2_000);
      expect(congestion.window).toBeGreaterThanOrEqual(MIN_WINDOW);
    }
    congestion.collapse();
    expect(congestion.window).toBe(MIN_WINDOW);
  });

  it('begins anew on another path', () => {
    const rtt = new RttEstimator();
    const congestion = new CongestionWindow(rtt);
    for (let now = 0; now < 1_000; now++) {
      congestion.markLimited();
      rtt.update(now, 1, 0);
      congestion.onAck(now, 1, 1);
    }
    congestion.reset();
    expect(congestion.window).toBe(INITIAL_WINDOW);
  });
});
