/**
 * A program in a real pseudo-terminal, with a real terminal emulator for its screen, typed into and looked at as a user
 * would: what it prints is parsed at once, what the terminal answers goes back, and whoever waits for something to stand on
 * the screen is woken by the byte that put it there.
 *
 * The emulator is @xterm/headless and not rove's own: what is measured or tested must not be its own yardstick.
 */

import { performance } from 'node:perf_hooks';
import process from 'node:process';
import xterm, { type IBufferCell, type Terminal } from '@xterm/headless';
import { exitStatus, Pty } from '../../server/pty.ts';

export interface ScreenTerminalOptions {
  /** The program and its arguments, looked up on the PATH. */
  readonly command: readonly string[];
  /** Exactly this; TERM and LANG are there if it names no others. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly cols?: number;
  readonly rows?: number;
}

/** What to wait for: a text on one row of the screen, a pattern on the screen as text, or anything else about it. */
export type Expectation = string | RegExp | ((terminal: ScreenTerminal) => boolean);

interface Waiter {
  readonly isMet: () => boolean;
  readonly settle: (outcome: number | Error) => void;
}

/** Called with when, by performance.now(), what changed the screen was read; the screen may be looked at during the call. */
export type FrameListener = (at: number) => void;

/**
 * How often a listener looks: after each chunk that was read, as a user would; or after each step within it, a run of letters or a
 * single control sequence, so that nothing which the screen held for an instant is missed.
 */
export type FrameGrain = 'chunk' | 'step';

/** The end of what was printed, kept raw: enough for what a program does as it leaves. */
const TAIL_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;

export class ScreenTerminal {
  /** When, by performance.now(), the last output came. */
  lastOutputAt = Number.NEGATIVE_INFINITY;
  /** Bytes printed so far. */
  outputBytes = 0;
  /** The exit status as a shell sees it: 128 and the signal's number after a signal. */
  readonly exited: Promise<number>;
  readonly #terminal: Terminal;
  readonly #pty: Pty;
  readonly #waiters = new Set<Waiter>();
  readonly #listeners: Readonly<Record<FrameGrain, Set<FrameListener>>> = { chunk: new Set(), step: new Set() };
  #status: number | undefined;
  #typed: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);

  /** Starts the program. Throws when there is no pty left, or no process. */
  constructor(options: ScreenTerminalOptions) {
    const { cols = 80, rows = 24 } = options;
    const [file = '', ...args] = options.command;
    this.#terminal = new xterm.Terminal({ cols, rows, scrollback: 1000, allowProposedApi: true });
    this.#terminal.onData((reply) => this.#send(Buffer.from(reply, 'utf8')));
    this.#terminal.onBinary((reply) => this.#send(Buffer.from(reply, 'latin1')));
    let exit: (status: number) => void = () => {};
    this.exited = new Promise((resolve) => {
      exit = resolve;
    });
    // As terminals that are made of xterm.js say of themselves.
    const terminal = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };
    const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', ...terminal, LANG: 'C.UTF-8', ...options.env };
    this.#pty = new Pty({
      file,
      args,
      env,
      cwd: options.cwd ?? process.cwd(),
      cols,
      rows,
      onOutput: (bytes) => this.#onOutput(bytes),
      onRoom: () => this.#pump(),
      onExit: (ended) => {
        this.#status = exitStatus(ended);
        exit(this.#status);
        this.#wake();
      },
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** The exit status, once the program has ended. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Types: what comes from a keyboard is bytes, so `\r` is Enter and `\x03` is Ctrl-C. Gives the moment, as `waitFor` does. */
  type(keys: string | Uint8Array): number {
    const at = performance.now();
    this.#send(Buffer.from(keys));
    return at;
  }

  get size(): { readonly cols: number; readonly rows: number } {
    return { cols: this.#terminal.cols, rows: this.#terminal.rows };
  }

  /**
   * Tells the listener of every change that is read, until the function that it gives is called. Output is stamped, parsed, shown to
   * the listeners, in this order; a slow listener delays the reading of what comes next.
   */
  onFrame(listener: FrameListener, grain: FrameGrain = 'chunk'): () => void {
    // A function of its own, so that the same listener can be given twice.
    const told: FrameListener = (at) => listener(at);
    this.#listeners[grain].add(told);
    return () => this.#listeners[grain].delete(told);
  }

  /** One row with its blanks, a wide character once: what `rowCells` joined is, and cheap. */
  rowText(row: number): string {
    const buffer = this.#terminal.buffer.active;
    return buffer.getLine(buffer.baseY + row)?.translateToString(false, 0, this.#terminal.cols) ?? '';
  }

  /** What each cell of a row holds: a blank is a space, the second half of a wide character is empty. */
  rowCells(row: number): readonly string[] {
    const buffer = this.#terminal.buffer.active;
    const line = buffer.getLine(buffer.baseY + row);
    return Array.from({ length: this.#terminal.cols }, (_, col) => {
      const cell = line?.getCell(col);
      return cell?.getWidth() === 0 ? '' : cell?.getChars() || ' ';
    });
  }

  /** The rows of the screen, blanks at their ends cut off, joined by line feeds. */
  screenText(): string {
    return this.rows().join('\n');
  }

  /** The rows of the screen, blanks at their ends cut off. */
  rows(): readonly string[] {
    const buffer = this.#terminal.buffer.active;
    return Array.from(
      { length: this.#terminal.rows },
      (_, row) =>
        buffer
          .getLine(buffer.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? '',
    );
  }

  /** All rows that have been seen, those that scrolled away first (the last 1,000 of them), without blank ends. */
  history(): readonly string[] {
    const buffer = this.#terminal.buffer.active;
    return Array.from(
      { length: buffer.length },
      (_, row) => buffer.getLine(row)?.translateToString(true).trimEnd() ?? '',
    );
  }

  /** The screen with its colours and the cursor: equal for two terminals that look the same, on whichever screen. */
  picture(): string {
    const buffer = this.#terminal.buffer.active;
    const cell = buffer.getNullCell();
    const lines = Array.from({ length: this.#terminal.rows }, (_, row) => {
      const line = buffer.getLine(buffer.baseY + row);
      let drawn = '';
      let last = '';
      for (let x = 0; x < this.#terminal.cols; x++) {
        if (line?.getCell(x, cell) === undefined || cell.getWidth() === 0) continue;
        const style = rendition(cell);
        if (style !== last) drawn += `<${style}>`;
        last = style;
        drawn += cell.getChars() || ' ';
      }
      return drawn.trimEnd();
    });
    const { x, y } = this.cursor;
    return [...lines, `cursor ${x},${y}`].join('\n');
  }

  get cursor(): { readonly x: number; readonly y: number } {
    const buffer = this.#terminal.buffer.active;
    return { x: buffer.cursorX, y: buffer.cursorY };
  }

  /** Whether the alternate screen is shown: vim's, not the shell's. */
  get isAlternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  /** The modes that a program could leave behind. */
  get modes(): Terminal['modes'] {
    return this.#terminal.modes;
  }

  /** The end of the raw output, as Latin-1 so that each byte is a letter. */
  tail(): string {
    return this.#tail.toString('latin1');
  }

  /**
   * When, by performance.now(), the expectation was first seen met. Rejects, with the screen in its message, after `timeoutMs`
   * or when the program ends without it.
   */
  waitFor(expected: Expectation, timeoutMs = TIMEOUT_MS): Promise<number> {
    const isMet = (): boolean => this.#meets(expected);
    return new Promise((resolve, reject) => {
      if (isMet()) {
        resolve(Math.max(this.lastOutputAt, 0));
        return;
      }
      const fail = (why: string): Error => new Error(`${why}: ${describe(expected)}\n${this.#framed()}`);
      if (this.#status !== undefined) {
        reject(fail(`the program ended with ${this.#status} before it showed`));
        return;
      }
      const timer = setTimeout(() => waiter.settle(fail(`not seen within ${timeoutMs} ms`)), timeoutMs);
      const waiter: Waiter = {
        isMet,
        settle: (outcome) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          if (typeof outcome === 'number') resolve(outcome);
          else
            reject(
              this.#status === undefined ? outcome : fail(`the program ended with ${this.#status} before it showed`),
            );
        },
      };
      this.#waiters.add(waiter);
    });
  }

  resize(cols: number, rows: number): void {
    this.#terminal.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  /** Ends the program if it has not ended, and waits until it has. */
  async close(): Promise<void> {
    if (this.#status === undefined) this.#pty.kill(500);
    await this.exited;
    this.#terminal.dispose();
  }

  #meets(expected: Expectation): boolean {
    if (typeof expected === 'function') return expected(this);
    return typeof expected === 'string'
      ? this.rows().some((row) => row.includes(expected))
      : expected.test(this.screenText());
  }

  #send(bytes: Buffer): void {
    if (bytes.length === 0 || this.#status !== undefined) return;
    this.#typed = this.#typed.length === 0 ? bytes : Buffer.concat([this.#typed, bytes]);
    this.#pump();
  }

  /** Gives the pty as much of what was typed as it takes. */
  #pump(): void {
    while (this.#typed.length > 0 && this.#pty.room > 0) {
      const part = this.#typed.subarray(0, this.#pty.room);
      this.#typed = this.#typed.subarray(part.length);
      this.#pty.write(part);
    }
  }

  #onOutput(bytes: Uint8Array): boolean {
    const at = performance.now();
    this.lastOutputAt = at;
    this.outputBytes += bytes.length;
    const kept = Buffer.concat([this.#tail, bytes]);
    this.#tail = kept.length > TAIL_BYTES ? kept.subarray(kept.length - TAIL_BYTES) : kept;
    const parts = this.#listeners.step.size === 0 ? [bytes.slice()] : stepsOf(bytes);
    for (const [index, part] of parts.entries()) {
      // xterm parses at once what comes after a key (even an empty one), and a millisecond later else.
      this.#terminal.input('', true);
      this.#terminal.write(part, () => {
        for (const listener of this.#listeners.step) listener(at);
        if (index === parts.length - 1) this.#onChunkParsed(at);
      });
    }
    return true;
  }

  #onChunkParsed(at: number): void {
    for (const listener of this.#listeners.chunk) listener(at);
    this.#wake();
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) {
      if (waiter.isMet()) waiter.settle(this.lastOutputAt);
      else if (this.#status !== undefined) waiter.settle(new Error('the program ended'));
    }
  }

  #framed(): string {
    const rule = '-'.repeat(this.#terminal.cols);
    return [rule, ...this.rows(), rule].join('\n');
  }
}

/** Escape and what follows, up to a control sequence's end; a run of letters; any other control character. */
// The parser goes on where it was, wherever the output is cut: a cut in the middle of something rarer does no harm.
const STEP = /\x1b(?:\[[0-?]*[ -/]*[@-~]?|[^[])?|[^\x00-\x1f\x7f]+|[\x00-\x1a\x1c-\x1f\x7f]/g;

/** The output in its steps, copied. */
function stepsOf(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from(Buffer.from(bytes).toString('latin1').matchAll(STEP), ([step]) => Buffer.from(step, 'latin1'));
}

/** How a cell is drawn, in a few letters; empty for the default. */
function rendition(cell: IBufferCell): string {
  if (cell.isAttributeDefault()) return '';
  const flags: readonly (readonly [number | boolean, string])[] = [
    [cell.isBold(), 'bold'],
    [cell.isDim(), 'dim'],
    [cell.isItalic(), 'italic'],
    [cell.isUnderline(), 'underline'],
    [cell.isBlink(), 'blink'],
    [cell.isInverse(), 'inverse'],
    [cell.isInvisible(), 'invisible'],
    [cell.isStrikethrough(), 'strike'],
    [!cell.isFgDefault(), `${cell.isFgRGB() ? 'fg#' : 'fg'}${cell.getFgColor()}`],
    [!cell.isBgDefault(), `${cell.isBgRGB() ? 'bg#' : 'bg'}${cell.getBgColor()}`],
  ];
  return flags.flatMap(([isSet, name]) => (isSet ? [name] : [])).join(' ');
}

function describe(expected: Expectation): string {
  return typeof expected === 'function' ? 'what was waited for' : `${expected}`;
}
