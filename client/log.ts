/**
 * What the program says of itself, by ssh's levels (ssh_config(5), LogLevel): errors and what one should know as a rule, nothing with `-q`,
 * what happens with `-v`, more with each further `v`. Lines go to standard error, or to the file of `-E`.
 */

import { appendFileSync, openSync } from 'node:fs';
import { printable } from './printable.ts';
import { UserError } from './user-error.ts';

/** From the quietest to the loudest. */
export const LOG_LEVELS = ['quiet', 'fatal', 'error', 'info', 'verbose', 'debug1', 'debug2', 'debug3'] as const;

/** One of them. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Longest line, in characters. */
const LINE_LENGTH_MAX = 4096;

/** Takes lines of all levels and passes those on that are wanted. */
export class Log {
  readonly level: LogLevel;
  readonly #write: (line: string) => void;

  constructor(level: LogLevel, write: (line: string) => void) {
    this.level = level;
    this.#write = write;
  }

  /** Whether lines of `level` are wanted: to be asked before a costly one is made. */
  wants(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(this.level);
  }

  /** Tells `text` if lines of `level` are wanted; on one line, and harmless to a terminal. */
  tell(level: Exclude<LogLevel, 'quiet'>, text: string): void {
    if (!this.wants(level)) return;
    const prefix = level.startsWith('debug') ? `${level}: ` : '';
    this.#write(`${prefix}${printable(text, { lengthMax: LINE_LENGTH_MAX })}`);
  }
}

/** A log, and where its lines go. */
export interface OpenLog {
  readonly log: Log;
  /** While a session draws on the terminal, lines that have no file to go to go nowhere. */
  setDrawn(isDrawn: boolean): void;
}

/** A log to `file`, at its end, or to `show`, which shows a line to the user. Throws `UserError` if the file cannot be opened. */
export function openLog(level: LogLevel, file: string | undefined, show: (line: string) => void): OpenLog {
  let isDrawn = false;
  const fd = file === undefined ? undefined : openLogFile(file);
  const write = (line: string): void => {
    if (fd !== undefined) writeLine(fd, line);
    else if (!isDrawn) show(line);
  };
  return {
    log: new Log(level, write),
    setDrawn: (now) => {
      isDrawn = now;
    },
  };
}

function openLogFile(file: string): number {
  try {
    return openSync(file, 'a', 0o600);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`cannot write the log (-E): ${why}`, { cause });
  }
}

function writeLine(fd: number, line: string): void {
  try {
    appendFileSync(fd, `${line}\n`);
  } catch {
    // A full disk ends no session.
  }
}
