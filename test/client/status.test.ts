import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LinkFacts, StatusLine, statusText } from '../../client/status.ts';

const facts: LinkFacts = {
  heard: true,
  quietMs: 300,
  rttMs: 82.4,
  lossUp: 0.03125,
  lossDown: 0,
  bytesUp: 12_345,
  bytesDown: 45_210,
  letters: { typed: 1_000, atOnce: 970, wrong: 3 },
};
const WIDE = 200;

describe('statusText()', () => {
  test('tells the link and the predictions in one line', () => {
    expect(statusText(facts, WIDE)).toBe(
      'rove: rtt 82 ms, loss 3 % up 0 % down, last heard 0.3 s ago, 12 kB up 45 kB down, 97 % of letters at once, 0.3 % wrong',
    );
  });

  test('says of less where there are fewer columns', () => {
    const short = { ...facts, letters: { typed: 50, atOnce: 49, wrong: 0 } };
    expect([80, 75, 60, 42, 30, 5].map((cols) => statusText(short, cols))).toEqual([
      'rove: rtt 82 ms, loss 3 % up 0 % down, heard 0.3 s ago, 98 % at once, 0 % wrong',
      'rove: rtt 82 ms, loss 3/0 %, heard 0.3 s ago, 98 % at once, 0 % wrong',
      'rove: rtt 82 ms, loss 3/0 %, heard 0.3 s ago',
      'rove: rtt 82 ms, heard 0.3 s ago',
      'rove: rtt 82 ms',
      'rove: rtt 82 ms',
    ]);
  });

  test('makes nothing up before the server was heard', () => {
    const early = { ...facts, heard: false, rttMs: 333, bytesUp: 2_400, bytesDown: 0 };
    expect(statusText(early, WIDE)).toBe('rove: nothing heard yet, 2.4 kB up 0 B down');
  });

  test.each([
    [undefined, ''],
    [{ typed: 0, atOnce: 0, wrong: 0 }, ''],
    [{ typed: 12, atOnce: 0, wrong: 0 }, ', no letters predicted'],
    [{ typed: 12, atOnce: 12, wrong: 0 }, ', 100 % of letters at once, 0 % wrong'],
    [{ typed: 10_000, atOnce: 9_999, wrong: 1 }, ', 99 % of letters at once, <0.1 % wrong'],
    [{ typed: 300, atOnce: 20, wrong: 40 }, ', 6.7 % of letters at once, 13 % wrong'],
  ])('says of the letters %j: "%s"', (letters, words) => {
    expect(statusText({ ...facts, letters }, WIDE)).toBe(
      `rove: rtt 82 ms, loss 3 % up 0 % down, last heard 0.3 s ago, 12 kB up 45 kB down${words}`,
    );
  });

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_234, '1.2 kB'],
    [9_949, '9.9 kB'],
    [999_400, '999 kB'],
    [999_600, '1 MB'],
    [52_787_000, '53 MB'],
    [4e9, '4 GB'],
    [7e15, '7000 TB'],
  ])('writes %d bytes as %s', (bytesUp, words) => {
    expect(statusText({ ...facts, bytesUp }, WIDE)).toContain(`, ${words} up`);
  });

  test.each([
    [0, '0.0 s'],
    [9_949, '9.9 s'],
    [9_951, '9 s'],
    [75_000, '1 min 15 s'],
  ])('writes %d ms since contact as %s', (quietMs, words) => {
    expect(statusText({ ...facts, quietMs }, WIDE)).toContain(`last heard ${words} ago`);
  });

  test('writes a round trip under ten with a tenth', () => {
    expect(statusText({ ...facts, rttMs: 1.04 }, WIDE)).toContain('rtt 1 ms');
    expect(statusText({ ...facts, rttMs: 2.36 }, WIDE)).toContain('rtt 2.4 ms');
    expect(statusText({ ...facts, rttMs: 9.96 }, WIDE)).toContain('rtt 10 ms');
  });

  test('is one line of ASCII that begins with the name, and never longer in fewer columns', () => {
    const amount = fc.double({ min: 0, max: 1e13, noNaN: true });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const drawn = fc.record({
      heard: fc.boolean(),
      quietMs: amount,
      rttMs: amount,
      lossUp: share,
      lossDown: share,
      bytesUp: amount,
      bytesDown: amount,
      letters: fc.option(fc.record({ typed: fc.nat(), atOnce: fc.nat(), wrong: fc.nat() }), { nil: undefined }),
    });
    fc.assert(
      fc.property(drawn, fc.integer({ min: 1, max: 200 }), (some, cols) => {
        const text = statusText(some, cols);
        expect(text).toMatch(/^rove: [\x20-\x7e]+$/);
        expect(text.length).toBeLessThanOrEqual(statusText(some, cols + 1).length);
      }),
    );
  });
});

describe('StatusLine', () => {
  /** Counts how often it was asked. */
  function asked(): { readonly facts: () => LinkFacts; times: number } {
    const counter = {
      times: 0,
      facts: () => {
        counter.times++;
        return { ...facts, quietMs: counter.times };
      },
    };
    return counter;
  }

  test('asks nothing and has no deadline while it is off', () => {
    const line = new StatusLine(false);
    const counter = asked();
    line.tick(0, counter.facts);
    expect([line.text(WIDE), line.nextTimeout(), counter.times]).toEqual([undefined, Number.POSITIVE_INFINITY, 0]);
    line.toggle();
    line.tick(10, counter.facts);
    line.toggle();
    line.tick(5_000, counter.facts);
    expect([line.text(WIDE), line.nextTimeout(), counter.times]).toEqual([undefined, Number.POSITIVE_INFINITY, 1]);
  });

  test('is there at once when it is asked for, and changes once a second however often it is looked at', () => {
    const line = new StatusLine(false);
    const counter = asked();
    line.toggle();
    expect(line.nextTimeout()).toBeLessThanOrEqual(0);
    for (let now = 0; now < 5_000; now += 10) line.tick(now, counter.facts);
    expect(counter.times).toBe(5);
    expect(line.nextTimeout()).toBe(5_000);
    expect(line.text(WIDE)).toMatch(/^rove: rtt 82 ms/);
  });

  test('goes with the next key, unless it was to be there from the start', () => {
    const line = new StatusLine(false);
    line.toggle();
    line.tick(0, () => facts);
    line.onKeys();
    expect(line.text(WIDE)).toBeUndefined();
    const pinned = new StatusLine(true);
    pinned.tick(0, () => facts);
    pinned.onKeys();
    expect(pinned.text(WIDE)).toBeDefined();
    pinned.toggle();
    expect(pinned.text(WIDE)).toBeUndefined();
    pinned.toggle();
    pinned.onKeys();
    expect(pinned.text(WIDE)).toBeDefined();
  });

  test('says at once that a silence is over, and then waits again', () => {
    const line = new StatusLine(true);
    line.tick(0, () => ({ ...facts, quietMs: 7_000 }));
    line.tick(1, () => facts);
    expect(line.text(WIDE)).toContain('heard 7.0 s ago');
    line.onHeard();
    line.tick(2, () => ({ ...facts, quietMs: 0 }));
    expect(line.text(WIDE)).toContain('heard 0.0 s ago');
    line.onHeard();
    expect(line.nextTimeout()).toBe(1_002);
  });

  test('asks anew when it is shown again', () => {
    const line = new StatusLine(true);
    const counter = asked();
    line.tick(0, counter.facts);
    line.toggle();
    line.toggle();
    line.tick(1, counter.facts);
    expect(counter.times).toBe(2);
  });
});
