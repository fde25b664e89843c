/**
 * The server's half of a shell session without any I/O: a connection that takes the user's keys in and gives the screen out. The
 * program around it owns the pty, the emulator and the sockets (server/session.ts); the simulator owns virtual ones.
 */

import { DecodeError } from '../bytes.ts';
import { ECHO_RIDE_MS } from '../constants.ts';
import type { Random } from '../crypto/random.ts';
import type { HistoryLog } from '../history/history-log.ts';
import { HistorySender } from '../history/history-sender.ts';
import type { Screen } from '../screen/screen.ts';
import { StateSender } from '../sync/state-sender.ts';
import { StreamReceiver } from '../sync/stream-receiver.ts';
import { type UserEvent, UserEventReader } from '../sync/user-events.ts';
import { Connection, type Transmit } from '../transport/connection.ts';
import type { DropReason } from '../transport/envelope.ts';
import type { PathId } from '../transport/paths.ts';
import { CloseContent } from './close.ts';
import { EchoClock } from './echo-clock.ts';
import { isPlainEcho } from './plain-echo.ts';
import { HISTORY_STREAM, INPUT_STREAM, shellCodec } from './shell.ts';
import { blankState, equalTty, type Scrolled, type ShellState, type TtyState } from './shell-state.ts';

export interface ShellServerOptions {
  readonly now: number;
  readonly connectionId: Uint8Array;
  /** The agreed root secret, 32 bytes. */
  readonly secret: Uint8Array;
  readonly random: Random;
  /** The screen of the moment: the same object while nothing changes. */
  readonly snapshot: () => Screen;
  /** Whether that is an older screen, because the program wants the next one to be seen whole: no time to answer runs out then. */
  readonly held?: () => boolean;
  /** The pty's line discipline at this moment; undefined where it can't be told. `tick` asks for it, too: it may change by itself. */
  readonly tty?: () => TtyState | undefined;
  /** What has scrolled off the main screen, and how many lines had at the moment of `snapshot`; without it there is no history. */
  readonly history?: { readonly log: HistoryLog; readonly scrolled: () => number };
  /** The size that the client asked for at the start: both ends begin with a blank screen of it. */
  readonly cols: number;
  readonly rows: number;
}

/** waiting: for the client's first datagram; open; ending: our end is on its way; ended: the client has confirmed it, or has ended the session itself. */
export type ServerPhase = 'waiting' | 'open' | 'ending' | 'ended';

export class ShellServer {
  readonly connection: Connection;
  readonly #options: ShellServerOptions;
  readonly #states: StateSender<ShellState>;
  readonly #echo = new EchoClock();
  /** The state that was looked at last. */
  #state: ShellState;
  /** When the screen was looked at and was another, all input below this had been written: it may have been the answer. */
  #answered = 0;
  /** The last byte that was typed. */
  #lastByte: number | undefined;
  readonly #input = new StreamReceiver(INPUT_STREAM);
  readonly #events = new UserEventReader((max) => this.#input.take(max));
  /** When the last datagram was looked at: what is taken of the input came by then. */
  #receivedAt: number;
  readonly #close = new CloseContent(() => (this.#states.flushed ? this.#states.newest : undefined));

  constructor(options: ShellServerOptions) {
    this.#options = options;
    this.#state = blankState(options.cols, options.rows);
    this.#states = new StateSender(shellCodec, this.#state, () => this.#look());
    const { history } = options;
    this.connection = new Connection({
      role: 'server',
      ...options,
      contents: [this.#states, this.#close, this.#input, ...(history === undefined ? [] : [this.#sender(history.log)])],
    });
    this.#receivedAt = options.now;
    this.#states.touch();
  }

  get phase(): ServerPhase {
    if (this.#close.theirs !== undefined || (this.#close.delivered && this.#states.settled)) return 'ended';
    if (this.#close.closing) return 'ending';
    return this.connection.heard ? 'open' : 'waiting';
  }

  /** When the last authentic datagram came; the start before the first. */
  get lastHeardAt(): number {
    return this.connection.lastHeardAt;
  }

  /** Whether the client ended the session: the program is to be hung up. */
  get hungUp(): boolean {
    return this.#close.theirs !== undefined;
  }

  receive(now: number, datagram: Uint8Array, from: PathId): DropReason | undefined {
    this.#receivedAt = now;
    return this.connection.receive(now, datagram, from);
  }

  tick(now: number): void {
    if (!this.#isHeld && this.#echo.advance(now)) {
      // What was echoed as anybody would guess, the client has seen. Otherwise a guess may wait for this alone, and be wrong until then.
      const isSeen = this.#echo.echoed <= this.#answered && isPlainEcho(this.#state.screen, this.#lastByte);
      this.#states.touch(isSeen ? now + ECHO_RIDE_MS : now);
    }
    if (!this.#close.closing && !equalTty(this.#options.tty?.(), this.#state.tty)) this.#states.touch();
    this.connection.tick(now);
  }

  pollTransmit(now: number): Transmit | undefined {
    return this.connection.pollTransmit(now);
  }

  nextTimeout(now: number): number {
    return Math.min(this.connection.nextTimeout(now), this.#isHeld ? Number.POSITIVE_INFINITY : this.#echo.nextAt);
  }

  onSendError(now: number, path: PathId, code: 'too-big' | 'unreachable', size: number): void {
    this.connection.onSendError(now, path, code, size);
  }

  /**
   * The next piece of what the user did, in order, keys at most `maxBytes` of them. Taking opens the flow-control window: take only
   * what the program accepts. Ends the session when the client's stream is not what it should be; once it has ended there is no more.
   */
  takeInput(maxBytes: number): UserEvent | undefined {
    if (this.#close.closing) return undefined;
    try {
      const event = this.#events.next(maxBytes);
      if (event !== undefined) this.#states.quicken(this.#receivedAt);
      if (event?.kind === 'keys') this.#lastByte = event.bytes.at(-1);
      return event;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.end(255, error.message);
      return undefined;
    }
  }

  /** All that `takeInput` has given was written to the program's terminal by now: its time to answer runs. */
  inputWritten(now: number): void {
    this.#echo.write(now, this.#input.taken);
  }

  /** The screen may have changed. */
  screenChanged(): void {
    this.#states.touch();
  }

  /** The program is over: the last screen, then its exit status, are delivered. */
  end(status: number, reason: string): void {
    this.#echo.finish();
    this.#states.touch();
    this.#states.hurry();
    this.#close.close(status, reason);
  }

  #sender(log: HistoryLog): HistorySender {
    return new HistorySender({
      stream: HISTORY_STREAM,
      log,
      quietSince: () => (this.#states.flushed ? this.#states.lastSentAt : Number.POSITIVE_INFINITY),
      rate: () => this.connection.rate,
    });
  }

  get #isHeld(): boolean {
    return this.#options.held?.() ?? false;
  }

  /** The state of the moment: the same object while nothing changes. */
  #look(): ShellState {
    const screen = this.#options.snapshot();
    const tty = this.#options.tty?.();
    const { echoed, written } = this.#echo;
    const last = this.#state;
    const scrolled = this.#scrolled();
    if (screen !== last.screen) this.#answered = written;
    else if (echoed === last.echoed && equalTty(tty, last.tty) && scrolled === last.scrolled) return last;
    this.#state = { screen, echoed, tty, scrolled };
    return this.#state;
  }

  #scrolled(): Scrolled {
    const { history } = this.#options;
    const last = this.#state.scrolled;
    const end = history?.scrolled() ?? 0;
    if (history === undefined || end === last.end) return last;
    return { end, first: end, rows: [], shared: (line) => history.log.shared(line) };
  }
}
