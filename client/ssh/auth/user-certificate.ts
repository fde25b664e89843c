/**
 * Certificates of users (OpenSSH's PROTOCOL.certkeys): a public key with what a certificate authority says of it. Here only as much of it is
 * read as it takes to find the key that it is for; what it is worth is the server's to judge.
 */

import { DecodeError, Reader } from '../../../protocol/bytes.ts';
import { encodeString, readString, readText } from '../ssh-string.ts';
import { type PublicKey, publicKeyOf } from './public-key.ts';

/** The strings of the key that follow the nonce, by the type of the key. */
const FIELDS_BY_TYPE: Readonly<Record<string, number>> = {
  'ssh-rsa': 2,
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};

/** SSH2_CERT_TYPE_USER */
const USER = 1;

const SUFFIX = '-cert-v01@openssh.com';

/** Whether `type` is one of certificates. */
export function isCertificate(type: string): boolean {
  return type.endsWith(SUFFIX);
}

/** The algorithm or type without the certificate: `rsa-sha2-512` of `rsa-sha2-512-cert-v01@openssh.com`. */
export function withoutCertificate(name: string): string {
  if (!isCertificate(name)) return name;
  const base = name.slice(0, -SUFFIX.length);
  return base.startsWith('sk-') ? `${base}@openssh.com` : base;
}

/** The key that a certificate is for; undefined if it is none for a user, or of a type that is not known. */
export function certifiedKey(certificate: PublicKey): PublicKey | undefined {
  const type = withoutCertificate(certificate.type);
  const fields = FIELDS_BY_TYPE[type];
  if (!isCertificate(certificate.type) || fields === undefined) return undefined;
  try {
    const reader = new Reader(certificate.blob);
    readText(reader);
    readString(reader);
    const key = Array.from({ length: fields }, () => encodeString(readString(reader)));
    // The serial number.
    reader.take(8);
    if (reader.u32() !== USER) return undefined;
    return publicKeyOf(Buffer.concat([encodeString(type), ...key]), certificate.comment);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
