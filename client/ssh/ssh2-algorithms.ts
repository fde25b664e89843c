/**
 * What the ssh library can negotiate, in the order in which it is offered where the configuration says nothing: OpenSSH's, but with the
 * ciphers first that Node has in hardware, and without what rests on SHA-1. The names are those of RFC 4253, 5656, 8268, 8731 and OpenSSH's PROTOCOL.
 */

import type { Algorithms } from './settings.ts';
import type { Offer } from './ssh2-internals.ts';

const KEX = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
] as const;
/** Taken where the configuration names them. */
const KEX_ON_DEMAND = [
  'diffie-hellman-group15-sha512',
  'diffie-hellman-group17-sha512',
  'diffie-hellman-group14-sha1',
  'diffie-hellman-group1-sha1',
  'diffie-hellman-group-exchange-sha1',
];
const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
] as const;
const CIPHERS_ON_DEMAND = ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'];
const MACS = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
] as const;
const MACS_ON_DEMAND = ['hmac-sha1-etm@openssh.com', 'hmac-sha1', 'hmac-sha1-96', 'hmac-md5', 'hmac-md5-96'];

/** What the library can do, each list in the order of preference. */
export const SUPPORTED = {
  kex: [...KEX, ...KEX_ON_DEMAND],
  cipher: [...CIPHERS, ...CIPHERS_ON_DEMAND],
  mac: [...MACS, ...MACS_ON_DEMAND],
} as const;

/** What to offer: of the configuration's lists what the library has, in their order. Gives the kind of which nothing is left, if there is one. */
export function makeOffer(
  wanted: Algorithms,
  hostKey: readonly string[],
): { readonly offer: Offer } | { readonly nothingLeft: string } {
  const offer: Offer = {
    kex: among(wanted.kex, KEX, SUPPORTED.kex),
    hostKey,
    cipher: among(wanted.cipher, CIPHERS, SUPPORTED.cipher),
    mac: among(wanted.mac, MACS, SUPPORTED.mac),
  };
  if (offer.kex.length === 0) return { nothingLeft: 'KexAlgorithms' };
  if (offer.hostKey.length === 0) return { nothingLeft: 'HostKeyAlgorithms' };
  if (offer.cipher.length === 0) return { nothingLeft: 'Ciphers' };
  if (offer.mac.length === 0) return { nothingLeft: 'MACs' };
  return { offer };
}

function among(
  wanted: readonly string[] | undefined,
  otherwise: readonly string[],
  supported: readonly string[],
): readonly string[] {
  return wanted === undefined ? otherwise : wanted.filter((name) => supported.includes(name));
}
