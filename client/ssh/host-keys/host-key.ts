/** A host key as ssh sends it: bytes that begin with its type (RFC 4253 §6.6), and how ssh calls it when it talks to people. */

import { createHash } from 'node:crypto';
import { DecodeError, Reader } from '../../../protocol/bytes.ts';
import { readString } from '../ssh-string.ts';

/** Longest name of a type; those of certificates are half of it. */
const TYPE_LENGTH_MAX = 96;

/** The type's name, empty if there is none. */
export function typeOf(key: Uint8Array): string {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  if (bytes.length < 4) return '';
  const length = bytes.readUInt32BE(0);
  if (length > TYPE_LENGTH_MAX || 4 + length > bytes.length) return '';
  const type = bytes.toString('latin1', 4, 4 + length);
  return /^[\x21-\x7e]+$/.test(type) ? type : '';
}

/** What ssh calls a key of this type: `ED25519`. */
export function labelOf(type: string): string {
  if (type === 'ssh-ed25519') return 'ED25519';
  if (type.startsWith('sk-ssh-ed25519')) return 'ED25519-SK';
  if (type.startsWith('sk-ecdsa-')) return 'ECDSA-SK';
  if (type.startsWith('ecdsa-')) return 'ECDSA';
  if (type === 'ssh-rsa') return 'RSA';
  if (type === 'ssh-dss') return 'DSA';
  return type;
}

/** As `ssh-keygen -l` shows it: `SHA256:…`. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The length of an RSA key's modulus (RFC 4253 §6.6: string type, mpint e, mpint n); undefined for a key of another type. */
export function rsaBitsOf(key: Uint8Array): number | undefined {
  if (typeOf(key) !== 'ssh-rsa') return undefined;
  try {
    const reader = new Reader(key);
    readString(reader);
    readString(reader);
    const modulus = Buffer.from(readString(reader)).toString('hex').replace(/^0+/, '');
    const [first = ''] = modulus;
    return modulus === '' ? 0 : 4 * (modulus.length - 1) + Number.parseInt(first, 16).toString(2).length;
  } catch (error) {
    if (error instanceof DecodeError) return 0;
    throw error;
  }
}
