/**
 * The client's loop: the core of a session between the user's terminal and the network. One `pump` does all there is to do at a
 * moment: tick, send, draw, and one timer set for the next. Terminal, sockets and signals only hand over what happened and call it.
 */

import { BRACKETED_PASTE, KEYBOARD_MASK, OTHER_KEYS_MASK } from '../protocol/screen/modes.ts';
import type { ShellClient, ShellEnd } from '../protocol/session/shell-client.ts';
import type { ShellState } from '../protocol/session/shell-state.ts';
import type { PathId } from '../protocol/transport/paths.ts';
import { Bars } from './bars.ts';
import type { Clock } from './clock.ts';
import { Display } from './display.ts';
import { EscapeFilter } from './escape.ts';
import { HistoryPager } from './history/history-pager.ts';
import { LinkWatch } from './link-watch.ts';
import { localAddresses } from './local-addresses.ts';
import { PredictionEngine } from './predict/engine.ts';
import type { PredictMode } from './predict/visibility.ts';
import { Sockets } from './sockets.ts';
import type { ClipboardPermission } from './terminal/clipboard.ts';
import { Interview } from './terminal/interview.ts';
import type { Terminfo } from './terminal/terminfo.ts';
import type { Terminal, TerminalSize } from './tty.ts';
import { WakeDetector } from './wake.ts';

/** How a session came to its end, for the client. */
export type SessionEnd =
  | ({ readonly kind: 'ended' } & ShellEnd)
  /** The user or a signal ended it; `delivered` says whether the server knows. */
  | { readonly kind: 'left'; readonly delivered: boolean }
  | { readonly kind: 'terminal-lost'; readonly delivered: boolean };

export interface SessionOptions {
  /** Makes the core, with the ways to the server that it begins with. */
  readonly core: (now: number, paths: readonly PathId[]) => ShellClient;
  /** Literal addresses of the server, the likeliest first. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** What the user calls the server. */
  readonly host: string;
  /** ssh went there by way of another host. */
  readonly behind?: boolean;
  readonly terminal: Terminal;
  /** What the environment says of the terminal; without TERM it is asked nothing. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminfo: Terminfo | undefined;
  /** What programs over there may do with its clipboard. */
  readonly clipboard: ClipboardPermission;
  /** Whether keys are shown before the server has. */
  readonly predict: PredictMode;
  /** Whether the status line is there from the start. */
  readonly status: boolean;
  /** What begins an escape at the start of a line; undefined: nothing does. */
  readonly escape: string | undefined;
  /** The size that the server was asked for. */
  readonly initialSize: TerminalSize;
  readonly clock: Clock;
  /** Stops the program as Ctrl-Z does; returns when it goes on. */
  readonly suspend: () => void;
}

/** How long the end may take to reach the server, in ms. */
const HANG_UP_MS = 1_000;
/** How long the last screen may take after the news of the end, in ms. */
const LAST_SCREEN_MS = 2_000;
/** Keys are read from the terminal while there is so much room for them, in bytes: more than one reading gives. */
const INPUT_ROOM = 128 * 1024;
/** Datagrams sent in one pump before others get their turn. */
const SENDS_PER_PUMP = 256;

export class Session {
  readonly #options: SessionOptions;
  readonly #core: ShellClient;
  readonly #sockets: Sockets;
  readonly #watch: LinkWatch;
  readonly #display: Display;
  readonly #interview: Interview;
  readonly #engine: PredictionEngine;
  readonly #escapes: EscapeFilter;
  readonly #wake = new WakeDetector();
  readonly #bars: Bars;
  readonly #ended: Promise<SessionEnd>;
  #resolve: (end: SessionEnd) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #state: 'open' | 'leaving' | 'over' = 'open';
  #leaving: { readonly kind: 'left' | 'terminal-lost'; readonly until: number } | undefined;
  #lastScreenBy = Number.POSITIVE_INFINITY;
  #sentSize: TerminalSize;
  /** The server's state that the engine knows of. */
  #told: ShellState;
  /** `~h`: it has the keys and the terminal while it is there. */
  #pager: HistoryPager | undefined;
  #paused = false;
  /** What stood on the terminal has been scrolled away: the screen is ours. */
  #entered = false;
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;

  /** Begins at once: the first datagram leaves, and the terminal is taken over. */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.#ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#sockets = new Sockets(options.addresses, options.port, {
      onDatagram: (datagram, from) => this.#guard(() => this.#onDatagram(datagram, from)),
      onSendError: (path, code, size) => this.#guard(() => this.#onSendError(path, code, size)),
      onRefused: (address) => this.#guard(() => this.#onRefused(address)),
    });
    this.#escapes = new EscapeFilter(options.escape);
    const now = options.clock.now();
    this.#sentSize = options.initialSize;
    this.#core = options.core(now, this.#sockets.paths);
    this.#watch = new LinkWatch({
      now,
      connection: this.#core.connection,
      sockets: this.#sockets,
      addresses: options.addresses,
      localAddresses,
    });
    this.#engine = new PredictionEngine({ mode: options.predict });
    this.#told = this.#core.state;
    this.#engine.server(now, this.#told, this.#core.connection.smoothedRtt);
    this.#bars = new Bars({
      ...options,
      core: this.#core,
      watch: this.#watch,
      letters: () => (options.predict === 'never' ? undefined : this.#engine.counts),
    });
    this.#interview = new Interview({ ...options, core: this.#core });
    this.#display = new Display((bytes) => options.terminal.write(bytes));
    // First of all, the server is to learn where we are; it needs nothing of the terminal for that.
    this.#send(now);
    this.#openTerminal();
    this.#onResize();
  }

  /** Settled when the session is over and the terminal is as it was; rejected by a fault of the program. */
  get ended(): Promise<SessionEnd> {
    return this.#ended;
  }

  /** The core, to look at. */
  get core(): ShellClient {
    return this.#core;
  }

  /** Ends the session: the server is told if it can be reached soon. A second time: at once. */
  leave(kind: 'left' | 'terminal-lost' = 'left'): void {
    if (this.#state === 'over') return;
    const now = this.#options.clock.now();
    const until = this.#state === 'leaving' ? now : now + HANG_UP_MS;
    this.#state = 'leaving';
    this.#leaving = { kind, until };
    this.#core.hangUp();
    this.pump();
  }

  /** Ends the session for a fault of ours: the terminal is given back, and the server told once, as far as that still works. */
  fail(error: unknown): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    try {
      this.#core.hangUp();
      this.#send(this.#options.clock.now());
    } catch {
      // The fault may be there.
    }
    this.#close();
    this.#reject(error);
  }

  /** Gives the terminal back, stops the program, and goes on when it is continued. */
  suspend(): void {
    if (this.#state === 'over') return;
    this.#options.terminal.close();
    this.#options.suspend();
    this.continued();
  }

  /** The program was stopped and goes on: others may have used the terminal, the network may be another one. */
  continued(): void {
    if (this.#state === 'over') return;
    this.#openTerminal();
    this.#engine.reset();
    this.#onResize();
    this.#core.connection.probe();
    this.pump();
  }

  /** Does all that there is to do now. */
  pump(): void {
    if (this.#state === 'over') return;
    const { clock } = this.#options;
    const now = clock.now();
    this.#guard(() => {
      if (this.#wake.check(now, clock.wall())) this.#core.connection.probe();
      this.#core.tick(now);
      this.#watch.tick(now);
      this.#bars.tick(now);
      this.#onKeys(this.#interview.tick(now));
      this.#turnPages(now);
      if (this.#state === 'over') return;
      this.#send(now);
      if (this.#endIfDue(now)) return;
      this.#draw(now);
      this.#readOrNot();
      this.#arm(now);
    });
  }

  #onDatagram(datagram: Uint8Array, from: PathId): void {
    if (this.#state === 'over') return;
    const now = this.#options.clock.now();
    const reason = this.#core.receive(now, datagram, from);
    // What no key has sealed changes nothing, and a flood of it should cost no more than that.
    if (reason !== undefined && reason !== 'bad-frames') return;
    if (reason === undefined) {
      this.#watch.onHeard(now, from);
      this.#bars.status.onHeard();
    }
    // Several may have come: they are one occasion to send and to draw.
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.pump();
    });
  }

  #onSendError(path: PathId, code: 'too-big' | 'unreachable', size: number): void {
    if (this.#state === 'over') return;
    const now = this.#options.clock.now();
    if (code === 'unreachable') this.#watch.onUnreachable(now, path);
    this.#core.onSendError(now, path, code, size);
    this.pump();
  }

  #onRefused(address: string): void {
    this.#watch.onRefused(this.#options.clock.now(), address);
    this.pump();
  }

  #onInput(bytes: Uint8Array): void {
    if (this.#state !== 'open') return;
    this.#onKeys(this.#interview.input(this.#options.clock.now(), bytes));
    this.pump();
  }

  #onKeys(bytes: Uint8Array): void {
    if (this.#state !== 'open' || bytes.length === 0) return;
    if (this.#pager !== undefined) {
      this.#pager.push(bytes);
      return;
    }
    this.#watch.onTyped(this.#options.clock.now());
    const { modes } = this.#core.screen;
    const manners = {
      marksPastes: (modes & BRACKETED_PASTE) !== 0,
      tellsKeys: (modes & (KEYBOARD_MASK | OTHER_KEYS_MASK)) !== 0,
    };
    for (const typed of this.#escapes.push(bytes, manners)) {
      this.#bars.help = false;
      switch (typed.kind) {
        case 'keys':
          if (this.#pager === undefined) this.#type(typed.bytes);
          else this.#pager.push(typed.bytes);
          break;
        case 'history':
          this.#pager = new HistoryPager(() => this.#core);
          this.#core.fillGaps(true);
          break;
        case 'quit':
          this.leave();
          return;
        case 'suspend':
          this.suspend();
          break;
        case 'status':
          this.#bars.status.toggle();
          break;
        case 'help':
          this.#bars.help = true;
          break;
      }
    }
  }

  #turnPages(now: number): void {
    this.#pager?.tick(now);
    if (this.#pager?.isOver !== true) return;
    this.#pager = undefined;
    this.#core.fillGaps(false);
  }

  #type(keys: Uint8Array): void {
    this.#bars.status.onKeys();
    const now = this.#options.clock.now();
    const offset = this.#core.sendKeys(keys);
    // Before the guess is made and drawn: what can't be guessed waits for this.
    this.#send(now);
    this.#tellEngine(now);
    this.#engine.typed(now, keys, offset);
  }

  /** What the user has seen of the server, and what guesses are judged by, must be the same. */
  #tellEngine(now: number): void {
    const { state, connection } = this.#core;
    if (state === this.#told) return;
    this.#told = state;
    this.#engine.server(now, state, connection.smoothedRtt);
  }

  #onResize(): void {
    const { size } = this.#options.terminal;
    this.#display.resized(size);
    if (size.cols !== this.#sentSize.cols || size.rows !== this.#sentSize.rows) {
      this.#core.sendResize(size.cols, size.rows);
      this.#sentSize = size;
      this.#engine.reset();
    }
    this.#interview.resized(this.#options.clock.now());
    this.pump();
  }

  #openTerminal(): void {
    const { terminal } = this.#options;
    terminal.open({
      parting: () => (this.#entered ? this.#display.leave() : new Uint8Array(0)),
      onInput: (bytes) => this.#guard(() => this.#onInput(bytes)),
      onResize: () => this.#guard(() => this.#onResize()),
      onDrain: () => {
        this.#display.drained();
        this.pump();
      },
      onLost: () => {
        if (this.#state === 'open') this.leave('terminal-lost');
      },
    });
    this.#entered = false;
    this.#interview.begin(this.#options.clock.now());
  }

  #send(now: number): void {
    for (let i = 0; i < SENDS_PER_PUMP; i++) {
      const transmit = this.#core.pollTransmit(now);
      if (transmit === undefined) return;
      this.#sockets.send(transmit.path, transmit.datagram);
    }
  }

  #endIfDue(now: number): boolean {
    const { ended, ending, hangupDelivered } = this.#core;
    if (this.#leaving !== undefined) {
      const { kind, until } = this.#leaving;
      const delivered = hangupDelivered || ending !== undefined;
      if (delivered || now >= until) this.#finish(now, { kind, delivered });
    } else if (this.#interview.holdsEnd(now)) {
      return false;
    } else if (ended !== undefined) {
      this.#finish(now, { ...ended, kind: 'ended' });
    } else if (ending !== undefined) {
      if (this.#lastScreenBy === Number.POSITIVE_INFINITY) this.#lastScreenBy = now + LAST_SCREEN_MS;
      if (now >= this.#lastScreenBy) this.#finish(now, { kind: 'ended', status: ending.status, reason: ending.reason });
    }
    return this.#state === 'over';
  }

  #draw(now: number): void {
    if (this.#leaving?.kind === 'terminal-lost') return;
    this.#tellEngine(now);
    if (this.#interview.holdsDrawing(now)) return;
    this.#enter();
    const { size } = this.#options.terminal;
    const { screen } = this.#core;
    // On a screen that was made for another size, guesses would wrap where the program's lines won't.
    const isFitting = screen.cols === size.cols && screen.rows.length === size.rows;
    const own = isFitting ? this.#engine.overlay(now) : screen;
    this.#display.draw(
      this.#pager?.screen(size) ?? own,
      this.#bars.lines(now, size, this.#state === 'leaving'),
      size,
      this.#core.history,
    );
  }

  /** Takes the screen over, as the terminal can. */
  #enter(): void {
    const { terminal } = this.#options;
    this.#display.setCapabilities(this.#interview.capabilities);
    if (this.#entered) return;
    this.#entered = true;
    terminal.write(this.#display.enter(terminal.size));
  }

  #readOrNot(): void {
    const full = this.#core.inputRoom < INPUT_ROOM;
    if (full === this.#paused) return;
    this.#paused = full;
    if (full) this.#options.terminal.pause();
    else this.#options.terminal.resume();
  }

  #arm(now: number): void {
    const at = Math.min(
      this.#core.nextTimeout(now),
      this.#engine.nextTimeout(now),
      this.#watch.nextTimeout(now),
      this.#bars.nextTimeout(now),
      this.#interview.nextTimeout(now),
      this.#pager?.nextTimeout(now) ?? Number.POSITIVE_INFINITY,
      this.#leaving?.until ?? Number.POSITIVE_INFINITY,
      this.#lastScreenBy,
    );
    this.#wake.expect(at);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.pump(), Math.max(0, Math.ceil(at - now)));
  }

  #finish(now: number, end: SessionEnd): void {
    this.#state = 'over';
    if (end.kind === 'ended') {
      this.#enter();
      this.#display.drawLast(this.#core.screen, this.#options.terminal.size, this.#core.history);
      for (const { path, datagram } of this.#core.farewell(now)) this.#sockets.send(path, datagram);
    }
    this.#close();
    this.#resolve(end);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#options.terminal.close();
    this.#sockets.close();
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(error);
    }
  }
}
