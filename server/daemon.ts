/**
 * The daemon: one per user, one pair of UDP sockets, many sessions by connection id. It is the process of the first
 * `rove-server connect`, it answers the later ones over the control socket, and it leaves when its last session has.
 */

import { encodeAnswer, isControlPath } from '../protocol/bootstrap/answer.ts';
import { decodeRequest } from '../protocol/bootstrap/request.ts';
import { CONNECTION_ID_BYTES } from '../protocol/constants.ts';
import { answerOffer } from '../protocol/crypto/agreement.ts';
import { DEFAULT_SCROLLBACK } from '../protocol/history/history-log.ts';
import { serverAddresses } from './addresses.ts';
import type { ControlServer, Message } from './control.ts';
import { type Caller, sessionProgram } from './environment.ts';
import { errorMessage, Failure, failureCode } from './failure.ts';
import { log, logError } from './log.ts';
import { systemRandom } from './random.ts';
import { Session, type SessionInfo } from './session.ts';
import { Turn } from './turn.ts';
import type { PortRange, UdpSockets } from './udp.ts';
import { programVersion } from './version.ts';

/** More than anyone has; a limit on what a program gone wild can start. */
const SESSIONS_MAX = 1_000;
/** How long the clients are given to hear that the daemon was asked to go. */
const GOODBYE_MS = 1_000;

export class Daemon {
  readonly #control: ControlServer;
  readonly #udp: UdpSockets;
  readonly #turn = new Turn();
  readonly #sessions = new Map<string, Session>();
  /** The latest login over SSH: what a session gets that is asked for with no login shell in between. */
  #login: Caller | undefined;
  /** Datagrams that named no session. */
  #strangers = 0;

  constructor(control: ControlServer, udp: UdpSockets) {
    this.#control = control;
    this.#udp = udp;
    udp.onDatagram((datagram, path) => this.#onDatagram(datagram, path));
    process.on('uncaughtException', (error) => logError('a bug outside of any session', error));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#goodbye(signal));
  }

  /** Lets later commands in. */
  open(): void {
    this.#control.serve({
      command: (message) => this.#command(message),
      request: (line) => this.#request(line),
    });
  }

  /**
   * Starts a session and returns the answer for the client. Throws a Failure or DecodeError with a message for the user. A
   * daemon that has no session after that is of no use: `leaveIfIdle`.
   */
  connect(line: string, caller: Caller): string {
    const request = decodeRequest(line);
    if (isLogin(caller)) this.#login = caller;
    this.#checkPort(request.udpPort);
    if (this.#sessions.size >= SESSIONS_MAX) {
      throw new Failure('sessions', `There are ${SESSIONS_MAX} sessions already: end some with "rove-server kill"`);
    }
    const connectionId = this.#freshId();
    const id = hexOf(connectionId);
    const { answer, secret } = answerOffer(request.offer, systemRandom);
    const session = startSession(() => {
      const { cols, rows, keepMs, scrollback = DEFAULT_SCROLLBACK } = request;
      return new Session({
        id,
        connectionId,
        secret,
        random: systemRandom,
        program: sessionProgram(caller, request, id.slice(0, 8)),
        cols,
        rows,
        keepMs,
        scrollback,
        turn: this.#turn,
        send: (datagram, path, onError) => this.#udp.send(datagram, path, onError),
        onOver: () => this.#onOver(id),
      });
    });
    this.#sessions.set(id, session);
    const addresses = serverAddresses(caller.env.SSH_CONNECTION);
    const program = programVersion();
    const control = this.#control.path;
    const isReachable = this.#login !== undefined && isControlPath(control);
    return encodeAnswer({
      kind: 'session',
      program,
      connectionId,
      answer,
      port: this.#udp.port,
      addresses,
      ...(isReachable ? { control } : {}),
    });
  }

  /** Exits when there is no session. The port and the name are free in the same moment. */
  leaveIfIdle(): void {
    if (this.#sessions.size > 0) return;
    this.#udp.close();
    this.#control.close();
    process.exit(0);
  }

  /** A session for a client that sshd has let in and connected to the control socket: with the environment of the latest login. */
  #request(line: string): string {
    try {
      if (this.#login === undefined) throw new Failure('login', 'Nobody has started a session here over SSH yet');
      return this.connect(line, this.#login);
    } catch (error) {
      const code = failureCode(error);
      if (code === 'bug') logError('a request met a bug', error);
      return encodeAnswer({ kind: 'failed', code, message: errorMessage(error) });
    }
  }

  #command(request: Message): Message {
    switch (request.op) {
      case 'connect':
        return { answer: this.connect(String(request.request), callerOf(request.caller)) };
      case 'list':
        return { pid: process.pid, port: this.#udp.port, strangers: this.#strangers, sessions: this.#list() };
      case 'kill':
        return { id: this.#kill(String(request.id)) };
      default:
        throw new Failure('control-version', 'The running rove-server is older and does not know this command');
    }
  }

  #list(): SessionInfo[] {
    return [...this.#sessions.values()].map((session) => session.info);
  }

  #kill(prefix: string): string {
    const found = [...this.#sessions.values()].filter(({ id }) => id.startsWith(prefix.toLowerCase()));
    const [session] = found;
    if (session === undefined || prefix === '') {
      throw new Failure('no-session', `No session is called "${prefix}": "rove-server list" shows them`);
    }
    if (found.length > 1) {
      throw new Failure('no-session', `${found.length} sessions begin with "${prefix}": give more of the id`);
    }
    session.kill('The session was ended by "rove-server kill"');
    return session.id;
  }

  #onDatagram(datagram: Uint8Array, path: string): void {
    // Byte 0 is the type, then comes the connection id (SPEC.md §3).
    const session = this.#sessions.get(hexOf(datagram.subarray(1, 1 + CONNECTION_ID_BYTES)));
    if (session === undefined) this.#strangers++;
    else session.receive(datagram, path);
  }

  #onOver(id: string): void {
    this.#sessions.delete(id);
    this.leaveIfIdle();
  }

  /** The clients are told, and everything ends. */
  #goodbye(signal: string): void {
    log(`ends by ${signal}`);
    for (const session of this.#sessions.values()) session.kill('rove-server was ended on the server');
    setTimeout(() => {
      this.#control.close();
      process.exit(0);
    }, GOODBYE_MS);
  }

  #checkPort(asked: PortRange | undefined): void {
    const { port } = this.#udp;
    if (asked === undefined || (asked.first <= port && port <= asked.last)) return;
    const range = asked.first === asked.last ? `${asked.first}` : `${asked.first}:${asked.last}`;
    const message = `The running rove-server uses UDP port ${port}, not ${range}: end its sessions first, or leave out --udp-port`;
    throw new Failure('port', message);
  }

  #freshId(): Uint8Array {
    for (;;) {
      const id = systemRandom(CONNECTION_ID_BYTES);
      if (!this.#sessions.has(hexOf(id))) return id;
    }
  }
}

/** Whether SSH brought the caller: then its environment is that of a login. */
function isLogin(caller: Caller): boolean {
  return caller.env.SSH_CONNECTION !== undefined;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

function startSession(start: () => Session): Session {
  try {
    return start();
  } catch (cause) {
    const message = `Cannot start a program on the server: ${errorMessage(cause)}. It may be out of terminals, processes or memory`;
    throw new Failure('program', message, { cause });
  }
}

function callerOf(value: unknown): Caller {
  const { env, umask } = (value ?? {}) as { env?: unknown; umask?: unknown };
  const entries = Object.entries((env ?? {}) as Record<string, unknown>);
  return {
    env: Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
    umask: typeof umask === 'number' ? umask & 0o777 : 0o022,
  };
}
