/** What the user is told when something ends the program: one line, and for a fault of ours, with `-v`, where it happened. */

import { DecodeError } from '../protocol/bytes.ts';
import type { Log } from './log.ts';
import { UsageError } from './usage-error.ts';
import { UserError } from './user-error.ts';

/** The program's exit status for all that went wrong on this side, as ssh's. */
export const FAILED = 255;

/** Tells it. */
export function tellFailure(log: Log, error: unknown): void {
  log.tell('fatal', `rove: ${error instanceof Error ? error.message : String(error)}`);
  if (!(error instanceof Error) || [UserError, UsageError, DecodeError].some((kind) => error instanceof kind)) return;
  for (const line of error.stack?.split('\n').slice(1) ?? []) log.tell('debug1', line);
}
