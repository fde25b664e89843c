/**
 * The user's terminal: raw while a session is on it, and given back at every way out.
 *
 * Output goes through a descriptor of our own that never blocks. Node's own stream for a terminal does block, and then a user who
 * stops the output, or a slow line, would stop the whole session. What the terminal does not take yet is kept; until it has
 * gone, `write` is not to be called, so that at most one frame waits and the ones between are never drawn
 * (the last of all may join it).
 */

import { constants, openSync, writeSync } from 'node:fs';
import { MAX_SIDE } from '../protocol/screen/screen.ts';

/** What a terminal reports, from `open` to `close`. */
export interface TerminalEvents {
  /** Keys; the bytes are the receiver's. */
  readonly onInput: (bytes: Uint8Array) => void;
  /** It may have another size, or had one for a moment. */
  readonly onResize: () => void;
  /** The terminal is ready for another `write` after one that answered false. */
  readonly onDrain: () => void;
  /** The terminal is gone. */
  readonly onLost: () => void;
  /** What gives it back as it was: asked for when it is closed, by whatever way. */
  readonly parting: () => Uint8Array;
}

/** What a session needs of a terminal. Tests have one without a tty. */
export interface Terminal {
  /** Its size now, in cells. */
  readonly size: TerminalSize;
  /** Takes the terminal over: raw. Again, after others may have used it. */
  open(events: TerminalEvents): void;
  /** Shows bytes; false when not all of them are out yet. Not to be called then, until `onDrain`. */
  write(bytes: Uint8Array): boolean;
  /** Stops the reading of keys, and goes on with it. */
  pause(): void;
  resume(): void;
  /** Gives the terminal back as it was. Can be opened again. */
  close(): void;
}

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** A terminal that does not know its size, as a serial line. */
const FALLBACK_SIZE: TerminalSize = { cols: 80, rows: 24 };
/** How long to wait before a terminal that takes no more is tried again: doubled from the first to the last while it does not. */
const RETRY_MS_MIN = 2;
const RETRY_MS_MAX = 32;
/** How long the last bytes may hold up the end of the program, in ms, when the terminal takes none. */
const LAST_WORDS_MS = 300;
const LAST_WORDS_STEP_MS = 10;

/** The terminal on standard input and output. */
export class Tty implements Terminal {
  readonly #output: number;
  #events: TerminalEvents | undefined;
  #pending: Uint8Array = new Uint8Array(0);
  #retryMs = RETRY_MS_MIN;
  #retryTimer: NodeJS.Timeout | undefined;

  /** Whether standard input and output are a terminal, which a session needs. */
  static isThere(): boolean {
    return process.stdin.isTTY === true && process.stdout.isTTY === true;
  }

  constructor() {
    this.#output = openOutput();
  }

  get size(): TerminalSize {
    return usableSize(process.stdout.columns, process.stdout.rows);
  }

  open(events: TerminalEvents): void {
    const known = this.#events !== undefined;
    this.#events = events;
    // Off and on again: after the program was stopped, Node takes a terminal for raw that the shell has changed.
    process.stdin.setRawMode(false);
    process.stdin.setRawMode(true);
    if (!known) {
      process.stdin.on('data', this.#onData);
      process.stdin.on('end', this.#onEnd);
      process.stdin.on('error', this.#onEnd);
      // Node tells of no size that is the one before, though the terminal may have had another for a moment; it has looked before this
      // is called, since it began to listen when standard output was first asked for.
      if (process.stdout.isTTY) process.on('SIGWINCH', this.#onResize);
      process.stdin.resume();
    }
  }

  write(bytes: Uint8Array): boolean {
    this.#pending = this.#pending.length === 0 ? bytes : join(this.#pending, bytes);
    return this.#flush();
  }

  pause(): void {
    process.stdin.pause();
  }

  resume(): void {
    process.stdin.resume();
  }

  /** Works while the program is going down, too: synchronous, and throws nothing. */
  close(): void {
    const events = this.#events;
    if (events === undefined) return;
    this.#events = undefined;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    process.stdin.off('data', this.#onData);
    process.stdin.off('end', this.#onEnd);
    process.stdin.off('error', this.#onEnd);
    process.stdin.on('error', () => undefined);
    process.off('SIGWINCH', this.#onResize);
    // What the terminal has begun to read it has to be given the rest of, or it takes our last bytes for that.
    this.#writeLast(join(this.#pending, events.parting()));
    this.#pending = new Uint8Array(0);
    try {
      process.stdin.setRawMode(false);
      process.stdin.pause();
    } catch {
      // The terminal is gone, and with it what there was to restore.
    }
  }

  // Node looks at signals after all that can be read. Whoever looks late finds a new size and keys typed after it at once, and a program
  // that gets the keys first prints for the old size: so keys wait until the signals of the same look have been told of.
  readonly #onData = (bytes: Uint8Array): unknown => setImmediate(() => this.#events?.onInput(bytes));
  readonly #onEnd = (): unknown => setImmediate(this.#onLost);
  readonly #onResize = (): void => this.#events?.onResize();
  readonly #onLost = (): void => this.#events?.onLost();

  /** Writes what the terminal takes; true if that was all. */
  #flush(): boolean {
    try {
      while (this.#pending.length > 0) {
        const written = writeSync(this.#output, this.#pending);
        this.#pending = this.#pending.subarray(written);
        this.#retryMs = RETRY_MS_MIN;
      }
      return true;
    } catch (error) {
      if (!isFull(error)) {
        this.#pending = new Uint8Array(0);
        setImmediate(this.#onLost);
        return true;
      }
      this.#retryTimer ??= setTimeout(() => this.#retry(), this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS_MAX);
      return false;
    }
  }

  #retry(): void {
    this.#retryTimer = undefined;
    if (this.#flush()) this.#events?.onDrain();
  }

  #writeLast(bytes: Uint8Array): void {
    let left = bytes;
    let waitedMs = 0;
    while (left.length > 0 && waitedMs < LAST_WORDS_MS) {
      try {
        left = left.subarray(writeSync(this.#output, left));
      } catch (error) {
        if (!isFull(error)) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_WORDS_STEP_MS);
        waitedMs += LAST_WORDS_STEP_MS;
      }
    }
  }
}

/** A size that a screen can have, of what the terminal says; zeros and nothing at all mean that it does not know. */
export function usableSize(cols: number | undefined, rows: number | undefined): TerminalSize {
  if (!cols || !rows) return FALLBACK_SIZE;
  return { cols: Math.min(cols, MAX_SIDE), rows: Math.min(rows, MAX_SIDE) };
}

/** A descriptor of standard output's terminal that is ours alone, so that others see nothing of its never blocking. */
function openOutput(): number {
  for (const file of ['/proc/self/fd/1', '/dev/tty']) {
    try {
      return openSync(file, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    } catch {
      // Not on this system, or not for this user: the next.
    }
  }
  return 1;
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
