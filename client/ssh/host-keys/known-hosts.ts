/**
 * The format of known_hosts: which keys are known for a host, which are revoked, who may certify it, and the line that records a new
 * key. Pure text in, answers out; the files themselves are `known-hosts-file.ts`'s. The format is that of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT:
 *
 *     [@marker] patterns key-type base64-key [comment]
 *
 * where the patterns are separated by commas, may hold `*` and `?`, are negated by `!`, name a port as `[host]:port`, or are one
 * hashed name, `|1|base64 salt|base64 HMAC-SHA1(salt, name)`.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { printable } from '../../printable.ts';
import { wildcardMatch } from '../patterns.ts';
import { typeOf } from './host-key.ts';

/** One line of a known_hosts file. */
export interface KnownHost {
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  readonly patterns: readonly string[];
  /** Such as `ssh-ed25519`; of any type, known here or not. */
  readonly keyType: string;
  /** The key as ssh sends it, in base64. */
  readonly key: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What is known of a host's plain key. `offending` are the keys that are known for the host instead, one of the same type first. */
export type Verdict =
  | { readonly kind: 'known'; readonly entry: KnownHost }
  | { readonly kind: 'changed'; readonly offending: readonly [KnownHost, ...KnownHost[]] }
  | { readonly kind: 'unknown' };

/** Longest line looked at, in UTF-16 units; the longest real ones (RSA 16384 with many names) are under half of it. */
const LINE_LENGTH_MAX = 16_384;

/** Most UTF-16 units of other names shown on one line. */
const NAMES_LENGTH_MAX = 200;

/** The entries of a file's text, in order. What is no entry is passed over, as ssh does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  const entries: KnownHost[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.length > LINE_LENGTH_MAX) continue;
    const fields = line.trim().split(/[ \t]+/);
    let marker: KnownHost['marker'] = 'none';
    if (fields[0]?.startsWith('@')) {
      const name = fields.shift();
      if (name === '@revoked') marker = 'revoked';
      else if (name === '@cert-authority') marker = 'cert-authority';
      else continue;
    }
    const [names, keyType, key] = fields;
    if (names === undefined || keyType === undefined || key === undefined || names.startsWith('#')) continue;
    if (!/^[A-Za-z0-9+/]+=*$/.test(key) || !holdsType(key, keyType)) continue;
    entries.push({ marker, patterns: names.split(','), keyType, key, file, line: index + 1 });
  }
  return entries;
}

/** A key begins with its type (RFC 4253 §6.6), which has to be the one beside it. Only so much of it is decoded. */
function holdsType(key: string, keyType: string): boolean {
  const head = Buffer.from(key.slice(0, 4 * Math.ceil((4 + keyType.length) / 3)), 'base64');
  return keyType !== '' && typeOf(head) === keyType;
}

/** What a host goes by in known_hosts: the bare name on the usual port, `[name]:port` on another. */
export function knownName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Of `entries` those that are about the host that goes by `name`. */
export function entriesFor(entries: readonly KnownHost[], name: string): KnownHost[] {
  return entries.filter((entry) => matches(entry.patterns, name));
}

/** Judges a plain `key` (as ssh sends it) by the entries of its host. A key of a type not known before counts as a change, as in ssh. */
export function judge(ofHost: readonly KnownHost[], key: Uint8Array): Verdict {
  const plain = ofHost.filter((entry) => entry.marker === 'none');
  const known = plain.find((entry) => holds(entry, key));
  if (known !== undefined) return { kind: 'known', entry: known };
  const type = typeOf(key);
  const [first, ...rest] = [
    ...plain.filter((entry) => entry.keyType === type),
    ...plain.filter((entry) => entry.keyType !== type),
  ];
  return first === undefined ? { kind: 'unknown' } : { kind: 'changed', offending: [first, ...rest] };
}

/** The entry by which one of `keys` is revoked. */
export function revocationOf(ofHost: readonly KnownHost[], keys: readonly Uint8Array[]): KnownHost | undefined {
  return ofHost.find((entry) => entry.marker === 'revoked' && keys.some((key) => holds(entry, key)));
}

/** The entry by which `key` may certify the host. */
export function authorityOf(ofHost: readonly KnownHost[], key: Uint8Array): KnownHost | undefined {
  return ofHost.find((entry) => entry.marker === 'cert-authority' && holds(entry, key));
}

/** Whether `key` is the one of this line. */
export function holds(entry: KnownHost, key: Uint8Array): boolean {
  // Compared as bytes: the same key can be written in base64 in more than one way.
  return Buffer.from(entry.key, 'base64').equals(key);
}

/** The names that `key` is recorded under, as `file:line: names` and for people to read. */
export function otherNames(entries: readonly KnownHost[], key: Uint8Array): string[] {
  const offered = Buffer.from(key).toString('base64');
  return entries
    .filter((entry) => entry.marker !== 'revoked' && entry.key === offered)
    .map((entry) => {
      const names = isHashed(entry)
        ? '[hashed name]'
        : printable(entry.patterns.join(), { lengthMax: NAMES_LENGTH_MAX });
      return `${entry.file}:${entry.line}: ${names}`;
    });
}

/** Whether the name of this line is hashed. */
export function isHashed(entry: KnownHost): boolean {
  return entry.patterns[0]?.startsWith('|') === true;
}

/** The line or, as several names cannot be hashed in one, the lines with their ends that record `key` for `names`. */
export function knownHostLines(names: readonly string[], key: Uint8Array, hashed: boolean): string {
  const fields = `${typeOf(key)} ${Buffer.from(key).toString('base64')}\n`;
  if (!hashed) return `${names.join(',')} ${fields}`;
  return names.map((name) => `${hashName(name, randomBytes(20))} ${fields}`).join('');
}

/** The patterns of one line against a name: one that matches, and no negated one that does. */
function matches(patterns: readonly string[], name: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(pattern.slice(1), name)) return false;
    } else if (matchesPattern(pattern, name)) {
      matched = true;
    }
  }
  return matched;
}

function matchesPattern(pattern: string, name: string): boolean {
  return pattern.startsWith('|') ? matchesHash(pattern, name) : wildcardMatch(pattern.toLowerCase(), name);
}

function matchesHash(pattern: string, name: string): boolean {
  const [, version, salt, digest] = pattern.split('|');
  if (version !== '1' || salt === undefined || digest === undefined) return false;
  const wanted = Buffer.from(digest, 'base64');
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

function hashName(name: string, salt: Uint8Array): string {
  const digest = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${Buffer.from(salt).toString('base64')}|${digest}`;
}
