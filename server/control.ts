/**
 * The control socket, by which the commands of a user reach that user's one daemon. One line of JSON each way:
 *
 *     {"rove":1,"op":"list"}                                   {"rove":1,"ok":true,"sessions":[…]}
 *     {"rove":1,"op":"kill","id":"3fa2"}                       {"rove":1,"ok":true,"id":"3fa2…"}
 *     {"rove":1,"op":"connect","request":"…","caller":{…}}     {"rove":1,"ok":true,"answer":"…"}
 *
 * or `{"rove":1,"ok":false,"code":"…","message":"…"}`. The directory is closed to others, so what is checked here is against
 * accidents: other versions, torn lines, hangs.
 *
 * **Only one daemon.** Sockets are called `control-N`. The highest N is the daemon, or the daemon is dead. Whoever finds it dead
 * binds a socket under a name of its own and links it to `control-N+1`: of any number of starters only one can. The highest
 * number never goes away, so that a starter who looked long ago can't take a number that is past: a daemon that leaves leaves
 * its dead socket for the next one to remove, and who has taken a number looks once more whether it is the highest.
 */

import { linkSync, readdirSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
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

const SOCKET_NAME = /^control-(\d{1,15})$/;

/** What a line holds besides the version. */
export type Message = Readonly<Record<string, unknown>>;

/** The daemon's end. */
export class ControlServer {
  readonly #server: Server;
  /** Callers that come while the daemon is still starting wait for this. */
  readonly #handler: Promise<(request: Message) => Message>;
  #begin: (handler: (request: Message) => Message) => void = () => {};

  private constructor(server: Server) {
    this.#handler = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.#server = server;
    server.maxConnections = CALLERS_MAX;
    server.on('connection', (socket) => void this.#answer(socket));
  }

  /** Becomes the daemon after the dead one of number `last`; undefined when another process was quicker. */
  static async claim(last: number): Promise<ControlServer | undefined> {
    const name = `claim-${process.pid}`;
    const server = createServer();
    // Before it listens, because a caller may come as soon as the number is taken.
    const control = new ControlServer(server);
    try {
      rmSync(name, { force: true });
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(name, resolve);
      });
      if (takeNumber(last + 1, name)) return control;
      server.close();
      return undefined;
    } catch (cause) {
      server.close();
      const message = `Cannot make a socket in ${process.cwd()}: ${errorMessage(cause)}. Repair that, or set ROVE_STATE_DIR to another directory`;
      throw new Failure('control-socket', message, { cause });
    } finally {
      rmSync(name, { force: true });
    }
  }

  /** Callers are answered from now on, those who have waited first. A Failure that the handler throws becomes the reply. */
  serve(handler: (request: Message) => Message): void {
    this.#begin(handler);
  }

  /** Whoever calls from now on finds nobody, and may become the next daemon. */
  close(): void {
    this.#server.close();
  }

  async #answer(socket: Socket): Promise<void> {
    try {
      const request = await readMessage(socket, EXCHANGE_MS_MAX);
      const handler = await this.#handler;
      socket.end(lineOf(replyOf(handler, request)));
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
      return { kind: 'reply', reply: checkedReply(await exchange(`control-${number}`, request)) };
    } catch (error) {
      if (error instanceof Failure) throw error;
      const code = errorCode(error);
      if (code === 'ECONNREFUSED') return { kind: 'none', last: number };
      if (code === 'ETIMEDOUT') break;
      // Otherwise it has left before it answered (ECONNRESET, EPIPE), another one has begun (ENOENT), or it is busy (EAGAIN).
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
    return await readMessage(socket, EXCHANGE_MS_MAX);
  } finally {
    socket.destroy();
  }
}

function replyOf(handler: (request: Message) => Message, request: Message): Message {
  try {
    if (request.rove !== CONTROL_VERSION) {
      const message = `The running rove-server (pid ${process.pid}) is of another version: end its sessions, or use that version`;
      throw new Failure('control-version', message);
    }
    return { ok: true, ...handler(request) };
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
function readMessage(socket: Socket, withinMs: number): Promise<Message> {
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
      try {
        resolve(objectOf(JSON.parse(text.slice(0, end))));
      } catch (error) {
        reject(error);
      }
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      fail('ECONNRESET');
    });
  });
}

function objectOf(value: unknown): Message {
  if (typeof value !== 'object' || value === null) throw new Error('not an object');
  return value as Message;
}

/** The highest number in the current directory, 0 if there is none. */
function highestNumber(): number {
  return Math.max(0, ...takenNumbers());
}

function takenNumbers(): number[] {
  return readdirSync('.').flatMap((name) => {
    const number = SOCKET_NAME.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

/** Gives the listening socket `name` its number. False when another process has been quicker. */
function takeNumber(number: number, name: string): boolean {
  try {
    linkSync(name, `control-${number}`);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  if (highestNumber() !== number) {
    rmSync(`control-${number}`, { force: true });
    return false;
  }
  for (const past of takenNumbers()) if (past < number) rmSync(`control-${past}`, { force: true });
  return true;
}
