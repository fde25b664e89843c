/**
 * The start of a session's server over an ssh connection: one command without a terminal, one line in, one answer out of whatever else a
 * login shell prints. See SPEC.md §5.
 */

import type { SessionAnswer } from '../../protocol/bootstrap/answer.ts';
import { warmUp } from '../../protocol/crypto/agreement.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { UserError } from '../user-error.ts';
import { RemoteOutput } from './remote-output.ts';
import { lineOf, type RequestLine } from './request-line.ts';

/** Runs `server connect`, where `server` is a command line of the remote shell; `host` is for messages. Throws `UserError`. */
export async function startServer(
  connection: SshConnection,
  options: { readonly host: string; readonly server: string; readonly request: RequestLine },
): Promise<SessionAnswer> {
  const output = new RemoteOutput(options.host, options.server);
  const process = await connection.run(`${options.server} connect`);
  process.stdin.write(lineOf(options.request));
  // A server that starts takes longer than this, and the answer is then read at once.
  setImmediate(warmUp);
  return await new Promise((resolve, reject) => {
    process.stdout.on('data', (bytes: Uint8Array) => {
      try {
        const answer = output.output(bytes);
        if (answer !== undefined) resolve(answer);
      } catch (error) {
        reject(error instanceof UserError ? error : new UserError(String(error), { cause: error }));
      }
    });
    process.stderr.on('data', (bytes: Uint8Array) => output.error(bytes));
    process.exited.then(
      ({ code, signal }) => reject(output.failure({ code, signal: signal && `SIG${signal}` })),
      reject,
    );
  });
}
