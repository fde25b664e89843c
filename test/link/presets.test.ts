/** The links that have a name, and those that are spelt out. */

import { expect, test } from 'vitest';
import { PAPER_CONDITIONS } from '../../bench/latency/paper.ts';
import { customLink } from '../../bench/link/custom-link.ts';
import { checkImpairment } from '../../bench/link/impairment.ts';
import { askedOf } from '../../bench/link/link-preset.ts';
import { findPreset, PRESETS } from '../../bench/link/presets.ts';

test('every preset makes sense, has a source and figures of its own', () => {
  expect(new Set(PRESETS.map(({ name }) => name)).size).toBe(PRESETS.length);
  for (const { name, title, source, options, asked } of PRESETS) {
    expect(findPreset(name).title).toBe(title);
    expect(source.length).toBeGreaterThan(20);
    checkImpairment(options.up ?? {});
    checkImpairment(options.down ?? {});
    expect(asked).toEqual(askedOf(options));
    expect(Object.values(asked).every((value) => value > 0)).toBe(true);
  }
});

test('a timetable is in order and over before it begins again', () => {
  for (const { timetable } of PRESETS) {
    let freeAt = 0;
    for (const event of timetable?.events ?? []) {
      expect(event.atMs).toBeGreaterThanOrEqual(event.kind === 'move' ? 0 : freeAt);
      freeAt = event.atMs + (event.kind === 'outage' ? event.forMs : 0);
      expect(freeAt).toBeLessThan(timetable?.periodMs ?? 0);
    }
  }
  expect(findPreset('train').timetable?.events.map(({ kind }) => kind)).toContain('move');
});

test("the paper's conditions are on the paper's links", () => {
  const asked = PAPER_CONDITIONS.map(({ link }) => link.asked);
  expect(asked[2]).toEqual({ rttMs: 273 });
  expect(asked[3]).toEqual({ rttMs: 100, lossUp: 0.29, lossDown: 0.29 });
  expect(PAPER_CONDITIONS.map(({ link }) => link.download)).toEqual([false, true, false, false]);
  expect(PAPER_CONDITIONS.map(({ predictions }) => predictions)).toEqual([true, true, true, false]);
});

test('an unknown preset is answered with those that there are', () => {
  expect(() => findPreset('moon')).toThrow('there is no link moon: choose from lan, wifi, lte');
});

test('a link spelt out holds both ways unless it says which', () => {
  const link = customLink(
    'rtt=80,jitter=10,loss=5%,burst=0.01/0.3,rate-down=5mbit,queue-down=256kB,reorder=0.1,duplicate=.02',
  );
  const both = {
    delayMs: 40,
    jitterMs: 10,
    loss: 0.05,
    burst: { enter: 0.01, leave: 0.3 },
    reorder: 0.1,
    duplicate: 0.02,
  };
  expect(link.options).toEqual({ up: both, down: { ...both, rateBps: 5e6, queueBytes: 256_000 } });
  expect(link.asked).toMatchObject({ rttMs: 80, lossUp: 0.05, rateDownBps: 5e6, queueDownBytes: 256_000 });
  expect(customLink('loss-up=0.2,loss=0.1,rtt=0.5s').options).toEqual({
    up: { delayMs: 250, loss: 0.2 },
    down: { delayMs: 250, loss: 0.1 },
  });
});

test('a trace is read from its file, for the way that it is for', () => {
  const read = (path: string): string => (path === 'a.up' ? '5\n10\n' : '1\n');
  const link = customLink('rtt=40,trace-up=a.up,trace-down=b.down', read);
  expect(link.options).toEqual({ up: { delayMs: 20, trace: [5, 10] }, down: { delayMs: 20, trace: [1] } });
  expect(link.asked).toEqual({ rttMs: 40, traceRateUpBps: 2_400_000, traceRateDownBps: 12_000_000 });
});

test.each([
  ['speed=3', 'there is no speed: choose from rtt, delay, jitter, loss'],
  ['rtt-up=3', 'there is no rtt-up'],
  ['constructor=3', 'there is no constructor'],
  ['rtt', 'expected key=value, as in rtt=80,loss=0.05, not "rtt"'],
  ['rtt=', 'expected key=value'],
  ['rtt=fast', 'rtt=fast: expected 80, 80ms or 0.5s'],
  ['rtt=80,rtt=90', 'rtt is there twice'],
  ['loss=5', 'loss=5: expected a share such as 0.05 or 5%'],
  ['loss=.', 'loss=.: expected a share'],
  ['burst=0.1', 'burst=0.1: expected the chances to enter and to leave'],
  ['rate=5mb', 'rate=5mb: expected 5mbit, 500kbit or bits a second'],
  ['rate=5', 'rateBps must be 1000 or more'],
  ['queue=1gbit', 'queue=1gbit: expected 256kB'],
  ['rate=1mbit,trace=/dev/null', '/dev/null: a trace needs at least one line'],
  ['trace=/no/such/file', 'trace=/no/such/file cannot be read'],
])('--link=%s is refused in one line', (text, message) => {
  expect(() => customLink(text)).toThrow(message);
  expect(() => customLink(text)).toThrow(/^[^\n]+$/);
});
