/**
 * With which algorithm a key is to sign. Only RSA leaves a choice (RFC 8332): the user's order decides among what the server said it
 * takes (server-sig-algs, RFC 8308 §3.1). SHA-1 is used where PubkeyAcceptedAlgorithms names it, and nowhere else.
 */

import { withoutCertificate } from './user-certificate.ts';

/** What is accepted where the configuration says nothing, in ssh's order. */
const DEFAULT_ACCEPTED: readonly string[] = [
  'ssh-ed25519-cert-v01@openssh.com',
  'ecdsa-sha2-nistp256-cert-v01@openssh.com',
  'ecdsa-sha2-nistp384-cert-v01@openssh.com',
  'ecdsa-sha2-nistp521-cert-v01@openssh.com',
  'sk-ssh-ed25519-cert-v01@openssh.com',
  'sk-ecdsa-sha2-nistp256-cert-v01@openssh.com',
  'rsa-sha2-512-cert-v01@openssh.com',
  'rsa-sha2-256-cert-v01@openssh.com',
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** What a key of a type may be sent as. */
const ALGORITHMS_BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
  'ssh-rsa-cert-v01@openssh.com': [
    'rsa-sha2-512-cert-v01@openssh.com',
    'rsa-sha2-256-cert-v01@openssh.com',
    'ssh-rsa-cert-v01@openssh.com',
  ],
};

/**
 * The algorithm for a key of `type`, or undefined if none is allowed on both sides. `accepted` is PubkeyAcceptedAlgorithms, and
 * `serverTakes` what the server has said, if it has: a server without a word about it is an old one, which has SHA-1 if the user allows it.
 */
export function signatureAlgorithm(
  type: string,
  accepted: readonly string[] | undefined,
  serverTakes: readonly string[] | undefined,
): string | undefined {
  const allowed = accepted ?? DEFAULT_ACCEPTED;
  const choice = ALGORITHMS_BY_TYPE[type];
  if (choice === undefined) return allowed.includes(type) ? type : undefined;
  const possible = allowed.filter((name) => choice.includes(name));
  if (serverTakes === undefined) return possible.find((name) => name.startsWith('ssh-rsa')) ?? possible[0];
  return possible.find((name) => serverTakes.includes(withoutCertificate(name)));
}
