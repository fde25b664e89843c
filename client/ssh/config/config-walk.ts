/**
 * What ssh's configuration says about one host: the lines of the command line and of all files in their order, of which those in blocks that
 * hold for the host are kept. The first value obtained wins; some keywords add up.
 */

import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { UserError } from '../../user-error.ts';
import { matchesList, matchesPatterns } from '../patterns.ts';
import { type ConfigFile, readLines } from './config-files.ts';
import { filesOf } from './include-files.ts';
import { KEYWORD_BY_NAME, type Keyword, PAST_KEYWORDS } from './keywords.ts';
import { matches } from './match.ts';
import { expandHome, expandTokens, type Tokens } from './tokens.ts';
import { time } from './values.ts';
import { BadLine, parseLine, splitValue } from './words.ts';

/** Deepest Include within Include, as in ssh. */
const INCLUDE_DEPTH_MAX = 16;
const PORT = 22;

/** Values as `ssh -G` prints them, by the keyword in lower case. */
export type ConfigValues = ReadonlyMap<string, readonly string[]>;

/** The files of one reading: `host` is the name as it is by then. */
interface Reading {
  readonly host: string;
  readonly isFinal: boolean;
}

/** Gathers what holds for one host. */
export class ConfigWalk {
  /** A second reading is asked for, by `Match final`. */
  wantsFinal = false;
  readonly #original: string;
  readonly #values = new Map<string, readonly string[]>();

  /** `original` is the host as it was typed. */
  constructor(original: string) {
    this.#original = original;
  }

  /** What has been found so far. */
  get values(): ConfigValues {
    return this.#values;
  }

  /** Takes a line of the command line. Throws `UserError`. */
  directive(text: string): void {
    const state = { isActive: true };
    // Without Host and Match there is no name to hold against.
    this.#line(text, state, { where: 'command-line', depth: 0, file: undefined, never: false }, undefined);
  }

  /** Takes a file's lines. Throws `UserError` for one that cannot be followed. */
  file(file: ConfigFile, reading: Reading): void {
    const lines = readLines(file.path, file);
    if (lines !== undefined)
      this.#lines(lines, file.path, { isActive: true }, { file, depth: 0, never: false }, reading);
  }

  /** The name is settled: a second reading cannot change it. */
  settle(host: string): void {
    this.#values.set('hostname', [host.replaceAll('%', '%%')]);
  }

  #lines(
    lines: readonly string[],
    path: string,
    state: { isActive: boolean },
    place: Omit<Place, 'where'>,
    reading: Reading,
  ): void {
    for (const [index, line] of lines.entries()) {
      this.#line(line, state, { ...place, where: `${path} line ${index + 1}` }, reading);
    }
  }

  #line(text: string, state: { isActive: boolean }, place: Place, reading: Reading | undefined): void {
    try {
      const line = parseLine(text);
      if (line === undefined) return;
      const { keyword, rest } = line;
      if (keyword === 'host' && reading !== undefined) {
        const patterns = splitValue(rest);
        if (patterns.length === 0) throw new BadLine('no argument after keyword "host"');
        state.isActive = !place.never && matchesPatterns(patterns, reading.host);
      } else if (keyword === 'match' && reading !== undefined) {
        if (splitValue(rest).length === 0) throw new BadLine('no argument after keyword "match"');
        state.isActive = matches(rest, this.#subject(reading), !place.never);
      } else if (keyword === 'include' && reading !== undefined) {
        const names = splitValue(rest);
        if (names.length === 0) throw new BadLine('no argument after keyword "include"');
        for (const name of names) this.#include(name, state, place, reading);
      } else {
        this.#set(keyword, rest, state.isActive);
      }
    } catch (error) {
      if (!(error instanceof BadLine)) throw error;
      throw new UserError(`${place.where}: ${error.message.replace(/\.$/, '')}: correct it`, { cause: error });
    }
  }

  #include(name: string, state: { readonly isActive: boolean }, place: Place, reading: Reading): void {
    if (place.depth >= INCLUDE_DEPTH_MAX) throw new BadLine('Include nests too deeply: does a file include itself?');
    const { file } = place;
    if (file === undefined) return;
    const path = expandHome(name);
    for (const path_ of filesOf(isAbsolute(path) ? path : join(file.folder, path))) {
      const lines = readLines(path_, { ...file, isNeeded: false });
      const within = { file, depth: place.depth + 1, never: place.never || !state.isActive };
      if (lines !== undefined) this.#lines(lines, path_, { isActive: state.isActive }, within, reading);
    }
  }

  #set(name: string, rest: string, isActive: boolean): void {
    const known = KEYWORD_BY_NAME.get(name);
    if (known === undefined) {
      if (PAST_KEYWORDS.has(name) || matchesList(this.#first('ignoreunknown')?.toLowerCase() ?? '', name)) return;
      throw new BadLine(`Bad configuration option: ${name}`);
    }
    const found = readKeyword(known, rest, name);
    if (!isActive) return;
    const key = known.name.toLowerCase();
    const before = this.#values.get(key);
    if (key === 'sendenv') this.#values.set(key, variables(before ?? [], found));
    else if (known.adds) this.#values.set(key, [...new Set([...(before ?? []), ...found])]);
    else if (key === 'proxyjump' && this.#values.has('proxycommand')) return;
    else if (key === 'proxycommand' && !isNone(this.#values.get('proxyjump'))) return;
    // For ssh a timeout of none is no timeout yet.
    else if (known.read === time && found[0] === 'none') return;
    else if (before === undefined) this.#values.set(key, found);
  }

  #first(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  #subject(reading: Reading): Parameters<typeof matches>[1] {
    const named = this.#first('hostname');
    const user = this.#first('user') ?? userInfo().username;
    const tokens: Tokens = {
      original: this.#original,
      host: reading.host,
      port: Number(this.#first('port') ?? PORT),
      user,
      alias: this.#first('hostkeyalias'),
      jump: this.#first('proxyjump'),
    };
    const host = named === undefined ? reading.host : expandTokens(named, tokens, 'HostName', 'h');
    return {
      host,
      original: this.#original,
      user,
      tag: this.#first('tag') ?? '',
      isFinal: reading.isFinal,
      expand: (command) => expandTokens(command, { ...tokens, host }, 'Match exec'),
      wantFinal: () => {
        this.wantsFinal = true;
      },
    };
  }
}

/** Where a line stands. */
interface Place {
  readonly where: string;
  readonly file: ConfigFile | undefined;
  readonly depth: number;
  /** Within an Include of a block that does not hold: no block in it does. */
  readonly never: boolean;
}

/** The values of a line. Throws `BadLine`. */
function readKeyword(known: Keyword, rest: string, name: string): readonly string[] {
  if (known.raw) {
    const text = rest.replace(/^[ \t=]+/, '');
    if (text === '') throw new BadLine(`no argument after keyword "${name}"`);
    return [text];
  }
  const words = splitValue(rest);
  if (words.length === 0 || words[0] === '') throw new BadLine(`no argument after keyword "${name}"`);
  const values = known.read(words);
  if (words.length > 0 && !known.loose) throw new BadLine(`keyword ${name} extra arguments at end of line`);
  return values;
}

/** SendEnv adds up, but for names that a `-` takes back. */
function variables(before: readonly string[], found: readonly string[]): readonly string[] {
  let names = before;
  for (const name of found) {
    if (name.startsWith('-')) names = names.filter((known) => !matchesList(name.slice(1), known));
    else names = [...names, name];
  }
  return names;
}

function isNone(values: readonly string[] | undefined): boolean {
  return values === undefined || values[0]?.toLowerCase() === 'none';
}
