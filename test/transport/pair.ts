/**
 * A client and a server of one session over a scripted link, in virtual time: what the scenario tests are written with. The program
 * behind the server's terminal echoes what is typed unless a test gives it another.
 */

import { HEADER_BYTES, TAG_BYTES } from '../../protocol/constants.ts';
import { HistoryLog } from '../../protocol/history/history-log.ts';
import { ShellClient } from '../../protocol/session/shell-client.ts';
import { ShellServer } from '../../protocol/session/shell-server.ts';
import type { TtyState } from '../../protocol/session/shell-state.ts';
import type { UserEvent } from '../../protocol/sync/user-events.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import type { DropReason } from '../../protocol/transport/envelope.ts';
import { seededRandom } from '../crypto/random.ts';
import { screenText } from '../terminal/text.ts';

export type Side = 'client' | 'server';

/** A datagram as it left its end. */
export interface Sent {
  readonly at: number;
  readonly from: Side;
  /** How the sender names the way. */
  readonly path: string;
  readonly datagram: Uint8Array;
  /** The how-manieth of this end, from 0. */
  readonly index: number;
}

/** What becomes of a datagram; a number is its delay in ms. */
export type Fate = 'pass' | 'lose' | 'too-big' | 'unreachable' | number;

interface Flight {
  readonly at: number;
  readonly to: Side;
  readonly from: string;
  readonly datagram: Uint8Array;
}

export interface PairOptions {
  readonly paths?: readonly string[];
  readonly cols?: number;
  readonly rows?: number;
  /** Lines of the history; none at all if it is missing. */
  readonly scrollback?: number;
}

/** More datagrams in one pump would be a loop, more pumps without time passing a spin. */
const MAX_BURST = 5_000;
const MAX_STILL = 50;

export const KEY_OVERHEAD = HEADER_BYTES + TAG_BYTES;

export class Pair {
  now = 0;
  /** From one end to the other. */
  oneWayMs = 40;
  /** The client's address: the server sees `home/v4` and `home/v6`. What is sent to one that the client has left gets lost. */
  address = 'home';
  /** The link's script. */
  fate: (sent: Sent) => Fate = () => 'pass';
  /** What the program does with what the user did. */
  program: (event: UserEvent) => void = (event) => {
    if (event.kind === 'keys') this.print(event.bytes);
    else if (event.kind === 'facts') this.emulator.setFacts(event.facts);
    else this.emulator.resize(event.cols, event.rows);
  };
  /** Bytes of keys that the program takes in one pump. */
  accepts = Number.POSITIVE_INFINITY;
  /** The line discipline of the program's terminal. */
  tty: TtyState | undefined;
  readonly sent: Sent[] = [];
  readonly emulator: Emulator;
  /** What has scrolled off, on the server; undefined without `scrollback`. */
  readonly log: HistoryLog | undefined;
  readonly client: ShellClient;
  readonly server: ShellServer;
  #flights: Flight[] = [];
  /** Names of paths by which nothing passes either way. */
  readonly cut = new Set<string>();
  readonly #counts = { client: 0, server: 0 };

  constructor(options: PairOptions = {}) {
    const { paths = ['v4'], cols = 80, rows = 24, scrollback } = options;
    const random = seededRandom(1);
    const secret = random(32);
    const shared = { now: 0, connectionId: random(8), random, cols, rows };
    const log = scrollback === undefined ? undefined : new HistoryLog(scrollback);
    this.log = log;
    this.emulator = new Emulator({ cols, rows, ...(log === undefined ? {} : { history: log }) });
    const kept = scrollback === undefined ? {} : { scrollback };
    this.client = new ShellClient({ ...shared, ...kept, secret: secret.slice(), paths });
    this.server = new ShellServer({
      ...shared,
      secret: secret.slice(),
      snapshot: () => this.emulator.snapshot(),
      held: () => this.emulator.held !== undefined,
      tty: () => this.tty,
      ...(log === undefined ? {} : { history: { log, scrolled: () => this.emulator.scrolled } }),
    });
  }

  /** The program prints. */
  print(output: string | Uint8Array): void {
    this.emulator.write(typeof output === 'string' ? new TextEncoder().encode(output) : output);
    this.server.screenChanged();
  }

  /** The user types; it leaves with the next pump. */
  type(keys: string): void {
    this.client.sendKeys(new TextEncoder().encode(keys));
  }

  /** What the user sees: the rows' texts. */
  get shown(): string[] {
    return screenText(this.client.screen);
  }

  /** What `side` has sent since the moment `since`. */
  sentBy(side: Side, since = 0): Sent[] {
    return this.sent.filter((one) => one.from === side && one.at >= since);
  }

  /** Both ends do what is to be done now, and nothing arrives. */
  pump(): void {
    this.#pump('client');
    this.#runProgram();
    this.#pump('server');
  }

  /** Lets so many ms pass. */
  run(ms: number): void {
    const end = this.now + ms;
    let still = 0;
    this.pump();
    for (;;) {
      const at = this.#nextAt();
      if (at > end) break;
      still = at > this.now ? 0 : still + 1;
      if (still > MAX_STILL) throw new Error(`A timer is asked for at a moment that has passed: ${at} at ${this.now}`);
      this.now = Math.max(this.now, at);
      this.#deliver();
      this.pump();
    }
    this.now = end;
  }

  /** Runs until `reached`, for at most so many ms; how long it took, Infinity if it was not reached. */
  runUntil(reached: () => boolean, mostMs: number): number {
    const start = this.now;
    while (!reached() && this.now - start < mostMs) this.run(1);
    return reached() ? this.now - start : Number.POSITIVE_INFINITY;
  }

  /** Hands a datagram over at once, from wherever a test says it came. */
  inject(to: Side, datagram: Uint8Array, from: string): DropReason | undefined {
    return to === 'server'
      ? this.server.receive(this.now, datagram, from)
      : this.client.receive(this.now, datagram, from);
  }

  #nextAt(): number {
    let at = Math.min(this.client.nextTimeout(this.now), this.server.nextTimeout(this.now));
    for (const flight of this.#flights) at = Math.min(at, flight.at);
    return at;
  }

  #deliver(): void {
    const due = this.#flights.filter((flight) => flight.at <= this.now).sort((a, b) => a.at - b.at);
    this.#flights = this.#flights.filter((flight) => flight.at > this.now);
    for (const flight of due) this.inject(flight.to, flight.datagram, flight.from);
  }

  #runProgram(): void {
    for (let left = this.accepts; left > 0; ) {
      const event = this.server.takeInput(left);
      if (event === undefined) return;
      if (event.kind === 'keys') left -= event.bytes.length;
      this.server.inputWritten(this.now);
      this.program(event);
      this.server.screenChanged();
    }
  }

  #pump(side: Side): void {
    const end = side === 'client' ? this.client : this.server;
    end.tick(this.now);
    for (let count = 0; ; count++) {
      const transmit = end.pollTransmit(this.now);
      if (transmit === undefined) return;
      if (count > MAX_BURST) throw new Error(`The ${side} sends without end`);
      const sent: Sent = { at: this.now, from: side, ...transmit, index: this.#counts[side]++ };
      this.sent.push(sent);
      const fate = this.fate(sent);
      if (fate === 'too-big' || fate === 'unreachable')
        end.onSendError(this.now, sent.path, fate, sent.datagram.length);
      else if (fate !== 'lose') this.#send(sent, fate === 'pass' ? this.oneWayMs : fate);
    }
  }

  #send(sent: Sent, delayMs: number): void {
    const family = sent.path.slice(sent.path.lastIndexOf('/') + 1);
    if (this.cut.has(family)) return;
    const at = this.now + delayMs;
    if (sent.from === 'client') {
      this.#flights.push({ at, to: 'server', from: `${this.address}/${sent.path}`, datagram: sent.datagram });
    } else if (sent.path === `${this.address}/${family}`) {
      this.#flights.push({ at, to: 'client', from: family, datagram: sent.datagram });
    }
  }
}

/** A pair whose first exchange is over and whose link has been quiet for a second. */
export function settledPair(options: PairOptions = {}): Pair {
  const pair = new Pair(options);
  pair.run(1_000);
  return pair;
}
