import { describe, expect, it } from 'vitest';
import { equalRows } from '../../protocol/screen/row.ts';
import { Pair, type PairOptions, type Sent, settledPair } from '../transport/pair.ts';

const RTT = 80;
const COLS = 60;
/** More bytes than a line and the frame around it take. */
const LARGE = 400;

/** Lines that deflate makes little of. */
function printed(count: number, cols = COLS): string {
  let seed = 1;
  const lines: string[] = [];
  for (let i = 0; i < count; i++) {
    let line = `${i} `;
    while (line.length < cols - 4) {
      seed = (seed * 48_271) % 0x7fff_ffff;
      line += seed.toString(36);
    }
    lines.push(line.slice(0, cols - 1));
  }
  return `${lines.join('\r\n')}\r\n`;
}

function openPair(options: PairOptions = {}): Pair {
  return settledPair({ cols: COLS, rows: 10, scrollback: 50_000, ...options });
}

/** Of all lines that have scrolled off: how many the client has as the server has them, and how many it lacks. */
function compare({ client, log }: Pair): { readonly same: number; readonly missing: number } {
  let [same, missing] = [0, 0];
  for (let number = 0; log !== undefined && number < log.end; number++) {
    const [here, there] = [client.history.line(number), log.line(number)];
    if (here === undefined) missing++;
    else if (there !== undefined && equalRows(here, there)) same++;
    else throw new Error(`line ${number} is another`);
  }
  return { same, missing };
}

/** How long after the key its echo was there. */
function echoMs(pair: Pair, key: string): number {
  const before = pair.shown.join('\n');
  pair.type(key);
  return pair.runUntil(() => pair.shown.join('\n') !== before, 5_000);
}

describe('the history', () => {
  it('is there with the screen when it scrolls line by line, and no line travels twice', () => {
    const pair = openPair();
    pair.print(printed(10));
    pair.run(1_000);
    const since = pair.now;
    for (let i = 0; i < 50; i++) {
      pair.print(`${i}\r\n`);
      pair.run(50);
    }
    pair.run(RTT);
    expect(pair.client.history.end).toBe(51);
    expect(pair.client.history.settled).toBe(51);
    expect(compare(pair)).toEqual({ same: 51, missing: 0 });
    expect(Math.max(...pair.sentBy('server', since).map(({ datagram }) => datagram.length))).toBeLessThan(LARGE);
  });

  it('has all lines of what was printed at once, in order', () => {
    const pair = openPair();
    pair.print(printed(1_000));
    let settled = 0;
    while (settled < 991 && pair.now < 20_000) {
      pair.run(20);
      expect(pair.client.history.settled).toBeGreaterThanOrEqual(settled);
      ({ settled } = pair.client.history);
    }
    expect(compare(pair)).toEqual({ same: 991, missing: 0 });
  });

  it('loses no line by an outage, nor by loss and reordering', () => {
    const pair = openPair();
    pair.print(printed(100));
    pair.run(500);
    pair.fate = () => 'lose';
    pair.print(printed(300));
    pair.run(30_000);
    pair.fate = ({ index }) => (index % 4 === 0 ? 'lose' : 40 + (index % 3) * 30);
    pair.print(printed(20));
    pair.run(20_000);
    expect(pair.client.history.settled).toBe(pair.log?.end);
    expect(compare(pair)).toEqual({ same: 411, missing: 0 });
  });

  it('is complete after sizes have changed and the alternate screen was there', () => {
    const pair = openPair();
    for (let i = 0; i < 10; i++) {
      pair.print(printed(30));
      pair.client.sendResize(COLS - 3 * i, 10 - (i % 5));
      pair.run(60);
      pair.print(i % 2 === 0 ? '\x1b[?1049h\x1b[Heditor\n\n\n\n' : '\x1b[?1049l');
      pair.run(60);
    }
    pair.run(5_000);
    expect(pair.client.history.end).toBe(pair.log?.end);
    expect(compare(pair).missing).toBe(0);
  });

  it('is empty, and nothing scrolls off, where none is kept', () => {
    const pair = settledPair({ cols: COLS, rows: 10 });
    pair.print(printed(100));
    pair.run(1_000);
    expect([pair.client.history.end, pair.client.history.settled]).toEqual([0, 0]);
  });

  it('starts anew after CSI 3 J, with the same numbers', () => {
    const pair = openPair();
    pair.print(`${printed(50)}\x1b[3J${printed(20)}`);
    pair.run(2_000);
    const { history } = pair.client;
    expect([history.end, history.settled]).toEqual([61, 61]);
    expect(history.line(40)).toBeUndefined();
    expect(history.line(41)).toBeDefined();
  });
});

describe('a key', () => {
  it('waits no longer for its echo while lines are still coming', () => {
    const pair = openPair();
    pair.print(printed(3_000));
    pair.run(1_000);
    const echoes: number[] = [];
    for (let i = 0; pair.client.history.settled < 2_991; i++) {
      expect(i).toBeLessThan(500);
      echoes.push(echoMs(pair, 'x'));
      pair.run(30 + (i % 7) * 20);
    }
    expect(echoes.length).toBeGreaterThan(3);
    // One packet may just have left.
    expect(Math.max(...echoes)).toBeLessThanOrEqual(RTT + 2);
  });

  it('finds no queue on a slow link', () => {
    const pair = openPair();
    const bytesPerMs = 25;
    let freeAt = 0;
    pair.fate = ({ at, from, datagram }: Sent) => {
      if (from === 'client') return 'pass';
      freeAt = Math.max(freeAt, at) + datagram.length / bytesPerMs;
      return freeAt - at + RTT / 2;
    };
    pair.print(printed(2_000));
    pair.run(3_000);
    const echoes: number[] = [];
    for (let i = 0; pair.client.history.settled < 1_991; i++) {
      expect(i).toBeLessThan(500);
      echoes.push(echoMs(pair, 'x'));
      pair.run(200);
    }
    const mean = echoes.reduce((sum, ms) => sum + ms, 0) / echoes.length;
    // A packet of 1,200 bytes takes 48 ms.
    expect(mean).toBeLessThan(RTT + 25);
    expect(Math.max(...echoes)).toBeLessThan(RTT + 110);
    expect(compare(pair).missing).toBe(0);
  });
});

describe('a flood too big for the link', () => {
  function flooded(): Pair {
    const pair = openPair();
    pair.print(printed(30_000));
    pair.run(30_000);
    return pair;
  }

  it('leaves a gap, and the newest lines after it', () => {
    const pair = flooded();
    const { history } = pair.client;
    expect(history.settled).toBe(29_991);
    const { same, missing } = compare(pair);
    expect(missing).toBeGreaterThan(5_000);
    expect(same).toBeGreaterThan(2_000);
    const first = history.nextLine(10);
    expect(history.lineBefore(first)).toBeLessThan(first - 5_000);
    expect(history.nextLine(29_900)).toBe(29_900);
  });

  it('comes whole to somebody who looks, the newest lines first, and only as long as he does', () => {
    const pair = flooded();
    const { history } = pair.client;
    const { missing } = compare(pair);
    const gapEnd = history.nextLine(10);
    pair.client.fillGaps(true);
    pair.run(600);
    expect(history.line(gapEnd - 1)).toBeDefined();
    expect(history.line(gapEnd - missing + 1)).toBeUndefined();
    pair.client.fillGaps(false);
    pair.run(10_000);
    const left = compare(pair).missing;
    expect(left).toBeLessThan(missing);
    pair.run(10_000);
    expect(compare(pair).missing).toBe(left);
    pair.client.fillGaps(true);
    pair.run(120_000);
    expect(compare(pair).missing).toBe(0);
  });

  it('is not asked for without end where the server has it no more', () => {
    const pair = flooded();
    pair.print('\x1b[3J');
    pair.client.fillGaps(true);
    pair.run(60_000);
    const before = pair.sentBy('client').length;
    pair.run(60_000);
    expect(pair.sentBy('client').length - before).toBeLessThan(60);
    expect(pair.client.history.line(5_000)).toBeUndefined();
  });
});

it('keeps no more than the client wants', () => {
  const pair = new Pair({ cols: COLS, rows: 10, scrollback: 2_000 });
  pair.run(500);
  for (let i = 0; i < 10; i++) {
    pair.print(printed(500));
    pair.run(3_000);
  }
  const { history } = pair.client;
  expect(history.settled).toBe(pair.log?.end);
  expect(history.end - history.first).toBe(2_000);
  expect(history.line(history.first - 1)).toBeUndefined();
});
