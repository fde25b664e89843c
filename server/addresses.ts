/** The addresses of this host that a client may try: what `connect` answers with. */

import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Most addresses in an answer (SPEC.md §5). */
const ADDRESSES_MAX = 8;

/**
 * The literal addresses of this host, at most eight, likeliest first: the one that SSH reached (the third word of
 * $SSH_CONNECTION), then those of the interfaces, IPv4 before IPv6; loopback when there is nothing else.
 */
export function serverAddresses(sshConnection: string | undefined): readonly string[] {
  const found = new Set<string>();
  const reached = plainAddress(sshConnection?.split(' ')[2] ?? '');
  if (reached !== undefined) found.add(reached);
  const interfaces = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !isLinkLocal(address))
    .sort((a, b) => Number(a.family === 'IPv6') - Number(b.family === 'IPv6'));
  for (const { address } of interfaces) found.add(address);
  if (found.size === 0) found.add('127.0.0.1');
  return [...found].slice(0, ADDRESSES_MAX);
}

/** `::ffff:192.0.2.1` is 192.0.2.1 to a client. Nothing for what is not an address, or needs a zone. */
function plainAddress(text: string): string | undefined {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  const address = mapped ?? text;
  return isIP(address) === 0 || address.includes('%') || isLinkLocal(address) ? undefined : address;
}

function isLinkLocal(address: string): boolean {
  return /^(?:169\.254\.|fe[89ab])/i.test(address);
}
