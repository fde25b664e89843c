/** An ssh server in the test's own process whose judgement of each attempt is the test's, and logins to it by the built-in ssh. */

import type { AuthContext, AuthenticationType, KeyboardAuthContext, Prompt, Server } from 'ssh2';
import { makeKeyPair } from '../../../client/local/key-pair.ts';
import { Log } from '../../../client/log.ts';
import { connectSsh } from '../../../client/ssh/connect.ts';
import type { Prompter } from '../../../client/ssh/prompter.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../client/ssh/settings.ts';
import { loadSsh2 } from '../../../client/ssh/ssh2-library.ts';

/** How the server treats an attempt: lets it in, or refuses it with what is left to try. */
export type Judge = (attempt: AuthContext) => void;

/** A door with a guard. */
export interface Door {
  /** How to get to it, as the user ann. */
  readonly settings: Settings;
  /** The methods that it saw, in order. */
  readonly seen: string[];
  close(): void;
}

/** Opens one. It shows `banner` to all. */
export async function openDoor(judge: Judge, banner?: string): Promise<Door> {
  const ssh2 = await loadSsh2();
  const host = makeKeyPair(ssh2);
  const seen: string[] = [];
  const options = { hostKeys: [host.private], ...(banner === undefined ? {} : { banner }) };
  const server: Server = new ssh2.Server(options, (connection) => {
    // Or each step waits out a delayed acknowledgement.
    if ('setNoDelay' in connection && typeof connection.setNoDelay === 'function') connection.setNoDelay(true);
    connection.on('error', () => undefined);
    connection.on('authentication', (attempt) => {
      seen.push(attempt.method);
      judge(attempt);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: unknown = server.address();
  const port = typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : 0;
  const parsed = ssh2.utils.parseKey(host.public);
  if (parsed instanceof Error) throw parsed;
  const [pinned] = [parsed].flat();
  const hostKeys = { ...DEFAULT_SETTINGS.hostKeys, ...(pinned && { pinned: pinned.getPublicSSH() }) };
  return {
    settings: { ...DEFAULT_SETTINGS, label: 'desk', host: '127.0.0.1', port, user: 'ann', hostKeys },
    seen,
    close: () => server.close(),
  };
}

/** Logs in and leaves; rejects if it is not let in. Gives what was logged on the way. */
export async function logIn(settings: Settings, prompter: Prompter): Promise<string[]> {
  const lines: string[] = [];
  const log = new Log(settings.logLevel, (line) => lines.push(line));
  const connection = connectSsh({ settings, target: undefined, prompter, log });
  try {
    await connection.ready;
    return lines;
  } finally {
    connection.close();
  }
}

/** Puts one round of questions; gives the answers. */
export function ask(attempt: KeyboardAuthContext, prompts: Prompt[], info = ''): Promise<string[]> {
  return new Promise((resolve) => attempt.prompt(prompts, 'The desk', info, (answers) => resolve([...answers])));
}

/** Refuses with the methods that a server of passwords has. */
export function refuse(attempt: AuthContext, left: AuthenticationType[] = ['password'], partial = false): void {
  attempt.reject(left, partial);
}
