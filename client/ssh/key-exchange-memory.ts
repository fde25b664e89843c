/**
 * Which hosts are known to exchange keys in the way that is preferred here, in `~/.cache/rove`. With them the client's half goes out in its
 * first flight, a round trip earlier than its order allows; with a host that would take it for something else the connection would
 * end there and have to be made anew, and some watch for such ends. So it is done where it was right the last time, and nowhere else.
 */

import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** Most hosts that are remembered; the oldest are forgotten. */
const HOSTS_MAX = 256;
/** Hex digits of a host's line: enough to tell a user's hosts apart, and nobody reads there where they go. */
const DIGITS = 32;
/** Longest file that is read, in characters. */
const FILE_LENGTH_MAX = 64 * 1024;

/** One user's memory, read when it is first asked. Nothing of it throws: without a memory, a round trip is not saved. */
export class KeyExchangeMemory {
  readonly #file: string | undefined;
  #lines: readonly string[] | undefined;

  /** Without a file it lasts as long as itself. */
  constructor(file: string | undefined) {
    this.#file = file;
  }

  /** Whether the host took it the last time. */
  knows(host: string, port: number): boolean {
    return this.#read().includes(lineOf(host, port));
  }

  /** Notes whether it did. */
  note(host: string, port: number, takes: boolean): void {
    const line = lineOf(host, port);
    if (this.#read().includes(line) === takes) return;
    // Others may have written meanwhile.
    this.#lines = undefined;
    const others = this.#read().filter((other) => other !== line);
    this.#lines = (takes ? [...others, line] : others).slice(-HOSTS_MAX);
    this.#write(this.#lines);
  }

  #read(): readonly string[] {
    this.#lines ??= this.#file === undefined ? [] : linesOf(this.#file);
    return this.#lines;
  }

  /** Whole or not at all: other clients read it at any time. */
  #write(lines: readonly string[]): void {
    if (this.#file === undefined) return;
    const temporary = `${this.#file}.${process.pid}.${randomBytes(4).toString('hex')}`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, lines.map((line) => `${line}\n`).join(''), { flag: 'wx', mode: 0o600 });
      renameSync(temporary, this.#file);
    } catch {
      remove(temporary);
    }
  }
}

/** The file of this user. */
export function keyExchangeFile(env: NodeJS.ProcessEnv): string {
  const xdg = env.XDG_CACHE_HOME;
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'rove', 'key-exchanges');
}

function linesOf(file: string): readonly string[] {
  try {
    const text = readFileSync(file, 'utf8').slice(-FILE_LENGTH_MAX);
    return text.split('\n').filter((line) => line.length === DIGITS);
  } catch {
    return [];
  }
}

function lineOf(host: string, port: number): string {
  return createHash('sha256')
    .update(JSON.stringify([host, port]))
    .digest('hex')
    .slice(0, DIGITS);
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Nor is there a folder that could hold it.
  }
}
