import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HistoryPager } from '../../client/history/history-pager.ts';
import { HistoryLog } from '../../protocol/history/history-log.ts';
import type { HistoryView } from '../../protocol/history/history-view.ts';
import { CELL_WORDS, INVERSE } from '../../protocol/screen/cell.ts';
import { ALTERNATE_SCREEN, CURSOR_VISIBLE } from '../../protocol/screen/modes.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { rowText, write } from '../terminal/text.ts';

const SIZE = { cols: 30, rows: 6 };

interface Stage {
  readonly pager: HistoryPager;
  readonly emulator: Emulator;
  readonly log: HistoryLog;
  /** The rows of the page, without the status. */
  readonly page: () => string[];
  readonly status: () => string;
  readonly screen: () => Screen;
  /** Types, and searches to the end. */
  readonly type: (keys: string) => void;
  size: { cols: number; rows: number };
}

function open(output: string, cols = SIZE.cols, log = new HistoryLog(1_000_000)): Stage {
  const emulator = new Emulator({ cols, rows: 5, history: log });
  write(emulator, output);
  const history: HistoryView = {
    get end() {
      return log.end;
    },
    get settled() {
      return log.end;
    },
    get first() {
      return log.first;
    },
    line: (number) => log.line(number),
    nextLine: (number) => log.nextLine(number),
    lineBefore: (number) => log.lineBefore(number),
  };
  const pager = new HistoryPager(() => ({ screen: emulator.snapshot(), history }));
  const stage: Stage = {
    pager,
    emulator,
    log,
    size: SIZE,
    screen: () => pager.screen(stage.size),
    page: () => stage.screen().rows.slice(0, -1).map(rowText),
    status: () => rowText(stage.screen().rows.at(-1)),
    type: (keys) => {
      stage.screen();
      pager.push(new TextEncoder().encode(keys));
      for (let now = 0; now < Number.POSITIVE_INFINITY; now = pager.nextTimeout(now)) pager.tick(now);
    },
  };
  return stage;
}

const counted = (count: number): string => Array.from({ length: count }, (_, i) => `line ${i + 1}`).join('\r\n');
const numbers = (first: number, count = 5): string[] => Array.from({ length: count }, (_, i) => `line ${first + i}`);

/** The columns of a row that are inverted. */
function inverted(screen: Screen, row: number): number[] {
  const found: number[] = [];
  for (let col = 0; col < screen.cols; col++)
    if (((screen.rows[row]?.cells[col * CELL_WORDS + 1] ?? 0) & INVERSE) !== 0) found.push(col);
  return found;
}

describe('the pager', () => {
  test('begins at the end, and moves by less’s keys', () => {
    const { type, page } = open(counted(100));
    expect(page()).toEqual(numbers(96));
    for (const [keys, first] of [
      ['k', 95],
      ['\x1b[A\x1bOA', 93],
      ['b', 88],
      ['\x1b[5~', 83],
      [' ', 88],
      ['\x1b[6~', 93],
      ['jj\r', 96],
      ['u', 93],
      ['d', 96],
      ['g', 1],
      ['k', 1],
      ['j', 2],
      ['\x1b[1;5B', 3],
      ['G', 96],
      ['\x1b[H', 1],
      ['\x1b[F', 96],
      [' ', 96],
      ['z\x1b[99;99~', 96],
    ] as const) {
      type(keys);
      expect(page(), JSON.stringify(keys)).toEqual(numbers(first));
    }
  });

  test('is left by q, Ctrl-C and what opened it', () => {
    for (const key of ['q', 'Q', '\x03', '~h']) {
      const { pager, type } = open(counted(10));
      type('g');
      expect(pager.isOver).toBe(false);
      type(`${key}g`);
      expect(pager.isOver).toBe(true);
    }
  });

  test('is left by Escape, but not by a key that begins with one', () => {
    const { pager, type, page } = open(counted(100));
    type('g');
    pager.push(Uint8Array.of(0x1b));
    pager.tick(1_000);
    expect(pager.nextTimeout(1_000)).toBe(1_050);
    pager.tick(1_049);
    type('[B');
    expect([pager.isOver, page()[0]]).toEqual([false, 'line 2']);
    type('\x1b');
    expect(pager.isOver).toBe(true);
  });

  test('is drawn on the alternate screen, and keeps what is not a cell', () => {
    const { screen } = open(`\x1b]2;title\x07\x07${counted(10)}`);
    expect(screen().modes & (ALTERNATE_SCREEN | CURSOR_VISIBLE)).toBe(ALTERNATE_SCREEN);
    expect([screen().title, screen().bells]).toEqual(['title', 1]);
  });

  test('says where one is', () => {
    const { type, status } = open(counted(200));
    expect(status()).toBe('history: line 196 of 200 (end), q leaves, h help'.slice(0, SIZE.cols));
    type('g');
    expect(status()).toContain('(2 %)');
    type('h');
    expect(status()).toContain('j k space');
  });

  test('stays where it is while lines scroll off', () => {
    const stage = open(counted(50));
    const { type, page, emulator } = stage;
    stage.screen();
    type('b');
    expect(page()).toEqual(numbers(41));
    write(emulator, `\r\n${counted(7)}`);
    expect(page()).toEqual(numbers(41));
    stage.size = { cols: 80, rows: 6 };
    expect(stage.status()).toBe('history: line 41 of 57 (78 %), 7 new, q leaves, h help');
    type('G');
    expect(page()).toEqual(numbers(3));
    expect(stage.status()).not.toContain('new');
  });

  test('shows no row of the alternate screen', () => {
    const { page } = open(`${counted(20)}\x1b[?1049h\x1b[Heditor`);
    expect(page()).toEqual(numbers(11));
  });

  test('wraps paragraphs anew to the width at hand', () => {
    const stage = open(`${'ab'.repeat(40)}\r\n中文${'x'.repeat(40)}\r\n${'\r\n'.repeat(10)}`, 33);
    stage.type('g');
    expect(stage.page().slice(0, 3)).toEqual(['ab'.repeat(15), 'ab'.repeat(15), 'ab'.repeat(10)]);
    stage.size = { cols: 41, rows: 6 };
    expect(stage.page().slice(0, 4)).toEqual([
      `${'ab'.repeat(20)}a`,
      `${'ba'.repeat(19)}b`,
      `中文${'x'.repeat(37)}`,
      'xxx',
    ]);
    stage.size = { cols: 200, rows: 6 };
    expect(stage.page().slice(0, 2)).toEqual(['ab'.repeat(40), `中文${'x'.repeat(40)}`]);
  });

  test('takes no time for a paragraph without end', () => {
    const stage = open(`${'x'.repeat(200_000)}\r\n${counted(10)}`, 20);
    stage.type('g');
    stage.type('jjj');
    expect(stage.page()[0]).toBe('x'.repeat(30));
    stage.type('G');
    expect(stage.page()).toEqual(numbers(6));
  });

  test('fits any terminal, and an empty history', () => {
    for (const output of ['', counted(20)]) {
      const stage = open(output);
      for (const size of [
        { cols: 1, rows: 1 },
        { cols: 1, rows: 2 },
        { cols: 1_000, rows: 1_000 },
      ]) {
        stage.size = size;
        for (const keys of ['', 'g', 'G', 'k', ' ', '/line\r', 'n', '/']) {
          stage.type(keys);
          expect(stage.screen().rows).toHaveLength(size.rows);
        }
        stage.type('\x1b');
      }
    }
  });
});

describe('searching', () => {
  test('goes down or up, to the next, the one before, and round', () => {
    const { type, page } = open(counted(100));
    type('g/line 3\r');
    expect(page()[0]).toBe('line 3');
    type('n');
    expect(page()[0]).toBe('line 30');
    type('n');
    expect(page()[0]).toBe('line 31');
    type('N');
    expect(page()[0]).toBe('line 30');
    type('NN');
    expect(page()[0]).toBe('line 39');
    type('?line 22\r');
    expect(page()[0]).toBe('line 22');
    type('G?5\rn');
    expect(page()[0]).toBe('line 85');
  });

  test('marks what it has found', () => {
    const { type, screen } = open(`aa needle${'\r\n'.repeat(20)}中needle`);
    type('g/needle\r');
    expect(inverted(screen(), 0)).toEqual([3, 4, 5, 6, 7, 8]);
    type('n');
    expect(inverted(screen(), 4)).toEqual([2, 3, 4, 5, 6, 7]);
    type('/中\r');
    expect(inverted(screen(), 4)).toEqual([0, 1]);
  });

  test('minds upper case only where it is asked for', () => {
    const { type, page } = open(`Error\r\nerror\r\n${counted(10)}`);
    type('g/error\r');
    expect(page()[0]).toBe('Error');
    type('j/Error\r');
    expect(page()[0]).toBe('Error');
    type('g/ERROR\r');
    expect(page()[0]).toBe('Error');
  });

  test('finds what is wrapped', () => {
    const { type, page, screen } = open(`${'-'.repeat(28)}needle${'\r\n'.repeat(9)}`);
    type('G/needle\r');
    expect(page()[0]).toBe(`${'-'.repeat(28)}ne`);
    expect([inverted(screen(), 0), inverted(screen(), 1)]).toEqual([
      [28, 29],
      [0, 1, 2, 3],
    ]);
  });

  test('says that there is none, and shows what is typed', () => {
    const { type, status, screen, page } = open(counted(10));
    type('/nonex');
    expect(status()).toBe('/nonex');
    expect(screen().modes & CURSOR_VISIBLE).toBe(CURSOR_VISIBLE);
    expect(screen().cursorCol).toBe(6);
    type('\x7f\x7f');
    expect(status()).toBe('/non');
    type('中e\u0301');
    expect(status()).toBe('/non中e');
    expect(screen().cursorCol).toBe(7);
    type('\x7f\x7f\x7f');
    type('\r');
    expect(status()).toBe('not found');
    expect(page()).toEqual(numbers(6));
    type('?\x1b');
    expect(status()).toContain('history');
  });

  test('goes on in turns, and ends with a key', () => {
    const { pager, screen, status } = open(counted(10_000));
    screen();
    pager.push(new TextEncoder().encode('?line 17\r'));
    pager.tick(7);
    expect(pager.nextTimeout(7)).toBe(7);
    expect(status()).toContain('searching for line 17');
    pager.push(new TextEncoder().encode('x'));
    expect(pager.nextTimeout(7)).toBe(Number.POSITIVE_INFINITY);
  });

  test('goes on in turns within lines without end, too', () => {
    const { pager, screen, status } = open('x'.repeat(300_000));
    screen();
    pager.push(new TextEncoder().encode('?line 17\r'));
    expect(status()).toContain('searching for line 17');
  });
});

describe('a gap', () => {
  function gapped(): Stage {
    const log = new HistoryLog(10_000);
    const stage = open(counted(20), 30, log);
    log.skipTo(log.end + 1_000);
    write(stage.emulator, `\r\n${counted(20)}`);
    return stage;
  }

  test('is a row with the number of its lines', () => {
    const { type, page } = gapped();
    type('gjjjjjjjjjjj');
    expect(page()).toEqual([...numbers(12, 4), '--- 1,000 lines are not here:']);
    type('/line 20\r');
    expect(page()).toContain('line 20');
  });

  test('may be filled without anything moving', () => {
    const { type, page, log } = gapped();
    type('g');
    for (let i = 0; !page()[0]?.startsWith('---'); i++) {
      expect(i).toBeLessThan(50);
      type('j');
    }
    const below = page().slice(1);
    log.fill(1_005, [new Uint8Array([5, 0x68, 0x65, 0x79, 0x21, 0x21])]);
    expect(page().slice(1)).toEqual(below);
  });
});

test('any keys and any output leave a page of the right size', () => {
  const key = fc.constantFrom(
    'j',
    'k',
    ' ',
    'b',
    'd',
    'u',
    'g',
    'G',
    '/',
    '?',
    'n',
    'N',
    '\r',
    '\x1b',
    '\x1b[A',
    'x',
    '中',
    '\x7f',
  );
  const step = fc.oneof(
    fc.record({ keys: fc.array(key, { maxLength: 8 }).map((keys) => keys.join('')) }),
    fc.record({
      output: fc.constantFrom(
        'x\r\n',
        `${'xy'.repeat(60)}\r\n`,
        '中'.repeat(25),
        '\x1b[?1049h',
        '\x1b[?1049l',
        '\x1b[3J',
      ),
    }),
    fc.record({ cols: fc.integer({ min: 1, max: 90 }), rows: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ skip: fc.integer({ min: 1, max: 100 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const stage = open(counted(12), 30, new HistoryLog(40));
      for (const one of steps) {
        if ('keys' in one) stage.type(one.keys);
        else if ('output' in one) write(stage.emulator, one.output);
        else if ('skip' in one) stage.log.skipTo(stage.log.end + one.skip);
        else stage.size = one;
        const screen = stage.screen();
        expect(screen.rows).toHaveLength(stage.size.rows);
        expect(screen.rows.every((row) => row.cols === stage.size.cols && row.frozen)).toBe(true);
        expect(screen.cursorCol).toBeLessThan(stage.size.cols);
      }
    }),
  );
});
