/** A host key as ssh sends it: bytes that begin with its type (RFC 4253 §6.6), and how ssh calls it when it talks to people. */

import { createHash } from 'node:crypto';

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
