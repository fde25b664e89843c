/**
 * The client's half of a shell session without any I/O: a connection that takes the screen in and gives the user's keys out. The
 * program around it owns the tty and the sockets (client/session.ts); the simulator owns virtual ones.
 */

import { plainText } from '../bootstrap/checks.ts';
import { DecodeError } from '../bytes.ts';
import { INPUT_BUFFER, MAX_DATAGRAM, MAX_REASON_BYTES } from '../constants.ts';
import type { Random } from '../crypto/random.ts';
import { DEFAULT_SCROLLBACK } from '../history/history-log.ts';
import type { HistoryView } from '../history/history-view.ts';
import { ReceivedHistory } from '../history/received-history.ts';
import type { Screen } from '../screen/screen.ts';
import { StateReceiver } from '../sync/state-receiver.ts';
import { StreamReceiver } from '../sync/stream-receiver.ts';
import { StreamSender } from '../sync/stream-sender.ts';
import { encodeUserEvent } from '../sync/user-events.ts';
import { Connection, type Transmit } from '../transport/connection.ts';
import type { DropReason } from '../transport/envelope.ts';
import type { PathId } from '../transport/paths.ts';
import { CloseContent } from './close.ts';
import { HISTORY_STREAM, INPUT_STREAM, shellCodec } from './shell.ts';
import { blankState, type ShellState } from './shell-state.ts';
import type { TerminalFacts } from './terminal-facts.ts';

export interface ShellClientOptions {
  readonly now: number;
  readonly connectionId: Uint8Array;
  /** The agreed root secret, 32 bytes. */
  readonly secret: Uint8Array;
  readonly random: Random;
  /** The size that was asked for at the start. */
  readonly cols: number;
  readonly rows: number;
  /** Lines of the history that are kept; 10,000 if not given. */
  readonly scrollback?: number;
  /** Ways to the server, the likeliest first. */
  readonly paths: readonly PathId[];
}

/** How a session ended. */
export interface ShellEnd {
  /** The program's exit status, 0 to 255. */
  readonly status: number;
  /** Why, for the user: one line, without anything that a terminal would obey; empty when the program just ended. */
  readonly reason: string;
}

/** So many final acknowledgements are sent, since nothing repairs the loss of one after the client has gone. */
const FAREWELLS = 3;

export class ShellClient {
  readonly connection: Connection;
  readonly #input = new StreamSender(INPUT_STREAM);
  readonly #close = new CloseContent(() => 0);
  readonly #states: StateReceiver<ShellState>;
  readonly #history: ReceivedHistory;
  readonly #lines = new StreamReceiver(HISTORY_STREAM);
  /** The history stream is not what it should be: what it says is not looked at any more. */
  #linesAreBad = false;

  constructor(options: ShellClientOptions) {
    this.#history = new ReceivedHistory(options.scrollback ?? DEFAULT_SCROLLBACK);
    this.#states = new StateReceiver(shellCodec, blankState(options.cols, options.rows), ({ scrolled }) =>
      this.#history.onState(scrolled),
    );
    this.connection = new Connection({
      role: 'client',
      ...options,
      contents: [this.#close, this.#input, this.#states, this.#history, this.#lines],
    });
    for (const path of options.paths) this.connection.addPath(path);
    // The first datagram: the server has to learn where we are before it can send anything.
    this.connection.probe();
  }

  /** The newest state of the server, the same object until there is a newer one; blank before the first. */
  get state(): ShellState {
    return this.#states.state;
  }

  /** The screen of that state. */
  get screen(): Screen {
    return this.#states.state.screen;
  }

  /** The lines that have scrolled off the main screen. */
  get history(): HistoryView {
    return this.#history;
  }

  /** The number of that state; 0 before the first. */
  get stateNumber(): number {
    return this.#states.number;
  }

  /** The server's end of the session, once its last screen is here too; undefined before. */
  get ended(): ShellEnd | undefined {
    const finalState = this.#close.theirs?.finalState;
    return finalState === undefined || this.#states.number < finalState ? undefined : this.ending;
  }

  /** The server's end of the session, though its last screen may not be here. */
  get ending(): ShellEnd | undefined {
    const close = this.#close.theirs;
    return close && { status: close.status, reason: plainText(close.reason, MAX_REASON_BYTES) };
  }

  /** Whether the server has confirmed that we ended the session. */
  get hangupDelivered(): boolean {
    return this.#close.delivered;
  }

  /** Bytes of keys that may be sent before the terminal should not be read any more. */
  get inputRoom(): number {
    return Math.max(0, INPUT_BUFFER - this.#input.unacknowledged);
  }

  /** Bytes of input that the server has not confirmed. */
  get unacknowledgedInput(): number {
    return this.#input.unacknowledged;
  }

  /** Sends keys; the bytes are copied. The input stream's offset after them: the program has had its time to answer when `state.echoed` is there. */
  sendKeys(bytes: Uint8Array): number {
    this.#input.push(encodeUserEvent({ kind: 'keys', bytes }));
    return this.#input.end;
  }

  /** Sends the terminal's size, in its place among the keys. The offset after it. */
  sendResize(cols: number, rows: number): number {
    this.#input.push(encodeUserEvent({ kind: 'resize', cols, rows }));
    return this.#input.end;
  }

  /** Tells what the user's terminal is, in its place among the keys. */
  sendFacts(facts: TerminalFacts): void {
    this.#input.push(encodeUserEvent({ kind: 'facts', facts }));
  }

  /** Whether lines are wanted, too, that the server has left out: somebody looks at them. */
  fillGaps(wanted: boolean): void {
    this.#history.fillGaps(wanted);
  }

  /** Ends the session from here: the program over there is hung up. */
  hangUp(): void {
    this.#close.close(0, '');
  }

  /** The last datagrams of a session that has ended: the confirmation, more than once. */
  farewell(now: number): Transmit[] {
    const datagrams: Transmit[] = [];
    for (let i = 0; i < FAREWELLS; i++) {
      this.connection.acknowledge(now);
      const transmit = this.connection.pollTransmit(now);
      if (transmit !== undefined) datagrams.push(transmit);
    }
    return datagrams;
  }

  receive(now: number, datagram: Uint8Array, from: PathId): DropReason | undefined {
    const reason = this.connection.receive(now, datagram, from);
    if (reason === undefined) this.#takeLines();
    return reason;
  }

  #takeLines(): void {
    try {
      for (let bytes = this.#lines.take(MAX_DATAGRAM); bytes !== undefined; bytes = this.#lines.take(MAX_DATAGRAM)) {
        if (!this.#linesAreBad) this.#history.onStream(bytes);
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#linesAreBad = true;
    }
  }

  tick(now: number): void {
    if (this.#history.askAt <= now) {
      this.#history.onAsking(now);
      this.connection.acknowledge(now);
    }
    this.connection.tick(now);
  }

  pollTransmit(now: number): Transmit | undefined {
    return this.connection.pollTransmit(now);
  }

  nextTimeout(now: number): number {
    return Math.min(this.connection.nextTimeout(now), Math.max(now, this.#history.askAt));
  }

  onSendError(now: number, path: PathId, code: 'too-big' | 'unreachable', size: number): void {
    this.connection.onSendError(now, path, code, size);
  }
}
