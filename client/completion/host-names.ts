/**
 * The hosts that the user may mean: aliases of the ssh configuration, with what it includes, and the names in known_hosts that are not
 * hashed. A quick look, for completion: what cannot be read is passed over, and nothing here decides where a connection goes.
 */

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { configFiles } from '../ssh/config/config-files.ts';
import { filesOf } from '../ssh/config/include-files.ts';
import { parseLine, splitValue } from '../ssh/config/words.ts';

/** Where to look. */
export interface HostPlaces {
  /** Each configuration, and the folder that relative names in it start from. */
  readonly configs: readonly { readonly path: string; readonly folder: string }[];
  /** Read beside those that a configuration names. */
  readonly knownHosts: readonly string[];
}

/** Names offered at most. */
const NAMES_MAX = 5_000;
/** Files read at most, and characters of each. */
const FILES_MAX = 200;
const FILE_LENGTH_MAX = 4_000_000;
/** Includes within includes, as in ssh. */
const DEPTH_MAX = 16;
/** Whatever else stands in a file might be an option or a command to the shell that gets it. */
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}._:%-]*$/u;

/** ssh's own places; with `configFile` (`-F`) that one instead of the two usual ones. */
export function usualPlaces(configFile: string | undefined): HostPlaces {
  const names = [join(homedir(), '.ssh/known_hosts'), '/etc/ssh/ssh_known_hosts'];
  return {
    configs: configFiles(configFile === undefined ? undefined : tilde(configFile)),
    knownHosts: names.flatMap((name) => [name, `${name}2`]),
  };
}

/** The names, each once, in the order of the alphabet. */
export function hostNames(places: HostPlaces): string[] {
  const names = new Set<string>();
  const knownHosts = new Set(places.knownHosts);
  const seen = new Set<string>();

  const look = (file: string, folder: string, depth: number): void => {
    if (depth > DEPTH_MAX || seen.has(file) || seen.size >= FILES_MAX) return;
    seen.add(file);
    for (const [keyword, ...values] of linesOf(file).map(wordsOf)) {
      if (keyword === 'host') for (const value of values) names.add(value);
      else if (keyword === 'include') {
        const paths = values.map(tilde).map((value) => (isAbsolute(value) ? value : join(folder, value)));
        for (const path of paths.flatMap(filesOf)) look(path, folder, depth + 1);
      } else if (keyword === 'userknownhostsfile' || keyword === 'globalknownhostsfile') {
        for (const value of values.map(tilde)) knownHosts.add(value);
      }
    }
  };
  for (const { path, folder } of places.configs) look(path, folder, 0);

  for (const file of [...knownHosts].slice(0, FILES_MAX)) {
    for (const line of linesOf(file)) {
      // A mark (`@revoked`, `@cert-authority`) names patterns and keys of no use.
      const [field = ''] = /^[^#@|\s]\S*/.exec(line) ?? [];
      for (const name of field.split(',')) names.add(name.replace(/^\[(.*)\]:\d+$/, '$1'));
    }
  }
  return [...names]
    .filter((name) => NAME.test(name))
    .sort()
    .slice(0, NAMES_MAX);
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').slice(0, FILE_LENGTH_MAX).split('\n');
  } catch {
    return [];
  }
}

/** The keyword in lower case, then its values; nothing for a line that ssh would refuse. */
function wordsOf(line: string): string[] {
  try {
    const { keyword = '', rest = '' } = parseLine(line) ?? {};
    return [keyword, ...splitValue(rest)];
  } catch {
    return [];
  }
}

function tilde(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}
