/**
 * Which locales this host has. A locale that is asked for and missing makes programs fall back to "C", where a letter beyond
 * ASCII is two or three odd ones: so before a session gets one, it is looked up. Reads what glibc reads: the directories and
 * the archive of `/usr/lib/locale`. Elsewhere (musl) every UTF-8 locale is as good as any other.
 */

import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';

const LOCALES = '/usr/lib/locale';
const ARCHIVE = `${LOCALES}/locale-archive`;
/** The archive's header is 14 words of 32 bits; these two, by index, say where the names are (glibc, locarchive.h). */
const ARCHIVE_MAGIC = 0xde020109;
const STRING_OFFSET = 5;
const STRING_USED = 6;
const HEADER_BYTES = 56;
/** The names of all locales that glibc knows take some 10 KB. */
const NAMES_BYTES_MAX = 1024 * 1024;

/** Whether `locale` is one of UTF-8 by its name: `de_DE.UTF-8`, `C.utf8`. */
export function isUtf8(locale: string): boolean {
  return /\.utf-?8(?:@|$)/i.test(locale);
}

/** A UTF-8 locale that is there, and says nothing about language: `C.UTF-8`, which glibc 2.35 has built in. */
export function neutralUtf8(): string {
  return ['C.UTF-8', 'en_US.UTF-8'].find(isInstalled) ?? 'C.UTF-8';
}

let installed: ReadonlySet<string> | undefined;

/** Whether programs on this host can use `locale`. */
export function isInstalled(locale: string): boolean {
  if (!existsSync(LOCALES)) return true;
  const name = normalized(locale);
  if (name === 'c' || name === 'posix') return true;
  installed ??= new Set([...directoryNames(), ...archiveNames()].map(normalized));
  return installed.has(name);
}

/** As glibc compares: the character set in lower case, without punctuation. */
function normalized(locale: string): string {
  return locale.toLowerCase().replace(/\.([\w-]+)/, (_, charset: string) => `.${charset.replace(/[^a-z0-9]/g, '')}`);
}

function directoryNames(): string[] {
  try {
    return readdirSync(LOCALES, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

function archiveNames(): string[] {
  let fd: number | undefined;
  try {
    fd = openSync(ARCHIVE, 'r');
    const header = Buffer.alloc(HEADER_BYTES);
    if (readSync(fd, header) < HEADER_BYTES || header.readUInt32LE(0) !== ARCHIVE_MAGIC) return [];
    const names = Buffer.alloc(Math.min(header.readUInt32LE(STRING_USED * 4), NAMES_BYTES_MAX));
    readSync(fd, names, 0, names.length, header.readUInt32LE(STRING_OFFSET * 4));
    return names.toString('latin1').split('\0').filter(Boolean);
  } catch {
    return [];
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
