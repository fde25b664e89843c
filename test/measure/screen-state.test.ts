import { afterEach, describe, expect, test } from 'vitest';
import { ScreenTerminal } from '../../bench/lab/screen-terminal.ts';
import { describeDifference, difference, isSameScreen, readScreen } from '../../bench/measure/screen-state.ts';
import { screenOf, withCell } from './script.ts';

const terminals: ScreenTerminal[] = [];

afterEach(async () => {
  await Promise.all(terminals.splice(0).map((terminal) => terminal.close()));
});

function start(script: string): ScreenTerminal {
  const terminal = new ScreenTerminal({ command: ['sh', '-c', script], cols: 10, rows: 4 });
  terminals.push(terminal);
  return terminal;
}

describe('a screen', () => {
  test('has as many cells a row as columns, whatever its characters are', async () => {
    const terminal = start("printf 'e\\314\\201x\\r\\n\\344\\270\\255y\\r\\nz'; sleep 60");
    await terminal.waitFor('z');
    const { rows, cursorRow, cursorCol } = readScreen(terminal);
    expect(rows.map(({ cells }) => cells.slice(0, 4))).toEqual([
      ['e\u0301', 'x', ' ', ' '],
      ['中', '', 'y', ' '],
      ['z', ' ', ' ', ' '],
      [' ', ' ', ' ', ' '],
    ]);
    for (const { cells, text } of rows) {
      expect(cells).toHaveLength(10);
      expect(cells.join('')).toBe(text);
    }
    expect([cursorRow, cursorCol]).toEqual([2, 1]);
  });

  test('keeps the rows that have not changed, and the cursor on the screen', async () => {
    const terminal = start("printf 'one\\r\\ntwo'; read x; printf '\\033[2;1H0123456789'; sleep 60");
    await terminal.waitFor('two');
    const before = readScreen(terminal);
    terminal.type('\r');
    await terminal.waitFor('0123456789');
    const after = readScreen(terminal, before);
    expect(after.rows[0]).toBe(before.rows[0]);
    expect(after.rows[1]?.text).toBe('0123456789');
    expect(after.cursorCol).toBe(9);
  });

  test('differs in the cells that hold something else', () => {
    const screen = screenOf(['abc', '', 'x'], 1, 2);
    const changed = withCell(withCell(screen, 0, 1, ' '), 2, 5, 'y');
    expect(difference(screen, changed)).toEqual([
      { row: 0, col: 1 },
      { row: 2, col: 5 },
    ]);
    expect(difference(screen, { ...screen, cursorCol: 3 })).toEqual([]);
    expect(isSameScreen(screen, { ...screen, cursorCol: 3 })).toBe(false);
    expect(describeDifference(changed, screen)).toBe('row 1 is "a c" instead of "abc"');
    expect(describeDifference({ ...screen, cursorCol: 3 }, screen)).toBe(
      'the cursor is at 2, 4 instead of 2, 3 (row, column)',
    );
    expect(describeDifference(screenOf(['abc', '', 'x'], 1, 2), screen)).toBeUndefined();
  });
});

describe('the frames of a terminal', () => {
  test('come with each chunk, at the time when it was read, until one stops listening', async () => {
    const terminal = start("stty raw -echo; printf 'go'; while head -c 1; do :; done");
    await terminal.waitFor('go');
    const frames: { at: number; row: string }[] = [];
    const stop = terminal.onFrame((at) => frames.push({ at, row: terminal.rowText(0).trimEnd() }));
    const typedAt = terminal.type('a');
    await terminal.waitFor('goa');
    expect(frames.map(({ row }) => row)).toEqual(['goa']);
    expect(frames[0]?.at).toBe(terminal.lastOutputAt);
    expect(frames[0]?.at).toBeGreaterThanOrEqual(typedAt);
    stop();
    terminal.type('b');
    await terminal.waitFor('goab');
    expect(frames).toHaveLength(1);
  });

  test('come with each step of a chunk to who must miss nothing', async () => {
    const terminal = start(
      "stty raw -echo; printf '^'; head -c 1 >/dev/null; printf '\\rab\\033[1;1Hc\\033[K\\033[1mde\\r\\nf\\b'; sleep 60",
    );
    await terminal.waitFor('^');
    const seen: string[] = [];
    const coarse: string[] = [];
    terminal.onFrame(() => seen.push(terminal.screenText().trimEnd()), 'step');
    terminal.onFrame(() => coarse.push(terminal.screenText().trimEnd()));
    terminal.type('x');
    await terminal.waitFor('f');
    expect(seen.filter((text, index) => text !== seen[index - 1] && text !== '^')).toEqual([
      'ab',
      'cb',
      'c',
      'cde',
      'cde\nf',
    ]);
    expect(coarse.at(-1)).toBe('cde\nf');
  });
});
