/**
 * The scrollback of the user's terminal when that is resized: xterm.js stands for it, which, as most do, keeps the bottom of its main
 * screen and moves rows between the top of that and its scrollback.
 */

import xterm from '@xterm/headless';
import { describe, expect, test } from 'vitest';
import { Display } from '../../client/display.ts';
import { HistoryLog } from '../../protocol/history/history-log.ts';
import { ReceivedHistory } from '../../protocol/history/received-history.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';

const encoder = new TextEncoder();

/**
 * What the program prints, or the number of rows that the terminal gets, and what the program prints before it hears of that; or what it
 * prints of which the lines that scroll off come last of all; or numbers of rows between which nothing is drawn.
 */
type Step =
  | string
  | number
  | { readonly rows: number; readonly meanwhile: string }
  | { readonly late: string }
  | { readonly undrawn: readonly number[] };

/** All lines of the main screen and its scrollback after `before`, a session's start and its steps. */
function linesAfter(before: string, steps: readonly Step[]): string[] {
  const { normal } = terminalAfter(before, steps).buffer;
  const lines = Array.from({ length: normal.length }, (_, y) => normal.getLine(y)?.translateToString(true) ?? '');
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

function terminalAfter(before: string, steps: readonly Step[]): xterm.Terminal {
  let size = { cols: 20, rows: 6 };
  const log = new HistoryLog(1_000);
  const remote = new Emulator({ ...size, history: log });
  const history = new ReceivedHistory(1_000);
  const terminal = new xterm.Terminal({ ...size, scrollback: 1_000, allowProposedApi: true });
  const inside = terminal as unknown as { _core: { _inputHandler: { parse(data: Uint8Array): void } } };
  const write = (bytes: Uint8Array): boolean => {
    inside._core._inputHandler.parse(bytes.slice());
    return true;
  };
  write(encoder.encode(before));
  const display = new Display(write);
  write(display.enter(size));
  for (const step of steps) {
    if (typeof step === 'string') {
      remote.write(encoder.encode(step));
    } else if (typeof step === 'object' && 'late' in step) {
      remote.write(encoder.encode(step.late));
      history.onState({ end: remote.scrolled, first: history.end, rows: [] });
    } else if (typeof step === 'object' && 'undrawn' in step) {
      for (const rows of step.undrawn) {
        size = { ...size, rows };
        terminal.resize(size.cols, size.rows);
        display.resized(size);
      }
      // Sizes that come at once are told of as one.
      remote.resize(size.cols, size.rows);
    } else {
      const { rows, meanwhile } = typeof step === 'number' ? { rows: step, meanwhile: '' } : step;
      size = { ...size, rows };
      terminal.resize(size.cols, size.rows);
      display.draw(remote.snapshot(), [], size, history);
      remote.write(encoder.encode(meanwhile));
      remote.resize(size.cols, size.rows);
    }
    const end = remote.scrolled;
    const rows = Array.from({ length: end - history.end }, (_, i) => log.line(history.end + i)).filter((row) => !!row);
    history.onState({ end, first: end - rows.length, rows });
    display.draw(remote.snapshot(), [], size, history);
  }
  for (let at = history.settled; at < history.end; at = history.settled) {
    history.take({ first: at, lines: [log.bytesOf(at) ?? new Uint8Array(0)] });
  }
  display.draw(remote.snapshot(), [], size, history);
  return terminal;
}

/** The rows of the screen that is shown, and where the cursor is. */
function pictureAfter(before: string, steps: readonly Step[]): { rows: string[]; x: number; y: number } {
  const terminal = terminalAfter(before, steps);
  const { active } = terminal.buffer;
  const rows = Array.from(
    { length: terminal.rows },
    (_, y) =>
      active
        .getLine(active.baseY + y)
        ?.translateToString(true)
        .trimEnd() ?? '',
  );
  return { rows, x: active.cursorX, y: active.cursorY };
}

function count(name: string, lines: number): string {
  return Array.from({ length: lines }, (_, i) => `${name} ${i}\r\n`).join('');
}

describe('the scrollback of a terminal', () => {
  const own = count('own', 8);
  const whole = [...`${own}${count('line', 10)}`.trimEnd().split('\r\n'), '$ next', '$'];

  test.each<readonly [string, readonly Step[]]>([
    ['becomes lower', [4]],
    ['becomes higher', [9]],
    ['becomes lower and higher again', [4, 6]],
    ['becomes higher and lower again', [9, 6]],
  ])('has every line once when it %s', (_, sizes) => {
    expect(linesAfter(own, [count('line', 10), '$ ', ...sizes, 'next\r\n$ '])).toEqual(whole);
  });

  test.each<readonly [string, readonly Step[]]>([
    ['becomes lower', [4]],
    ['becomes higher', [9]],
    ['becomes lower and higher again', [4, 6]],
    ['becomes higher and lower again', [9, 6]],
    ['becomes lower and lower', [5, 4]],
  ])('has every line once when it %s while the alternate screen is shown', (_, sizes) => {
    const steps = [count('line', 10), '$ ', '\x1b[?1049h\x1b[Hin an editor', ...sizes, '\x1b[?1049l', 'next\r\n$ '];
    expect(linesAfter(own, steps)).toEqual(whole);
  });

  test('keeps what the user had there when it becomes higher before anything has scrolled off', () => {
    const lines = linesAfter(own, [count('line', 5), '$ ', 9, 'next\r\n$ ']);
    expect(lines).toEqual([...`${own}${count('line', 5)}`.trimEnd().split('\r\n'), '$ next', '$']);
  });

  test('has lines twice rather than not at all when a program takes its screen back before it hears of the size', () => {
    const steps = [count('line', 10), '$ ', { rows: 4, meanwhile: '\x1b[H\x1b[J' }, count('late', 6)];
    // What the program has erased before is no one's.
    const left = `${own}${count('line', 5)}${count('late', 6)}`.trimEnd().split('\r\n');
    expect(linesAfter(own, steps)).toEqual(expect.arrayContaining(left));
  });

  test('has every line when it becomes lower while lines are on their way', () => {
    const steps = [{ late: count('line', 10) }, '\x1b[?1049h\x1b[Hin an editor', 4, '\x1b[?1049l', 'next\r\n$ '];
    const lines = linesAfter('', steps);
    for (let i = 0; i < 10; i++) expect(lines).toContain(`line ${i}`);
  });

  test.each<readonly [string, readonly number[]]>([
    ['becomes lower and higher again', [4, 6]],
    ['becomes higher and lower again', [9, 6]],
    ['becomes lower, lower and higher', [5, 3, 8]],
    ['becomes a single row and as high as before', [1, 6]],
  ])('has every line once when it %s before anything could be drawn', (_, undrawn) => {
    expect(linesAfter(own, [count('line', 10), '$ ', { undrawn }, 'next\r\n$ '])).toEqual(whole);
    const editor = [count('line', 10), '$ ', '\x1b[?1049h\x1b[Hin an editor', { undrawn }];
    expect(linesAfter(own, [...editor, '\x1b[?1049l', 'next\r\n$ '])).toEqual(whole);
  });
});

test.each<readonly [string, string]>([
  ['main', ''],
  ['alternate', '\x1b[?1049h\x1b[H'],
])('the %s screen is whole when sizes came before anything could be drawn', (_, enter) => {
  for (const undrawn of [[4, 6], [9, 6], [1, 6], [2, 5, 6], [6]]) {
    const steps = [count('line', 10), enter, '\x1b[H\x1b[Jone\r\ntwo\r\nthree\r\nfour\x1b[2;4H', { undrawn }, '!'];
    expect(pictureAfter('', steps)).toEqual({ rows: ['one', 'two!', 'three', 'four', '', ''], x: 4, y: 1 });
  }
});
