/**
 * Whether a certificate authority has signed something: public keys and signatures in ssh's form (RFC 4253 §6.6, 5656 §3.1, 8332 §3, 8709,
 * OpenSSH's PROTOCOL.u2f for keys on a security key), checked by Node. Signatures that rest on SHA-1 are none.
 */

import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { DecodeError, Reader } from '../../../protocol/bytes.ts';
import { readString, readText } from '../ssh-string.ts';

/** A modulus of an RSA key, in bytes: ssh takes none under 1024 bits, and nobody has one over 16384. */
const MODULUS_BYTES_MIN = 128;
const MODULUS_BYTES_MAX = 2048;
/** An exponent, in bytes; nearly always it is 65537. */
const EXPONENT_BYTES_MAX = 8;

const CURVES: Readonly<Record<string, { readonly jwk: string; readonly bytes: number; readonly hash: string }>> = {
  nistp256: { jwk: 'P-256', bytes: 32, hash: 'sha256' },
  nistp384: { jwk: 'P-384', bytes: 48, hash: 'sha384' },
  nistp521: { jwk: 'P-521', bytes: 66, hash: 'sha512' },
};

const RSA_HASHES: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' };

/** Whether `signature` is one of `data` by `key`, all as ssh sends them. Never throws, whatever the bytes are. */
export function isSignedBy(key: Uint8Array, signature: Uint8Array, data: Uint8Array): boolean {
  try {
    return check(new Reader(key), new Reader(signature), data);
  } catch {
    // Node throws on what is no point of a curve and the like: it is then no signature, either.
    return false;
  }
}

function check(key: Reader, signature: Reader, data: Uint8Array): boolean {
  const type = readText(key);
  const algorithm = readText(signature);
  const value = readString(signature);
  switch (type) {
    case 'ssh-rsa':
      return isSignedByRsa(key, algorithm, value, data) && ended(key, signature);
    case 'ssh-ed25519':
      return algorithm === type && isSignedByEd25519(key, value, data) && ended(key, signature);
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
      return algorithm === type && isSignedByEcdsa(key, type.slice(11), value, data) && ended(key, signature);
    case 'sk-ssh-ed25519@openssh.com': {
      const point = new Reader(key.take(4 + 32));
      return (
        algorithm === type &&
        isSignedByEd25519(point, value, securityKeyData(key, signature, data)) &&
        ended(key, signature)
      );
    }
    case 'sk-ecdsa-sha2-nistp256@openssh.com': {
      const point = new Reader(key.take(4 + 8 + 4 + 65));
      return (
        algorithm === type &&
        isSignedByEcdsa(point, 'nistp256', value, securityKeyData(key, signature, data)) &&
        ended(key, signature)
      );
    }
    default:
      return false;
  }
}

function ended(...readers: readonly Reader[]): boolean {
  return readers.every((reader) => reader.left === 0);
}

/** What a security key signs: the hashes of the application and of the message, between them its flags and its counter. */
function securityKeyData(key: Reader, signature: Reader, data: Uint8Array): Uint8Array {
  const application = readString(key);
  const flagsAndCounter = signature.take(1 + 4);
  return Buffer.concat([sha256(application), flagsAndCounter, sha256(data)]);
}

function sha256(data: Uint8Array): Uint8Array {
  return createHash('sha256').update(data).digest();
}

function isSignedByEd25519(key: Reader, value: Uint8Array, data: Uint8Array): boolean {
  const point = readString(key);
  if (point.length !== 32 || value.length !== 64) return false;
  return verify(null, data, publicKey({ kty: 'OKP', crv: 'Ed25519', x: base64url(point) }), value);
}

function isSignedByEcdsa(key: Reader, name: string, value: Uint8Array, data: Uint8Array): boolean {
  const curve = CURVES[name];
  if (curve === undefined || readText(key) !== name) return false;
  const point = readString(key);
  // Uncompressed, the only form that RFC 5656 §3.1 asks for.
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) return false;
  const x = base64url(point.subarray(1, 1 + curve.bytes));
  const y = base64url(point.subarray(1 + curve.bytes));
  const numbers = new Reader(value);
  const r = fixed(readString(numbers), curve.bytes);
  const s = fixed(readString(numbers), curve.bytes);
  if (!ended(numbers)) return false;
  const jwk = publicKey({ kty: 'EC', crv: curve.jwk, x, y });
  return verify(curve.hash, data, { key: jwk, dsaEncoding: 'ieee-p1363' }, Buffer.concat([r, s]));
}

function isSignedByRsa(key: Reader, algorithm: string, value: Uint8Array, data: Uint8Array): boolean {
  const hash = RSA_HASHES[algorithm];
  const exponent = magnitude(readString(key));
  const modulus = magnitude(readString(key));
  if (hash === undefined || exponent.length > EXPONENT_BYTES_MAX) return false;
  if (modulus.length < MODULUS_BYTES_MIN || modulus.length > MODULUS_BYTES_MAX) return false;
  const jwk = publicKey({ kty: 'RSA', n: base64url(modulus), e: base64url(exponent) });
  return verify(hash, data, jwk, fixed(value, modulus.length));
}

function publicKey(key: JsonWebKey): ReturnType<typeof createPublicKey> {
  return createPublicKey({ key, format: 'jwk' });
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

/** A number without the zeros in front of it. */
function magnitude(mpint: Uint8Array): Uint8Array {
  let start = 0;
  while (mpint[start] === 0) start++;
  return mpint.subarray(start);
}

/** A number on exactly `length` bytes. */
function fixed(mpint: Uint8Array, length: number): Uint8Array {
  const digits = magnitude(mpint);
  if (digits.length > length) throw new DecodeError(`Cannot read a number: it is over ${length} bytes`);
  return Buffer.concat([Buffer.alloc(length - digits.length), digits]);
}
