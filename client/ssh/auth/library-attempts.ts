/**
 * The attempts in the shapes that `ssh2` takes by itself, for a connection that sends no keys of its own: a key becomes an agent that
 * holds one key. The library asks the server about each key first, carries no certificates, and does not tell whether a key was a
 * partial success, so that the methods left are asked for after it.
 */

import type { AnyAuthMethod, AuthenticationType, ParsedKey } from 'ssh2';
import { Reader } from '../../../protocol/bytes.ts';
import { UserError } from '../../user-error.ts';
import { readString } from '../ssh-string.ts';
import type { Ssh2 } from '../ssh2-library.ts';
import type { PublicKeyAttempt } from './attempt.ts';
import type { Authentication } from './authentication.ts';

type Done<T> = (error?: Error | null, value?: T) => void;

/** Draws from an `Authentication` on behalf of ssh2's `authHandler`. */
export class LibraryAttempts {
  readonly #ssh2: Ssh2;
  readonly #authentication: Authentication;
  readonly #fail: (error: UserError) => void;
  #signed: string | undefined;

  constructor(ssh2: Ssh2, authentication: Authentication, fail: (error: UserError) => void) {
    this.#ssh2 = ssh2;
    this.#authentication = authentication;
    this.#fail = fail;
    // What the library itself chooses for RSA.
    authentication.serverTakes(['rsa-sha2-256']);
  }

  /** As `Authentication.next`. */
  async next(left: readonly AuthenticationType[] | null, partial: boolean | null): Promise<AnyAuthMethod | false> {
    if (this.#signed !== undefined) {
      const username = this.#signed;
      this.#signed = undefined;
      return { type: 'none', username };
    }
    for (;;) {
      const attempt = await this.#authentication.next(left, partial);
      if (attempt === false || attempt.type !== 'signed-key') return attempt;
      const parsed: unknown = this.#ssh2.utils.parseKey(
        `${attempt.algorithm.startsWith('rsa-') ? 'ssh-rsa' : attempt.algorithm} ${Buffer.from(attempt.blob).toString('base64')}`,
      );
      if (isKey(parsed) && !attempt.algorithm.includes('-cert-')) {
        return { type: 'agent', username: attempt.username, agent: this.#agentOf(attempt, parsed) };
      }
    }
  }

  #agentOf(attempt: PublicKeyAttempt, key: ParsedKey): InstanceType<Ssh2['BaseAgent']> {
    const sign = async (data: Buffer): Promise<Buffer> => {
      const signature = new Reader(await attempt.sign(data));
      readString(signature);
      this.#signed = attempt.username;
      return Buffer.from(readString(signature));
    };
    const fail = this.#fail;
    class OneKey extends this.#ssh2.BaseAgent<ParsedKey> {
      override getIdentities(done: Done<ParsedKey[]>): void {
        done(null, [key]);
      }
      override sign(
        _key: ParsedKey,
        data: Buffer,
        options: { hash?: string } | Done<Buffer>,
        done?: Done<Buffer>,
      ): void {
        const answer = typeof options === 'function' ? options : done;
        sign(data).then(
          (signature) => answer?.(null, signature),
          (error: unknown) => {
            if (error instanceof UserError) fail(error);
            answer?.(error instanceof Error ? error : new Error(String(error)));
          },
        );
      }
    }
    return new OneKey();
  }
}

function isKey(value: unknown): value is ParsedKey {
  return typeof value === 'object' && value !== null && !(value instanceof Error) && 'getPublicSSH' in value;
}
