/**
 * ssh's lists of algorithms: all that it knows by name, those it offers, and how `+`, `-`, `^` and wildcards change them (ssh_config(5),
 * Ciphers and its like). They are OpenSSH 9.2's, so that what holds is what `ssh -G` says; what of it the built-in ssh can do is
 * `ssh2-algorithms.ts`'s.
 */

import { matchesList } from '../patterns.ts';

/** A kind of algorithm that has a list. */
export type AlgorithmKind = 'kex' | 'cipher' | 'mac' | 'key' | 'ca';

const CURVES = ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'];
const CERTIFIED = '-cert-v01@openssh.com';

const KEYS = [
  ...['ssh-ed25519', ...CURVES, 'sk-ssh-ed25519', 'sk-ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256'].map(
    (type) => `${type}${CERTIFIED}`,
  ),
  'ssh-ed25519',
  ...CURVES,
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** What ssh offers, in its order. */
const OFFERED: Readonly<Record<AlgorithmKind, readonly string[]>> = {
  kex: [
    'sntrup761x25519-sha512',
    'sntrup761x25519-sha512@openssh.com',
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
  ],
  cipher: [
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
  ],
  mac: [
    ...['umac-64', 'umac-128'].map((name) => `${name}-etm@openssh.com`),
    ...['hmac-sha2-256', 'hmac-sha2-512', 'hmac-sha1'].map((name) => `${name}-etm@openssh.com`),
    'umac-64@openssh.com',
    'umac-128@openssh.com',
    'hmac-sha2-256',
    'hmac-sha2-512',
    'hmac-sha1',
  ],
  key: KEYS,
  ca: KEYS.filter((name) => !name.endsWith(CERTIFIED)),
};

/** What it knows besides, and newer ones that are no mistake in a configuration. */
const KNOWN_BESIDES: Readonly<Record<AlgorithmKind, readonly string[]>> = {
  kex: [
    'diffie-hellman-group1-sha1',
    'diffie-hellman-group14-sha1',
    'diffie-hellman-group-exchange-sha1',
    'mlkem768x25519-sha256',
  ],
  cipher: ['3des-cbc', 'aes128-cbc', 'aes192-cbc', 'aes256-cbc'],
  mac: [
    'hmac-sha1-96',
    'hmac-md5',
    'hmac-md5-96',
    'hmac-sha1-96-etm@openssh.com',
    'hmac-md5-etm@openssh.com',
    'hmac-md5-96-etm@openssh.com',
  ],
  key: [
    'ssh-rsa',
    'ssh-dss',
    `ssh-rsa${CERTIFIED}`,
    `ssh-dss${CERTIFIED}`,
    'webauthn-sk-ecdsa-sha2-nistp256@openssh.com',
  ],
  ca: ['ssh-rsa', 'ssh-dss', 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com'],
};

/** Names of keys in the order in which ssh has them, for a wildcard. */
const KEY_ORDER = [
  'ssh-ed25519',
  `ssh-ed25519${CERTIFIED}`,
  'sk-ssh-ed25519@openssh.com',
  `sk-ssh-ed25519${CERTIFIED}`,
  ...CURVES.flatMap((name) => [name, `${name}${CERTIFIED}`]),
  'sk-ecdsa-sha2-nistp256@openssh.com',
  `sk-ecdsa-sha2-nistp256${CERTIFIED}`,
  'webauthn-sk-ecdsa-sha2-nistp256@openssh.com',
  ...['ssh-dss', 'ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512'].flatMap((name) => [name, `${name}${CERTIFIED}`]),
];

/** What ssh offers without a word of the configuration, with commas. */
export function offeredAlgorithms(kind: AlgorithmKind): string {
  return OFFERED[kind].join(',');
}

/** The list that `wish` makes, with commas; undefined if it names what nobody knows. */
export function assembleAlgorithms(kind: AlgorithmKind, wish: string): string | undefined {
  const offered = OFFERED[kind];
  const sign = /^[-+^]/.test(wish) ? wish.charAt(0) : '';
  const names = wish.slice(sign.length);
  if (sign === '-') {
    const left = offered.filter((name) => !matchesList(names, name));
    return left.join(',');
  }
  const isKnown = (name: string): boolean => offered.includes(name) || KNOWN_BESIDES[kind].includes(name);
  const takesWildcards = kind === 'key' || kind === 'ca';
  const list = names.split(',').flatMap((name) => {
    if (!takesWildcards || !/[*?]/.test(name)) return [name];
    return KEY_ORDER.filter((known) => matchesList(name, known) && (kind !== 'ca' || isKnown(known)));
  });
  if (list.length === 0 || !list.every(isKnown)) return undefined;
  switch (sign) {
    case '+':
      return unique([...offered, ...list]);
    case '^':
      return unique([...list, ...offered]);
    default:
      return unique(list);
  }
}

function unique(names: readonly string[]): string {
  return [...new Set(names)].join(',');
}
