/**
 * The bootstrap: over ssh to the other machine, the server started there, the keys agreed, and what the UDP session needs brought
 * back. The ssh connection proves who is who and carries two lines; when the answer has been read, it is over. See SPEC.md §5.
 */

import type { SessionAnswer } from '../../protocol/bootstrap/answer.ts';
import { Log, type LogLevel } from '../log.ts';
import { resolveLogin } from '../ssh/config/login.ts';
import { connectSsh, connectSystemSsh } from '../ssh/connect.ts';
import type { SshConnection } from '../ssh/connection.ts';
import type { Prompter } from '../ssh/prompter.ts';
import type { RemoteTarget } from '../ssh/target.ts';
import { madeOnce, type RequestLine } from './request-line.ts';
import { startServer } from './server-start.ts';

/** What a session starts from. */
export interface Bootstrapped {
  readonly answer: SessionAnswer;
  /** Literal IP addresses to send to, the likeliest first: the one that ssh reached, then the server's own list. */
  readonly addresses: readonly string[];
}

/** Most addresses handed on. */
const ADDRESSES_MAX = 16;

/** Starts a session on `target`. `request` is the line for `rove-server connect`. Throws `UserError`, whose message is for the user. */
export async function bootstrap(target: RemoteTarget, request: RequestLine, prompter: Prompter): Promise<Bootstrapped> {
  const once = madeOnce(request);
  const log = new Log(levelOf(target.verbosity), (line) => prompter.tell(line));
  const start = async (connection: SshConnection, family: 4 | 6 | undefined): Promise<Bootstrapped> => {
    try {
      const answer = await startServer(connection, { host: target.host, server: target.server, request: once });
      return { answer, addresses: candidates(connection.addresses, answer, family) };
    } finally {
      connection.close();
    }
  };
  if (target.ssh !== undefined) {
    // It reads the configuration itself, perhaps another one.
    const connection = connectSystemSsh({ target, command: target.ssh, log, whileWaiting: once });
    return start(connection, target.family);
  }
  const settings = await resolveLogin(target);
  return start(connectSsh({ settings, target, prompter, log, whileWaiting: once }), settings.family);
}

function levelOf(verbosity: number): LogLevel {
  return (['info', 'debug1', 'debug2'] as const)[verbosity] ?? 'debug3';
}

/** The addresses reached, then those that the server names; of one family if the user wants only that. */
export function candidates(reached: readonly string[], answer: SessionAnswer, family: 4 | 6 | undefined): string[] {
  // A dual-stack socket shows an IPv4 peer in IPv6's clothes.
  const plain = [...reached, ...answer.addresses].map((address) => address.replace(/^::ffff:(?=\d+\.)/i, ''));
  const wanted = plain.filter((address) => family === undefined || address.includes(':') === (family === 6));
  return [...new Set(wanted)].slice(0, ADDRESSES_MAX);
}
