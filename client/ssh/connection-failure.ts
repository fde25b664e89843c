/** What to tell the user of a connection of the built-in ssh that came to nothing or to an end: one line that says what to do. */

import type { ClientErrorExtensions } from 'ssh2';
import { printable } from '../printable.ts';
import { UserError } from '../user-error.ts';
import { NeedsSystemSsh } from './auth/needs-system-ssh.ts';
import type { Refusal } from './embedded-channels.ts';
import { WrongGuess } from './ssh2-internals.ts';

/** How far a connection has come. */
export type Stage = 'connecting' | 'handshake' | 'login' | 'open' | 'over';

/** Of what the other side or the library says, in a message of ours, in characters. */
const SAID_LENGTH_MAX = 300;

/** What the library says of a server that hangs up before its identification. */
const LOST_EARLY = 'Connection lost before handshake';

/** What failed with `error`. `login` says in a line what was tried to log in. */
export function explainError(
  error: Error & ClientErrorExtensions,
  stage: Stage,
  label: string,
  login: () => string,
): UserError {
  const said = printable(error.message, { lengthMax: SAID_LENGTH_MAX });
  if (said === LOST_EARLY) return explainClose(stage, label, login);
  if (/too many authentication failures/i.test(said)) {
    return new UserError(`${label} grants no more tries: ${login()} and set IdentitiesOnly for this host`, {
      cause: error,
    });
  }
  if (/no matching/i.test(said)) {
    return new NeedsSystemSsh(`the built-in ssh and ${label} have no algorithm in common (${said})`);
  }
  if (error.level === 'client-timeout') {
    return new UserError(`${label} does not answer any more, and is given up as ServerAliveInterval says`, {
      cause: error,
    });
  }
  if (stage === 'handshake') {
    return new UserError(`the ssh handshake with ${label} failed: ${said}`, { cause: error });
  }
  return new UserError(`the ssh connection to ${label} was lost: ${said}`, { cause: error });
}

/** What it means that the other side has closed the connection. */
export function explainClose(stage: Stage, label: string, login: () => string): UserError {
  switch (stage) {
    case 'connecting':
    case 'handshake':
      return new UserError(`${label} closed the connection during the ssh handshake: does it allow this address?`);
    case 'login':
      return new UserError(`${label} closed the connection: ${login()}`);
    case 'open':
    case 'over':
      return new UserError(`${label} closed the connection: try again`);
  }
}

/** Whether the other side has refused a channel, and not the connection's end. */
export function isRefused(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'reason' in error && typeof error.reason === 'number';
}

/** Why a channel was not opened, in a few words. */
export function wordsOfRefusal(error: unknown): string {
  const refusal: Partial<Refusal> = typeof error === 'object' && error !== null ? error : {};
  return refusal.description || (refusal.reason === undefined ? String(error) : `refused (${refusal.reason})`);
}

/** An error of any kind as one for the user, or for whoever makes the connection anew. */
export function asUserError(error: unknown): UserError | WrongGuess {
  if (error instanceof UserError || error instanceof WrongGuess) return error;
  const message = printable(error instanceof Error ? error.message : String(error), { lengthMax: SAID_LENGTH_MAX });
  return new UserError(message, { cause: error });
}
