/**
 * Both ends of a session, the network and the program in virtual time, and the invariants that hold at every step. `simulate` runs
 * the scenario of a seed to its end and throws at the first thing that is wrong; the same seed does the same again, to the byte.
 */

import { type Dice, diceFrom } from '../../bench/link/random.ts';
import { AMPLIFICATION_LIMIT, INPUT_BUFFER, MAX_DATAGRAM, STREAM_WINDOW } from '../../protocol/constants.ts';
import { HistoryLog } from '../../protocol/history/history-log.ts';
import { equalRows } from '../../protocol/screen/row.ts';
import { equalScreens } from '../../protocol/screen/screen.ts';
import { ShellClient } from '../../protocol/session/shell-client.ts';
import { ShellServer } from '../../protocol/session/shell-server.ts';
import { equalTty, type TtyState } from '../../protocol/session/shell-state.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { decodeHeader, hex } from '../../protocol/transport/packet.ts';
import { Network, type Side } from './network.ts';
import { answerTo, flood, terminalOf } from './program.ts';
import { between, chance, drawScenario, type Mishap, type Scenario } from './scenario.ts';

/** Time after the link has healed within which both ends agree: a probe's longest wait, a few round trips, and a slow program. */
const HEALING_MS = 8_000;
/** After the program's last output. */
const DRAWING_MS = 500;
/** The program takes `acceptsBytes` in so many ms. */
const ACCEPT_GAP_MS = 5;
const PAUSE_MS = 130_000;
const IDLE_AFTER_MS = 70_000;
const IDLE_WATCH_MS = 120_000;
const MAX_IDLE_PACKETS_A_MINUTE = 6;
/** Datagrams that a socket holds for a process that doesn't read. */
const SOCKET_QUEUE = 2_000;
/** More datagrams than this in one pump would be a loop. */
const MAX_BURST = 4_500;

/** Fewer than some scenarios make, so that the oldest go. */
const HISTORY_LINES = 500;

/** What a simulation came to, for those who want to know more than that it passed. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly virtualMs: number;
  readonly datagrams: number;
  readonly bytes: number;
  readonly typed: number;
  readonly states: number;
  readonly drops: number;
}

/** Runs the scenario of `seed`; throws an Error that says what went wrong and when. */
export function simulate(seed: number): Outcome {
  const world = new World(drawScenario(seed));
  try {
    return world.run();
  } catch (error) {
    throw new Error(`Seed ${seed} at ${world.now.toFixed(1)} ms: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

class World {
  now = 0;
  readonly #scenario: Scenario;
  readonly #dice: Dice;
  readonly #network: Network;
  readonly #emulator: Emulator;
  readonly #history = new HistoryLog(HISTORY_LINES);
  readonly #client: ShellClient;
  readonly #server: ShellServer;
  readonly #typed: number[] = [];
  #arrived = 0;
  /** The input stream's offset after all that the user did. */
  #typedTo = 0;
  /** What the client was told last of how far the program has had its time. */
  #echoed = 0;
  #tty: TtyState | undefined;
  readonly #pending: Mishap[];
  /** Ends of mishaps, and other things to do later. */
  #later: { readonly at: number; readonly act: () => void }[] = [];
  #clientStopped = false;
  /** Datagrams that came for the stopped client. */
  #socketQueue: { readonly datagram: Uint8Array; readonly from: string }[] = [];
  #nextKeyAt = 0;
  #acceptAt = 0;
  /** How often time did not move. */
  #still = 0;
  #sizes: { cols: number; rows: number };
  #datagrams = 0;
  #bytes = 0;
  readonly #packetNumbers: Record<Side, number> = { client: -1, server: -1 };
  readonly #nonces = new Set<string>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#dice = diceFrom(scenario.seed + 2 ** 32);
    this.#network = new Network(scenario, diceFrom(scenario.seed + 2 ** 33));
    this.#pending = [...scenario.mishaps];
    this.#sizes = scenario;
    this.#emulator = new Emulator({ ...scenario, history: this.#history });
    const shared = { now: 0, connectionId: this.#random(8), cols: scenario.cols, rows: scenario.rows };
    const secret = this.#random(32);
    this.#client = new ShellClient({
      ...shared,
      secret: secret.slice(),
      random: (length) => this.#random(length),
      paths: ['v4', 'v6'],
    });
    this.#server = new ShellServer({
      ...shared,
      secret: secret.slice(),
      random: (length) => this.#random(length),
      snapshot: () => this.#emulator.snapshot(),
      tty: () => this.#tty,
      history: { log: this.#history, scrolled: () => this.#emulator.scrolled },
    });
  }

  run(): Outcome {
    const half = this.#scenario.activeMs / 2;
    this.#runUntil(half, true);
    if (this.#scenario.longPause) this.#runUntil(this.now + PAUSE_MS, false);
    this.#nextKeyAt = this.now;
    this.#runUntil(this.now + half, true);
    // Mishaps under way run out before the link heals: the longest lasts 70 s.
    this.#pending.length = 0;
    for (const { act } of this.#later) act();
    this.#later = [];
    this.#network.heal();
    const reading = (this.#typed.length / this.#scenario.acceptsBytes) * ACCEPT_GAP_MS;
    this.#runUntil(this.now + HEALING_MS + 1.5 * reading, false);
    check(this.#arrived === this.#typed.length, `${this.#arrived} of ${this.#typed.length} keys arrived`);
    this.#runUntil(this.now + DRAWING_MS, false);
    this.#checkAgreement();
    if (this.#scenario.end === 'none' && this.#scenario.seed % 10 === 0) this.#checkIdle();
    this.#checkEnd();
    return {
      scenario: this.#scenario,
      virtualMs: this.now,
      datagrams: this.#datagrams,
      bytes: this.#bytes,
      typed: this.#typed.length,
      states: this.#client.stateNumber,
      drops: Object.values(this.#server.connection.counters.drops).reduce((sum, count) => sum + count, 0),
    };
  }

  #runUntil(end: number, typing: boolean): void {
    this.#pumpBoth();
    for (;;) {
      const at = Math.min(
        this.#network.nextAt,
        this.#clientStopped ? Number.POSITIVE_INFINITY : this.#client.nextTimeout(this.now),
        this.#server.nextTimeout(this.now),
        this.#pending[0]?.at ?? Number.POSITIVE_INFINITY,
        ...this.#later.map((one) => one.at),
        typing ? this.#nextKeyAt : Number.POSITIVE_INFINITY,
        this.#acceptAt > this.now ? this.#acceptAt : Number.POSITIVE_INFINITY,
      );
      if (at > end) break;
      this.#advance(at);
      this.#mishaps();
      this.#deliver();
      if (typing && this.#nextKeyAt <= this.now) this.#type();
      this.#pumpBoth();
    }
    this.now = Math.max(this.now, end);
  }

  /** Virtual time goes on. An end whose deadline has come and whose pump does not move it would never sleep again. */
  #advance(at: number): void {
    this.#still = at > this.now ? 0 : this.#still + 1;
    check(
      this.#still < 50,
      `an end asks for a timer at a moment that has passed, again and again (${this.#deadlines()})`,
    );
    this.now = Math.max(this.now, at);
  }

  #deadlines(): string {
    const { client, server } = {
      client: this.#client.nextTimeout(this.now),
      server: this.#server.nextTimeout(this.now),
    };
    return `client ${client}, server ${server}, network ${this.#network.nextAt}, accept ${this.#acceptAt}`;
  }

  #mishaps(): void {
    for (const one of this.#later.filter((later) => later.at <= this.now)) one.act();
    this.#later = this.#later.filter((later) => later.at > this.now);
    while ((this.#pending[0]?.at ?? Number.POSITIVE_INFINITY) <= this.now) {
      const mishap = this.#pending.shift();
      if (mishap !== undefined) this.#strike(mishap);
    }
  }

  #strike(mishap: Mishap): void {
    switch (mishap.kind) {
      case 'outage':
        for (const side of ['client', 'server'] as const) {
          if (mishap.direction === (side === 'server' ? 'down' : 'up')) continue;
          this.#network.setOutage(side, true);
          this.#after(mishap.forMs, () => this.#network.setOutage(side, false));
        }
        return;
      case 'new-address':
        this.#network.moveClient();
        return;
      case 'family-gone': {
        const family = chance(this.#dice, 0.5) ? 'v4' : 'v6';
        this.#network.gone.add(family);
        this.#after(mishap.forMs, () => this.#network.gone.delete(family));
        return;
      }
      case 'client-stopped':
        this.#clientStopped = true;
        this.#after(mishap.forMs, () => this.#continueClient());
        return;
      case 'small-link':
        this.#network.limit = mishap;
    }
  }

  /** The client runs again, and finds in its socket what came meanwhile. */
  #continueClient(): void {
    this.#clientStopped = false;
    for (const { datagram, from } of this.#socketQueue) this.#client.receive(this.now, datagram, from);
    this.#socketQueue = [];
  }

  #after(ms: number, act: () => void): void {
    this.#later.push({ at: this.now + ms, act });
  }

  #deliver(): void {
    for (let flight = this.#network.take(this.now); flight !== undefined; flight = this.#network.take(this.now)) {
      if (flight.to === 'server') this.#server.receive(this.now, flight.datagram, flight.from);
      else if (!this.#clientStopped) this.#client.receive(this.now, flight.datagram, flight.from);
      else if (this.#socketQueue.length < SOCKET_QUEUE) this.#socketQueue.push(flight);
    }
    this.#checkEcho();
  }

  #type(): void {
    this.#nextKeyAt = this.now + 1 + this.#dice.next() * 2 * this.#scenario.keyGapMs;
    if (this.#clientStopped) return;
    if (chance(this.#dice, this.#scenario.resizeChance)) {
      this.#sizes = { cols: between(this.#dice, 1, 150), rows: between(this.#dice, 1, 60) };
      this.#typedTo = this.#client.sendResize(this.#sizes.cols, this.#sizes.rows);
    }
    const isPaste = chance(this.#dice, this.#scenario.pasteChance);
    const length = isPaste ? between(this.#dice, 1, this.#scenario.pasteBytes) : 1;
    const keys = this.#random(Math.min(length, this.#client.inputRoom));
    if (keys.length === 0) return;
    for (const key of keys) this.#typed.push(key);
    this.#typedTo = this.#client.sendKeys(keys);
  }

  #pumpBoth(): void {
    if (!this.#clientStopped) this.#pump('client', this.#client);
    this.#runProgram();
    this.#pump('server', this.#server);
  }

  #pump(side: Side, end: ShellClient | ShellServer): void {
    end.tick(this.now);
    for (let sent = 0; ; sent++) {
      const transmit = end.pollTransmit(this.now);
      if (transmit === undefined) return;
      check(sent < MAX_BURST, `the ${side} sends without end`);
      this.#checkDatagram(side, transmit.datagram);
      const refused = this.#network.send(this.now, side, transmit.path, transmit.datagram);
      if (refused !== undefined) end.onSendError(this.now, transmit.path, refused, transmit.datagram.length);
      if (side === 'server') this.#checkAmplification(transmit.path);
    }
  }

  #runProgram(): void {
    if (this.#acceptAt > this.now) return;
    for (let accepted = 0; accepted < this.#scenario.acceptsBytes; ) {
      const event = this.#server.takeInput(this.#scenario.acceptsBytes - accepted);
      if (event === undefined) return;
      this.#server.inputWritten(this.now);
      if (event.kind === 'resize') this.#emulator.resize(event.cols, event.rows);
      else if (event.kind === 'facts') this.#emulator.setFacts(event.facts);
      else {
        this.#checkKeys(event.bytes);
        accepted += event.bytes.length;
        this.#emulator.write(answerTo(event.bytes, this.#scenario, this.#dice));
        if (chance(this.#dice, this.#scenario.floodChance)) this.#emulator.write(flood(this.#dice));
        this.#tty = terminalOf(this.#tty, this.#dice);
      }
      this.#server.screenChanged();
    }
    this.#acceptAt = this.now + ACCEPT_GAP_MS;
  }

  #checkKeys(bytes: Uint8Array): void {
    for (const byte of bytes) {
      check(byte === this.#typed[this.#arrived], `key ${this.#arrived} did not arrive as it was typed`);
      this.#arrived++;
    }
  }

  #checkDatagram(side: Side, datagram: Uint8Array): void {
    this.#datagrams++;
    this.#bytes += datagram.length;
    check(datagram.length <= MAX_DATAGRAM, `a datagram of ${datagram.length} bytes`);
    const header = decodeHeader(datagram);
    check(header !== undefined, 'a datagram without a header');
    const nonce = `${side} ${header?.phaseBits} ${header?.packetNumber}`;
    check(!this.#nonces.has(nonce), `nonce twice: ${nonce}`);
    this.#nonces.add(nonce);
    check((header?.packetNumber ?? 0) > this.#packetNumbers[side], 'packet numbers must grow');
    this.#packetNumbers[side] = header?.packetNumber ?? 0;
    check(this.#client.unacknowledgedInput <= INPUT_BUFFER + STREAM_WINDOW, 'the input buffer is unbounded');
  }

  /** An address that has never proved itself (the attacker's can't) gets no more than three times what came from it. */
  #checkAmplification(path: string): void {
    if (!path.startsWith('evil')) return;
    const account = this.#network.ledger.get(path) ?? { received: 0, sent: 0 };
    check(
      account.sent <= AMPLIFICATION_LIMIT * account.received,
      `${path} got ${account.sent} bytes for ${account.received}`,
    );
  }

  /** What predictions are judged by: never more than was typed, never taken back. */
  #checkEcho(): void {
    const { echoed } = this.#client.state;
    check(echoed <= this.#typedTo, `the program has answered up to ${echoed} where ${this.#typedTo} was typed`);
    check(echoed >= this.#echoed, `the program had answered up to ${this.#echoed}, now ${echoed}`);
    this.#echoed = echoed;
  }

  /** Every line that scrolled off is here as it was, or in a gap; and a gap only where the server has not the line either, or too much was missing. */
  #checkHistory(): void {
    const { history } = this.#client;
    check(history.end === this.#history.end, `${history.end} lines have scrolled off there, ${this.#history.end} here`);
    check(history.settled === history.end, `${history.end - history.settled} lines are still missing`);
    let lines = 0;
    for (let at = history.nextLine(0); at < history.end; at = history.nextLine(at + 1)) {
      const [line, there] = [history.line(at), this.#history.line(at)];
      check(there === undefined || (line !== undefined && equalRows(line, there)), `line ${at} is another`);
      lines++;
    }
    const most = Math.min(this.#history.end - this.#history.first, HISTORY_LINES);
    check(this.#history.size(0, this.#history.end) > 100_000 || lines >= most, `${lines} of ${most} lines are here`);
  }

  #checkAgreement(): void {
    this.#checkHistory();
    this.#checkScreens();
    const { echoed, tty } = this.#client.state;
    check(echoed === this.#typedTo, `${echoed} of ${this.#typedTo} have had their time`);
    check(equalTty(tty, this.#tty), "the client does not know the terminal's line discipline");
    const { unansweredSince = this.now } = this.#client.connection;
    check(this.now - unansweredSince < 1_000, 'the client thinks that the server is silent');
  }

  #checkScreens(): void {
    const [here, there] = [this.#client.screen, this.#emulator.snapshot()];
    if (equalScreens(here, there)) return;
    const rows = there.rows.flatMap((row, i) =>
      here.rows[i] !== undefined && equalRows(row, here.rows[i]) ? [] : [i],
    );
    check(
      false,
      `the client's screen is not the server's: ${here.cols}x${here.rows.length}, ${there.cols}x${there.rows.length}, rows ${rows}`,
    );
  }

  #checkIdle(): void {
    this.#runUntil(this.now + IDLE_AFTER_MS, false);
    const before = this.#datagrams;
    this.#runUntil(this.now + IDLE_WATCH_MS, false);
    const perMinute = ((this.#datagrams - before) * 60_000) / IDLE_WATCH_MS;
    check(perMinute <= MAX_IDLE_PACKETS_A_MINUTE, `${perMinute} packets a minute when idle`);
    check(perMinute > 0, 'no keep-alive');
  }

  #checkEnd(): void {
    if (this.#scenario.end === 'exit') {
      this.#emulator.write(new TextEncoder().encode('\r\nlogout\r\n'));
      this.#server.screenChanged();
      this.#server.end(this.#scenario.seed % 256, '');
      this.#runUntil(this.now + 500, false);
      check(this.#client.ended?.status === this.#scenario.seed % 256, 'the exit status did not arrive');
      this.#checkScreens();
      for (const farewell of this.#client.farewell(this.now))
        this.#network.send(this.now, 'client', farewell.path, farewell.datagram);
      this.#runUntil(this.now + 500, false);
      check(this.#server.phase === 'ended', `the server is ${this.#server.phase} after the end`);
    } else if (this.#scenario.end === 'hang-up') {
      this.#client.hangUp();
      this.#runUntil(this.now + 500, false);
      check(this.#server.hungUp, 'the hang-up did not arrive');
      check(this.#client.hangupDelivered, 'the hang-up was not confirmed');
    }
  }

  #random(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => between(this.#dice, 0, 255));
  }
}

/** The ids of a run's datagrams, to compare two runs of one seed. */
export function fingerprint(outcome: Outcome): string {
  return hex(new TextEncoder().encode(`${outcome.datagrams} ${outcome.bytes} ${outcome.states} ${outcome.typed}`));
}

function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}
