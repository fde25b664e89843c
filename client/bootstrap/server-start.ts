/**
 * The start of a session's server over an ssh connection: one command without a terminal, one line in, one answer out of whatever else a
 * login shell prints. See SPEC.md §12.
 */

import type { SessionAnswer } from '../../protocol/bootstrap/answer.ts';
import { warmUp } from '../../protocol/crypto/agreement.ts';
import type { RemoteProcess, SshConnection } from '../ssh/connection.ts';
import { UserError } from '../user-error.ts';
import { RemoteOutput } from './remote-output.ts';
import { lineOf, type RequestLine } from './request-line.ts';

/** What is to be run, where. */
export interface ServerStart {
  /** What the user calls the host. */
  readonly host: string;
  /** The server, for messages. */
  readonly server: string;
  /** The whole command line for the remote shell. */
  readonly command: string;
  readonly request: RequestLine;
}

/** What came of it: a session, or what another rove-server over there would help against, and the error to show if there is to be none. */
export type Started =
  | { readonly kind: 'session'; readonly answer: SessionAnswer }
  /** The command has ended in order and without a word: `startUnless` had nothing to do. */
  | { readonly kind: 'silent' | 'missing' | 'older' | 'newer'; readonly error: UserError };

/** Runs the command and returns what came of it. Throws `UserError` for all that another server would not help against. */
export async function tryServer(connection: SshConnection, start: ServerStart): Promise<Started> {
  return await talkToServer(await connection.run(start.command), start);
}

/** The same with the command that runs already. */
export async function talkToServer(process: RemoteProcess, start: ServerStart): Promise<Started> {
  const output = new RemoteOutput(start.host, start.server);
  // Who has ended without reading it is judged by the status.
  process.stdin.on('error', () => undefined);
  process.stdin.write(lineOf(start.request));
  // A server that starts takes longer than this, and the answer is then read at once.
  setImmediate(warmUp);
  return await new Promise((resolve, reject) => {
    process.stdout.on('data', (bytes: Uint8Array) => {
      try {
        const answer = output.output(bytes);
        if (answer !== undefined) resolve({ kind: 'session', answer });
      } catch (cause) {
        const error = cause instanceof UserError ? cause : new UserError(String(cause), { cause });
        const code = output.refusal?.code;
        if (code === 'older' || code === 'newer') resolve({ kind: code, error });
        else reject(error);
      }
    });
    process.stderr.on('data', (bytes: Uint8Array) => output.error(bytes));
    process.exited.then(({ code, signal, lost }) => {
      if (lost instanceof UserError) return reject(lost);
      const exit = { code, signal: signal && `SIG${signal}` };
      const error = output.failure(exit);
      if (output.isMissing(exit)) resolve({ kind: 'missing', error });
      else if (code === 0) resolve({ kind: 'silent', error });
      else reject(error);
    }, reject);
  });
}

/** The session that the command starts. Throws `UserError` if there is none. */
export async function startServer(connection: SshConnection, start: ServerStart): Promise<SessionAnswer> {
  const started = await tryServer(connection, start);
  if (started.kind !== 'session') throw started.error;
  return started.answer;
}
