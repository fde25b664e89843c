/** The bootstrap of a session on this machine: the embedded ssh server of `local-server.ts`, reached by the same client code as any other. */

import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Bootstrapped, candidates } from '../bootstrap/bootstrap.ts';
import { madeOnce, type RequestLine } from '../bootstrap/request-line.ts';
import { startServer } from '../bootstrap/server-start.ts';
import type { Log } from '../log.ts';
import { connectSsh } from '../ssh/connect.ts';
import type { Prompter } from '../ssh/prompter.ts';
import { DEFAULT_SETTINGS, type Settings } from '../ssh/settings.ts';
import { loadSsh2 } from '../ssh/ssh2-library.ts';
import { UserError } from '../user-error.ts';
import { LOOPBACK, startLocalServer } from './local-server.ts';

const SERVER = 'rove-server';

/** Nothing on loopback takes this long unless it is stuck, in ms. */
const TIMEOUT_MS = 10_000;

/**
 * Starts a session on this machine. `program` is the file of the server program; by default it stands beside the one that runs.
 * Throws `UserError`.
 */
export async function bootstrapLocal(
  request: RequestLine,
  prompter: Prompter,
  log: Log,
  program: string = fileURLToPath(new URL('rove-server.mjs', import.meta.url)),
): Promise<Bootstrapped> {
  const once = madeOnce(request);
  const ssh2 = await loadSsh2();
  const server = await startLocalServer(ssh2, `${SERVER} connect`, [process.execPath, program, 'connect']);
  try {
    const settings: Settings = {
      ...DEFAULT_SETTINGS,
      label: 'this machine',
      host: LOOPBACK,
      port: server.port,
      user: server.user,
      family: 4,
      timeoutMs: TIMEOUT_MS,
      hostKeys: { ...DEFAULT_SETTINGS.hostKeys, strict: 'yes', pinned: server.hostKey },
      identities: { ...DEFAULT_SETTINGS.identities, only: true, inMemory: [server.userKey] },
      methods: { publicKey: true, keyboardInteractive: false, password: false, preferred: ['publickey'] },
      prompts: 0,
      batch: true,
    };
    const connection = connectSsh({
      settings,
      target: undefined,
      prompter,
      log,
      whileWaiting: once,
    });
    try {
      const answer = await startServer(connection, {
        host: settings.label,
        server: SERVER,
        command: `${SERVER} connect`,
        request: once,
      });
      const addresses = candidates([LOOPBACK], answer, undefined);
      return { answer, addresses, behind: false, over: () => undefined };
    } finally {
      connection.close();
    }
  } catch (error) {
    if (error instanceof UserError || !(error instanceof Error)) throw error;
    throw new UserError(`cannot start a session on this machine from ${homedir()}: ${error.message}`, {
      cause: error,
    });
  } finally {
    server.close();
  }
}
