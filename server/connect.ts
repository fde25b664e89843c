/**
 * `rove-server connect`: what the client runs over SSH. It reads the request line from standard input and prints the answer
 * line: that of the running daemon, or, when there is none, its own as the daemon that it becomes in place.
 */

import { read, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { askDaemon, ControlServer } from './control.ts';
import { detach } from './detach.ts';
import { errorCode, errorMessage, Failure, failureCode } from './failure.ts';
import { enterStateDirectory, stateDirectory } from './state-directory.ts';

/** How long the request may take: the client sends it together with the command. */
const REQUEST_MS_MAX = 15_000;
/** Longest request line in bytes (SPEC.md §5), and its line feed. */
const REQUEST_BYTES_MAX = 256 * 1024 + 2;
/** Tries to find or to become the daemon, of which each lost one means that another process made progress. */
const TRIES_MAX = 20;
const READ_BYTES = 64 * 1024;
const TRY_AGAIN_MS = 5;

/** Runs the command. Returns the exit status, or undefined when this process is now the daemon. */
export async function connect(): Promise<number | undefined> {
  try {
    const line = await readRequest();
    const caller = { env: { ...process.env }, umask: process.umask() };
    enterStateDirectory(stateDirectory(process.env));
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const asked = await askDaemon({ op: 'connect', request: line, caller });
      if (asked.kind === 'reply') {
        print(String(asked.reply.answer));
        return 0;
      }
      const control = await ControlServer.claim(asked.last);
      if (control === undefined) continue;
      await serve(control, line, { env: definedOnly(process.env), umask: caller.umask });
      // By its name alone: in the directory that was checked, whatever its path leads to by now.
      detach('log');
      return undefined;
    }
    throw new Failure('daemon', 'Other processes keep starting and ending a rove-server here: try again');
  } catch (error) {
    await printFailure(error);
    return 1;
  }
}

/** Becomes the daemon and answers the request. Throws what the user is to be told when that leaves it without a session. */
async function serve(control: ControlServer, line: string, caller: { env: Record<string, string>; umask: number }) {
  // Loaded only here: passing a request on needs none of it.
  const [{ Daemon }, { UdpSockets, DEFAULT_PORTS }, { decodeRequest }] = await Promise.all([
    import('./daemon.ts'),
    import('./udp.ts'),
    import('../protocol/bootstrap/request.ts'),
  ]);
  try {
    const { udpPort } = decodeRequest(line);
    const daemon = new Daemon(control, await UdpSockets.bind(udpPort ?? DEFAULT_PORTS));
    print(daemon.connect(line, caller));
    daemon.open();
  } catch (error) {
    control.close();
    throw error;
  }
}

/** One line of standard input, without its line feed. */
async function readRequest(): Promise<string> {
  if (isatty(0)) {
    const message =
      'rove-server connect is run by rove over ssh, not by hand: on your own machine, type "rove user@host"';
    throw new Failure('request', message);
  }
  const deadline = performance.now() + REQUEST_MS_MAX;
  const chunks: Buffer[] = [];
  for (let length = 0; length < REQUEST_BYTES_MAX; ) {
    const chunk = await readSome(deadline);
    if (chunk.length === 0)
      throw new Failure('request', 'The input ended before the request: is a rove client at the other end?');
    chunks.push(chunk);
    length += chunk.length;
    const end = chunk.indexOf(0x0a);
    if (end >= 0) return Buffer.concat(chunks, length - chunk.length + end).toString('latin1');
  }
  throw new Failure(
    'request',
    `The request is longer than ${REQUEST_BYTES_MAX} bytes: is a rove client at the other end?`,
  );
}

/** What standard input has, empty at its end. Read as a file, so that no stream object holds on to the descriptor. */
function readSome(deadline: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Failure('request', `No request came within ${REQUEST_MS_MAX / 1_000} s`));
    const timer = setTimeout(late, Math.max(deadline - performance.now(), 0));
    const again = () => {
      read(0, Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, null, (error, length, buffer) => {
        // Somebody has made the descriptor non-blocking.
        if (errorCode(error) === 'EAGAIN' && performance.now() < deadline) {
          setTimeout(again, TRY_AGAIN_MS);
          return;
        }
        clearTimeout(timer);
        if (error) reject(new Failure('request', `Cannot read the request: ${error.message}`));
        else resolve(buffer.subarray(0, length));
      });
    };
    again();
  });
}

/** Writes to standard output whole. A reader that has gone is no concern of the session that was made. */
function print(text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') return;
    }
  }
}

/** Tells the client, and a person who looks at the terminal. */
async function printFailure(error: unknown): Promise<void> {
  const { encodeAnswer } = await import('../protocol/bootstrap/answer.ts');
  const message = errorMessage(error);
  print(encodeAnswer({ kind: 'failed', code: failureCode(error), message }));
  writeSync(2, `rove-server: ${message}\n`);
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
