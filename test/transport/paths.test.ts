import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AMPLIFICATION_LIMIT, MAX_PATHS } from '../../protocol/constants.ts';
import { Paths } from '../../protocol/transport/paths.ts';
import { seededRandom } from '../crypto/random.ts';

const TIMEOUT = 100;

function serverPaths(): Paths {
  return new Paths(seededRandom(1), true);
}

/** Hears from `id` and lets it prove itself. */
function prove(paths: Paths, now: number, id: string): void {
  paths.onReceived(now, id, 100, true);
  const challenge = paths.takeChallenge(now, TIMEOUT);
  if (challenge !== undefined) paths.onResponse(challenge);
}

describe('the paths of a server', () => {
  it('follow the newest datagram', () => {
    const paths = serverPaths();
    expect(paths.current).toBeUndefined();
    expect(paths.onReceived(0, 'a', 100, true)).toBe(true);
    expect(paths.onReceived(1, 'a', 100, true)).toBe(false);
    expect(paths.onReceived(2, 'b', 100, false)).toBe(false);
    expect(paths.current).toBe('a');
    expect(paths.onReceived(3, 'b', 100, true)).toBe(true);
    expect(paths.current).toBe('b');
  });

  it('may be sent three times what came, until they have proved themselves', () => {
    const paths = serverPaths();
    paths.onReceived(0, 'a', 100, true);
    expect(paths.allowance('a')).toBe(300);
    paths.onSent('a', 250);
    expect(paths.allowance('a')).toBe(50);
    expect(paths.allowance('unheard')).toBe(0);
    const challenge = paths.takeChallenge(0, TIMEOUT);
    paths.onResponse(new Uint8Array(8));
    expect(paths.allowance('a')).toBe(50);
    paths.onResponse(challenge ?? new Uint8Array());
    expect(paths.allowance('a')).toBe(Number.POSITIVE_INFINITY);
    expect([paths.challengeAt, paths.giveUpAt]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it('never get more than three times what came, in whatever order things happen', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const step = fc.record({
      what: fc.constantFrom('hear', 'send', 'challenge', 'respond', 'tick'),
      id: fc.constantFrom(...ids),
      size: fc.integer({ min: 32, max: 1_200 }),
      newest: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const paths = serverPaths();
        const ledger = new Map(ids.map((id) => [id, { received: 0, sent: 0, proved: false }]));
        const challenges = new Map<string, Uint8Array>();
        let now = 0;
        for (const { what, id, size, newest } of steps) {
          now += size;
          const { current } = paths;
          if (what === 'hear') {
            paths.onReceived(now, id, size, newest);
            const account = ledger.get(id);
            if (account !== undefined) account.received += size;
          } else if (what === 'send' && current !== undefined) {
            const allowed = Math.min(size, paths.allowance(current));
            paths.onSent(current, allowed);
            const account = ledger.get(current);
            if (account !== undefined) account.sent += allowed;
          } else if (what === 'challenge' && current !== undefined) {
            const challenge = paths.takeChallenge(now, TIMEOUT);
            if (challenge !== undefined) challenges.set(current, challenge);
          } else if (what === 'respond') {
            const challenge = challenges.get(id);
            if (challenge === undefined) continue;
            paths.onResponse(challenge);
            const account = ledger.get(id);
            if (account !== undefined) account.proved = true;
          } else {
            paths.tick(now);
          }
          for (const { received, sent, proved } of ledger.values()) {
            if (!proved) expect(sent).toBeLessThanOrEqual(AMPLIFICATION_LIMIT * received);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are asked again after one timeout, two, four', () => {
    const paths = serverPaths();
    paths.onReceived(0, 'a', 100, true);
    const asked: number[] = [];
    const challenges = new Set<string>();
    for (let now = 0; now < 1_000; now++) {
      if (paths.challengeAt > now) continue;
      asked.push(now);
      challenges.add(String(paths.takeChallenge(now, TIMEOUT)));
      expect(paths.takeChallenge(now, TIMEOUT)).toBeUndefined();
    }
    expect(asked).toEqual([0, 100, 300, 700]);
    expect(challenges.size).toBe(1);
  });

  it('fall back to the last that had proved itself when the new one stays silent for 3 s', () => {
    const paths = serverPaths();
    prove(paths, 0, 'a');
    prove(paths, 10, 'b');
    prove(paths, 20, 'a');
    paths.onReceived(1_000, 'thief', 100, true);
    expect(paths.giveUpAt).toBe(4_000);
    expect(paths.tick(3_999)).toBe(false);
    expect(paths.tick(4_000)).toBe(true);
    expect(paths.current).toBe('a');
    expect(paths.tick(100_000)).toBe(false);
  });

  it('stay with a first one that has not proved itself: there is no other', () => {
    const paths = serverPaths();
    paths.onReceived(0, 'a', 100, true);
    expect(paths.tick(3_000)).toBe(false);
    expect(paths.current).toBe('a');
    expect(paths.giveUpAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('are sixteen at most, and the current and the proved ones stay', () => {
    const paths = serverPaths();
    prove(paths, 0, 'proved');
    paths.onReceived(1, 'current', 100, true);
    for (let i = 0; i < 100; i++) paths.onReceived(2 + i, `passing ${i}`, 100, false);
    expect(paths.known.length).toBe(MAX_PATHS);
    expect(paths.known).toContain('proved');
    expect(paths.current).toBe('current');
    expect(paths.allowance('current')).toBe(300);
  });
});

describe('the paths of a client', () => {
  function clientPaths(...ids: string[]): Paths {
    const paths = new Paths(seededRandom(1), false);
    for (const id of ids) paths.add(id);
    return paths;
  }

  it('begin with the first, and are free to be sent to', () => {
    const paths = clientPaths('v4', 'v6');
    expect(paths.current).toBe('v4');
    expect(paths.allowance('v6')).toBe(Number.POSITIVE_INFINITY);
    paths.onReceived(0, 'v6', 100, true);
    expect(paths.current).toBe('v6');
    expect(paths.challengeAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('take turns', () => {
    const paths = clientPaths('a', 'b', 'c');
    const turns = [paths.current];
    for (let i = 0; i < 6; i++) {
      paths.rotate();
      turns.push(paths.current);
    }
    expect(new Set(turns.slice(0, 3)).size).toBe(3);
    expect(turns[3]).toBe(turns[0]);
    expect(clientPaths('only').rotate()).toBe(false);
  });

  it('go on without one that is taken away', () => {
    const paths = clientPaths('a', 'b');
    expect(paths.remove('b')).toBe(false);
    expect(paths.remove('a')).toBe(true);
    expect(paths.current).toBeUndefined();
    paths.add('c');
    expect(paths.current).toBe('c');
  });

  it('owe each response once, by the way on which the challenge came', () => {
    const paths = clientPaths('a', 'b');
    paths.onChallenge('b', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    paths.onChallenge('unknown', new Uint8Array(8));
    expect(paths.nextResponse()).toEqual({ path: 'b', data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
    expect(paths.nextResponse()).toBeUndefined();
  });
});
