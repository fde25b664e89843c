/**
 * The control socket, by which the commands of a user reach that user's one daemon. One line of JSON each way:
 *
 *     {"rove":1,"op":"list"}                                   {"rove":1,"ok":true,"sessions":[…]}
 *     {"rove":1,"op":"kill","id":"3fa2"}                       {"rove":1,"ok":true,"id":"3fa2…"}
 *     {"rove":1,"op":"connect","request":"…","caller":{…}}     {"rove":1,"ok":true,"answer":"…"}
 *
 * or `{"rove":1,"ok":false,"code":"…","message":"…"}`. A client that comes through sshd, with no program of ours in between, writes the
 * request of SPEC.md §12 as it is, and gets the answer as it is. The directory is closed to others, so what is checked here is
 * against accidents: torn lines, hangs.
 *
 * **Only one daemon** for each version of the protocol. Sockets have names that are not to be guessed, and `control-V-N` is a symbolic
 * link whose text is the last part of such a name. The highest N is the daemon, or the daemon is dead. Whoever finds it dead listens
 * on a socket and makes the link `control-V-(N+1)` to it: of any number of starters only one can. The highest number never goes away, so
 * that a starter who looked long ago can't take a number that is past: a daemon that leaves takes its socket along but leaves its link,
 * and who has taken a number looks once more whether it is the highest.
 *
 * The link leads nowhere by itself: who may only open sockets here, such as the holder of a key for which `authorized_keys` forces a
 * command but forgets to forbid forwarding, can neither read it nor follow it.
 */

import { randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { PROTOCOL_VERSION } from '../protocol/constants.ts';
import { errorCode, errorMessage, Failure, failureCode } from './failure.ts';
import { logError } from './log.ts';

/** Version of the control protocol, not of the program: other programs of the same version are served. */
const CONTROL_VERSION = 1;
/** Longest line either way, in characters: a request with as large an environment as Linux allows fits. */
const LINE_MAX = 8 * 1024 * 1024;
/** Time for a whole exchange. A daemon answers in milliseconds, but may just be starting on a busy machine. */
const EXCHANGE_MS_MAX = 10_000;
/** Callers served at once. */
const CALLERS_MAX = 128;
/** Tries to reach a daemon that is starting or leaving. */
const TRIES_MAX = 50;
const TRY_AGAIN_MS = 20;

/** Daemons of other versions have names of their own: they go on serving their sessions, and nobody asks them for others. */
const VERSIONS = `${PROTOCOL_VERSION}.${CONTROL_VERSION}`;
const LINK_PREFIX = `control-${VERSIONS}-`;
const SOCKET_PREFIX = `socket-${VERSIONS}-`;
const NUMBER = /^\d{1,15}$/;
const KEY_BYTES = 16;
const KEY = /^[0-9a-f]{32}$/;

/** What a line holds besides the version. */
export type Message = Readonly<Record<string, unknown>>;

/** What the daemon does with what its callers send. */
export interface ControlHandler {
  /** A command; a Failure that it throws becomes the reply. */
  command(message: Message): Message;
  /** A request that came through sshd; returns the answer, whatever happens. */
  request(line: string): string;
}

/** The daemon's end. */
export class ControlServer {
  /** Where a client finds it through sshd. */
  readonly path: string;
  readonly #server: Server;
  /** Callers that come while the daemon is still starting wait for this. */
  readonly #handler: Promise<ControlHandler>;
  #begin: (handler: ControlHandler) => void = () => {};

  private constructor(server: Server, path: string) {
    this.path = path;
    this.#handler = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.#server = server;
    server.maxConnections = CALLERS_MAX;
    // A caller that has written its request may close that direction, as ssh does at the end of its input.
    server.on('connection', (socket) => void this.#answer(socket));
  }

  /** Becomes the daemon after the dead one of number `last`; undefined when another process was quicker. */
  static async claim(last: number): Promise<ControlServer | undefined> {
    const key = randomBytes(KEY_BYTES).toString('hex');
    const name = SOCKET_PREFIX + key;
    const server = createServer({ allowHalfOpen: true });
    // Before it listens, because a caller may come as soon as the number is taken.
    const control = new ControlServer(server, join(process.cwd(), name));
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(name, resolve);
      });
      if (takeNumber(last + 1, key)) return control;
      // Which removes the socket.
      server.close();
      return undefined;
    } catch (cause) {
      server.close();
      rmSync(name, { force: true });
      const message = `Cannot make a socket in ${process.cwd()}: ${errorMessage(cause)}. Repair that, or set ROVE_STATE_DIR to another directory`;
      throw new Failure('control-socket', message, { cause });
    }
  }

  /** Callers are answered from now on, those who have waited first. */
  serve(handler: ControlHandler): void {
    this.#begin(handler);
  }

  /** Stops listening, and takes the socket away, so that who knows its path learns at once that nobody is there. */
  close(): void {
    this.#server.close();
    try {
      rmSync(this.path, { force: true });
    } catch {
      // The next daemon removes it.
    }
  }

  async #answer(socket: Socket): Promise<void> {
    try {
      const line = await readLine(socket, EXCHANGE_MS_MAX);
      const handler = await this.#handler;
      socket.end(line.startsWith('{') ? lineOf(replyOf(handler, messageOf(line))) : handler.request(line));
      socket.setTimeout(EXCHANGE_MS_MAX, () => socket.destroy());
    } catch {
      // The caller is gone, or does not speak.
      socket.destroy();
    }
  }
}

/** The daemon's reply, or that there is no daemon, and the number of the last one. */
export type Asked =
  | { readonly kind: 'reply'; readonly reply: Message }
  | { readonly kind: 'none'; readonly last: number };

/** Asks the daemon of the current directory. Throws a Failure with the daemon's own reason, or when it does not answer. */
export async function askDaemon(request: Message): Promise<Asked> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const number = highestNumber();
    if (number === 0) return { kind: 'none', last: 0 };
    try {
      return { kind: 'reply', reply: checkedReply(await exchange(socketOf(number), request)) };
    } catch (error) {
      if (error instanceof Failure) throw error;
      const code = errorCode(error);
      // Nobody listens, or it has left in order, with its socket; unless another one has begun since.
      if (code === 'ECONNREFUSED' || (code === 'ENOENT' && highestNumber() === number)) {
        return { kind: 'none', last: number };
      }
      if (code === 'ETIMEDOUT') break;
      // Otherwise it has left before it answered (ECONNRESET, EPIPE), or it is busy (EAGAIN).
    }
    await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
  }
  throw new Failure(
    'daemon',
    'The running rove-server does not answer: find it with "pgrep -af rove-server" and kill it; its sessions end',
  );
}

async function exchange(name: string, request: Message): Promise<Message> {
  const socket = createConnection(name);
  try {
    socket.write(lineOf(request));
    return messageOf(await readLine(socket, EXCHANGE_MS_MAX));
  } finally {
    socket.destroy();
  }
}

function replyOf(handler: ControlHandler, request: Message): Message {
  try {
    if (request.rove !== CONTROL_VERSION) {
      const message = `The running rove-server (pid ${process.pid}) is of another version: end its sessions, or use that version`;
      throw new Failure('control-version', message);
    }
    return { ok: true, ...handler.command(request) };
  } catch (error) {
    const code = failureCode(error);
    if (code === 'bug') logError('a command met a bug', error);
    return { ok: false, code, message: errorMessage(error) };
  }
}

function checkedReply(reply: Message): Message {
  if (reply.rove !== CONTROL_VERSION) {
    const message = 'The running rove-server is of another version: end its sessions, or use that version';
    throw new Failure('control-version', message);
  }
  if (reply.ok === true) return reply;
  throw new Failure(String(reply.code), String(reply.message));
}

function lineOf(message: Message): string {
  return `${JSON.stringify({ rove: CONTROL_VERSION, ...message })}\n`;
}

/** Reads one line from `socket`, at most LINE_MAX long, within `withinMs`. */
function readLine(socket: Socket, withinMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (code: string) =>
      reject(Object.assign(new Error(`no line from the control socket: ${code}`), { code }));
    const timer = setTimeout(() => fail('ETIMEDOUT'), withinMs);
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n', text.length - chunk.length);
      if (end < 0) {
        if (text.length > LINE_MAX) fail('EMSGSIZE');
        return;
      }
      // What follows is nobody's.
      socket.removeAllListeners('data');
      socket.resume();
      resolve(text.slice(0, end));
    });
    socket.on('error', reject);
    socket.on('end', () => fail('ECONNRESET'));
    socket.on('close', () => {
      clearTimeout(timer);
      fail('ECONNRESET');
    });
  });
}

function messageOf(line: string): Message {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null) throw new Error('not an object');
  return value as Message;
}

/** The socket of daemon `number`. Throws ENOENT when there is none. */
function socketOf(number: number): string {
  const key = readlinkSync(LINK_PREFIX + number);
  if (!KEY.test(key)) throw Object.assign(new Error('not a link of ours'), { code: 'ENOENT' });
  return SOCKET_PREFIX + key;
}

/** The highest number in the current directory, 0 if there is none. */
function highestNumber(): number {
  return Math.max(0, ...takenNumbers());
}

function takenNumbers(): number[] {
  return readdirSync('.').flatMap((name) => {
    const number = name.startsWith(LINK_PREFIX) ? name.slice(LINK_PREFIX.length) : '';
    return NUMBER.test(number) ? [Number(number)] : [];
  });
}

/** Gives the listening socket of `key` its number. False when another process has been quicker. */
function takeNumber(number: number, key: string): boolean {
  try {
    symlinkSync(key, LINK_PREFIX + number);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  if (highestNumber() !== number) {
    rmSync(LINK_PREFIX + number, { force: true });
    return false;
  }
  for (const past of takenNumbers()) if (past < number) forget(past);
  return true;
}

/** Removes what a daemon that is dead has left. */
function forget(number: number): void {
  try {
    rmSync(socketOf(number), { force: true });
  } catch {
    // Another starter was quicker.
  }
  rmSync(LINK_PREFIX + number, { force: true });
}
