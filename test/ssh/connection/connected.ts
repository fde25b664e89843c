/** Connections to servers of the tests: settings for one, a log to look into, and everything that a command said. */

import { buffer, text } from 'node:stream/consumers';
import { Log, type LogLevel } from '../../../client/log.ts';
import type { RemoteExit, SshConnection } from '../../../client/ssh/connection.ts';
import { EmbeddedConnection } from '../../../client/ssh/embedded-connection.ts';
import { carryTo } from '../../../client/ssh/jump.ts';
import type { KeyExchangeMemory } from '../../../client/ssh/key-exchange-memory.ts';
import type { Prompter } from '../../../client/ssh/prompter.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../client/ssh/settings.ts';
import type { Sshd } from '../../peers/sshd.ts';
import { ScriptedPrompter } from '../scripted-prompter.ts';

/** For the one key and the one user of `sshd`, and no question. */
export function settingsFor(sshd: Sshd, changes: Partial<Settings> = {}): Settings {
  const [, base64 = ''] = sshd.hostKeys[0]?.split(' ') ?? [];
  return {
    ...DEFAULT_SETTINGS,
    label: 'peer',
    host: sshd.address,
    port: sshd.port,
    user: sshd.user,
    timeoutMs: 15_000,
    hostKeys: { ...DEFAULT_SETTINGS.hostKeys, pinned: Buffer.from(base64, 'base64') },
    identities: { ...DEFAULT_SETTINGS.identities, files: [sshd.userKey], named: true, only: true },
    batch: true,
    ...changes,
  };
}

/** A connection, and what it logged. */
export interface Connected {
  readonly connection: EmbeddedConnection;
  readonly log: () => string;
}

/** Begins to connect; hops are found among `hosts`, by their names. */
export function connected(
  settings: Settings,
  options: { hosts?: readonly Settings[]; level?: LogLevel; prompter?: Prompter; memory?: KeyExchangeMemory } = {},
): Connected {
  const lines: string[] = [];
  const log = new Log(options.level ?? 'debug1', (line) => lines.push(line));
  const prompter = options.prompter ?? new ScriptedPrompter();
  const resolve = async (jump: { readonly host: string }): Promise<Settings> => {
    const found = options.hosts?.find(({ label }) => label === jump.host);
    if (found === undefined) throw new Error(`there is no host ${jump.host} in this test`);
    return found;
  };
  const { memory } = options;
  const carrier = carryTo(settings, { prompter, log, resolve, memory });
  return {
    connection: new EmbeddedConnection({ settings, carrier, prompter, log, memory }),
    log: () => lines.join('\n'),
  };
}

/** A command's end, and what it said. */
export interface Outcome extends RemoteExit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command with `input`. */
export async function outcome(
  connection: SshConnection,
  command: string,
  input: string | Buffer = '',
): Promise<Outcome> {
  const process = await connection.run(command);
  process.stdin.end(input);
  const [stdout, stderr, exit] = await Promise.all([text(process.stdout), text(process.stderr), process.exited]);
  return { ...exit, stdout, stderr };
}

/** The bytes of a command's output. */
export async function output(connection: SshConnection, command: string, input: Buffer): Promise<Buffer> {
  const process = await connection.run(command);
  process.stdin.end(input);
  process.stderr.resume();
  return buffer(process.stdout);
}
