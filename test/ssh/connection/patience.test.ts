import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Patience } from '../../../client/ssh/patience.ts';
import type { Prompter } from '../../../client/ssh/prompter.ts';

const LIMITS = { silenceMs: 100, totalMs: 250 };

let answer: (text: string) => void;
const prompter: Prompter = {
  tell: () => undefined,
  ask: () =>
    new Promise((resolve) => {
      answer = resolve;
    }),
};

let patience: Patience;
let endedAt: number[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  patience = new Patience(prompter);
  endedAt = [];
  patience.begin(LIMITS, () => endedAt.push(performance.now()));
});
afterEach(() => vi.useRealTimers());

/** The moments at which it ended, after so many more ms. */
async function within(ms: number): Promise<readonly number[]> {
  await vi.advanceTimersByTimeAsync(ms);
  await new Promise((done) => setImmediate(done));
  return endedAt;
}

describe('patience', () => {
  it('ends with a silence, once', async () => {
    expect(await within(99)).toEqual([]);
    expect(await within(1)).toHaveLength(1);
    expect(await within(1000)).toHaveLength(1);
  });

  it('lasts while there is something to hear, but not for ever', async () => {
    for (let times = 0; times < 4; times++) {
      expect(await within(60)).toEqual([]);
      patience.heard();
    }
    expect(await within(9)).toEqual([]);
    expect(await within(1)).toHaveLength(1);
  });

  it('does not count the time of the user', async () => {
    await within(90);
    const asked = patience.prompter.ask('who?', { echo: true });
    expect(await within(10_000)).toEqual([]);
    // What the server says meanwhile begins nothing.
    patience.heard();
    expect(await within(10_000)).toEqual([]);
    answer('me');
    expect(await asked).toBe('me');
    expect(await within(99)).toEqual([]);
    patience.heard();
    // 90 before the question and 160 after it are all.
    expect(await within(60)).toEqual([]);
    expect(await within(1)).toHaveLength(1);
  });

  it('ends in order, and begins anew', async () => {
    patience.end();
    expect(await within(1000)).toEqual([]);
    patience.heard();
    expect(await within(1000)).toEqual([]);
    patience.begin(LIMITS, () => endedAt.push(0));
    expect(await within(100)).toEqual([0]);
  });

  it('begins after a question that stood before', async () => {
    patience.end();
    const asked = patience.prompter.ask('who?', { echo: true });
    patience.begin(LIMITS, () => endedAt.push(0));
    expect(await within(1000)).toEqual([]);
    answer('me');
    await asked;
    expect(await within(100)).toEqual([0]);
  });
});
