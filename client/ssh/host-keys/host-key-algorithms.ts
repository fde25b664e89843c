/**
 * Which algorithms to ask the host to sign with, in which order: the host shows its key of the first that it has, so those of which a key
 * is known come first, and certificates before all if an authority is known for the host (ssh_config(5), HostKeyAlgorithms).
 */

import { isCertificate } from '../auth/user-certificate.ts';

/** What signs for a key type, the preferred algorithm first; for RSA without the form of SHA-1 (RFC 8332). */
const ALGORITHMS_BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** Weak ones, used only where the configuration names them. */
const ON_DEMAND = ['ssh-rsa', 'ssh-dss'];

/** The types of plain keys that a host may show here. */
export const PLAIN_TYPES: readonly string[] = [...Object.keys(ALGORITHMS_BY_TYPE), 'ssh-dss'];

const PLAIN = Object.values(ALGORITHMS_BY_TYPE).flat();
const CERTIFIED = PLAIN.map((algorithm) => `${algorithm}-cert-v01@openssh.com`);

/** What can be done here, in the order of preference. */
export const HOST_KEY_ALGORITHMS: readonly string[] = [...CERTIFIED, ...PLAIN, ...ON_DEMAND];

/** What is known of a host before it is asked. */
export interface Expectation {
  /** Types of its plain keys. */
  readonly types: readonly string[];
  /** Some authority may certify it. */
  readonly certified: boolean;
}

/** What to offer: `wanted`, or ssh's default if that is undefined. Empty if nothing of what is wanted is known here. */
export function orderAlgorithms(wanted: readonly string[] | undefined, expected: Expectation): string[] {
  const offered = (wanted ?? [...CERTIFIED, ...PLAIN]).filter((name) => HOST_KEY_ALGORITHMS.includes(name));
  const rank = (name: string): number => {
    // A certificate that nobody here can check says no more than the key inside, so that is asked for before it.
    if (isCertificate(name)) return expected.certified ? 0 : 3;
    return expected.types.includes(typeOfAlgorithm(name)) ? 1 : 2;
  };
  return [...new Set(offered)].sort((one, other) => rank(one) - rank(other));
}

function typeOfAlgorithm(algorithm: string): string {
  return algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm;
}
