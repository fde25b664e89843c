import { describe, expect, it } from 'vitest';
import { SERVER_SILENCE_MS } from '../../protocol/constants.ts';
import { Liveness } from '../../protocol/transport/liveness.ts';
import { RttEstimator } from '../../protocol/transport/rtt.ts';
import { settledPair } from './pair.ts';

const RTT = 80;

describe('a session that nobody uses', () => {
  it('sends at most six packets a minute', () => {
    const pair = settledPair();
    pair.type('a');
    pair.run(70_000);
    const before = pair.now;
    pair.run(600_000);
    const packets = pair.sent.filter((sent) => sent.at > before).length;
    expect(packets).toBeLessThanOrEqual(60);
    expect(packets).toBeGreaterThan(30);
  });

  it('sends nothing at all without a keepalive, and its first key after hours is as fast as any', () => {
    const pair = settledPair();
    pair.client.connection.setKeepalive(Number.POSITIVE_INFINITY);
    pair.type('a');
    pair.run(1_000);
    const before = pair.now;
    pair.run(4 * 3_600_000);
    expect(pair.sent.filter((sent) => sent.at > before)).toHaveLength(0);
    pair.type('b');
    expect(pair.runUntil(() => pair.shown[0] === 'ab', 1_000)).toBe(RTT);
  });

  it('has a first key after hours with the protocol\u2019s keepalive that is as fast, and whose loss is repaired as fast', () => {
    const pair = settledPair();
    pair.type('a');
    pair.run(4 * 3_600_000);
    pair.type('b');
    expect(pair.runUntil(() => pair.shown[0] === 'ab', 1_000)).toBe(RTT);
    pair.run(3_600_000);
    let lose = 1;
    pair.fate = () => (lose-- > 0 ? 'lose' : 'pass');
    pair.type('c');
    expect(pair.runUntil(() => pair.shown[0] === 'abc', 1_000)).toBeLessThanOrEqual(RTT + RTT + 25 + 5);
  });

  it('asks every 3 s in the minute after it was used, so that silence is noticed', () => {
    const pair = settledPair();
    pair.type('a');
    pair.run(1_000);
    const before = pair.now;
    pair.run(30_000);
    const asked = pair.sentBy('client', before).length;
    expect(asked).toBeGreaterThanOrEqual(9);
    expect(asked).toBeLessThanOrEqual(11);
  });

  it('has a server that says nothing to a client silent for 40 s, whatever the program prints, and answers at once when it returns', () => {
    const pair = settledPair();
    pair.cut.add('v4');
    for (let second = 0; second < 50; second++) {
      pair.print(`${second}\r\n`);
      pair.run(1_000);
    }
    const before = pair.now;
    for (let second = 0; second < 50; second++) {
      pair.print(`more ${second}\r\n`);
      pair.run(1_000);
    }
    expect(pair.sentBy('server', before)).toHaveLength(0);
    expect(pair.server.nextTimeout(pair.now)).toBe(Number.POSITIVE_INFINITY);
    pair.cut.clear();
    pair.type('x');
    expect(pair.runUntil(() => pair.shown.at(-1) === 'x', 1_000)).toBe(RTT);
  });

  it('has a client that asks 22 times a second in the first minute of silence, lightly, then ever more seldom', () => {
    const pair = settledPair();
    pair.type('a');
    pair.run(1_000);
    pair.cut.add('v4');
    pair.type('b');
    const cutAt = pair.now;
    const minutes: { readonly packets: number; readonly bytes: number }[] = [];
    for (let minute = 0; minute < 5; minute++) {
      const since = pair.now;
      pair.run(60_000);
      const sent = pair.sentBy('client', since);
      minutes.push({ packets: sent.length, bytes: sent.reduce((sum, one) => sum + one.datagram.length, 0) });
    }
    expect(minutes[0]?.packets).toBeGreaterThan(1_300);
    for (const { bytes } of minutes) expect(bytes).toBeLessThan(60 * 2_000);
    expect(minutes[2]?.packets).toBeLessThanOrEqual(260);
    expect(minutes[4]?.packets).toBeLessThanOrEqual(21);
    expect(pair.client.connection.unansweredSince).toBeLessThan(cutAt + 100);
  });

  it('says since when nothing answers, and forgets it with the first answer', () => {
    const pair = settledPair();
    pair.cut.add('v4');
    const typedAt = pair.now;
    pair.type('a');
    pair.run(2_000);
    expect(pair.client.connection.unansweredSince).toBe(typedAt);
    pair.cut.clear();
    pair.run(3_000);
    expect(pair.client.connection.unansweredSince).toBeUndefined();
    expect(pair.client.connection.lastHeardAt).toBeGreaterThan(typedAt + 2_000);
  });
});

describe('liveness', () => {
  it('counts the probe from the first question without an answer, whatever is sent since', () => {
    const rtt = new RttEstimator();
    const liveness = new Liveness('client', 0, rtt);
    liveness.onAsked(1_000);
    liveness.onAsked(1_300);
    expect(liveness.probeAt(1_300)).toBe(1_000 + rtt.probeTimeout);
    liveness.onHeard(1_400);
    expect(liveness.probeAt(1_400)).toBe(1_300 + rtt.probeTimeout);
  });

  it('asks twice more at half the timeout, then every 45 ms, for a minute and a quarter', () => {
    const rtt = new RttEstimator();
    for (let i = 0; i < 40; i++) rtt.update(i, 50, 0);
    const liveness = new Liveness('client', 0, rtt);
    liveness.onHeard(0);
    liveness.onAsked(0);
    let now = 0;
    const waits: number[] = [];
    for (let probe = 0; probe < 7; probe++) {
      waits.push(liveness.probeAt(now) - now);
      now = liveness.probeAt(now);
      liveness.onProbe(now);
      liveness.onAsked(now);
    }
    const timeout = rtt.probeTimeout;
    expect(waits.map(Math.round)).toEqual([timeout, timeout / 2, timeout / 2, 45, 45, 45, 45].map(Math.round));
    expect(Math.round(liveness.probeAt(75_100) - now)).toBe(250);
    expect(Math.round(liveness.probeAt(180_100) - now)).toBe(3_000);
  });

  it('has a server that never asks, and is mute after 40 s', () => {
    const liveness = new Liveness('server', 0, new RttEstimator());
    expect(liveness.keepaliveAt(0)).toBe(Number.POSITIVE_INFINITY);
    expect(liveness.isMute(SERVER_SILENCE_MS)).toBe(false);
    expect(liveness.isMute(SERVER_SILENCE_MS + 1)).toBe(true);
    expect(new Liveness('client', 0, new RttEstimator()).isMute(10 * SERVER_SILENCE_MS)).toBe(false);
  });

  it('takes a rhythm of the user\u2019s own', () => {
    const liveness = new Liveness('client', 0, new RttEstimator());
    liveness.setKeepalive(7_000);
    expect(liveness.keepaliveAt(0)).toBe(7_000);
    liveness.setKeepalive(undefined);
    expect(liveness.keepaliveAt(0)).toBe(3_000);
    expect(liveness.keepaliveAt(60_000)).toBe(25_000);
  });
});
