/**
 * A program on a pseudo-terminal, with nothing lost: neither what it prints as it exits, nor a paste that it is not reading yet.
 *
 * The native addon of a node-pty with prebuilt binaries is called directly, at the level of `fork`, because every node-pty loses
 * output when the program exits: the kernel's hang-up makes libuv 1.46 report the end of the stream after a short read
 * (libuv #4992), and node-pty destroys the stream 200 ms after the exit. Here the slave is kept open, so that no hang-up
 * comes; the exit is learnt from the process, and what the kernel still holds then is read to the end.
 *
 * Input goes in by plain writes that never block, tried again while the program does not read: libuv's own writes to a pty
 * block the whole loop. `room` says when more may be written, so that the rest of a paste waits at the client.
 */

import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';
import { constants as osConstants } from 'node:os';
import { ReadStream } from 'node:tty';
import type { TtyState } from '../protocol/session/shell-state.ts';
import { closeInheritableOnExec, forgetInheritable, noteInheritable } from './close-on-exec.ts';
import { LineDiscipline } from './line-discipline.ts';

/** Bytes of input that are given to the kernel at once; its own buffer for a terminal has 4,096. */
const WRITE_MAX = 4_096;
/** Bytes of the emulator's answers that may wait behind unread input; a program that reads none of them does without the rest. */
const PENDING_MAX = 64 * 1024;
/** How long to wait before a refused write is tried again: doubled from the first to the last while nothing gets through. */
const RETRY_MS_MIN = 1;
const RETRY_MS_MAX = 16;
/** What is read at most after the exit. The kernel holds some 16 KB; more would come from a program left in the background. */
const DRAIN_MAX = 1024 * 1024;
/** How long a program has to act on SIGHUP before it is killed. */
const KILL_GRACE_MS = 5_000;

/** How a program ended: `signal` is 0 unless a signal ended it. */
export interface PtyExit {
  readonly code: number;
  readonly signal: number;
}

export interface PtyOptions {
  readonly file: string;
  /** The arguments after the program's own name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly cols: number;
  readonly rows: number;
  /** Output, borrowed during the call only. To answer false stops the reading until `resume`. */
  readonly onOutput: (bytes: Uint8Array) => boolean;
  /** There is `room` again. */
  readonly onRoom: () => void;
  /** The program has ended, and all of its output was handed over. */
  readonly onExit: (exit: PtyExit) => void;
}

/** The addon's functions, as far as they are used. */
interface PtyAddon {
  fork(
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helperPath: string,
    onExit: (code: number, signal: number) => void,
  ): { fd: number; pid: number; pty: string };
  resize(fd: number, cols: number, rows: number): void;
}

let loadedAddon: PtyAddon | undefined;

/** All reads go through one buffer: each is handed over before the next begins. */
const readBuffer = new Uint8Array(64 * 1024);

export class Pty {
  /** Process id of the program, also the id of its process group and session. */
  readonly pid: number;
  readonly #options: PtyOptions;
  readonly #addon: PtyAddon;
  readonly #master: number;
  readonly #slave: number;
  readonly #stream: ReadStream;
  readonly #lineDiscipline: LineDiscipline;
  #tty: TtyState | undefined;
  #state: 'running' | 'exited' | 'closed' = 'running';
  #pending = new Uint8Array(0);
  #retryMs = RETRY_MS_MIN;
  #retryTimer: NodeJS.Timeout | undefined;
  #killTimer: NodeJS.Timeout | undefined;

  /** Starts the program. Throws when there is no pty left, or no process. */
  constructor(options: PtyOptions) {
    this.#options = options;
    this.#addon = addon();
    const { file, args } = closeInheritableOnExec(options);
    const env = Object.entries(options.env).map(([name, value]) => `${name}=${value}`);
    const { cwd, cols, rows } = options;
    const onExit = (code: number, signal: number) => this.#onExit(code, signal);
    const forked = this.#addon.fork(file, args, env, cwd, cols, rows, -1, -1, true, '', onExit);
    this.pid = forked.pid;
    this.#master = forked.fd;
    noteInheritable(this.#master);
    this.#slave = openSync(forked.pty, constants.O_RDWR | constants.O_NOCTTY);
    this.#lineDiscipline = new LineDiscipline(this.#master);
    // Passed on to net.Socket, which the types don't say.
    const reading: SocketConstructorOpts & { onread: OnReadOpts } = {
      onread: { buffer: readBuffer, callback: (length) => options.onOutput(readBuffer.subarray(0, length)) },
    };
    this.#stream = new ReadStream(this.#master, reading);
    // An error ends only the reading; the session ends when the program does.
    this.#stream.on('error', () => {});
    this.#stream.resume();
  }

  /** Bytes of input that `write` takes now; 0 while earlier ones are waiting for the program to read. */
  get room(): number {
    return this.#pending.length === 0 && this.#state === 'running' ? WRITE_MAX : 0;
  }

  /** The line discipline at this moment, and the program in the foreground; after the end as they were last. */
  get tty(): TtyState | undefined {
    if (this.#state === 'running') this.#tty = this.#lineDiscipline.look(performance.now());
    return this.#tty;
  }

  /** Input for the program, at most `room` bytes; copied where it has to wait. */
  write(bytes: Uint8Array): void {
    if (this.#state !== 'running' || bytes.length === 0) return;
    if (this.#pending.length > 0) {
      if (this.#pending.length + bytes.length <= PENDING_MAX) this.#pending = concat(this.#pending, bytes);
      return;
    }
    const written = this.#tryWrite(bytes);
    if (written === bytes.length) return;
    this.#pending = bytes.slice(written);
    this.#retryLater();
  }

  /** Goes on reading after `onOutput` has answered false. */
  resume(): void {
    if (this.#state === 'running') this.#stream.resume();
  }

  resize(cols: number, rows: number): void {
    if (this.#state === 'running') this.#addon.resize(this.#master, cols, rows);
  }

  /** Asks the program and its group to go (SIGHUP, as a closed terminal does), and makes them after `graceMs`. */
  kill(graceMs = KILL_GRACE_MS): void {
    if (this.#state !== 'running' || this.#killTimer !== undefined) return;
    signalGroup(this.pid, 'SIGHUP');
    signalGroup(this.pid, 'SIGCONT');
    this.#killTimer = setTimeout(() => signalGroup(this.pid, 'SIGKILL'), graceMs);
  }

  /** Gives the descriptors back: for the programs still on the terminal, it hangs up. The program itself should have ended. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#pending = new Uint8Array(0);
    clearTimeout(this.#retryTimer);
    forgetInheritable(this.#master);
    this.#stream.destroy();
    closeSync(this.#slave);
  }

  #tryWrite(bytes: Uint8Array): number {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#master, bytes, written);
    } catch {
      // EAGAIN: the program is not reading. Any other error is followed by the program's exit.
    }
    return written;
  }

  #retryLater(): void {
    this.#retryTimer = setTimeout(() => this.#retry(), this.#retryMs);
  }

  #retry(): void {
    if (this.#state !== 'running') return;
    const written = this.#tryWrite(this.#pending);
    this.#retryMs = written > 0 ? RETRY_MS_MIN : Math.min(this.#retryMs * 2, RETRY_MS_MAX);
    this.#pending = this.#pending.subarray(written);
    if (this.#pending.length > 0) this.#retryLater();
    else this.#options.onRoom();
  }

  #onExit(code: number, signal: number): void {
    clearTimeout(this.#killTimer);
    if (this.#state !== 'running') return;
    this.#state = 'exited';
    this.#stream.pause();
    this.#drain();
    this.close();
    this.#options.onExit({ code, signal });
  }

  /** Reads until there is nothing twice in a row: once would do, by the kernel's source; twice costs nothing. */
  #drain(): void {
    let empty = 0;
    for (let drained = 0; drained < DRAIN_MAX && empty < 2; ) {
      try {
        const length = readSync(this.#master, readBuffer);
        if (length === 0) return;
        drained += length;
        empty = 0;
        this.#options.onOutput(readBuffer.subarray(0, length));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
        empty++;
      }
    }
  }
}

/** The exit status as a shell reports it: the code, or 128 and the signal's number. */
export function exitStatus(exit: PtyExit): number {
  return exit.signal > 0 ? 128 + exit.signal : exit.code;
}

/** `SIGKILL` for 9; the number itself where it has no name. */
export function signalName(signal: number): string {
  const found = Object.entries(osConstants.signals).find(([, number]) => number === signal);
  return found?.[0] ?? `signal ${signal}`;
}

/** Signals the program's group, or the program itself as long as it has no group: just after the fork. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // ESRCH: there is none.
    }
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function addon(): PtyAddon {
  if (loadedAddon === undefined) {
    const require = createRequire(import.meta.url);
    loadedAddon = require('@homebridge/node-pty-prebuilt-multiarch/lib/prebuild-loader.js').default as PtyAddon;
  }
  return loadedAddon;
}
