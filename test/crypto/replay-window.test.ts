import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REPLAY_WINDOW_PACKETS, ReplayWindow } from '../../protocol/crypto/replay-window.ts';

const MAX_NUMBER = 2 ** 48 - 1;

/** The slow and obvious twin: every number ever accepted, and the rule. */
class Ledger {
  readonly #seen = new Set<number>();
  #newest = -1;

  check(number: number): boolean {
    if (number < 0 || number > MAX_NUMBER || this.#seen.has(number)) return false;
    return number > this.#newest - REPLAY_WINDOW_PACKETS;
  }

  accept(number: number): void {
    this.#seen.add(number);
    this.#newest = Math.max(this.#newest, number);
  }
}

/** Where the next number stands: near the newest, around the window's edge, around a turn of the ring, anywhere. */
const offset = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -80, max: 80 }) },
  { weight: 2, arbitrary: fc.integer({ min: -REPLAY_WINDOW_PACKETS - 40, max: -REPLAY_WINDOW_PACKETS + 40 }) },
  { weight: 2, arbitrary: fc.integer({ min: -8300, max: 0 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      31,
      32,
      33,
      8127,
      8128,
      8159,
      8160,
      8161,
      8191,
      8192,
      8193,
      2 ** 31,
      2 ** 32,
      2 ** 32 + 1,
    ),
  },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 ** 44 }) },
);
const start = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.integer({ min: 2 ** 31 - 9000, max: 2 ** 31 + 9000 }),
  fc.integer({ min: 2 ** 32 - 9000, max: 2 ** 32 + 9000 }),
  fc.integer({ min: MAX_NUMBER - 20_000, max: MAX_NUMBER }),
);

describe('the replay window', () => {
  it('decides as a list of every number ever accepted would', () => {
    fc.assert(
      fc.property(start, fc.array(offset, { maxLength: 300 }), (first, offsets) => {
        const window = new ReplayWindow();
        const ledger = new Ledger();
        let number = first;
        for (const step of [0, ...offsets]) {
          number = Math.max(window.newest, first) + step;
          const fresh = ledger.check(number);
          expect(window.check(number)).toBe(fresh);
          if (!fresh) continue;
          window.accept(number);
          ledger.accept(number);
          expect(window.check(number)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('agrees with the list on every number of the window after jumps of every kind', () => {
    for (const jump of [1, 31, 32, 33, 8127, 8128, 8160, 8191, 8192, 8193, 2 ** 32, 2 ** 40]) {
      const window = new ReplayWindow();
      const ledger = new Ledger();
      for (const number of [0, 1, 5, 4000, 4001, 8000, 8000 + jump]) {
        window.accept(number);
        ledger.accept(number);
      }
      for (let number = window.newest - 8300; number <= window.newest + 2; number++) {
        if (window.check(number) !== ledger.check(number)) expect.fail(`jump ${jump}, number ${number}`);
      }
    }
  });

  it('accepts packet 0 first, then never again', () => {
    const window = new ReplayWindow();
    expect(window.newest).toBe(-1);
    expect(window.check(0)).toBe(true);
    window.accept(0);
    expect(window.newest).toBe(0);
    expect(window.check(0)).toBe(false);
  });

  it('accepts a packet that 8,127 others overtook, and not one later', () => {
    const window = new ReplayWindow();
    window.accept(10_000);
    expect(REPLAY_WINDOW_PACKETS).toBe(8_128);
    expect(window.check(10_000 - 8_127)).toBe(true);
    expect(window.check(10_000 - 8_128)).toBe(false);
  });

  it('changes nothing when it is only asked', () => {
    const window = new ReplayWindow();
    window.accept(5);
    for (let times = 0; times < 3; times++) expect(window.check(MAX_NUMBER)).toBe(true);
    expect(window.newest).toBe(5);
    expect(window.check(4)).toBe(true);
  });

  it('ends at 48 bits', () => {
    const window = new ReplayWindow();
    expect(window.check(2 ** 48)).toBe(false);
    window.accept(MAX_NUMBER);
    expect(window.check(MAX_NUMBER)).toBe(false);
    expect(window.check(MAX_NUMBER - 1)).toBe(true);
    expect(window.check(-1)).toBe(false);
  });

  it('refuses to accept what it would not', () => {
    const window = new ReplayWindow();
    window.accept(7);
    expect(() => window.accept(7)).toThrow('only a fresh packet number is accepted');
    expect(() => window.accept(8.5)).toThrow('only a fresh packet number is accepted');
  });
});
