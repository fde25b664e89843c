/**
 * Whether the server is the one the user means: its host key against the known_hosts files, the question about an unknown host,
 * the refusal of a changed one. It behaves as ssh does, since what users learned there must hold here: ssh_config(5) at
 * StrictHostKeyChecking, UserKnownHostsFile and HashKnownHosts. Authenticating UDP rests on it: the session keys go through this connection.
 */

import { createHash } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../../user-error.ts';
import type { Prompter } from '../prompter.ts';
import type { HostKeyPolicy } from '../settings.ts';
import {
  judge,
  type KnownHost,
  knownHostLine,
  knownName,
  knownTypes,
  otherNames,
  parseKnownHosts,
} from './known-hosts.ts';

/** Longest known_hosts file read, in bytes; the largest generated ones known have some ten thousand lines. */
const FILE_SIZE_MAX = 64 * 1024 * 1024;

/** How often the yes/no question is put before it counts as a no. */
const QUESTIONS_MAX = 5;

/** What signs for a key type, the preferred algorithm first (RFC 8332 for RSA, whose SHA-1 form is not offered). */
const ALGORITHMS_BY_TYPE = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
} as const;

/** A host key algorithm that the client offers. */
export type HostKeyAlgorithm = (typeof ALGORITHMS_BY_TYPE)[keyof typeof ALGORITHMS_BY_TYPE][number];

/** Checks the keys of one host. Made before connecting, so that the files are read while the network is waited for. */
export class HostKeyCheck {
  readonly #host: string;
  readonly #port: number;
  readonly #policy: HostKeyPolicy;
  readonly #prompter: Prompter;
  readonly #name: string;
  readonly #entries: Promise<readonly KnownHost[]>;

  constructor(host: string, port: number, policy: HostKeyPolicy, prompter: Prompter) {
    this.#host = host;
    this.#port = port;
    this.#policy = policy;
    this.#prompter = prompter;
    this.#name = policy.alias?.toLowerCase() ?? knownName(host, port);
    this.#entries = readAll([...policy.userFiles, ...policy.globalFiles]);
  }

  /** The algorithms to offer, those of known keys first, so that a host with several keys shows one that can be checked. */
  async algorithms(): Promise<HostKeyAlgorithm[]> {
    const { pinned } = this.#policy;
    const known = pinned === undefined ? knownTypes(await this.#entries, this.#name) : [typeOf(pinned)];
    const first: HostKeyAlgorithm[] = [];
    const rest: HostKeyAlgorithm[] = [];
    for (const [type, algorithms] of Object.entries(ALGORITHMS_BY_TYPE)) {
      (known.includes(type) ? first : rest).push(...algorithms);
    }
    return [...first, ...rest];
  }

  /** Returns if the key may be trusted; throws `UserError` if not. `address` is the one that was reached. */
  async check(key: Uint8Array, address: string): Promise<void> {
    const { pinned } = this.#policy;
    if (pinned !== undefined) {
      if (Buffer.from(pinned).equals(key)) return;
      throw new UserError(`another program answers in place of ${this.#host}: nothing was sent to it`);
    }
    const entries = await this.#entries;
    const type = typeOf(key);
    const fingerprint = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
    let verdict = judge(entries, this.#name, type, key);
    if (verdict.kind === 'unknown' && this.#policy.alias === undefined && this.#port !== 22) {
      // As ssh: a key recorded without its port is good, but the lack of one proves nothing.
      const bare = judge(entries, knownName(this.#host, 22), type, key);
      if (bare.kind === 'known' || bare.kind === 'revoked') verdict = bare;
    }
    const label = labelOf(type);
    switch (verdict.kind) {
      case 'known':
        return;
      case 'revoked':
        this.#alarm(`THE ${label} HOST KEY OF ${this.#host} IS MARKED AS REVOKED`);
        throw new UserError(
          `the host key of ${this.#host} is revoked by ${place(verdict.entry)}: someone may be using a stolen key; ask the host's administrator`,
        );
      case 'changed':
        this.#alarm(`THE HOST KEY OF ${this.#host} HAS CHANGED`);
        this.#prompter.tell('Someone may be listening in on you right now, or the host was given a new key.');
        this.#prompter.tell(`The ${label} key it showed has the fingerprint ${fingerprint}.`);
        throw new UserError(
          `the host key of ${this.#host} is not the one in ${place(verdict.entry)}: ask the host's administrator, and if the new one is right, remove the old with: ssh-keygen -f ${quoted(verdict.entry.file)} -R ${quoted(this.#name)}`,
        );
      case 'unknown':
        if (this.#policy.strict === 'yes') {
          throw new UserError(
            `no ${label} host key is known for ${this.#host} and StrictHostKeyChecking is on: add the key (${fingerprint}) to ${this.#policy.userFiles[0] ?? 'a known_hosts file'}`,
          );
        }
        if (this.#policy.strict === 'ask')
          await this.#confirm(entries, verdict.others, key, label, fingerprint, address);
        await this.#record(type, key, label);
    }
  }

  async #confirm(
    entries: readonly KnownHost[],
    others: readonly KnownHost[],
    key: Uint8Array,
    label: string,
    fingerprint: string,
    address: string,
  ): Promise<void> {
    const where = address === this.#host ? this.#name : `${this.#name} (${address})`;
    this.#prompter.tell(`The authenticity of host '${where}' can't be established.`);
    for (const other of others.slice(0, 4)) {
      this.#prompter.tell(
        `Its ${labelOf(other.keyType)} key is known from ${place(other)}, but not the one it shows now.`,
      );
    }
    this.#prompter.tell(`${label} key fingerprint is ${fingerprint}.`);
    const names = otherNames(entries, key, 4);
    if (names.length === 0) this.#prompter.tell('This key is not known by any other name.');
    for (const name of names) this.#prompter.tell(`This key is also known from ${name}`);
    let question = 'Are you sure you want to continue connecting (yes/no/[fingerprint])? ';
    for (let asked = 0; asked < QUESTIONS_MAX; asked++) {
      const answer = (await this.#prompter.ask(question, { echo: true })).trim();
      if (answer.toLowerCase() === 'yes' || answer === fingerprint) return;
      if (answer.toLowerCase() === 'no') break;
      question = "Please type 'yes', 'no' or the fingerprint: ";
    }
    throw new UserError(`the host key of ${this.#host} was not accepted: nothing was sent to it`);
  }

  /** Appends the key to the user's file. A file that cannot be written is said and does not stop the session, as in ssh. */
  async #record(type: string, key: Uint8Array, label: string): Promise<void> {
    const file = this.#policy.userFiles[0];
    if (file === undefined) return;
    const line = knownHostLine(this.#name, type, key, this.#policy.hashed);
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const handle = await open(file, 'a+', 0o600);
      try {
        const { size } = await handle.stat();
        const last = Buffer.alloc(1);
        if (size > 0) await handle.read(last, 0, 1, size - 1);
        await handle.appendFile(size > 0 && last[0] !== 0x0a ? `\n${line}` : line);
      } finally {
        await handle.close();
      }
      this.#prompter.tell(`Added '${this.#name}' (${label}) to the known hosts in ${file}.`);
    } catch (error) {
      this.#prompter.tell(`Cannot add the host key to ${file}: ${error instanceof Error ? error.message : error}`);
    }
  }

  #alarm(what: string): void {
    const bar = '@'.repeat(64);
    this.#prompter.tell(bar);
    this.#prompter.tell(`@  WARNING: ${what}`);
    this.#prompter.tell(bar);
  }
}

/** The entries of all files; one that is not there or cannot be read holds none. */
async function readAll(files: readonly string[]): Promise<KnownHost[]> {
  const lists = await Promise.all(
    files.map(async (file) => {
      try {
        const handle = await open(file, 'r');
        try {
          const { size } = await handle.stat();
          return size > FILE_SIZE_MAX ? [] : parseKnownHosts(await readFile(handle, 'utf8'), file);
        } finally {
          await handle.close();
        }
      } catch {
        return [];
      }
    }),
  );
  return lists.flat();
}

/** The type's name stands first in the key (RFC 4253 §6.6); ssh2 has checked the key before it comes here. */
function typeOf(key: Uint8Array): string {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  return bytes.length < 4 ? '' : bytes.toString('latin1', 4, 4 + Math.min(bytes.readUInt32BE(0), 64));
}

/** What ssh calls a key type when it talks to people. */
function labelOf(type: string): string {
  if (type === 'ssh-ed25519') return 'ED25519';
  if (type.startsWith('ecdsa-')) return 'ECDSA';
  if (type === 'ssh-rsa') return 'RSA';
  return type;
}

function place(entry: KnownHost): string {
  return `${entry.file}:${entry.line}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
