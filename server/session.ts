/**
 * One session's loop: pty to emulator to core to UDP, and the user's keys the other way. Whatever happens only marks the session
 * as due; the pump runs once for it all, before the event loop waits again: tick, hand input to the program while it has room,
 * send until there is nothing to send, arm the one timer.
 *
 * Every entry is guarded: a session in which something throws is ended and logged, and the daemon's others go on.
 */

import type { Random } from '../protocol/crypto/random.ts';
import { HistoryLog } from '../protocol/history/history-log.ts';
import type { Screen } from '../protocol/screen/screen.ts';
import { ShellServer } from '../protocol/session/shell-server.ts';
import type { TtyState } from '../protocol/session/shell-state.ts';
import { Emulator } from '../protocol/terminal/emulator.ts';
import type { Program } from './environment.ts';
import { nextLookAt } from './line-discipline.ts';
import { logError } from './log.ts';
import { exitStatus, Pty, type PtyExit, signalName } from './pty.ts';
import type { Turn } from './turn.ts';

/** A client that has not come by then never will: SSH has just shown that it is there. */
const ARRIVAL_MS_MAX = 60_000;
/** How long an ended session waits for a sleeping client, so that it hears how its program ended. */
const ENDED_MS_MAX = 3_600_000;
/** How long a session killed from the server waits for its client to hear of it. */
const KILLED_MS_MAX = 3_000;
/** Datagrams sent in one pump; the next follows at once. The core's pacing stays far below. */
const SENDS_MAX = 256;
/** How long a program may hold its screen back (mode 2026), in ms: as long as other terminals let it. */
const HELD_MS_MAX = 150;
/** After so long without output or keys, in ms, lines of the history are made small … */
const QUIET_MS = 100;
/** … this many in one go: about a millisecond's work. */
const COMPACTED_MAX = 500;
/** Node's longest timer. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** The exit status of a program that was hung up: 128 and SIGHUP's number, as shells have it. */
const HUNG_UP_STATUS = 129;

export interface SessionOptions {
  /** The connection id, in hex. */
  readonly id: string;
  readonly connectionId: Uint8Array;
  /** The agreed root secret. */
  readonly secret: Uint8Array;
  readonly random: Random;
  readonly program: Program;
  readonly cols: number;
  readonly rows: number;
  /** How long the session is kept without its client, in ms; for ever if undefined. */
  readonly keepMs: number | undefined;
  /** Lines kept of what has scrolled off; 0 none. */
  readonly scrollback: number;
  readonly turn: Turn;
  readonly send: (datagram: Uint8Array, path: string, onError: (code: string) => void) => void;
  /** Called once, when there is nothing left of the session. */
  readonly onOver: () => void;
}

/**
 * running: the program runs. ending: it has ended or is being killed, and the client is still to be told, until `until`.
 * failing: the same after something threw; output and keys are no longer looked at. broken: that threw too, and only the
 * program's end is waited for. over: nothing is left.
 */
type Life =
  | { readonly kind: 'running' }
  | { readonly kind: 'ending' | 'failing'; readonly until: number }
  | { readonly kind: 'broken' }
  | { readonly kind: 'over' };

/** What `rove-server list` shows. */
export interface SessionInfo {
  readonly id: string;
  readonly pid: number;
  readonly state: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly client: string | undefined;
  readonly silentMs: number;
  readonly cols: number;
  readonly rows: number;
  readonly title: string;
}

export class Session {
  readonly id: string;
  readonly #options: SessionOptions;
  readonly #core: ShellServer;
  readonly #emulator: Emulator;
  readonly #history: HistoryLog | undefined;
  readonly #pty: Pty;
  readonly #startedAt = Date.now();
  #life: Life = { kind: 'running' };
  #programGone = false;
  /** The reading was stopped because the turn's share was used up. */
  #paused = false;
  /** As this pump found it: later than the output that it shows. */
  #tty: TtyState | undefined;
  /** Something was read or written since the last pump … */
  #stirred = true;
  /** … and when that was so last. */
  #stirredAt = 0;
  /** The screen that is shown while the program draws the next behind it, and since when. */
  #held: { readonly screen: Screen; readonly since: number } | undefined;
  #due: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Starts the program. Throws when that can't be done. */
  constructor(options: SessionOptions) {
    const { program, cols, rows } = options;
    this.id = options.id;
    this.#options = options;
    const log = options.scrollback > 0 ? new HistoryLog(options.scrollback, { lazy: true }) : undefined;
    this.#history = log;
    this.#emulator = new Emulator({ cols, rows, ...(log === undefined ? {} : { history: log }) });
    this.#core = new ShellServer({
      now: performance.now(),
      connectionId: options.connectionId,
      secret: options.secret,
      random: options.random,
      snapshot: () => this.#emulator.snapshot(),
      held: () => this.#emulator.held !== undefined,
      tty: () => this.#tty,
      ...(log === undefined ? {} : { history: { log, scrolled: () => this.#emulator.scrolled } }),
      cols,
      rows,
    });
    const previous = process.umask(program.umask);
    try {
      this.#pty = new Pty({
        ...program,
        cols,
        rows,
        onOutput: (bytes) => this.#onOutput(bytes),
        onRoom: () => this.#schedule(),
        onExit: (exit) => this.#onExit(exit),
      });
    } finally {
      process.umask(previous);
    }
    this.#schedule();
  }

  /** Takes a datagram that names this session; says whether it was a true one. */
  receive(datagram: Uint8Array, path: string): boolean {
    let reason: string | undefined = 'broken';
    this.#guard(() => {
      reason = this.#core.receive(performance.now(), datagram, path);
      // What is dropped changes nothing, and a flood of it should cost no more than that.
      if (reason === undefined) this.#schedule();
    });
    return reason === undefined;
  }

  /** Ends the program, tells the client why, and leaves soon. */
  kill(reason: string): void {
    this.#guard(() => {
      this.#core.end(HUNG_UP_STATUS, reason);
      this.#endBy(performance.now() + KILLED_MS_MAX);
      this.#pty.kill();
      this.#schedule();
    });
  }

  get info(): SessionInfo {
    const { cols, rows, title } = this.#emulator.snapshot();
    return {
      id: this.id,
      pid: this.#pty.pid,
      state: this.#life.kind === 'running' ? this.#core.phase : this.#life.kind,
      startedAt: this.#startedAt,
      client: this.#core.connection.currentPath,
      silentMs: Math.round(performance.now() - this.#core.lastHeardAt),
      cols,
      rows: rows.length,
      title,
    };
  }

  #onOutput(bytes: Uint8Array): boolean {
    let goOn = true;
    if (this.#life.kind === 'failing') return goOn;
    this.#guard(() => {
      this.#stirred = true;
      this.#emulator.write(bytes);
      this.#answer();
      this.#core.screenChanged();
      goOn = !this.#options.turn.over();
      this.#paused ||= !goOn;
      this.#schedule();
    });
    return goOn;
  }

  #onExit(exit: PtyExit): void {
    this.#programGone = true;
    if (this.#life.kind === 'broken') this.#leave();
    this.#guard(() => {
      this.#emulator.release();
      const waiting = this.#core.phase === 'waiting';
      this.#core.end(exitStatus(exit), exit.signal > 0 ? `The program was ended by ${signalName(exit.signal)}` : '');
      if (this.#life.kind === 'running') {
        const keptMs = Math.min(ENDED_MS_MAX, waiting ? ARRIVAL_MS_MAX : (this.#options.keepMs ?? ENDED_MS_MAX));
        this.#endBy(performance.now() + keptMs);
      }
      this.#schedule();
    });
  }

  /** Has the pump run before the event loop waits. */
  #schedule(): void {
    this.#due ??= setImmediate(() => {
      this.#due = undefined;
      this.#guard(() => this.#pump());
    });
  }

  #pump(): void {
    const now = performance.now();
    // First of all: the program begins with the key while the rest is done.
    this.#feed(now);
    this.#tty = this.#pty.tty;
    this.#watchHeld(now);
    this.#core.tick(now);
    this.#hurryOn(now);
    if (this.#stirred) this.#stirredAt = now;
    this.#stirred = false;
    if (now >= this.#stirredAt + QUIET_MS) this.#history?.compact(COMPACTED_MAX);
    this.#transmit(now);
    if (this.#paused) {
      this.#paused = false;
      this.#pty.resume();
    }
    if (this.#isDone(now)) this.#leave();
    else this.#arm(now);
  }

  /** Shows what a program has been drawing behind the held screen for too long. */
  #watchHeld(now: number): void {
    const { held } = this.#emulator;
    if (held !== this.#held?.screen) this.#held = held && { screen: held, since: now };
    if (this.#held === undefined || now < this.#held.since + HELD_MS_MAX) return;
    this.#held = undefined;
    this.#emulator.release();
    this.#core.screenChanged();
  }

  /** Hands over what the user did, in order, while the program takes it. */
  #feed(now: number): void {
    if (this.#life.kind === 'failing') return;
    while (this.#pty.room > 0) {
      // There is room only when all that was taken before has been written.
      this.#core.inputWritten(now);
      const event = this.#core.takeInput(this.#pty.room);
      if (event === undefined) return;
      this.#stirred = true;
      if (event.kind === 'keys') {
        this.#pty.write(event.bytes);
      } else if (event.kind === 'facts') {
        this.#emulator.setFacts(event.facts);
        this.#answer();
      } else {
        this.#emulator.resize(event.cols, event.rows);
        this.#pty.resize(event.cols, event.rows);
        this.#answer();
        this.#core.screenChanged();
      }
    }
  }

  /** Gives the program what the terminal has to say to it. */
  #answer(): void {
    const replies = this.#emulator.takeReplies();
    if (replies.length > 0) this.#pty.write(replies);
  }

  #transmit(now: number): void {
    for (let sends = 0; sends < SENDS_MAX; sends++) {
      const transmit = this.#core.pollTransmit(now);
      if (transmit === undefined) return;
      const { path, datagram } = transmit;
      this.#options.send(datagram, path, (code) => this.#onSendError(code, path, datagram.length));
    }
    this.#schedule();
  }

  #onSendError(code: string, path: string, size: number): void {
    this.#guard(() => {
      if (this.#life.kind === 'over') return;
      this.#core.onSendError(performance.now(), path, code === 'EMSGSIZE' ? 'too-big' : 'unreachable', size);
      this.#schedule();
    });
  }

  /** The ends that time or the client brings. */
  #hurryOn(now: number): void {
    if (this.#core.hungUp) {
      if (this.#life.kind === 'running' || ('until' in this.#life && this.#life.until > now + KILLED_MS_MAX)) {
        this.#endBy(now + KILLED_MS_MAX);
        this.#pty.kill();
      }
    } else if (this.#life.kind === 'running' && now >= this.#keptUntil()) {
      this.#core.end(HUNG_UP_STATUS, 'The client was away for longer than the session is kept');
      this.#endBy(now);
      this.#pty.kill();
    }
  }

  /** When a session is given up whose client does not come, or does not come back. */
  #keptUntil(): number {
    const { lastHeardAt, phase } = this.#core;
    const keptMs = phase === 'waiting' ? ARRIVAL_MS_MAX : this.#options.keepMs;
    return keptMs === undefined ? Number.POSITIVE_INFINITY : lastHeardAt + keptMs;
  }

  #endBy(until: number): void {
    this.#life = { kind: 'ending', until };
  }

  /** A client that has ended the session itself is still answered for a while, in case it did not hear so. */
  #isDone(now: number): boolean {
    if (!this.#programGone || (this.#life.kind !== 'ending' && this.#life.kind !== 'failing')) return false;
    return (this.#core.phase === 'ended' && !this.#core.hungUp) || now >= this.#life.until;
  }

  #arm(now: number): void {
    clearTimeout(this.#timer);
    const own = this.#life.kind === 'running' ? this.#keptUntil() : 'until' in this.#life ? this.#life.until : now;
    // A deadline that has passed waits for the program to end, and that brings its own pump.
    const look = this.#programGone ? Number.POSITIVE_INFINITY : nextLookAt(now, this.#stirredAt);
    const shown = this.#held === undefined ? Number.POSITIVE_INFINITY : this.#held.since + HELD_MS_MAX;
    const compact = this.#history?.isLarge ? Math.max(now + 1, this.#stirredAt + QUIET_MS) : Number.POSITIVE_INFINITY;
    const at = Math.min(this.#core.nextTimeout(now), look, compact, shown, own > now ? own : Number.POSITIVE_INFINITY);
    if (at === Number.POSITIVE_INFINITY) return;
    // Rounded up: Node's timers take whole milliseconds, and what wakes too early wakes twice.
    const inMs = Math.min(Math.max(Math.ceil(at - now), 0), TIMER_MS_MAX);
    this.#timer = setTimeout(() => this.#guard(() => this.#pump()), inMs);
  }

  #leave(): void {
    if (this.#life.kind === 'over') return;
    this.#life = { kind: 'over' };
    clearTimeout(this.#timer);
    clearImmediate(this.#due);
    this.#pty.close();
    this.#options.onOver();
  }

  /** Runs an entry. What it throws ends this session only. */
  #guard(entry: () => void): void {
    if (this.#life.kind === 'over' || this.#life.kind === 'broken') return;
    try {
      entry();
    } catch (error) {
      logError(`session ${this.id} is ended by a bug`, error);
      this.#fail();
    }
  }

  #fail(): void {
    const first = this.#life.kind !== 'failing';
    this.#life = first ? { kind: 'failing', until: performance.now() + KILLED_MS_MAX } : { kind: 'broken' };
    if (first) {
      this.#guard(() => {
        this.#core.end(HUNG_UP_STATUS, 'A bug in rove-server ended the session: its log says more');
        this.#schedule();
      });
    }
    if (!this.#programGone) this.#pty.kill();
    else if (this.#life.kind === 'broken') this.#leave();
  }
}
