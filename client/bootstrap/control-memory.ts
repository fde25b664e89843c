/**
 * Where the daemons are that this user's sessions have found: the paths of their control sockets, by host, in `~/.cache/rove`. A path
 * that is out of date costs one round trip, so it is forgotten when the last session that went there from this machine has ended: a daemon
 * leaves with its last session.
 */

import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { isControlPath } from '../../protocol/bootstrap/answer.ts';
import type { Settings } from '../ssh/settings.ts';

/** Most hosts that are remembered, and most sessions of one. */
const HOSTS_MAX = 64;
const SESSIONS_MAX = 64;
/** Longest file that is read, in bytes. */
const FILE_BYTES_MAX = 256 * 1024;
/** Digits of a key: enough to tell a user's hosts apart, and nobody reads there where they go. */
const KEY_DIGITS = 32;

interface Entry {
  readonly path: string;
  /** Processes of this machine with a session there. */
  readonly pids: readonly number[];
  /** It is there and does not answer: not to be asked as long as the path is the same. */
  readonly closed: boolean;
}

/** One user's memory. Nothing of it throws: without a memory, the command is run. */
export class ControlMemory {
  readonly #file: string;

  constructor(file: string = memoryFile(process.env)) {
    this.#file = file;
  }

  /** The path of the control socket of `key`, if one is known that may answer. */
  find(key: string): string | undefined {
    const entry = this.#read().get(key);
    return entry?.closed === false ? entry.path : undefined;
  }

  /** Notes the path, and that this process has a session there. */
  keep(key: string, path: string): void {
    const entries = this.#read();
    const before = entries.get(key);
    const same = before?.path === path ? before : undefined;
    const others = same?.pids.filter((pid) => pid !== process.pid && isAlive(pid)) ?? [];
    // The last ones are the latest.
    entries.delete(key);
    entries.set(key, {
      path,
      pids: [...others, process.pid].slice(-SESSIONS_MAX),
      closed: same?.closed ?? false,
    });
    this.#write(entries);
  }

  /** Something is at the path, but does not answer. */
  close(key: string): void {
    const entries = this.#read();
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.set(key, { ...entry, closed: true });
    this.#write(entries);
  }

  /** This process's session there has ended, in order. */
  release(key: string): void {
    const entries = this.#read();
    const entry = entries.get(key);
    if (entry === undefined) return;
    const pids = entry.pids.filter((pid) => pid !== process.pid && isAlive(pid));
    if (pids.length > 0) entries.set(key, { ...entry, pids });
    else entries.delete(key);
    this.#write(entries);
  }

  /** There is nobody at that path any more. */
  forget(key: string): void {
    const entries = this.#read();
    if (entries.delete(key)) this.#write(entries);
  }

  #read(): Map<string, Entry> {
    try {
      const text = readFileSync(this.#file, 'utf8');
      if (text.length > FILE_BYTES_MAX) return new Map();
      const value: unknown = JSON.parse(text);
      if (!Array.isArray(value)) return new Map();
      return new Map(value.flatMap((item: unknown) => entryOf(item)).slice(-HOSTS_MAX));
    } catch {
      return new Map();
    }
  }

  /** Whole or not at all: other clients read it at any time. */
  #write(entries: ReadonlyMap<string, Entry>): void {
    const temporary = `${this.#file}.${process.pid}.${randomBytes(4).toString('hex')}`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, JSON.stringify([...entries].slice(-HOSTS_MAX)), { flag: 'wx', mode: 0o600 });
      renameSync(temporary, this.#file);
    } catch {
      remove(temporary);
    }
  }
}

/** Names where a connection with these settings leads, and which server is started there. */
export function controlKey(settings: Settings, server: string): string {
  const { host, port, user, jumps, proxyCommand = null } = settings;
  const words = JSON.stringify([host, port, user, jumps, proxyCommand, server]);
  return createHash('sha256').update(words).digest('hex').slice(0, KEY_DIGITS);
}

function memoryFile(env: NodeJS.ProcessEnv): string {
  const xdg = env.XDG_CACHE_HOME;
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'rove', 'control.json');
}

/** One entry of the file, none if it is not of the right form. */
function entryOf(item: unknown): [string, Entry][] {
  if (!Array.isArray(item)) return [];
  const [key, entry] = item as unknown[];
  if (typeof key !== 'string' || typeof entry !== 'object' || entry === null) return [];
  const { path, pids, closed } = entry as Record<string, unknown>;
  if (typeof path !== 'string' || !isControlPath(path) || !Array.isArray(pids)) return [];
  const numbers = pids.filter((pid): pid is number => Number.isInteger(pid) && Number(pid) > 0);
  return [[key, { path, pids: numbers.slice(-SESSIONS_MAX), closed: closed === true }]];
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Its folder is none.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
