/** The addresses of this machine: when they change, so may the way to the server. */

import { networkInterfaces } from 'node:os';

/** This machine's addresses but for loopback's, as one text. */
export function localAddresses(): string {
  const found: string[] = [];
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { address, internal } of addresses ?? []) if (!internal) found.push(`${name} ${address}`);
  }
  return found.sort().join('\n');
}
