import { describe, expect, it } from 'vitest';
import { Pair, settledPair } from './pair.ts';

const RTT = 80;

describe('roaming', () => {
  it('moves at once with an authentic newest packet from a new address', () => {
    const pair = settledPair();
    pair.address = 'train';
    pair.type('a');
    expect(pair.runUntil(() => pair.shown[0] === 'a', 1_000)).toBe(RTT);
    expect(pair.server.connection.currentPath).toBe('train/v4');
  });

  it('does not move with an older packet from another address', () => {
    const pair = settledPair();
    pair.fate = (sent) => (sent.from === 'client' ? 'lose' : 'pass');
    pair.type('a');
    pair.pump();
    const older = pair.sent.at(-1);
    pair.fate = () => 'pass';
    pair.type('b');
    pair.run(RTT);
    expect(pair.inject('server', older?.datagram ?? new Uint8Array(), 'elsewhere/v4')).toBeUndefined();
    expect(pair.server.connection.currentPath).toBe('home/v4');
  });

  it('takes no notice of a replayed packet, not even of where it came from', () => {
    const pair = settledPair();
    pair.type('a');
    pair.run(1_000);
    const sentBefore = pair.sent.length;
    for (const sent of pair.sentBy('client')) {
      expect(pair.inject('server', sent.datagram, 'thief/v4')).toBe('replayed');
      pair.run(1);
    }
    expect(pair.server.connection.currentPath).toBe('home/v4');
    expect(pair.sent.length).toBe(sentBefore);
    expect(pair.shown).toEqual(['a']);
  });

  it('leaves a new address that stays silent for the last that had proved itself', () => {
    const pair = settledPair();
    pair.address = 'train';
    pair.type('a');
    pair.run(1_000);
    pair.address = 'home';
    pair.type('b');
    pair.run(1_000);
    pair.fate = (sent) => (sent.from === 'client' ? 'lose' : 'pass');
    pair.type('c');
    pair.pump();
    const diverted = pair.sent.at(-1)?.datagram ?? new Uint8Array();
    expect(pair.inject('server', diverted, 'thief/v4')).toBeUndefined();
    expect(pair.server.connection.currentPath).toBe('thief/v4');
    const { fate } = pair;
    pair.fate = (sent) => (sent.from === 'client' ? 'lose' : fate(sent));
    pair.run(3_001);
    // Not `train/v4`, which proved itself last but was left since.
    expect(pair.server.connection.currentPath).toBe('home/v4');
  });

  it('sends an address that does not prove itself at most three times what came from it', () => {
    const pair = settledPair();
    pair.fate = (sent) => (sent.from === 'client' ? 'lose' : 'pass');
    pair.type('c');
    pair.pump();
    const diverted = pair.sent.at(-1)?.datagram ?? new Uint8Array();
    const since = pair.sent.length;
    pair.inject('server', diverted, 'victim/v4');
    for (let lines = 0; lines < 100; lines++) {
      pair.print(`line ${lines} ${'.'.repeat(lines % 70)}\r\n`);
      pair.run(20);
    }
    const toVictim = pair.sent.slice(since).filter((sent) => sent.path === 'victim/v4');
    expect(toVictim.length).toBeGreaterThan(0);
    expect(toVictim.reduce((sum, sent) => sum + sent.datagram.length, 0)).toBeLessThanOrEqual(3 * diverted.length);
  });

  it('goes on by IPv6 within about a probe timeout when IPv4 is gone', () => {
    const pair = settledPair({ paths: ['v4', 'v6'] });
    for (const key of 'warm') {
      pair.type(key);
      pair.run(300);
    }
    pair.cut.add('v4');
    pair.type('!');
    expect(pair.runUntil(() => pair.shown[0] === 'warm!', 5_000)).toBeLessThan(RTT + RTT + 25 + 150);
    expect(pair.client.connection.currentPath).toBe('v6');
  });

  it('does so too while the user types without a pause', () => {
    const pair = settledPair({ paths: ['v4', 'v6'] });
    for (const key of 'warm') {
      pair.type(key);
      pair.run(300);
    }
    pair.cut.add('v4');
    let took = 0;
    while (took < 5_000 && !(pair.shown[0] ?? '').includes('!')) {
      pair.type('!');
      pair.run(30);
      took += 30;
    }
    expect(took).toBeLessThan(RTT + RTT + 25 + 150);
  });

  it('sends a paste that was under way again by the path that answers', () => {
    const pair = settledPair({ paths: ['v4', 'v6'] });
    for (const key of 'warm') {
      pair.type(key);
      pair.run(300);
    }
    pair.program = () => undefined;
    pair.cut.add('v4');
    pair.type('x'.repeat(10_000));
    const took = pair.runUntil(() => pair.client.unacknowledgedInput === 0, 5_000);
    // A probe timeout until the other path is tried, one round trip until it answers, and one more for the paste.
    expect(took).toBeLessThan(3 * RTT + 25 + 150);
  });

  it('leaves a path without a route at once, also when it was about to ask only whether the server is there', () => {
    const pair = settledPair({ paths: ['v4', 'v6'] });
    pair.run(120_000);
    pair.fate = (sent) => (sent.path.endsWith('v4') ? 'unreachable' : 'pass');
    const before = pair.now;
    pair.run(25_000);
    const ways = pair.sentBy('client', before).map((sent) => sent.path);
    expect(ways.slice(0, 2)).toEqual(['v4', 'v6']);
    expect(pair.server.connection.currentPath).toBe('home/v6');
  });

  it('sends by the next path at once when one is taken away', () => {
    const pair = settledPair({ paths: ['v4', 'v6'] });
    pair.fate = (sent) => (sent.path.endsWith('v4') ? 'lose' : 'pass');
    pair.type('a');
    pair.run(10);
    pair.client.connection.removePath(pair.now, 'v4');
    expect(pair.runUntil(() => pair.shown[0] === 'a', 1_000)).toBe(RTT);
  });

  it('does not forget a probe by other paths because one of them is taken away', () => {
    const pair = settledPair({ paths: ['v4', 'v6', 'v4b', 'v6b'] });
    pair.fate = () => 'lose';
    pair.type('a');
    pair.pump();
    while (pair.now < 3_000) {
      const at = pair.client.nextTimeout(pair.now);
      pair.now = at;
      pair.client.tick(at);
      if (pair.client.connection.unansweredSince !== undefined) break;
    }
    pair.client.connection.removePath(pair.now, 'v6');
    const ways: string[] = [];
    for (let sent = pair.client.pollTransmit(pair.now); sent !== undefined; sent = pair.client.pollTransmit(pair.now))
      ways.push(sent.path);
    expect(ways).toContain('v4b');
    expect(ways).toContain('v6b');
  });

  it('starts anew in datagrams of full size on another path, and repairs what was under way', () => {
    const pair = settledPair();
    pair.fate = (sent) => (sent.datagram.length > 600 ? 'too-big' : 'pass');
    pair.type('x'.repeat(3_000));
    pair.run(3_000);
    expect(pair.client.unacknowledgedInput).toBe(0);
    expect(
      Math.max(...pair.sentBy('client', pair.now - 2_900).map((sent) => sent.datagram.length)),
    ).toBeLessThanOrEqual(548);
  });

  it('ends in no loop when the socket refuses even the smallest datagrams', () => {
    const pair = settledPair();
    pair.fate = (sent) => (sent.from === 'client' ? 'too-big' : 'pass');
    pair.type('abc');
    pair.run(5_000);
    expect(pair.sentBy('client', 1_000).length).toBeLessThan(130);
    pair.fate = () => 'pass';
    pair.run(5_000);
    expect(pair.shown).toEqual(['abc']);
  });

  it('repairs a datagram that was swallowed as too big in smaller ones', () => {
    const pair = settledPair();
    pair.fate = (sent) => (sent.datagram.length > 1_000 ? 'lose' : 'pass');
    pair.type('x'.repeat(20_000));
    pair.run(8_000);
    expect(pair.client.unacknowledgedInput).toBe(0);
  });
});

describe('a client stopped for long', () => {
  it('is answered at once when it returns from elsewhere, with the newest screen', () => {
    const pair = new Pair();
    pair.run(1_000);
    pair.cut.add('v4');
    for (let second = 0; second < 100; second++) {
      pair.print(`${second} `);
      pair.run(1_000);
    }
    pair.cut.clear();
    pair.address = 'elsewhere';
    pair.client.connection.probe();
    expect(pair.runUntil(() => (pair.shown[3] ?? pair.shown.join('')).includes('99'), 3_000)).toBeLessThan(RTT * 2);
  });
});
