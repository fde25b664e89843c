import { describe, expect, it } from 'vitest';
import { KEY_OVERHEAD, Pair, settledPair } from './pair.ts';

const RTT = 80;

describe('typing', () => {
  it('sends a key in the pump that read it', () => {
    const pair = settledPair();
    pair.type('a');
    pair.pump();
    expect(pair.sentBy('client', pair.now)).toHaveLength(1);
  });

  it('sends an echo in the pump that parsed it, and shows it after one round trip', () => {
    const pair = settledPair();
    const typedAt = pair.now;
    pair.type('a');
    expect(pair.runUntil(() => pair.shown[0] === 'a', 1_000)).toBe(RTT);
    expect(pair.sentBy('server', typedAt).map((one) => one.at)).toEqual([typedAt + RTT / 2]);
  });

  it('costs these bytes a key press: they are a promise', () => {
    const pair = settledPair();
    const sizesOf = (side: 'client' | 'server', since: number) =>
      pair.sentBy(side, since).map((one) => one.datagram.length - KEY_OVERHEAD);
    pair.type('a');
    pair.run(1_000);
    const before = pair.now;
    pair.type('b');
    pair.run(1_000);
    // STREAM: type, stream, offset, length, then the event's count and its byte.
    // ACK of the echo: type, newest, delay (1 to 4), length, count; STATE_ACK: type, number. And of the news that it had its time.
    expect(sizesOf('client', before)).toEqual([6, 8, 8]);
    // ACK: type, newest, delay, length, count; STATE: type, number, back, older, length, the compression's byte, echoed, screen flags,
    // edit, skip, 'b'. Then that it had its time: STATE as before, up to echoed.
    expect(sizesOf('server', before)).toEqual([16, 7]);
  });

  it('costs three datagrams a key while one follows the other: echo, its acknowledgement and what had its time ride together', () => {
    const pair = settledPair();
    for (const key of 'warm') {
      pair.type(key);
      pair.run(120);
    }
    const before = pair.now;
    for (const key of 'typing') {
      pair.type(key);
      pair.run(120);
    }
    expect(pair.sentBy('client', before)).toHaveLength(12);
    expect(pair.sentBy('server', before)).toHaveLength(6);
  });

  it('repairs a lost key with the next key', () => {
    const pair = settledPair();
    pair.fate = (sent) => (sent.from === 'client' ? 'lose' : 'pass');
    pair.type('a');
    pair.run(20);
    pair.fate = () => 'pass';
    pair.type('b');
    expect(pair.runUntil(() => pair.shown[0] === 'ab', 1_000)).toBe(RTT);
  });

  it('repairs a lost last key after one probe timeout', () => {
    const pair = settledPair();
    for (const key of 'warm') {
      pair.type(key);
      pair.run(300);
    }
    pair.fate = (sent) => (sent.from === 'client' ? 'lose' : 'pass');
    pair.type('!');
    pair.run(5);
    pair.fate = () => 'pass';
    const took = 5 + pair.runUntil(() => pair.shown[0] === 'warm!', 2_000);
    // The timeout is the smoothed round trip, four times its variation and 25 ms; then the trip itself.
    expect(took).toBeGreaterThan(RTT + RTT + 25);
    expect(took).toBeLessThan(RTT + RTT + 25 + 150);
  });

  it('repairs a lost echo after one probe timeout', () => {
    const pair = settledPair();
    pair.fate = (sent) => (sent.from === 'server' ? 'lose' : 'pass');
    pair.type('a');
    pair.run(RTT / 2);
    pair.fate = () => 'pass';
    expect(pair.runUntil(() => pair.shown[0] === 'a', 2_000)).toBeLessThan(500);
  });

  it('goes on through the loss of every second datagram, once and in order', () => {
    const pair = settledPair();
    let typed = '';
    pair.fate = (sent) => (sent.index % 2 === 0 ? 'lose' : 'pass');
    let keys = '';
    pair.program = (event) => {
      if (event.kind === 'keys') keys += new TextDecoder().decode(event.bytes);
    };
    for (let i = 0; i < 100; i++) {
      const key = String.fromCharCode(97 + (i % 26));
      typed += key;
      pair.type(key);
      pair.run(37);
    }
    pair.run(3_000);
    expect(keys).toBe(typed);
    expect(pair.client.unacknowledgedInput).toBe(0);
  });

  it('keeps every key of a user who types on while the program does not read', () => {
    const pair = settledPair();
    let keys = '';
    pair.program = (event) => {
      if (event.kind === 'keys') keys += new TextDecoder().decode(event.bytes);
    };
    pair.accepts = 0;
    let typed = '';
    for (let i = 0; i < 3_000; i++) {
      const key = String.fromCharCode(97 + (i % 26));
      typed += key;
      pair.type(key);
      pair.run(30);
    }
    pair.accepts = Number.POSITIVE_INFINITY;
    pair.run(5_000);
    expect(keys.length).toBe(typed.length);
    expect(keys).toBe(typed);
    expect(pair.server.connection.counters.drops['bad-frames']).toBe(0);
  });

  it('stops a paste when the program does not read, and brings all of it when it does', () => {
    const pair = settledPair();
    const paste = 'x'.repeat(400_000);
    let taken = 0;
    pair.program = (event) => {
      if (event.kind === 'keys') taken += event.bytes.length;
    };
    pair.accepts = 0;
    pair.type(paste);
    pair.run(20_000);
    expect(pair.client.unacknowledgedInput).toBeGreaterThan(400_000 - 262_144);
    pair.accepts = 5_000;
    for (let pumps = 0; pumps < 500; pumps++) pair.run(10);
    expect(taken).toBe(paste.length);
    expect(pair.client.unacknowledgedInput).toBe(0);
  });
});

describe('the beginning', () => {
  it('shows what the program prints after one round trip', () => {
    const pair = new Pair();
    pair.print('$ ');
    expect(pair.runUntil(() => pair.shown[0] === '$', 1_000)).toBe(RTT);
  });

  it('gives the server room: the first datagram has 1,200 bytes', () => {
    const pair = new Pair();
    pair.pump();
    expect(pair.sentBy('client').map((one) => one.datagram.length)).toEqual([1_200]);
  });

  it('goes on in smaller datagrams at once when the first is refused as too big', () => {
    const pair = new Pair();
    pair.fate = (sent) => (sent.datagram.length > 1_100 ? 'too-big' : 'pass');
    pair.print('$ ');
    expect(pair.runUntil(() => pair.shown[0] === '$', 5_000)).toBe(RTT);
    expect(pair.sentBy('client', 0)[1]?.datagram.length).toBe(1_000);
  });

  it('goes on by the next address at once when the first has no route', () => {
    const pair = new Pair({ paths: ['v4', 'v6'] });
    pair.fate = (sent) => (sent.path.endsWith('v4') ? 'unreachable' : 'pass');
    pair.print('$ ');
    expect(pair.runUntil(() => pair.shown[0] === '$', 5_000)).toBe(RTT);
  });
});
