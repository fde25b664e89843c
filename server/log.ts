/** The daemon's log: descriptor 2, which is SSH's until the daemon detaches and then a file of bounded size. */

import { constants, openSync, statSync, writeSync } from 'node:fs';
import { errorMessage } from './failure.ts';

/** A file that has grown over this is begun anew, and a daemon that has written so much falls silent. */
const LOG_BYTES_MAX = 256 * 1024;

let written = 0;

/** Writes one line, with the date. Never throws: a full disk is no reason to end a session. */
export function log(text: string): void {
  const line = Buffer.from(`${new Date().toISOString()} [${process.pid}] ${text}\n`);
  if (written > LOG_BYTES_MAX) return;
  written += line.length;
  try {
    writeSync(2, line);
  } catch {
    // Nobody to tell.
  }
}

/** A line about something that was thrown, with the place in the code. */
export function logError(what: string, error: unknown): void {
  log(`${what}: ${error instanceof Error ? (error.stack ?? errorMessage(error)) : errorMessage(error)}`);
}

/** Makes `path` descriptor 2; /dev/null where it can't be written, or leads elsewhere. Descriptor 2 must be closed, 0 and 1 open. */
export function openLog(path: string): void {
  try {
    const full = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX;
    // No symbolic link is followed, and a pipe without a reader is not waited for.
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    openSync(path, flags | (full ? constants.O_TRUNC : constants.O_APPEND), 0o600);
  } catch {
    openSync('/dev/null', 'w');
  }
}
