/**
 * The public half of a key, or a certificate, as ssh sends it: a blob that begins with its type (RFC 4253 §6.6), in files one line
 * `type base64 comment`.
 */

import { createHash } from 'node:crypto';
import { DecodeError, Reader } from '../../../protocol/bytes.ts';
import { printable } from '../../printable.ts';
import { readText } from '../ssh-string.ts';

/** A key or a certificate of any type, known here or not. */
export interface PublicKey {
  /** Such as `ssh-ed25519`. */
  readonly type: string;
  readonly blob: Uint8Array;
  /** As it stood beside it: not to be shown as it is. */
  readonly comment: string;
}

/** Longest type name known anywhere is half of it. */
const TYPE_LENGTH_MAX = 96;

/** The key of a blob; undefined if it does not begin with a type. */
export function publicKeyOf(blob: Uint8Array, comment: string): PublicKey | undefined {
  try {
    const type = readText(new Reader(blob));
    return /^[\x21-\x7e]+$/.test(type) && type.length <= TYPE_LENGTH_MAX ? { type, blob, comment } : undefined;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** The first key of a `.pub` file; undefined if there is none. */
export function parsePublicKey(text: string): PublicKey | undefined {
  for (const line of text.split('\n')) {
    const [, type, base64 = '', comment = ''] =
      /^\s*(\S+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]+(.*?))?\s*$/.exec(line) ?? [];
    if (type === undefined || type.startsWith('#')) continue;
    const key = publicKeyOf(Buffer.from(base64, 'base64'), comment);
    if (key?.type === type) return key;
  }
  return undefined;
}

/** Whether two keys, or certificates, are the same to the last byte. */
export function sameKey(one: PublicKey, other: PublicKey): boolean {
  return Buffer.from(one.blob).equals(other.blob);
}

/** How ssh shows a key: its type, its fingerprint. */
export function describeKey(key: PublicKey): string {
  const digest = createHash('sha256').update(key.blob).digest('base64').replace(/=+$/, '');
  return `${printable(key.type, { lengthMax: TYPE_LENGTH_MAX })} SHA256:${digest}`;
}
