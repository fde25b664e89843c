/**
 * A private key in memory: what it signs, as ssh sends signatures (RFC 4253 §6.6, RFC 5656 §3.1.2, RFC 8332 §3, RFC 8709 §6), and how it
 * is handed to an agent. Node's crypto holds the key; its fields come out as a JWK.
 */

import { createPrivateKey, type JsonWebKey, type KeyObject, sign as signWith } from 'node:crypto';
import { encodeMpint, encodeString, encodeStrings } from '../ssh-string.ts';
import { type PublicKey, publicKeyOf } from './public-key.ts';

/** A key that signs. */
export interface PrivateKey {
  readonly publicKey: PublicKey;
  /** A whole signature: string algorithm, string signature. Throws if the algorithm is not one of this key's. */
  sign(data: Uint8Array, algorithm: string): Uint8Array;
  /** The key as an agent takes it (draft-ietf-sshm-ssh-agent §3.2.1 to §3.2.3), from its type on, without the comment. */
  encodeForAgent(): Uint8Array;
}

/** The hash of each signature algorithm; null where the algorithm has its own. */
const HASHES: Readonly<Record<string, string | null>> = {
  'ssh-ed25519': null,
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
  'rsa-sha2-512': 'sha512',
  'rsa-sha2-256': 'sha256',
  'ssh-rsa': 'sha1',
};

const CURVES: Readonly<Record<string, string>> = { 'P-256': 'nistp256', 'P-384': 'nistp384', 'P-521': 'nistp521' };

/** The key of a PEM text (PKCS #1, PKCS #8, SEC 1), behind a passphrase or not; undefined if the passphrase is wrong or the text is. */
export function readPem(text: string, passphrase: string | undefined, comment: string): PrivateKey | undefined {
  try {
    const key = createPrivateKey({ key: text, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
    return privateKeyOf(key, comment);
  } catch {
    return undefined;
  }
}

/** The key in the form of ssh; undefined for a kind that ssh has no name for. */
export function privateKeyOf(key: KeyObject, comment: string): PrivateKey | undefined {
  const jwk = fieldsOf(key);
  switch (jwk?.kty) {
    case 'OKP':
      return jwk.crv === 'Ed25519' ? ed25519(key, jwk, comment) : undefined;
    case 'EC':
      return ecdsa(key, jwk, comment);
    case 'RSA':
      return rsa(key, jwk, comment);
    default:
      return undefined;
  }
}

function fieldsOf(key: KeyObject): JsonWebKey | undefined {
  try {
    return key.export({ format: 'jwk' });
  } catch {
    // Of a kind that JWK has no form for, DSA for one.
    return undefined;
  }
}

function ed25519(key: KeyObject, jwk: JsonWebKey, comment: string): PrivateKey | undefined {
  const type = 'ssh-ed25519';
  const point = field(jwk.x);
  return assemble(type, encodeStrings(type, point), comment, {
    algorithms: [type],
    sign: (data) => encodeString(signWith(null, data, key)),
    encodeForAgent: () => encodeStrings(type, point, Buffer.concat([field(jwk.d), point])),
  });
}

function ecdsa(key: KeyObject, jwk: JsonWebKey, comment: string): PrivateKey | undefined {
  const curve = CURVES[jwk.crv ?? ''];
  if (curve === undefined) return undefined;
  const type = `ecdsa-sha2-${curve}`;
  const point = Buffer.concat([Uint8Array.of(4), field(jwk.x), field(jwk.y)]);
  return assemble(type, encodeStrings(type, curve, point), comment, {
    algorithms: [type],
    sign: (data, hash) => {
      const both = signWith(hash, data, { key, dsaEncoding: 'ieee-p1363' });
      const [r, s] = [both.subarray(0, both.length / 2), both.subarray(both.length / 2)];
      return encodeString(Buffer.concat([encodeMpint(r), encodeMpint(s)]));
    },
    encodeForAgent: () => Buffer.concat([encodeStrings(type, curve, point), encodeMpint(field(jwk.d))]),
  });
}

function rsa(key: KeyObject, jwk: JsonWebKey, comment: string): PrivateKey | undefined {
  const type = 'ssh-rsa';
  const numbers = (...names: readonly (string | undefined)[]): Uint8Array[] =>
    names.map((name) => encodeMpint(field(name)));
  return assemble(type, Buffer.concat([encodeString(type), ...numbers(jwk.e, jwk.n)]), comment, {
    algorithms: ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
    sign: (data, hash) => encodeString(signWith(hash, data, key)),
    encodeForAgent: () => Buffer.concat([encodeString(type), ...numbers(jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q)]),
  });
}

/** What differs from kind to kind. */
interface Kind {
  readonly algorithms: readonly string[];
  readonly sign: (data: Uint8Array, hash: string | null) => Uint8Array;
  readonly encodeForAgent: () => Uint8Array;
}

function assemble(type: string, blob: Uint8Array, comment: string, kind: Kind): PrivateKey | undefined {
  const publicKey = publicKeyOf(blob, comment);
  if (publicKey === undefined) return undefined;
  return {
    publicKey,
    sign(data, algorithm) {
      const hash = HASHES[algorithm];
      if (hash === undefined || !kind.algorithms.includes(algorithm)) {
        throw new Error(`a key of type ${type} does not sign with ${algorithm}`);
      }
      return Buffer.concat([encodeString(algorithm), kind.sign(data, hash)]);
    },
    encodeForAgent: kind.encodeForAgent,
  };
}

function field(base64: string | undefined): Uint8Array {
  return Buffer.from(base64 ?? '', 'base64url');
}
