/**
 * One private key file of the user: what it holds, and how it is opened. The public half is wanted first, since the server is asked
 * whether it takes the key before anybody is asked for a passphrase; OpenSSH's format (PROTOCOL.key) keeps it in the clear, for the
 * older PEM it stands in the file beside it, `.pub`.
 */

import { open } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import { DecodeError, Reader } from '../../../protocol/bytes.ts';
import { printable } from '../../printable.ts';
import { readString, readText } from '../ssh-string.ts';
import type { Ssh2 } from '../ssh2-library.ts';
import { type PrivateKey, readPem } from './private-key.ts';
import { type PublicKey, parsePublicKey, publicKeyOf } from './public-key.ts';

/** What a key file turned out to be. */
export type KeyFile =
  /** Ready to sign. */
  | { readonly kind: 'plain'; readonly path: string; readonly publicKey: PublicKey; readonly key: PrivateKey }
  /** Behind a passphrase; `publicKey` is missing if no file tells it. */
  | {
      readonly kind: 'locked';
      readonly path: string;
      readonly publicKey: PublicKey | undefined;
      /** The private key, or undefined if the passphrase is wrong. */
      readonly unlock: (passphrase: string) => PrivateKey | undefined;
    }
  /** Only the public half is here: good to choose one of the agent's keys. */
  | { readonly kind: 'public'; readonly path: string; readonly publicKey: PublicKey }
  /** The system's ssh could use it: the handle of a key on a FIDO token, or locked by a cipher that is not here; `why` in a few words. */
  | { readonly kind: 'foreign'; readonly path: string; readonly publicKey: PublicKey; readonly why: string }
  /** Not there, or not to be read: `why` in the system's words. */
  | { readonly kind: 'missing'; readonly path: string; readonly why: string }
  /** Others may read it, or it is of a kind that is not known; `why` is for the user. The agent may have the key all the same. */
  | {
      readonly kind: 'too-open' | 'unknown';
      readonly path: string;
      readonly publicKey: PublicKey | undefined;
      readonly why: readonly string[];
    };

/** Largest key file read, in bytes. */
const FILE_SIZE_MAX = 64 * 1024;

/** What envelopes of OpenSSH's format may be locked by. */
const CIPHERS = [
  ...['aes256-ctr', 'aes192-ctr', 'aes128-ctr', 'aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'],
  ...['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com'],
];

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----[\s\S]*?-----END \1PRIVATE KEY-----/;

/** Reads the key file at `path`. Never throws on what it holds. */
export async function readKeyFile(path: string, ssh2: Ssh2): Promise<KeyFile> {
  const file = await readBounded(path);
  if (file.kind === 'unread') {
    const publicKey = await readPublicKeyFile(`${path}.pub`);
    return publicKey === undefined ? { kind: 'missing', path, why: file.why } : { kind: 'public', path, publicKey };
  }
  const { text, mode, uid } = file;
  const [block, label] = PEM_BLOCK.exec(text) ?? [];
  if (block === undefined) {
    const publicKey = parsePublicKey(text);
    if (publicKey !== undefined) return { kind: 'public', path, publicKey };
    const why = [`Load key "${path}": it holds no key that is known here; ssh-keygen may convert it`];
    return { kind: 'unknown', path, publicKey: await readPublicKeyFile(`${path}.pub`), why };
  }
  const envelope = label === 'OPENSSH ' ? readEnvelope(block) : undefined;
  const publicKey = envelope?.publicKey ?? (await readPublicKeyFile(`${path}.pub`));
  if ((mode & 0o077) !== 0 && uid === process.getuid?.()) {
    return { kind: 'too-open', path, publicKey, why: tooOpen(path, mode) };
  }
  if (envelope !== undefined) {
    const why = foreign(path, envelope);
    if (why !== undefined) return { kind: 'foreign', path, publicKey: envelope.publicKey, why };
  }
  const load = (passphrase: string | undefined): PrivateKey | undefined =>
    label === 'OPENSSH ' ? readOpenSsh(block, passphrase, ssh2) : readPem(block, passphrase, path);
  if (envelope === undefined ? /ENCRYPTED/.test(block) : envelope.cipher !== 'none') {
    return { kind: 'locked', path, publicKey, unlock: load };
  }
  const key = load(undefined);
  if (key !== undefined) return { kind: 'plain', path, publicKey: key.publicKey, key };
  const why = [`Load key "${path}": it is of a kind or a format that is not known here; ssh-keygen -p may convert it`];
  return { kind: 'unknown', path, publicKey, why };
}

/** The key or certificate of a `.pub` file; undefined if there is none. */
export async function readPublicKeyFile(path: string): Promise<PublicKey | undefined> {
  const file = await readBounded(path);
  return file.kind === 'unread' ? undefined : parsePublicKey(file.text);
}

/** The words that ssh's users know, since they are looked up. */
function tooOpen(path: string, mode: number): readonly string[] {
  const permissions = (mode & 0o777).toString(8).padStart(4, '0');
  return [
    'WARNING: UNPROTECTED PRIVATE KEY FILE!',
    `Permissions ${permissions} for '${path}' are too open: others may have read it.`,
    `The key is ignored until only you can: chmod 600 '${path}'`,
  ];
}

/** What stands in the clear in a key of OpenSSH's own format. */
interface Envelope {
  readonly cipher: string;
  readonly publicKey: PublicKey;
}

/** PROTOCOL.key §1: "openssh-key-v1\0", cipher, KDF, KDF's options, number of keys, public key. Undefined if it is something else. */
function readEnvelope(block: string): Envelope | undefined {
  const bytes = Buffer.from(block.replace(/-----[^-]*-----/g, ''), 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  try {
    const reader = new Reader(bytes.subarray(magic.length));
    const cipher = readText(reader);
    readString(reader);
    readString(reader);
    reader.u32();
    const publicKey = publicKeyOf(readString(reader), '');
    return publicKey && { cipher, publicKey };
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** Why the system's ssh is needed for the key in this envelope; undefined if it is not. */
function foreign(path: string, { cipher, publicKey }: Envelope): string | undefined {
  if (publicKey.type.startsWith('sk-')) {
    return `the key ${path} is on a security key, which the built-in ssh cannot reach`;
  }
  return cipher === 'none' || CIPHERS.includes(cipher)
    ? undefined
    : `the key ${path} is locked by ${printable(cipher, { lengthMax: 64 })}, which the built-in ssh does not have`;
}

/** The library opens the envelope, bcrypt and all; the key inside is ours then. */
function readOpenSsh(block: string, passphrase: string | undefined, ssh2: Ssh2): PrivateKey | undefined {
  try {
    const key: unknown = ssh2.utils.parseKey(block, passphrase);
    return isParsedKey(key) && key.isPrivateKey() ? readPem(key.getPrivatePEM(), undefined, key.comment) : undefined;
  } catch {
    return undefined;
  }
}

function isParsedKey(value: unknown): value is ParsedKey {
  return typeof value === 'object' && value !== null && !(value instanceof Error) && 'getPublicSSH' in value;
}

type Contents =
  | { readonly kind: 'read'; readonly text: string; readonly mode: number; readonly uid: number }
  | { readonly kind: 'unread'; readonly why: string };

async function readBounded(path: string): Promise<Contents> {
  try {
    const handle = await open(path, 'r');
    try {
      const { mode, uid } = await handle.stat();
      const bytes = Buffer.alloc(FILE_SIZE_MAX + 1);
      let length = 0;
      // Not by its size: what a shell's <(…) gives has none.
      for (;;) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length, null);
        length += bytesRead;
        if (bytesRead === 0 || length > FILE_SIZE_MAX) break;
      }
      if (length > FILE_SIZE_MAX) return { kind: 'unread', why: 'File too large' };
      return { kind: 'read', text: bytes.toString('utf8', 0, length), mode, uid };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { kind: 'unread', why: reason(error) };
  }
}

/** Why a file could not be read, as the system's tools say it. */
function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'No such file or directory';
  if (code === 'EACCES') return 'Permission denied';
  return code;
}
