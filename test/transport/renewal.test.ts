import { describe, expect, it } from 'vitest';
import { OLD_PHASE_GRACE_MS, RENEW_AFTER_MS } from '../../protocol/crypto/key-phases.ts';
import { decodeHeader } from '../../protocol/transport/packet.ts';
import { Pair, type Sent } from './pair.ts';

/** A pair about to renew: 119 s old. */
function agedPair(): Pair {
  const pair = new Pair();
  pair.run(RENEW_AFTER_MS - 1_000);
  return pair;
}

function phaseOf(sent: Sent | undefined): number | undefined {
  return sent === undefined ? undefined : decodeHeader(sent.datagram)?.phaseBits;
}

/** Types until both ends seal under the next phase; how many keys that took. */
function typeThrough(pair: Pair): number {
  for (let keys = 1; keys <= 200; keys++) {
    pair.type(String.fromCharCode(96 + (keys % 26)));
    pair.run(100);
    const phases = [pair.sentBy('client').at(-1), pair.sentBy('server').at(-1)].map(phaseOf);
    if (phases.every((phase) => phase === 1)) return keys;
  }
  return Number.POSITIVE_INFINITY;
}

describe('keys', () => {
  it('are renewed after 120 s, while the session is in use', () => {
    const pair = agedPair();
    expect(typeThrough(pair)).toBeLessThan(16);
    pair.run(OLD_PHASE_GRACE_MS + 200);
    pair.type('!');
    pair.run(100);
    expect(pair.shown.join('')).toMatch(/!$/);
  });

  it('are not renewed while it is not', () => {
    const pair = agedPair();
    pair.run(600_000);
    expect(pair.sent.map(phaseOf).every((phase) => phase === 0)).toBe(true);
  });

  it('are renewed, and typing goes on, when any one packet of the renewal is lost', () => {
    const first = agedPair();
    const before = { client: first.sentBy('client').length, server: first.sentBy('server').length };
    typeThrough(first);
    const during = first.sent.filter((sent) => sent.index >= before[sent.from]).length;
    expect(during).toBeGreaterThan(10);
    for (const from of ['client', 'server'] as const) {
      for (let lost = 0; lost < 24; lost++) {
        const pair = agedPair();
        pair.fate = (sent) => (sent.from === from && sent.index === before[from] + lost ? 'lose' : 'pass');
        expect(typeThrough(pair)).toBeLessThan(25);
        pair.run(1_000);
        expect(pair.client.unacknowledgedInput).toBe(0);
        expect([pair.client, pair.server].map((end) => end.connection.counters.drops.forged)).toEqual([0, 0]);
      }
    }
  });

  it('survive an outage in the midst of their renewal', () => {
    for (const after of [5, 45, 85, 125, 165]) {
      const pair = agedPair();
      pair.run(1_000);
      pair.type('a');
      pair.run(after);
      pair.cut.add('v4');
      pair.type('b');
      pair.run(100_000);
      pair.cut.clear();
      pair.run(4_000);
      expect(pair.shown).toEqual(['ab']);
      expect(typeThrough(pair)).toBeLessThan(10);
    }
  });

  it('are renewed again and again', () => {
    const pair = new Pair();
    pair.program = () => undefined;
    const phases = new Set<number | undefined>();
    for (let second = 0; second < 700; second++) {
      pair.type('x');
      pair.run(1_000);
      phases.add(phaseOf(pair.sentBy('client').at(-1)));
      if (second % 50 === 0) pair.sent.splice(0, pair.sent.length - 10);
    }
    expect([...phases]).toEqual([0, 1, 2, 3]);
    expect(pair.client.unacknowledgedInput).toBe(0);
  });
});
