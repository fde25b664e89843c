/**
 * The format of known_hosts: which keys are known for a host, which are revoked, and the line that records a new one.
 * Pure text in, answers out; the files themselves are `host-key-check.ts`'s. The format is that of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT:
 *
 *     [@marker] patterns key-type base64-key [comment]
 *
 * where the patterns are separated by commas, may hold `*` and `?`, are negated by `!`, name a port as `[host]:port`, or are one
 * hashed name, `|1|base64 salt|base64 HMAC-SHA1(salt, name)`.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** One line of a known_hosts file. */
export interface KnownHost {
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  readonly patterns: readonly string[];
  /** Such as `ssh-ed25519`. */
  readonly keyType: string;
  /** The key as ssh sends it, in base64. */
  readonly key: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What is known of a host's key. `others` are the keys of other types known for the host. */
export type Verdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'revoked'; readonly entry: KnownHost }
  | { readonly kind: 'changed'; readonly entry: KnownHost }
  | { readonly kind: 'unknown'; readonly others: readonly KnownHost[] };

/** Longest line looked at, in UTF-16 units; the longest real ones (RSA 16384 with many names) are under half of it. */
const LINE_LENGTH_MAX = 16_384;

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
    // Lines of SSH 1 have numbers here.
    if (!/^[a-z]/.test(keyType) || !/^[A-Za-z0-9+/]+=*$/.test(key)) continue;
    entries.push({ marker, patterns: names.split(','), keyType, key, file, line: index + 1 });
  }
  return entries;
}

/** What a host goes by in known_hosts: the bare name on the usual port, `[name]:port` on another. */
export function knownName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Judges `key` (as ssh sends it), offered by the host that goes by `name`, against all `entries`. */
export function judge(entries: readonly KnownHost[], name: string, keyType: string, key: Uint8Array): Verdict {
  const offered = Buffer.from(key).toString('base64');
  const ofHost = entries.filter((entry) => matches(entry.patterns, name));
  const revoked = ofHost.find((entry) => entry.marker === 'revoked' && entry.key === offered);
  if (revoked !== undefined) return { kind: 'revoked', entry: revoked };
  const plain = ofHost.filter((entry) => entry.marker === 'none');
  if (plain.some((entry) => entry.key === offered)) return { kind: 'known' };
  const changed = plain.find((entry) => entry.keyType === keyType);
  if (changed !== undefined) return { kind: 'changed', entry: changed };
  return { kind: 'unknown', others: plain };
}

/** The key types known for the host that goes by `name`, in the order of the files. */
export function knownTypes(entries: readonly KnownHost[], name: string): string[] {
  const types = entries
    .filter((entry) => entry.marker === 'none' && matches(entry.patterns, name))
    .map((entry) => entry.keyType);
  return [...new Set(types)];
}

/** Other names that `key` is recorded under in clear text, for the question about an unknown host; at most `countMax`. */
export function otherNames(entries: readonly KnownHost[], key: Uint8Array, countMax: number): string[] {
  const offered = Buffer.from(key).toString('base64');
  return entries
    .filter((entry) => entry.marker === 'none' && entry.key === offered)
    .slice(0, countMax)
    .map(
      (entry) =>
        `${entry.file}:${entry.line}: ${entry.patterns[0]?.startsWith('|') ? '[hashed name]' : entry.patterns}`,
    );
}

/** The line, with its end, that records `key` for `name`; the name hashed if the user's configuration says so. */
export function knownHostLine(name: string, keyType: string, key: Uint8Array, hashed: boolean): string {
  return `${hashed ? hashName(name, randomBytes(20)) : name} ${keyType} ${Buffer.from(key).toString('base64')}\n`;
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
  if (pattern.startsWith('|')) return matchesHash(pattern, name);
  // `[host]:22` may stand in a file, though nobody writes it so.
  return wildcardMatch(pattern.toLowerCase().replace(/^\[(.*)\]:22$/, '$1'), name);
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

/** ssh's patterns (ssh_config(5), PATTERNS): `*` is any text, `?` any character. Linear in the product of both lengths. */
export function wildcardMatch(pattern: string, text: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let starFrom = 0;
  while (from < text.length) {
    const symbol = pattern[at];
    if (symbol === '*') {
      star = at++;
      starFrom = from;
    } else if (symbol === '?' || symbol === text[from]) {
      at++;
      from++;
    } else if (star >= 0) {
      at = star + 1;
      from = ++starFrom;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
