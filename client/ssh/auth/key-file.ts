/**
 * One private key file of the user: what it holds, and how it is opened. The public half is wanted first, since the server is asked
 * whether it takes the key before anybody is asked for a passphrase; OpenSSH's format (PROTOCOL.key) keeps it in the clear, for the
 * older PEM it stands in the file beside it, `.pub`.
 */

import { open } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import type { Ssh2 } from '../ssh2-library.ts';

/** What a key file turned out to be. */
export type KeyFile =
  /** Ready to sign. */
  | { readonly kind: 'plain'; readonly path: string; readonly key: ParsedKey }
  /** Behind a passphrase; `publicKey` is missing if no file tells it. */
  | {
      readonly kind: 'locked';
      readonly path: string;
      readonly publicKey: ParsedKey | undefined;
      /** The private key, or undefined if the passphrase is wrong. */
      readonly unlock: (passphrase: string) => ParsedKey | undefined;
    }
  /** Only the public half is here: good to choose one of the agent's keys. */
  | { readonly kind: 'public'; readonly path: string; readonly publicKey: ParsedKey }
  | { readonly kind: 'missing'; readonly path: string }
  /** `why` is a line for the user. */
  | { readonly kind: 'unusable'; readonly path: string; readonly why: string };

/** Largest key file read, in bytes. */
const FILE_SIZE_MAX = 64 * 1024;

/** Reads the key file at `path`. Never throws on what it holds. */
export async function readKeyFile(path: string, ssh2: Ssh2): Promise<KeyFile> {
  const file = await readBounded(path);
  if (file === undefined) {
    const publicKey = await readPublic(`${path}.pub`, ssh2);
    return publicKey === undefined ? { kind: 'missing', path } : { kind: 'public', path, publicKey };
  }
  const { text, mode, uid } = file;
  if (!text.includes('PRIVATE KEY-----')) {
    const publicKey = parse(text, undefined, ssh2);
    if (publicKey !== undefined) return { kind: 'public', path, publicKey };
    return { kind: 'unusable', path, why: `${path} holds no key that is known here: use --ssh=ssh for it` };
  }
  if ((mode & 0o077) !== 0 && uid === process.getuid?.()) {
    const permissions = (mode & 0o777).toString(8).padStart(4, '0');
    return {
      kind: 'unusable',
      path,
      why: `the key ${path} is passed over, since others may read it (${permissions}): chmod 600 ${path}`,
    };
  }
  const envelope = readEnvelope(text);
  if (envelope?.type.startsWith('sk-') === true) {
    return {
      kind: 'unusable',
      path,
      why: `${path} is the handle of a security key, which needs the system's ssh: --ssh=ssh`,
    };
  }
  const encrypted = envelope === undefined ? /ENCRYPTED/.test(text) : envelope.cipher !== 'none';
  if (!encrypted) {
    const key = parse(text, undefined, ssh2);
    if (key?.isPrivateKey() === true) return { kind: 'plain', path, key };
    return {
      kind: 'unusable',
      path,
      why: `the key ${path} is of a kind or a format that is not known here: ssh-keygen -p -f ${path} may convert it, or use --ssh=ssh`,
    };
  }
  return {
    kind: 'locked',
    path,
    publicKey: envelope === undefined ? await readPublic(`${path}.pub`, ssh2) : parsePublic(envelope, ssh2),
    unlock: (passphrase) => {
      const key = parse(text, passphrase, ssh2);
      return key?.isPrivateKey() === true ? key : undefined;
    },
  };
}

/** What stands in the clear in a key of OpenSSH's own format. */
interface Envelope {
  readonly cipher: string;
  /** Of the public key, such as `ssh-ed25519`. */
  readonly type: string;
  readonly publicKey: Buffer;
}

/** PROTOCOL.key §1: "openssh-key-v1\0", cipher, KDF, KDF's options, number of keys, public key. Undefined for another format. */
function readEnvelope(text: string): Envelope | undefined {
  const [, base64] = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text) ?? [];
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  let at = magic.length;
  const take = (): Buffer | undefined => {
    if (at + 4 > bytes.length) return undefined;
    const length = bytes.readUInt32BE(at);
    at += 4;
    if (at + length > bytes.length) return undefined;
    at += length;
    return bytes.subarray(at - length, at);
  };
  const cipher = take();
  take();
  take();
  at += 4;
  const publicKey = take();
  if (cipher === undefined || publicKey === undefined || publicKey.length < 4) return undefined;
  const type = publicKey.toString('latin1', 4, 4 + Math.min(publicKey.readUInt32BE(0), 64));
  return { cipher: cipher.toString('latin1'), type, publicKey };
}

function parsePublic(envelope: Envelope, ssh2: Ssh2): ParsedKey | undefined {
  return parse(`${envelope.type} ${envelope.publicKey.toString('base64')}`, undefined, ssh2);
}

async function readPublic(path: string, ssh2: Ssh2): Promise<ParsedKey | undefined> {
  const file = await readBounded(path);
  return file === undefined ? undefined : parse(file.text, undefined, ssh2);
}

function parse(text: string, passphrase: string | undefined, ssh2: Ssh2): ParsedKey | undefined {
  try {
    const key: unknown = ssh2.utils.parseKey(text, passphrase);
    // A file may hold several keys by its format, and one in practice.
    const one: unknown = Array.isArray(key) ? key[0] : key;
    return isParsedKey(one) ? one : undefined;
  } catch {
    return undefined;
  }
}

function isParsedKey(value: unknown): value is ParsedKey {
  return typeof value === 'object' && value !== null && !(value instanceof Error) && 'getPublicSSH' in value;
}

async function readBounded(path: string): Promise<{ text: string; mode: number; uid: number } | undefined> {
  try {
    const handle = await open(path, 'r');
    try {
      const { size, mode, uid } = await handle.stat();
      return size > FILE_SIZE_MAX ? undefined : { text: await handle.readFile('utf8'), mode, uid };
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}
