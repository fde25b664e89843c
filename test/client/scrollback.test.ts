/**
 * What scrolls off the remote screen, in the scrollback of the user's terminal: xterm.js stands for that, at the end of the whole way
 * (emulator, difference, patch, history, display), and is held against one that is given the program's output as it is.
 */

import xterm from '@xterm/headless';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Display } from '../../client/display.ts';
import { HistoryLog } from '../../protocol/history/history-log.ts';
import { ReceivedHistory } from '../../protocol/history/received-history.ts';
import { FULL_TERMINAL } from '../../protocol/render/capabilities.ts';
import { shellCodec } from '../../protocol/session/shell.ts';
import { blankState, type ShellState } from '../../protocol/session/shell-state.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';

const SIZE = { cols: 20, rows: 5 };
const encoder = new TextEncoder();

/** A terminal with a scrollback, written to synchronously. */
class LocalTerminal {
  readonly #terminal = new xterm.Terminal({ ...SIZE, scrollback: 5_000, allowProposedApi: true });

  write(bytes: Uint8Array): void {
    const inside = this.#terminal as unknown as { _core: { _inputHandler: { parse(data: Uint8Array): void } } };
    inside._core._inputHandler.parse(bytes.slice());
  }

  /** All lines of the main screen, those that have scrolled off first; each with a `+` if it goes on from the one before. */
  get lines(): string[] {
    const { normal } = this.#terminal.buffer;
    const lines = Array.from({ length: normal.length }, (_, y) => {
      const line = normal.getLine(y);
      return `${line?.isWrapped === true ? '+' : ''}${line?.translateToString(true).trimEnd() ?? ''}`;
    });
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  /** Those that have scrolled off. */
  get scrolled(): string[] {
    return this.lines.slice(0, this.#terminal.buffer.normal.baseY);
  }

  /** What is seen. */
  get screen(): string[] {
    const { active } = this.#terminal.buffer;
    return Array.from({ length: SIZE.rows }, (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '');
  }
}

/** A remote screen, a display that follows it, and the user's terminal. */
class World {
  readonly log = new HistoryLog(1_000);
  readonly remote = new Emulator({ ...SIZE, history: this.log });
  readonly history = new ReceivedHistory(1_000);
  readonly local = new LocalTerminal();
  readonly display: Display;
  bytes = 0;
  ready = true;
  #sent: ShellState = blankState(SIZE.cols, SIZE.rows);
  #state = this.#sent;

  constructor() {
    this.display = new Display((bytes) => {
      this.bytes += bytes.length;
      this.local.write(bytes);
      return this.ready;
    }, FULL_TERMINAL);
    this.local.write(this.display.enter(SIZE));
  }

  /** The program prints; the client sees what came of it. */
  print(text: string): void {
    this.remote.write(encoder.encode(text));
    this.look();
  }

  /** The client gets a state, and the lines that it lacks if `lines`. */
  look(lines = true): void {
    this.remote.release();
    const end = this.remote.scrolled;
    const next: ShellState = {
      ...blankState(SIZE.cols, SIZE.rows),
      screen: this.remote.snapshot(),
      scrolled: { end, first: end, rows: [], shared: (line) => this.log.shared(line) },
    };
    this.#state = shellCodec.patch(this.#state, shellCodec.diff(this.#sent, next));
    this.#sent = next;
    this.history.onState(this.#state.scrolled);
    if (lines) this.fill();
    this.draw();
  }

  fill(): void {
    for (let at = this.history.settled; at < this.history.end; at = this.history.settled) {
      const bytes = this.log.bytesOf(at);
      if (bytes === undefined) throw new Error('the server has the line');
      this.history.take({ first: at, lines: [bytes] });
    }
  }

  draw(bars: readonly string[] = []): void {
    this.display.draw(this.#state.screen, bars, SIZE, this.history);
  }
}

function count(first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, i) => `line ${first + i}\r\n`).join('');
}

/** What a terminal shows and has in its scrollback that is given the output as it is. */
function direct(...output: readonly string[]): string[] {
  const terminal = new LocalTerminal();
  for (const text of output) terminal.write(encoder.encode(text));
  return terminal.lines;
}

describe('the scrollback of the terminal', () => {
  test('has what scrolled off, once, in order, without blank lines between', () => {
    const world = new World();
    for (let i = 0; i < 40; i++) world.print(count(i, i));
    expect(world.local.lines).toEqual(direct(count(0, 39)));
    expect(world.local.lines).toHaveLength(40);
  });

  test('costs two bytes a line that was seen on the screen', () => {
    const world = new World();
    world.print(count(0, 9));
    const before = world.bytes;
    world.print('x');
    const letter = world.bytes - before;
    world.print('\r\n');
    expect(world.bytes - before - letter).toBeLessThanOrEqual(4);
  });

  test('has lines that were never seen on the screen', () => {
    const world = new World();
    world.print(count(0, 200));
    world.print(count(201, 400));
    expect(world.local.lines).toEqual(direct(count(0, 400)));
  });

  test('waits for lines that are missing, and has them in their place when they come', () => {
    const world = new World();
    world.print(count(0, 2));
    world.remote.write(encoder.encode(count(3, 20)));
    world.look(false);
    world.remote.write(encoder.encode(count(21, 22)));
    world.look(false);
    expect(world.local.screen).toEqual(['line 19', 'line 20', 'line 21', 'line 22', '']);
    expect(world.local.scrolled.length).toBeLessThan(10);
    world.fill();
    world.draw();
    expect(world.local.lines).toEqual(direct(count(0, 22)));
  });

  test('has a word where lines were left out', () => {
    const world = new World();
    world.print(count(0, 2));
    world.remote.write(encoder.encode(count(3, 30)));
    world.look(false);
    world.history.take({ first: 25, lines: [world.log.bytesOf(25) ?? encoder.encode('')] });
    world.draw();
    const gap = world.local.lines.findIndex((line) => line.startsWith('---'));
    expect([world.local.lines[gap - 1], world.local.lines[gap + 1]]).toEqual(['line 2', 'line 25']);
    expect(world.local.lines[gap]).toMatch(/^--- 22 lines/);
  });

  test('never has what the client itself says, or guesses', () => {
    const world = new World();
    world.print(count(0, 5));
    world.draw(['rove: no answer for 5 s', 'and more']);
    world.print(count(6, 20));
    expect(world.local.lines).toEqual(direct(count(0, 20)));
  });

  test('has nothing of the alternate screen, and the main screen comes back as it was', () => {
    const world = new World();
    world.print(count(0, 5));
    world.print(`\x1b[?1049h\x1b[H${count(100, 120)}`);
    expect(world.local.screen).toEqual(['line 117', 'line 118', 'line 119', 'line 120', '']);
    world.print('\x1b[?1049l$ ');
    expect(world.local.lines).toEqual(direct(count(0, 5), '$ '));
  });

  test('knows which lines are wrapped', () => {
    const world = new World();
    const long = (i: number): string => `${i}123456789${'0123456789'.repeat(4)}${i}\r\n`;
    for (let i = 0; i < 4; i++) world.print(long(i));
    expect(world.local.lines).toEqual(direct(long(0), long(1), long(2), long(3)));
    expect(world.local.lines[1]).toBe('+01234567890123456789');
  });

  test('has what stood above when the session began', () => {
    const local = new LocalTerminal();
    local.write(encoder.encode('$ ls\r\na b\r\n$ rove\r\n'));
    const display = new Display((bytes) => {
      local.write(bytes);
      return true;
    });
    local.write(display.enter(SIZE));
    const remote = new Emulator(SIZE);
    remote.write(encoder.encode('hello'));
    display.draw(remote.snapshot(), [], SIZE);
    expect(local.lines).toEqual(['$ ls', 'a b', '$ rove', 'hello']);
    local.write(display.leave());
    local.write(encoder.encode('bye'));
    expect(local.lines).toEqual(['$ ls', 'a b', '$ rove', 'hello', 'bye']);
  });

  test('gets a slice at a time, and the newest screen with each', () => {
    const world = new World();
    world.ready = false;
    world.print(count(0, 5));
    world.remote.write(encoder.encode(count(6, 900)));
    world.look();
    for (let drains = 0; drains < 5 && world.local.lines.length < 901; drains++) {
      expect(world.local.screen.slice(0, 4)).toEqual(
        drains === 0 ? world.local.screen.slice(0, 4) : [897, 898, 899, 900].map((i) => `line ${i}`),
      );
      world.display.drained();
      world.draw();
    }
    expect(world.local.lines).toEqual(direct(count(0, 900)));
  });

  test('is what a terminal has that is given the output itself, whatever was skipped and however it came', () => {
    const piece = fc.oneof(
      fc.integer({ min: 0, max: 12 }).map((lines) => '\r\n'.repeat(lines)),
      fc.stringMatching(/^[a-z ]{1,50}$/),
      fc.constantFrom(
        '\r',
        '\x1b[A',
        '\x1b[31m',
        '\x1b[m',
        '\x1b[K',
        '\x1b[2;4r',
        '\x1b[r',
        '\x1b[H',
        '\x1b[5H',
        '\x1bM',
        '\x1b[M',
        '\x1b[L',
      ),
    );
    const step = fc.record({ text: piece, look: fc.constantFrom('none', 'state', 'all'), bar: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new World();
        for (const { text, look, bar } of steps) {
          world.remote.write(encoder.encode(text));
          if (look !== 'none') world.look(look === 'all');
          if (bar) world.draw(['rove']);
        }
        world.look();
        const expected = new LocalTerminal();
        for (const { text } of steps) expected.write(encoder.encode(text));
        // Whether an empty row goes on from another is nothing that anybody sees.
        const plain = (lines: readonly string[]): string =>
          lines
            .map((line) => line.replace(/^\+/, ''))
            .join('\n')
            .trimEnd();
        expect(plain(world.local.lines)).toEqual(plain(expected.lines));
      }),
      { numRuns: 400 },
    );
  });
});
