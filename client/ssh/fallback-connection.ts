/**
 * A connection that begins in one way and goes over to another when it turns out that it has to: to one without a guess, to the system's ssh. By
 * then nothing has run over there, so that what was asked for is simply asked again.
 */

import type { Duplex } from 'node:stream';
import type { RemoteProcess, RunOptions, SshConnection } from './connection.ts';

/** Goes over as often as `otherwise` knows what to. */
export class FallbackConnection implements SshConnection {
  readonly ready: Promise<void>;
  #current: SshConnection;
  readonly #otherwise: (error: unknown) => SshConnection;

  /** `otherwise` makes the connection to go over to after an error, or throws what the user is to hear. */
  constructor(first: SshConnection, otherwise: (error: unknown) => SshConnection) {
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
      // Of several things that were asked for at once, the first makes the other connection.
      if (connection === this.#current) this.#current = this.#otherwise(error);
      return this.#attempt(step);
    }
  }
}
