/**
 * How a connection to a host comes about: by the built-in ssh, over TCP or by way of jumps or a proxy command, or by the system's ssh, where
 * the user or the configuration asks for what the built-in one does not have.
 */

import type { Log } from '../log.ts';
import type { SshConnection } from './connection.ts';
import { dial } from './dial.ts';
import { type Carrier, EmbeddedConnection } from './embedded-connection.ts';
import type { Prompter } from './prompter.ts';
import type { Settings } from './settings.ts';
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
}

/** Begins to connect; what is asked of the connection before it is there waits, or travels with the login. Never throws: see `ready`. */
export function connectSsh(options: ConnectOptions): SshConnection {
  const { settings, prompter, log, whileWaiting } = options;
  return new EmbeddedConnection({ settings, carrier: carry(settings), prompter, log, whileWaiting });
}

async function carry(settings: Settings): Promise<Carrier> {
  const socket = await dial(settings);
  return { socket, address: socket.remoteAddress ?? settings.host };
}
