/**
 * Certificates of hosts (OpenSSH's PROTOCOL.certkeys): a public key with what an authority says of it, signed by that authority.
 *
 *     string type, string nonce, the key's own fields, uint64 serial, uint32 kind, string key id, string principals,
 *     uint64 valid after, uint64 valid before, string critical options, string extensions, string reserved,
 *     string authority's key, string signature of all before it
 *
 * Here a certificate is read and judged by itself; whether its authority is trusted for a host is for known_hosts to say.
 */

import { DecodeError, Reader } from '../../../protocol/bytes.ts';
import { isCertificate, withoutCertificate } from '../auth/user-certificate.ts';
import { encodeString, readString, readText } from '../ssh-string.ts';
import { isSignedBy } from './authority-signature.ts';
import { typeOf } from './host-key.ts';

/** What an authority says of a host's key. The signature is good, by whomever. */
export interface HostCertificate {
  /** The key that it is about, as ssh sends it without a certificate. */
  readonly key: Uint8Array;
  /** The key of the authority that has signed it, as ssh sends it. */
  readonly authority: Uint8Array;
  /** 1 for users, 2 for hosts. */
  readonly kind: number;
  /** What the authority calls it; not to be shown as it is. */
  readonly keyId: string;
  /** The names it is for; none: for all. */
  readonly principals: readonly string[];
  /** Seconds since 1970. */
  readonly validAfterS: bigint;
  /** Seconds since 1970; not valid at this moment any more. */
  readonly validBeforeS: bigint;
  /** The names of what has to be understood; there is none for hosts. */
  readonly criticalOptions: readonly string[];
}

/** The strings of the key behind the nonce, by the key's type. */
const FIELDS_BY_TYPE: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'ssh-rsa': 2,
};

/** SSH2_CERT_TYPE_HOST */
const HOST = 2;

/** As many as OpenSSH takes. */
const PRINCIPALS_MAX = 256;
const OPTIONS_MAX = 64;

/** The certificate in `blob`; undefined if it is malformed, of a type not known here, or not signed by the authority that it names. */
export function parseCertificate(blob: Uint8Array): HostCertificate | undefined {
  return withoutDecodeError(() => {
    const reader = new Reader(blob);
    const key = readKey(reader);
    if (key === undefined) return undefined;
    // The serial number.
    reader.take(8);
    const kind = reader.u32();
    const keyId = readText(reader);
    const principals = readAll(readString(reader), PRINCIPALS_MAX, readText);
    const validAfterS = readU64(reader);
    const validBeforeS = readU64(reader);
    const criticalOptions = readAll(readString(reader), OPTIONS_MAX, readOption);
    // Extensions, which may be unknown, and what is reserved.
    readString(reader);
    readString(reader);
    const authority = readString(reader);
    const signed = blob.subarray(0, blob.length - reader.left);
    const signature = readString(reader);
    reader.end('a certificate');
    // A certificate is not signed by a certificate.
    if (isCertificate(typeOf(authority)) || !isSignedBy(authority, signature, signed)) return undefined;
    return { key, authority, kind, keyId, principals, validAfterS, validBeforeS, criticalOptions };
  });
}

/** The key inside of a certificate, which signs in its name; undefined if the type is not known here. The rest is not looked at. */
export function plainKeyOf(certificate: Uint8Array): Uint8Array | undefined {
  return withoutDecodeError(() => readKey(new Reader(certificate)));
}

/** Why a certificate is none for the host that goes by `name`, without its port and in lower case, at the moment `nowMs`; undefined if it is one. */
export function faultOf(certificate: HostCertificate, name: string, nowMs: number): string | undefined {
  const nowS = BigInt(Math.floor(nowMs / 1000));
  if (certificate.kind !== HOST) return 'it is not a host certificate';
  if (nowS < certificate.validAfterS) return 'it is not yet valid';
  if (nowS >= certificate.validBeforeS) return 'it has expired';
  if (certificate.criticalOptions.length > 0) return 'it has critical options that are not known';
  // They are no patterns.
  if (certificate.principals.length === 0 || certificate.principals.includes(name)) return undefined;
  return `${name} is not among the names that it is for`;
}

/** Reads the type, the nonce and the key's fields. */
function readKey(reader: Reader): Uint8Array | undefined {
  const type = readText(reader);
  const plain = withoutCertificate(type);
  const count = isCertificate(type) ? FIELDS_BY_TYPE[plain] : undefined;
  if (count === undefined) return undefined;
  readString(reader);
  const fields = Array.from({ length: count }, () => encodeString(readString(reader)));
  return Buffer.concat([encodeString(plain), ...fields]);
}

function readOption(reader: Reader): string {
  const name = readText(reader);
  readString(reader);
  return name;
}

function readU64(reader: Reader): bigint {
  const high = BigInt(reader.u32());
  return (high << 32n) | BigInt(reader.u32());
}

/** Everything that is in `bytes`, one after another. */
function readAll(bytes: Uint8Array, countMax: number, read: (reader: Reader) => string): string[] {
  const reader = new Reader(bytes);
  const values: string[] = [];
  while (reader.left > 0) {
    if (values.length === countMax) throw new DecodeError(`Cannot read a certificate: a list is over ${countMax}`);
    values.push(read(reader));
  }
  return values;
}

function withoutDecodeError<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
