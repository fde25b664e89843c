/** What cannot be predicted shows after the round trip and nothing else, on clean links of any length and on those that floods could fill. */

import { describe, expect, it } from 'vitest';
import { Pair, type Sent, settledPair } from './pair.ts';

describe.each([1, 80, 273, 500])('a clean link at rtt %i', (rttMs) => {
  function linked(): Pair {
    const pair = new Pair();
    pair.oneWayMs = rttMs / 2;
    pair.run(3_000);
    return pair;
  }

  it('shows output after the round trip alone, also the second and third piece of it', () => {
    const pair = linked();
    pair.program = (event) => {
      if (event.kind === 'keys') pair.print('\r\n');
    };
    const typedAt = pair.now;
    pair.type('\r');
    pair.run(Math.ceil(rttMs / 2));
    for (const piece of ['one ', 'two ', 'three']) {
      pair.print(piece);
      pair.pump();
    }
    expect(
      pair.runUntil(() => pair.shown.join('').endsWith('three'), 2_000) + Math.ceil(rttMs / 2),
    ).toBeLessThanOrEqual(Math.ceil(rttMs) + 1);
    expect(pair.sentBy('server', typedAt).length).toBeGreaterThanOrEqual(4);
  });

  it('shows each key of a fast typist after the round trip alone', () => {
    const pair = linked();
    let shown = '';
    for (const key of 'the quick brown fox') {
      pair.type(key);
      shown += key;
      const text = shown.trimEnd();
      expect(pair.runUntil(() => (pair.shown[0] ?? '') === text, 2_000)).toBeLessThanOrEqual(Math.ceil(rttMs));
      pair.run(13);
    }
  });
});

/** A bottleneck with a buffer that takes 5 s to empty: each way a queue of its own. */
class Bloat {
  readonly #bytesPerMs: number;
  readonly #oneWayMs: number;
  readonly #emptyAt = { client: 0, server: 0 };
  /** Longest that a datagram has waited, in ms. */
  longestWaitMs = 0;

  constructor(kbitPerS: number, oneWayMs: number) {
    this.#bytesPerMs = kbitPerS / 8;
    this.#oneWayMs = oneWayMs;
  }

  fate(sent: Sent): number | 'lose' {
    const startsAt = Math.max(sent.at, this.#emptyAt[sent.from]);
    const waitMs = startsAt - sent.at;
    if (waitMs > 5_000) return 'lose';
    this.longestWaitMs = Math.max(this.longestWaitMs, waitMs);
    this.#emptyAt[sent.from] = startsAt + (sent.datagram.length + 28) / this.#bytesPerMs;
    return this.#emptyAt[sent.from] - sent.at + this.#oneWayMs;
  }
}

/** A screen that compresses badly, another for each seed. */
function noise(seed: number): string {
  let state = seed + 1;
  let text = '\x1b[H';
  for (let cell = 0; cell < 80 * 23; cell++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += String.fromCharCode(33 + ((state >>> 16) % 94));
  }
  return text;
}

describe('a link of 1 Mbit/s with a buffer of 5 s', () => {
  it('is not filled by a flood of output, so that Ctrl-C shows soon after the round trip', () => {
    const pair = settledPair();
    const bloat = new Bloat(1_000, 40);
    pair.fate = (sent) => bloat.fate(sent);
    let interrupted = false;
    pair.program = (event) => {
      if (event.kind === 'keys' && event.bytes.includes(3)) {
        interrupted = true;
        pair.print('\x1b[H\x1b[2J^C');
      }
    };
    for (let frame = 0; frame < 500; frame++) {
      pair.print(noise(frame));
      pair.run(10);
    }
    pair.type('\x03');
    let frame = 500;
    const start = pair.now;
    while (!(pair.shown[0] ?? '').startsWith('^C') && pair.now - start < 5_000) {
      if (!interrupted) pair.print(noise(frame++));
      pair.run(2);
    }
    // The trip, and what queues of a screen or two: 2 kB are 16 ms at this rate.
    expect(pair.now - start).toBeLessThan(80 + 100);
    expect(bloat.longestWaitMs).toBeLessThan(250);
  });

  it('is not filled by a paste', () => {
    const pair = settledPair();
    const bloat = new Bloat(1_000, 40);
    pair.fate = (sent) => bloat.fate(sent);
    pair.program = () => undefined;
    pair.type('x'.repeat(200_000));
    pair.run(5_000);
    expect(bloat.longestWaitMs).toBeLessThan(250);
  });

  it('that others have filled is fed at most 2 kB/s of questions', () => {
    const pair = settledPair();
    pair.type('warm');
    pair.run(1_000);
    pair.fate = () => 5_000;
    const since = pair.now;
    pair.type('k');
    pair.run(4_900);
    for (const side of ['client', 'server'] as const) {
      const bytes = pair.sentBy(side, since).reduce((sum, sent) => sum + sent.datagram.length + 28, 0);
      expect(bytes).toBeLessThan(5 * 2_000);
    }
    pair.run(20_000);
    expect(pair.shown[0]).toBe('warmk');
  });
});
