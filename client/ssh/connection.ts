/**
 * An ssh connection as the rest of the client sees it, whoever makes it: the built-in ssh or the system's. What is asked of it before the
 * login is over waits for it, or travels with it where the protocol allows (RFC 4252 §5.3).
 */

import type { Duplex, Readable, Writable } from 'node:stream';

/** A connection to one host, logged in or on its way there. */
export interface SshConnection {
  /** Runs a command line of the remote user's shell, without a terminal; undefined: the login shell itself. Rejects with `UserError`. */
  run(command: string | undefined, options?: RunOptions): Promise<RemoteProcess>;
  /** Connects to a Unix socket on the host (direct-streamlocal@openssh.com, OpenSSH's PROTOCOL §2.4). Rejects with `UserError`. */
  openSocket(path: string): Promise<Duplex>;
  /** Settles when the user is logged in; rejects with `UserError` when that came to nothing. */
  readonly ready: Promise<void>;
  /** The literal address that TCP reached; undefined when another host or program went there, or before `ready`. */
  readonly address: string | undefined;
  /** All that may have been reached, where the one is not known for certain; empty as long as `address` is undefined. */
  readonly addresses: readonly string[];
  /** Ends it politely and at once: nothing of this process waits for the other side. */
  close(): void;
}

/** How a command is run. */
export interface RunOptions {
  /** Variables that the server is asked to set; it takes those that it likes (RFC 4254 §6.4). */
  readonly env?: Readonly<Record<string, string>>;
  /** `command` names a subsystem (RFC 4254 §6.5). */
  readonly subsystem?: boolean;
}

/** A program that runs over there. */
export interface RemoteProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when it has ended and all output has been read. */
  readonly exited: Promise<RemoteExit>;
  /** Sends a signal by its name without SIG (RFC 4254 §6.9), where the other side takes it. */
  signal(name: string): void;
}

/** How a remote command ended. */
export interface RemoteExit {
  /** Undefined if it was ended by a signal, or the connection was lost. */
  readonly code: number | undefined;
  /** The signal's name without SIG (RFC 4254 §6.10). */
  readonly signal: string | undefined;
  /** Why the connection was lost, if that is how it ended. */
  readonly lost?: Error;
}
