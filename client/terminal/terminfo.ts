/**
 * The system's description of a terminal: its entry in terminfo, as ncurses compiles it, with the extended capabilities that tmux and
 * others have brought into use (Tc, RGB, Smulx, Setulc, Ms …). Only what rove asks for is named here. See term(5).
 *
 * ```
 * i16 each: magic, bytes of names, booleans, numbers, strings, bytes of the string table
 * names, booleans (u8), to an even place, numbers (i16, or i32 by the magic), strings' offsets (i16, negative: none), string table
 * the extended part, from an even place on: i16 each: booleans, numbers, strings, offsets in all, bytes of the table
 * booleans, to an even place, numbers, strings' offsets, then offsets of all names from where the strings end, table
 * ```
 */

import { closeSync, openSync, readSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Terminfo {
  /** How many colours it has; undefined if it does not say. */
  readonly colors: number | undefined;
  /** smcup: it has an alternate screen. */
  readonly alternateScreen: boolean;
  /** Extended capabilities that it has: booleans and numbers as they are. */
  readonly extended: ReadonlyMap<string, string | number | true>;
}

const MAGIC_16 = 0x011a;
const MAGIC_32 = 0x021e;
const HEADER_BYTES = 12;
/** Longest entry, in bytes: ncurses' own limit for the larger numbers. */
const MAX_ENTRY = 32_768;
/** Places in the tables of term(5): max_colors, enter_ca_mode. */
const MAX_COLORS = 13;
const ENTER_CA_MODE = 28;
const SYSTEM_DIRECTORIES: readonly string[] = [
  '/etc/terminfo',
  '/lib/terminfo',
  '/usr/share/terminfo',
  '/usr/lib/terminfo',
];

/** The entry for `term`, as ncurses would find it; undefined if there is none that can be read. */
export function readTerminfo(term: string, environment: NodeJS.ProcessEnv): Terminfo | undefined {
  if (!/^[a-z0-9][\w.+-]{0,60}$/i.test(term)) return undefined;
  const directories = [
    environment.TERMINFO ?? '',
    join(homedir(), '.terminfo'),
    ...(environment.TERMINFO_DIRS ?? '').split(':'),
    ...SYSTEM_DIRECTORIES,
  ];
  for (const directory of directories) {
    if (directory === '') continue;
    // By the first letter; where file names have no case, by its code.
    for (const folder of [term.charAt(0), term.charCodeAt(0).toString(16)]) {
      const bytes = readEntry(join(directory, folder, term));
      const entry = bytes && parseTerminfo(bytes);
      if (entry !== undefined) return entry;
    }
  }
  return undefined;
}

function readEntry(path: string): Uint8Array | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = new Uint8Array(MAX_ENTRY);
      return bytes.subarray(0, readSync(file, bytes, 0, MAX_ENTRY, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** A compiled entry; undefined if the bytes are none. */
export function parseTerminfo(bytes: Uint8Array): Terminfo | undefined {
  try {
    return new EntryReader(bytes).read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads through an entry; what lies beyond its end throws `RangeError`, as a `DataView` does. */
class EntryReader {
  readonly #view: DataView;
  #at = 0;
  #numberBytes = 2;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): Terminfo {
    const magic = this.#short();
    if (magic !== MAGIC_16 && magic !== MAGIC_32) throw new RangeError('no compiled terminfo');
    this.#numberBytes = magic === MAGIC_32 ? 4 : 2;
    const names = this.#short();
    const booleans = this.#short();
    const numbers = this.#short();
    const strings = this.#short();
    const table = this.#short();
    this.#at = HEADER_BYTES + names + booleans;
    this.#align();
    const colors = numbers > MAX_COLORS ? this.#numberAt(this.#at + MAX_COLORS * this.#numberBytes) : -1;
    this.#at += numbers * this.#numberBytes;
    const alternate = strings > ENTER_CA_MODE ? this.#view.getInt16(this.#at + 2 * ENTER_CA_MODE, true) : -1;
    this.#at += 2 * strings + table;
    this.#align();
    const isExtended = this.#at + 10 <= this.#view.byteLength;
    return {
      colors: colors >= 0 ? colors : undefined,
      alternateScreen: alternate >= 0,
      extended: isExtended ? this.#extended() : new Map(),
    };
  }

  #extended(): Map<string, string | number | true> {
    const booleans = this.#short();
    const numbers = this.#short();
    const strings = this.#short();
    this.#at += 4;
    const values: (string | number | true | undefined)[] = [];
    for (let i = 0; i < booleans; i++) values.push(this.#view.getInt8(this.#at++) === 1 ? true : undefined);
    this.#align();
    for (let i = 0; i < numbers; i++, this.#at += this.#numberBytes) {
      const number = this.#numberAt(this.#at);
      values.push(number >= 0 ? number : undefined);
    }
    const offsets = this.#shorts(strings);
    const nameOffsets = this.#shorts(values.length + strings);
    let namesAt = this.#at;
    const table = this.#at;
    for (const offset of offsets) {
      const value = offset < 0 ? undefined : this.#text(table + offset);
      values.push(value);
      if (value !== undefined) namesAt = Math.max(namesAt, table + offset + value.length + 1);
    }
    const found = new Map<string, string | number | true>();
    for (const [i, value] of values.entries()) {
      const name = this.#text(namesAt + (nameOffsets[i] ?? 0));
      if (value !== undefined) found.set(name, value);
    }
    return found;
  }

  #short(): number {
    const value = this.#view.getInt16(this.#at, true);
    this.#at += 2;
    if (value < 0) throw new RangeError('no size is negative');
    return value;
  }

  #shorts(count: number): number[] {
    const values: number[] = [];
    for (let i = 0; i < count; i++, this.#at += 2) values.push(this.#view.getInt16(this.#at, true));
    return values;
  }

  #numberAt(at: number): number {
    return this.#numberBytes === 4 ? this.#view.getInt32(at, true) : this.#view.getInt16(at, true);
  }

  #align(): void {
    this.#at += this.#at % 2;
  }

  /** Up to the zero byte, as Latin-1. */
  #text(from: number): string {
    let text = '';
    for (let at = from; ; at++) {
      const byte = this.#view.getUint8(at);
      if (byte === 0) return text;
      text += String.fromCharCode(byte);
    }
  }
}
