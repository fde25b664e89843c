/**
 * The public keys that `rove copy-id` is to put on a host: those of a file, or all of the agent's, or the user's newest. A private key is
 * never read, and a certificate is no key.
 */

import { access, constants, readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { printable } from '../printable.ts';
import { Agent } from '../ssh/auth/agent.ts';
import { describeKey, type PublicKey, parsePublicKey, sameKey } from '../ssh/auth/public-key.ts';
import { isCertificate } from '../ssh/auth/user-certificate.ts';
import { UserError } from '../user-error.ts';

/** A public key to copy. */
export interface ChosenKey {
  readonly key: PublicKey;
  /** The file of its private half; undefined: not here. */
  readonly privateFile: string | undefined;
  /** Whether this machine can log in with it: by that file, or by the agent. */
  readonly usable: boolean;
}

/** Keys put on a host at once. */
const KEYS_MAX = 20;
/** Largest file of public keys, in characters. */
const FILE_LENGTH_MAX = 64 * 1024;
/** Longest comment that goes along, in characters. */
const COMMENT_LENGTH_MAX = 200;

/** Finds them. `file` is what the user named, `agent` the agent's socket. Throws `UserError`. */
export async function chooseKeys(file: string | undefined, agent: string | undefined): Promise<ChosenKey[]> {
  const held = agent === undefined ? [] : await new Agent(agent).list().catch(() => []);
  if (file !== undefined) return keysOf(file, held);
  const keys = held
    .filter(({ type }) => !isCertificate(type))
    .map((key) => ({ key, privateFile: undefined, usable: true }));
  if (keys.length > KEYS_MAX) {
    throw new UserError(`your agent holds ${keys.length} keys, too many to copy them all: name one with -i`);
  }
  if (keys.length > 0) return keys;
  const newest = await newestKey();
  if (newest === undefined) {
    throw new UserError('there is no key to copy: make one with ssh-keygen -t ed25519, or name one with -i');
  }
  return keysOf(newest, held);
}

/** How the user is shown a key: type, fingerprint, comment. */
export function nameOfKey({ key }: ChosenKey): string {
  return [describeKey(key), commentOf(key)].filter((part) => part !== '').join(' ');
}

/** The line of authorized_keys: type, base64, comment. */
export function lineOfKey({ key }: ChosenKey): string {
  return [key.type, base64Of(key), commentOf(key)].filter((part) => part !== '').join(' ');
}

/** What tells this key from all others in a line of authorized_keys. */
export function base64Of(key: PublicKey): string {
  return Buffer.from(key.blob).toString('base64');
}

function commentOf(key: PublicKey): string {
  return printable(key.comment, { lengthMax: COMMENT_LENGTH_MAX }).trim();
}

async function keysOf(named: string, held: readonly PublicKey[]): Promise<ChosenKey[]> {
  const base = named.endsWith('.pub') ? named.slice(0, -'.pub'.length) : named;
  const file = `${base}.pub`;
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).slice(0, FILE_LENGTH_MAX);
  } catch (error) {
    const make = `: ssh-keygen -y -f ${base} >${file} makes it of the private key`;
    const why =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'is not there' : 'cannot be read';
    throw new UserError(`the public key ${file} ${why}${why === 'is not there' ? make : ''}`, { cause: error });
  }
  const keys = text.split('\n').flatMap((line) => parsePublicKey(line) ?? []);
  if (keys.some(({ type }) => isCertificate(type))) {
    throw new UserError(`${file} holds a certificate: name the key that it is for`);
  }
  if (keys.length === 0) throw new UserError(`${file} holds no public key`);
  if (keys.length > KEYS_MAX) throw new UserError(`${file} holds more than ${KEYS_MAX} keys: name a file with fewer`);
  const privateFile = await access(base, constants.R_OK).then(
    () => base,
    () => undefined,
  );
  return keys.map((key) => ({
    key,
    privateFile,
    usable: privateFile !== undefined || held.some((other) => sameKey(other, key)),
  }));
}

/** The `id*.pub` in ~/.ssh that was changed last. */
async function newestKey(): Promise<string | undefined> {
  const folder = join(homedir(), '.ssh');
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    names
      .filter((name) => /^id.*(?<!-cert)\.pub$/.test(name))
      .map(async (name) => {
        const path = join(folder, name);
        return {
          path,
          changedAt: await stat(path)
            .then(({ mtimeMs }) => mtimeMs)
            .catch(() => 0),
        };
      }),
  );
  return files.sort((one, other) => other.changedAt - one.changedAt)[0]?.path;
}
