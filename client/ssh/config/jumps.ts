/** ProxyJump's value (ssh_config(5)): hosts with commas between, the first reached first. */

import { UserError } from '../../user-error.ts';
import { parseDestination } from '../destination.ts';
import type { JumpHost } from '../settings.ts';

/** The hosts of `value`, none for `none`. Throws `UserError`. */
export function parseJumps(value: string): JumpHost[] {
  if (value.toLowerCase() === 'none') return [];
  return value.split(',').map((word) => {
    const destination = parseDestination(withScheme(word));
    if (destination === undefined) {
      throw new UserError(`ProxyJump ${value}: "${word}" is no host: expected [user@]host[:port], with commas between`);
    }
    return { host: destination.host, user: destination.user, port: destination.port };
  });
}

/** Whether `value` is a list of hosts, or `none`. */
export function areJumps(value: string): boolean {
  return (
    value.toLowerCase() === 'none' || value.split(',').every((word) => parseDestination(withScheme(word)) !== undefined)
  );
}

/** As `ssh -G` prints it: the last host in its parts. */
export function shownJumps(value: string): string {
  const words = value.split(',');
  const last = words.pop() ?? '';
  const destination = parseDestination(withScheme(last));
  if (destination === undefined) return value;
  const { user, host, port } = destination;
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return [...words, `${user === undefined ? '' : `${user}@`}${bracketed}${port === undefined ? '' : `:${port}`}`].join(
    ',',
  );
}

/** A port is one only with brackets around an IPv6 address or without another colon. */
function withScheme(word: string): string {
  if (word.startsWith('ssh://')) return word;
  return /\]|^[^:]*:\d+$/.test(word) ? `ssh://${word}` : word;
}
