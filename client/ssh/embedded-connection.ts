/**
 * The built-in ssh: one connection over a socket that someone else has made (`dial.ts`, a jump, a proxy command). The library does the
 * transport of RFC 4253; whom to trust, how to log in, the channels, how long to wait and what to say when it fails are put together here.
 */

import type { Duplex } from 'node:stream';
import type { Client, ClientErrorExtensions } from 'ssh2';
import type { Log } from '../log.ts';
import { printable } from '../printable.ts';
import { UserError } from '../user-error.ts';
import { Authentication } from './auth/authentication.ts';
import { NeedsSystemSsh } from './auth/needs-system-ssh.ts';
import type { RemoteProcess, RunOptions, SshConnection } from './connection.ts';
import {
  asUserError,
  explainClose,
  explainError,
  isRefused,
  type Stage,
  wordsOfRefusal,
} from './connection-failure.ts';
import { Channels, forwardWish, type Opened, sessionWish, socketWish, type Wish } from './embedded-channels.ts';
import { EmbeddedLogin } from './embedded-login.ts';
import { plainKeyOf } from './host-keys/host-certificate.ts';
import { HostKeyCheck } from './host-keys/host-key-check.ts';
import type { KeyExchangeMemory } from './key-exchange-memory.ts';
import { Patience } from './patience.ts';
import type { Prompter } from './prompter.ts';
import type { Settings } from './settings.ts';
import { makeOffer } from './ssh2-algorithms.ts';
import { GUESSED_KEX, Ssh2Internals, WrongGuess } from './ssh2-internals.ts';
import { loadSsh2, type Ssh2 } from './ssh2-library.ts';

/** What is under a connection. */
export interface Carrier {
  readonly socket: Duplex;
  /** The literal address that was reached by TCP; undefined if it was by way of others. */
  readonly address: string | undefined;
  /** Why it has ended, where it knows better than the socket. */
  whyEnded?(): Error | undefined;
  /** Lets go of what it rests on, when the connection over it has said its last. */
  close?(): void;
}

/** What a connection is made of. */
export interface EmbeddedOptions {
  readonly settings: Settings;
  /** On its way already. */
  readonly carrier: Promise<Carrier>;
  readonly prompter: Prompter;
  readonly log: Log;
  /** Which hosts may be sent our half of the key exchange at once; where that has become wrong it is noted, and ends in `WrongGuess`. */
  readonly memory?: KeyExchangeMemory | undefined;
  /** Called once, when the network is waited for: what takes the processor costs no time then. */
  readonly whileWaiting?: (() => void) | undefined;
}

/** A connection that takes this long to come about leaves time for other things at the next answer, too, in ms. */
const LONG_WAIT_MS = 25;

/** In how many times its silent limit the handshake has to be over: many short words are no answer, either. */
const HANDSHAKE_SILENCES = 4;

/**
 * After the handshake, a server that says nothing for this long while no question stands at the user is taken for dead, in ms. Long,
 * because some servers wait for a confirmation on the user's phone without a word.
 */
const SILENCE_MAX_MS = 120_000;
/** For a whole login, without the user's time for answers, in ms. */
const LOGIN_MAX_MS = 600_000;

/** A server that lets this much of ours pile up does not read, in bytes; its windows allow less. */
const UNREAD_BYTES_MAX = 8 * 1024 * 1024;

/** A connection that is on its way from the moment it is made. */
export class EmbeddedConnection implements SshConnection {
  readonly ready: Promise<void>;
  readonly #settings: Settings;
  readonly #memory: KeyExchangeMemory | undefined;
  readonly #prompter: Prompter;
  readonly #log: Log;
  readonly #patience: Patience;
  #stage: Stage = 'connecting';
  #address: string | undefined;
  #carrier: Carrier | undefined;
  #client: Client | undefined;
  #channels: Channels | undefined;
  #authentication: Authentication | undefined;
  #login: EmbeddedLogin | undefined;
  #failure: Error | undefined;
  /** Channels asked for and not there yet. */
  #unanswered = 0;
  readonly #drained: (() => void)[] = [];
  #whileWaiting: (() => void) | undefined;
  /** The channels can be asked: the protocol is there, though not the login. */
  readonly #begun: Promise<Channels>;
  #onReady: () => void = () => undefined;
  #onFailed: (error: Error) => void = () => undefined;

  constructor(options: EmbeddedOptions) {
    this.#settings = options.settings;
    this.#prompter = options.prompter;
    this.#log = options.log;
    this.#memory = options.memory;
    this.#whileWaiting = options.whileWaiting;
    this.#patience = new Patience(options.prompter);
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onFailed = reject;
    });
    this.#begun = this.#begin(options.carrier);
    for (const promise of [this.ready, this.#begun]) promise.catch(() => undefined);
    this.#begun.catch((error: unknown) => this.#fail(asUserError(error)));
  }

  get address(): string | undefined {
    return this.#address;
  }

  get addresses(): readonly string[] {
    return this.#address === undefined ? [] : [this.#address];
  }

  /** Why it is over, if it is. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  async run(command: string | undefined, options: RunOptions = {}): Promise<RemoteProcess> {
    const what =
      command === undefined
        ? ({ kind: 'shell' } as const)
        : ({ kind: options.subsystem === true ? 'subsystem' : 'exec', name: command } as const);
    const { channel, granted } = await this.#ask(sessionWish(what, options.env ?? {}), (refusal) => {
      const { label, user } = this.#settings;
      return `${label} does not let ${user} run commands: ${refusal}`;
    });
    if (!(await granted)) {
      channel.close();
      throw this.#failure ?? new UserError(refusedRequest(this.#settings, what));
    }
    return {
      stdin: channel.stdin,
      stdout: channel.stdout,
      stderr: channel.stderr,
      exited: channel.exited,
      signal: (name) => channel.signal(name),
    };
  }

  openSocket(path: string): Promise<Duplex> {
    return this.#openStream(socketWish(path), (why) => `${this.#settings.label} does not connect to ${path}: ${why}`);
  }

  /** A TCP connection from there to `host`, for the next hop of a jump. Rejects with `UserError`. */
  forwardTo(host: string, port: number): Promise<Duplex> {
    return this.#openStream(
      forwardWish(host, port),
      (why) => `${this.#settings.label} cannot connect to ${host} port ${port}: ${why}`,
    );
  }

  close(): void {
    this.#fail(new UserError(`the connection to ${this.#settings.label} was closed`));
  }

  async #openStream(wish: Wish, explain: (why: string) => string): Promise<Duplex> {
    const { channel } = await this.#ask(wish, explain);
    if (channel.stream === undefined) throw new Error('the channel has no stream');
    return channel.stream;
  }

  async #ask(wish: Wish, explain: (why: string) => string): Promise<Opened> {
    const channels = await this.#begun;
    this.#unanswered++;
    this.#beginPatience();
    try {
      const opened = await channels.ask(wish);
      await opened.granted;
      return opened;
    } catch (error) {
      // A refusal says more than the end that may have come with it.
      if (this.#failure !== undefined && !isRefused(error)) throw this.#failure;
      throw new UserError(explain(wordsOfRefusal(error)));
    } finally {
      this.#unanswered--;
      if (this.#stage === 'open' && this.#unanswered === 0) this.#patience.end();
    }
  }

  /** Once logged in, only what was asked for has to be answered: a program may be silent for days. */
  #beginPatience(): void {
    if (this.#stage !== 'open' && this.#stage !== 'login') return;
    if (this.#stage === 'open' && this.#unanswered === 0) {
      this.#patience.end();
      return;
    }
    this.#patience.begin({ silenceMs: SILENCE_MAX_MS, totalMs: LOGIN_MAX_MS }, () =>
      this.#fail(new UserError(`${this.#settings.label} has stopped answering: try again`)),
    );
  }

  async #begin(carrying: Promise<Carrier>): Promise<Channels> {
    const settings = this.#settings;
    const hostKeys = new HostKeyCheck(settings.host, settings.port, settings.hostKeys, this.#patience.prompter, {
      log: this.#log,
      batch: settings.batch,
      wanted: settings.algorithms.hostKey,
    });
    carrying.catch(() => undefined);
    const ssh2 = await loadSsh2();
    const authentication = new Authentication(
      ssh2,
      settings,
      this.#patience.prompter,
      (error) => this.#fail(error),
      this.#log,
    );
    this.#authentication = authentication;
    const waitingSince = performance.now();
    const carrier = await carrying;
    const isFar = performance.now() - waitingSince > LONG_WAIT_MS;
    this.#carrier = carrier;
    const hostKeyAlgorithms = await hostKeys.algorithms();
    if (this.#stage === 'over') {
      carrier.socket.destroy();
      carrier.close?.();
      throw this.#failure ?? new Error('over');
    }
    this.#address = carrier.address;
    if (carrier.address !== undefined) this.#trace(`connected to ${carrier.address} port ${settings.port}`);
    const channels = this.#shakeHands(ssh2, carrier, hostKeys, hostKeyAlgorithms);
    // From a near host the keys are there at once, and the first long wait is that for the command.
    if (isFar) this.#useTheWait();
    return channels;
  }

  #shakeHands(ssh2: Ssh2, carrier: Carrier, hostKeys: HostKeyCheck, hostKeyAlgorithms: readonly string[]): Channels {
    const { label, host, port, timeoutMs, alive, algorithms } = this.#settings;
    const made = makeOffer(algorithms, hostKeyAlgorithms);
    if ('nothingLeft' in made) {
      throw new NeedsSystemSsh(`the built-in ssh has none of the ${made.nothingLeft} that are configured for ${label}`);
    }
    const { socket } = carrier;
    const client = new ssh2.Client();
    this.#client = client;
    this.#stage = 'handshake';
    this.#patience.begin({ silenceMs: timeoutMs, totalMs: HANDSHAKE_SILENCES * timeoutMs }, () =>
      this.#fail(
        new UserError(`${label} accepted the connection but does not answer as an ssh server: is the port right (-p)?`),
      ),
    );
    const login = (): string => this.#authentication?.describeFailure() ?? 'nothing was tried';
    const ended = (): void => this.#fail(carrier.whyEnded?.() ?? explainClose(this.#stage, label, login));
    client.on('error', (error: Error & ClientErrorExtensions) => {
      this.#trace(`ssh: ${error.level ?? 'error'}: ${error.message}`);
      if (error instanceof WrongGuess) {
        this.#memory?.note(host, port, false);
        this.#fail(error);
        return;
      }
      this.#fail(carrier.whyEnded?.() ?? explainError(error, this.#stage, label, login));
    });
    client.on('close', ended);
    client.on('end', ended);
    const debug = this.#log.wants('debug2') ? { debug: (line: string) => this.#log.tell('debug2', line) } : {};
    client.connect({
      sock: socket,
      username: this.#settings.user,
      readyTimeout: 0,
      keepaliveInterval: alive.intervalMs,
      keepaliveCountMax: alive.countMax,
      // Replaced below; if ever it were not, nothing is trusted.
      hostVerifier: () => false,
      ...debug,
    });
    const internals = new Ssh2Internals(client);
    internals.offer(made.offer);
    internals.greetAtOnce(this.#memory?.knows(host, port) === true);
    internals.verifyHost((blob, accept) => {
      hostKeys
        .check(blob, carrier.address)
        .then(({ trusted }) => {
          if (this.#stage !== 'handshake') return;
          if (trusted === 'changed-but-allowed') this.#authentication?.distrust();
          accept();
        })
        // Of the library's, too, which goes on from here.
        .catch((error: unknown) => this.#fail(asUserError(error)));
    }, plainKeyOf);
    let offered: readonly Uint8Array[] = [];
    internals.hearHostKeys((keys) => {
      offered = keys;
      return this.#settings.hostKeys.update !== 'no';
    });
    client.on('hostkeys', (keys) => {
      const proven = keys.map((key) => key.getPublicSSH());
      void hostKeys.learn(proven, offered);
    });
    const fault = (what: string): void => {
      const software = printable(internals.serverSoftware, { lengthMax: 60 });
      this.#fail(
        new UserError(`${label} breaks the ssh protocol with ${what}: the connection was closed (${software})`),
      );
    };
    const channels = new Channels(internals, {
      messages: internals.messages,
      send: (payload) => internals.send(payload),
      whenDrained: (then) => this.#whenDrained(then),
      fault,
    });
    this.#channels = channels;
    this.#login = new EmbeddedLogin({
      internals,
      authentication: this.#authentication ?? unready(),
      user: this.#settings.user,
      channels,
      trace: (line) => this.#trace(line),
      tell: (line) => this.#log.wants('info') && this.#prompter.tell(line),
      sent: () => this.#useTheWait(),
      succeed: () => this.#loggedIn(internals),
      fail: (error) => this.#fail(error),
      fault,
    });
    client.on('handshake', (negotiated) => {
      if (this.#stage !== 'handshake') return;
      this.#trace(
        `key exchange ${negotiated.kex}, host key ${negotiated.serverHostKey}, cipher ${negotiated.cs.cipher}, server ${printable(internals.serverSoftware, { lengthMax: 60 })}`,
      );
      // Others than OpenSSH's may mind what comes early.
      if (internals.isOpenSsh) this.#memory?.note(host, port, negotiated.kex === GUESSED_KEX);
      this.#stage = 'login';
      this.#beginPatience();
      const { hostProof, sessionId } = internals;
      if (hostProof !== undefined && sessionId !== undefined) {
        this.#authentication?.boundTo({ ...hostProof, sessionId });
      }
      this.#login?.begin();
    });
    socket.on('drain', () => {
      for (const then of this.#drained.splice(0)) then();
    });
    // After the library has, or the first bytes would come here alone.
    socket.on('data', () => {
      this.#patience.heard();
      if (socket.writableLength > UNREAD_BYTES_MAX) fault('a request for more than it reads');
    });
    // A server may hang up before the library listens.
    if (socket.destroyed) throw explainClose(this.#stage, label, login);
    return channels;
  }

  #loggedIn(internals: Ssh2Internals): void {
    this.#stage = 'open';
    this.#beginPatience();
    internals.startKeepalive();
    this.#authentication?.succeeded();
    this.#trace('logged in');
    this.#onReady();
  }

  /** After what is to be sent now has been sent. */
  #useTheWait(): void {
    const use = this.#whileWaiting;
    this.#whileWaiting = undefined;
    if (use !== undefined) setImmediate(() => this.#stage === 'over' || use());
  }

  #whenDrained(then: () => void): void {
    if (this.#carrier?.socket.writableNeedDrain === true) this.#drained.push(then);
    else then();
  }

  /** Ends it: once, for the first reason. */
  #fail(error: Error): void {
    if (this.#stage === 'over') return;
    this.#stage = 'over';
    this.#failure = error;
    this.#patience.end();
    this.#login?.end();
    this.#onFailed(error);
    this.#channels?.lost(error);
    this.#hangUp();
  }

  /** Ends it politely and at once: nothing of the process waits for the other side. */
  #hangUp(): void {
    const socket = this.#carrier?.socket;
    try {
      this.#client?.end();
    } catch {
      // The library may have ended itself already.
    }
    for (const then of this.#drained.splice(0)) then();
    if (socket === undefined) return;
    if ('destroySoon' in socket && typeof socket.destroySoon === 'function') socket.destroySoon();
    else socket.end();
    if ('unref' in socket && typeof socket.unref === 'function') socket.unref();
    this.#carrier?.close?.();
  }

  #trace(line: string): void {
    this.#log.tell('debug1', `${this.#settings.label}: ${line}`);
  }
}

function refusedRequest(
  { label, user }: Settings,
  what: { readonly kind: 'shell' } | { readonly kind: 'exec' | 'subsystem'; readonly name: string },
): string {
  if (what.kind === 'subsystem') return `${label} has no subsystem ${what.name}`;
  return `${label} does not let ${user} run ${what.kind === 'shell' ? 'a shell' : 'commands'}`;
}

function unready(): never {
  throw new Error('there is nobody to log in as');
}
