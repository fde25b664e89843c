/** Host names made canonical: addresses in their usual form, names with a domain of CanonicalDomains (ssh_config(5), CanonicalizeHostname). */

import { lookup, resolveCname } from 'node:dns/promises';
import { isIP } from 'node:net';
import { UserError } from '../../user-error.ts';
import { matchesList } from '../patterns.ts';
import type { ConfigValues } from './config-walk.ts';

/** The name as it is to be from here on. Throws `UserError` if none is found and the configuration does not let it be. */
export async function canonicalName(host: string, values: ConfigValues): Promise<string> {
  const address = plainAddress(host);
  if (address !== undefined) return address;
  const wish = values.get('canonicalizehostname')?.[0] ?? 'false';
  if (wish === 'false') return host;
  const isDirect = isUnset(values.get('proxycommand')) && isUnset(values.get('proxyjump'));
  if (!isDirect && wish !== 'always') return host;
  if (host.endsWith('.')) return host.slice(0, -1);
  const dots = host.split('.').length - 1;
  if (dots > Number(values.get('canonicalizemaxdots')?.[0] ?? '1')) return host;
  for (const domain of values.get('canonicaldomains') ?? []) {
    if (domain.toLowerCase() === 'none') break;
    const full = `${host}.${domain}`;
    if (await isThere(full)) return await followed(full, values);
  }
  if (values.get('canonicalizefallbacklocal')?.[0] === 'no') {
    throw new UserError(`Could not resolve host "${host}" in any of the CanonicalDomains: check its name`);
  }
  return host;
}

/** An address as it is usually written; undefined for a name. */
export function plainAddress(host: string): string | undefined {
  if (isIP(host) === 6 && !host.includes('%')) return new URL(`ssh://[${host}]`).hostname.slice(1, -1);
  if (isIP(host) === 4) return host;
  // inet_aton(3) takes octal and hexadecimal digits and fewer parts, too.
  if (!/^(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}$/i.test(host)) return undefined;
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return undefined;
  }
}

async function isThere(name: string): Promise<boolean> {
  try {
    await lookup(name);
    return true;
  } catch {
    return false;
  }
}

/** CanonicalizePermittedCNAMEs: the name that this one is another for, if it may be followed. */
async function followed(name: string, values: ConfigValues): Promise<string> {
  const rules = values.get('canonicalizepermittedcnames') ?? [];
  if (rules.length === 0 || rules[0]?.toLowerCase() === 'none') return name;
  try {
    const [target] = await resolveCname(name);
    const isPermitted = rules.some((rule) => {
      const [from = '', to = ''] = rule.toLowerCase().split(':');
      return target !== undefined && matchesList(from, name) && matchesList(to, target);
    });
    return isPermitted && target !== undefined ? target : name;
  } catch {
    return name;
  }
}

function isUnset(values: readonly string[] | undefined): boolean {
  return values === undefined || values[0]?.toLowerCase() === 'none';
}
