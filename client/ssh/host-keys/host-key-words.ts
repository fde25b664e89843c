/** What the user is told and asked about host keys: laid out as users know it from ssh, so that it is recognised and taken seriously. */

import { fingerprintOf, labelOf, typeOf } from './host-key.ts';
import type { KnownHost, Verdict } from './known-hosts.ts';

/** How many lines are shown of a list, which may be that of a whole fleet. */
const LIST_MAX = 8;

/** Width between the borders of a warning. */
const WARNING_WIDTH = 57;

/** The file and line of an entry. */
export function placeOf(entry: KnownHost): string {
  return `${entry.file}:${entry.line}`;
}

/** A new host: everything above the question. `where` is how it is found, `others` are other names of the same key. */
export function newHost(where: string, key: Uint8Array, others: readonly string[]): string[] {
  return [
    `The authenticity of host '${where}' can't be established.`,
    `${labelOf(typeOf(key))} key fingerprint is ${fingerprintOf(key)}.`,
    ...(others.length === 0
      ? ['This key is not known by any other names.']
      : ['This host key is known by the following other names/addresses:', ...listed(others)]),
  ];
}

/** The key is not the one that is known. `name` is what the host goes by in the files. */
export function changedKey(
  name: string,
  key: Uint8Array,
  offending: readonly KnownHost[],
  userFile: string | undefined,
): string[] {
  const files = [...new Set(offending.map((entry) => entry.file))];
  return [
    ...banner('WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!'),
    'IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!',
    'Someone could be listening in on you right now (man-in-the-middle attack)!',
    'It is also possible that the host has just been given a new key.',
    `The fingerprint for the ${labelOf(typeOf(key))} key sent by ${name} is`,
    `${fingerprintOf(key)}.`,
    'Ask the administrator of the host whether it is the right one.',
    ...(userFile === undefined ? [] : [`If it is, put it into ${userFile} in place of the old one.`]),
    ...shortened(offending.map((entry) => `Offending ${labelOf(entry.keyType)} key in ${placeOf(entry)}`)),
    '  remove with:',
    ...files.map((file) => `  ${removal(file, name)}`),
  ];
}

/** The key is known, as one that is never good. */
export function revokedKey(name: string, key: Uint8Array, by: string): string[] {
  return [
    ...banner('WARNING: REVOKED HOST KEY DETECTED!'),
    `The ${labelOf(typeOf(key))} host key for ${name} is marked as revoked in ${by}.`,
    'This could mean that a stolen key is being used to impersonate this host.',
  ];
}

/** The key of the name has changed and that of the address has not done the same. */
export function spoofedName(name: string, key: Uint8Array, address: string, ofAddress: Verdict): string[] {
  const words = { unknown: 'is unknown', known: 'is unchanged', changed: 'has a different value' };
  const place = entryOf(ofAddress);
  return [
    ...banner('WARNING: POSSIBLE DNS SPOOFING DETECTED!'),
    `The ${labelOf(typeOf(key))} host key for ${name} has changed,`,
    `and the key for the corresponding IP address ${address}`,
    `${words[ofAddress.kind]}. This could either mean that`,
    'DNS SPOOFING is happening or the IP address for the host',
    'and its host key have changed at the same time.',
    ...(place === undefined ? [] : [`Key for the IP address in ${placeOf(place)}`]),
  ];
}

function entryOf(verdict: Verdict): KnownHost | undefined {
  if (verdict.kind === 'unknown') return undefined;
  return verdict.kind === 'known' ? verdict.entry : verdict.offending[0];
}

/** The key of the name is as known and that of the address is not. */
export function mismatchedAddress(
  name: string,
  key: Uint8Array,
  address: string,
  offending: KnownHost,
  matching: KnownHost | undefined,
): string[] {
  return [
    `Warning: the ${labelOf(typeOf(key))} host key for '${name}' differs from the key for the IP address '${address}'`,
    `Offending key for IP in ${placeOf(offending)}`,
    ...(matching === undefined ? [] : [`Matching host key in ${placeOf(matching)}`]),
  ];
}

/** The host has told all of its keys, and they are not those that are known. `changes` has a line for each. */
export function changedKeys(changes: readonly string[]): string[] {
  return [
    'The server has updated its host keys.',
    'These changes were verified by the key it is known by.',
    ...listed(changes),
  ];
}

/** The command that takes a host out of a file. */
export function removal(file: string, name: string): string {
  return `ssh-keygen -f ${quoted(file)} -R ${quoted(name)}`;
}

/** A list, indented, that ends in a count if it is long. */
function listed(lines: readonly string[]): string[] {
  return shortened(lines.map((line) => `    ${line}`));
}

function shortened(lines: readonly string[]): string[] {
  if (lines.length <= LIST_MAX) return [...lines];
  return [...lines.slice(0, LIST_MAX), `    (${lines.length - LIST_MAX} more)`];
}

function banner(what: string): string[] {
  const left = ' '.repeat(Math.floor((WARNING_WIDTH - what.length) / 2));
  const bar = '@'.repeat(WARNING_WIDTH + 2);
  return [bar, `@${`${left}${what}`.padEnd(WARNING_WIDTH)}@`, bar];
}

/** A word for a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
