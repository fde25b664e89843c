/** A session asked for at the control socket of a daemon that runs already: an ssh channel goes straight to it, and no program is started. */

import type { Duplex } from 'node:stream';
import { AnswerFinder, type SessionAnswer } from '../../protocol/bootstrap/answer.ts';
import { warmUp } from '../../protocol/crypto/agreement.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { lineOf, type RequestLine } from './request-line.ts';

/** A daemon answers in milliseconds; one that hangs is left to the command, which says so. With the round trip of a bad link, in ms. */
const ANSWER_MS_MAX = 5_000;
/** More than any answer has, in bytes. */
const OUTPUT_BYTES_MAX = 64 * 1024;

/**
 * The answer of the daemon at `path`; undefined where the way is closed, nobody is there, or the daemon does not give a session. Rejects
 * with `UserError` if there is no login.
 */
export async function askControlSocket(
  connection: SshConnection,
  path: string,
  request: RequestLine,
): Promise<SessionAnswer | undefined> {
  let stream: Duplex;
  try {
    stream = await connection.openSocket(path);
  } catch {
    await connection.ready;
    return undefined;
  }
  stream.write(lineOf(request));
  // The answer, which is a round trip away, is then read at once.
  setImmediate(warmUp);
  try {
    return await sessionFrom(stream);
  } finally {
    stream.destroy();
  }
}

function sessionFrom(stream: Duplex): Promise<SessionAnswer | undefined> {
  const finder = new AnswerFinder();
  let received = 0;
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(undefined), ANSWER_MS_MAX);
    const settle = (answer: SessionAnswer | undefined): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    stream.on('data', (bytes: Uint8Array) => {
      received += bytes.length;
      const answer = finder.push(bytes);
      if (answer !== undefined) settle(answer.kind === 'session' ? answer : undefined);
      else if (received > OUTPUT_BYTES_MAX) settle(undefined);
    });
    for (const event of ['end', 'close', 'error']) stream.on(event, () => settle(undefined));
  });
}
