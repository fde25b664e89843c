/**
 * How a connection to a host comes about: by the built-in ssh, over TCP or by way of jumps or a proxy command, or by the system's ssh, where
 * the user or the configuration asks for what the built-in one does not have.
 */

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Log } from '../log.ts';
import { UserError } from '../user-error.ts';
import { NeedsSystemSsh } from './auth/needs-system-ssh.ts';
import { resolveJump } from './config/resolve.ts';
import type { SshConnection } from './connection.ts';
import { EmbeddedConnection } from './embedded-connection.ts';
import { FallbackConnection } from './fallback-connection.ts';
import { carryTo } from './jump.ts';
import { KeyExchangeMemory, keyExchangeFile } from './key-exchange-memory.ts';
import type { Prompter } from './prompter.ts';
import type { JumpHost, Settings } from './settings.ts';
import { WrongGuess } from './ssh2-internals.ts';
import { SystemConnection } from './system-connection.ts';
import type { RemoteTarget } from './target.ts';

/** What a connection is made from. */
export interface ConnectOptions {
  readonly settings: Settings;
  /** What the user typed: for the system's ssh, which reads the configuration itself. Undefined for hosts that are no ssh's business. */
  readonly target: RemoteTarget | undefined;
  readonly prompter: Prompter;
  readonly log: Log;
  /** Called once, when the network is waited for: what takes the processor costs no time then. May never be called. */
  readonly whileWaiting?: (() => void) | undefined;
  /** Where the system's ssh would be needed, it fails with `NeedsSystemSsh`: for settings of the program's own, which that one would not know. */
  readonly builtInOnly?: boolean;
}

/**
 * Begins to connect; what is asked of the connection before it is there waits, or travels with the login (`ready` tells of its end).
 * Throws `UserError` only for what is wrong before anything is tried.
 */
export function connectSsh(options: ConnectOptions): SshConnection {
  const { settings, target, prompter, log, whileWaiting } = options;
  const builtInOnly = options.builtInOnly === true;
  if (target?.ssh !== undefined && !builtInOnly)
    return connectSystemSsh({ target, command: target.ssh, log, whileWaiting });
  const handOver = (reason: string): SshConnection => {
    if (builtInOnly) throw new NeedsSystemSsh(reason);
    if (target === undefined || !isOnPath(SYSTEM_SSH)) {
      throw new UserError(`${reason}: the ssh of OpenSSH could, but there is none on this machine`);
    }
    log.tell('verbose', `${reason}: the system's ssh does the login`);
    return connectSystemSsh({ target, command: SYSTEM_SSH, log, whileWaiting });
  };
  if (settings.handOver.length > 0) {
    const [first, ...more] = settings.handOver;
    const keywords = more.length === 0 ? first : `${settings.handOver.slice(0, -1).join(', ')} and ${more.at(-1)}`;
    return handOver(`the built-in ssh has no ${keywords}, which the configuration of ${settings.label} wants`);
  }
  const resolve = (jump: JumpHost): Promise<Settings> => {
    if (target === undefined) throw new UserError(`there is no configuration to find ${jump.host} with`);
    return resolveJump(jump, target);
  };
  const memory = new KeyExchangeMemory(keyExchangeFile(process.env));
  const attempt = (): SshConnection => {
    const carrier = carryTo(settings, { prompter, log, resolve, memory });
    return new EmbeddedConnection({ settings, carrier, prompter, log, memory, whileWaiting });
  };
  return new FallbackConnection(attempt(), (error) => {
    if (error instanceof NeedsSystemSsh) return handOver(error.reason);
    if (!(error instanceof WrongGuess)) throw error;
    log.tell('debug1', `${error.message}: connecting anew`);
    return attempt();
  });
}

/** The connection by a command line that does ssh's work. */
export function connectSystemSsh(options: {
  readonly target: RemoteTarget;
  readonly command: string;
  readonly log: Log;
  readonly whileWaiting?: (() => void) | undefined;
}): SshConnection {
  return new SystemConnection(options);
}

const SYSTEM_SSH = 'ssh';

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return folder !== '' && statSync(file).isFile();
    } catch {
      return false;
    }
  });
}
