/**
 * A connection that begins with the built-in ssh and goes over to the system's when it turns out on the way that only that one will do. By then
 * nothing has run over there, so that what was asked for is simply asked again.
 */

import type { Duplex } from 'node:stream';
import { NeedsSystemSsh } from './auth/needs-system-ssh.ts';
import type { RemoteProcess, RunOptions, SshConnection } from './connection.ts';

/** Goes over once at most. */
export class FallbackConnection implements SshConnection {
  readonly ready: Promise<void>;
  #current: SshConnection;
  readonly #otherwise: (reason: string) => SshConnection;
  #other: SshConnection | undefined;

  /** `otherwise` makes the connection to go over to, or throws the `UserError` that says why there is none. */
  constructor(first: SshConnection, otherwise: (reason: string) => SshConnection) {
    this.#current = first;
    this.#otherwise = otherwise;
    this.ready = this.#attempt((connection) => connection.ready);
    this.ready.catch(() => undefined);
  }

  get address(): string | undefined {
    return this.#current.address;
  }

  get addresses(): readonly string[] {
    return this.#current.addresses;
  }

  run(command: string | undefined, options?: RunOptions): Promise<RemoteProcess> {
    return this.#attempt((connection) => connection.run(command, options));
  }

  openSocket(path: string): Promise<Duplex> {
    return this.#attempt((connection) => connection.openSocket(path));
  }

  close(): void {
    this.#current.close();
  }

  async #attempt<T>(step: (connection: SshConnection) => Promise<T>): Promise<T> {
    const connection = this.#current;
    try {
      return await step(connection);
    } catch (error) {
      if (!(error instanceof NeedsSystemSsh)) throw error;
      this.#other ??= this.#otherwise(error.reason);
      this.#current = this.#other;
      return step(this.#current);
    }
  }
}
