import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SCROLLBACK, HistoryLog } from '../../protocol/history/history-log.ts';
import { encodeLine } from '../../protocol/history/line-codec.ts';
import { equalRows, type Row } from '../../protocol/screen/row.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { rowText, screenText, write } from './text.ts';

const COLS = 10;

function scrolling(output: string, limit = DEFAULT_SCROLLBACK): { emulator: Emulator; log: HistoryLog } {
  const log = new HistoryLog(limit);
  const emulator = new Emulator({ cols: COLS, rows: 4, history: log });
  write(emulator, output);
  return { emulator, log };
}

function texts(log: HistoryLog): string[] {
  const lines: string[] = [];
  for (let at = log.nextLine(0); at < log.end; at = log.nextLine(at + 1)) lines.push(rowText(log.line(at)));
  return lines;
}

const counted = (count: number): string => Array.from({ length: count }, (_, i) => `${i}`).join('\r\n');

describe('what scrolls off the main screen', () => {
  test('goes into the history, once and in order', () => {
    const { emulator, log } = scrolling(counted(10));
    expect(texts(log)).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(screenText(emulator.snapshot())).toEqual(['6', '7', '8', '9']);
    expect(emulator.scrolled).toBe(6);
  });

  test('is as it was: colours, wide characters, links, wraps and marks', () => {
    const log = new HistoryLog(DEFAULT_SCROLLBACK);
    const emulator = new Emulator({ cols: COLS, rows: 4, history: log });
    write(
      emulator,
      '\x1b]133;A\x07\x1b[1;31m\u4e2d\x1b[m e\u0301\x1b]8;;u:x\x07abcdefgh\x1b]8;;\x07\r\n\x1b[44m\x1b[K\x1b[m',
    );
    const rows = emulator.snapshot().rows.slice(0, 3);
    write(emulator, '\r\n\r\n\r\n\r\n');
    rows.forEach((row, i) => {
      const line = log.line(i);
      expect(line !== undefined && equalRows(line, row), `line ${i}`).toBe(true);
    });
  });

  test('is not what scrolls on the alternate screen, below a top margin, or what a program deletes', () => {
    expect(texts(scrolling(`\x1b[?1049h${counted(10)}\x1b[?1049l`).log)).toEqual([]);
    expect(texts(scrolling(`\x1b[2;4r\x1b[2H${counted(10)}`).log)).toEqual([]);
    expect(texts(scrolling(`a\r\nb\x1b[H\x1b[2M`).log)).toEqual([]);
  });

  test('is forgotten by CSI 3 J, and the numbers go on', () => {
    const { emulator, log } = scrolling(`${counted(10)}\x1b[3J`);
    expect([texts(log), log.end]).toEqual([[], 6]);
    write(emulator, '\r\n');
    expect([texts(log), log.end]).toEqual([['6'], 7]);
  });

  test('survives a reset of the terminal', () => {
    const { emulator, log } = scrolling(`${counted(6)}\x1bc`);
    write(emulator, counted(5));
    expect(texts(log)).toEqual(['0', '1', '0']);
  });

  test('takes in what a lower screen has no room for', () => {
    const { emulator, log } = scrolling(counted(4));
    emulator.resize(COLS, 2);
    expect([texts(log), screenText(emulator.snapshot())]).toEqual([
      ['0', '1'],
      ['2', '3'],
    ]);
  });
});

describe('the log', () => {
  test('keeps the newest lines', () => {
    const { log } = scrolling(counted(5_000), 100);
    expect(log.end - log.first).toBe(100);
    expect(texts(log).at(-1)).toBe('4995');
    expect(log.line(log.first - 1)).toBeUndefined();
  });

  test('shares the rows that a snapshot has seen', () => {
    const { emulator, log } = scrolling(counted(4));
    const [first] = emulator.snapshot().rows;
    write(emulator, '\r\n');
    expect(log.shared(0)).toBe(first);
  });

  test('gives back any row', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 300 }), (text, cols) => {
        const log = new HistoryLog(DEFAULT_SCROLLBACK);
        const emulator = new Emulator({ cols, rows: 2, history: log });
        write(emulator, text);
        const before: readonly Row[] = emulator.snapshot().rows;
        const end = log.end;
        write(emulator, '\x18\x1b[r\x1b[?69l\x1b[2H\n\n');
        before.forEach((row, i) => {
          const line = log.line(end + i);
          expect(line !== undefined && equalRows(line, row)).toBe(true);
        });
      }),
    );
  });

  test('has gaps where lines were skipped', () => {
    const log = new HistoryLog(DEFAULT_SCROLLBACK);
    const row = new Emulator({ cols: 3, rows: 1 }).snapshot().rows[0];
    if (row === undefined) throw new Error('a screen has rows');
    log.push(row);
    log.skipTo(10);
    log.pushBytes(encodeLine(row));
    expect([log.nextLine(0), log.nextLine(1), log.nextLine(11), log.end]).toEqual([0, 10, 11, 11]);
    expect([log.line(0), log.line(5), log.line(10)].map((line) => line !== undefined)).toEqual([true, false, true]);
  });

  test('takes a byte a letter', () => {
    const { log } = scrolling(`${'x'.repeat(COLS - 1)}\r\n`.repeat(1_000));
    expect(log.size(0, log.end) / (log.end - log.first)).toBeLessThan(COLS + 3);
  });
});
