/**
 * What the user's ssh configuration says about a host: ssh_config(5), read the way ssh reads it. The package `ssh-config` takes the
 * syntax apart; which lines hold for a host is decided here, since Include and the order of precedence (the first value
 * obtained wins; identity files add up) go through all files alike.
 *
 * Keywords that the built-in ssh cannot honour and that decide whether a connection comes about (a jump host, a proxy command) end the
 * bootstrap with a line that says so; those that merely would make things nicer are passed over.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Directive, Line, Match, Section } from 'ssh-config';
import { UserError } from '../../user-error.ts';
import { wildcardMatch } from '../host-keys/known-hosts.ts';

/** The lines that hold for one host: keyword in lower case to its values in order, first obtained first. */
export type HostConfig = ReadonlyMap<string, readonly string[]>;

/** Deepest Include within Include, as in ssh. */
const INCLUDE_DEPTH_MAX = 16;
/** Most files that one Include may name. */
const INCLUDE_FILES_MAX = 1024;
/** Largest configuration file read, in bytes. */
const FILE_SIZE_MAX = 4 * 1024 * 1024;

/** What a search for a host's configuration goes by. */
export interface ConfigQuery {
  /** As the user typed it. */
  readonly host: string;
  /** If the command line names one. */
  readonly user: string | undefined;
  /** Read alone, and then it must be there. */
  readonly file: string | undefined;
}

/** Reads the configuration of `query.host`. Throws `UserError` for a file that cannot be read or followed. */
export async function readSshConfig(query: ConfigQuery): Promise<HostConfig> {
  const sources =
    query.file === undefined
      ? [
          { file: join(homedir(), '.ssh', 'config'), base: join(homedir(), '.ssh'), needed: false },
          { file: '/etc/ssh/ssh_config', base: '/etc/ssh', needed: false },
        ]
      : [{ file: expandHome(query.file), base: join(homedir(), '.ssh'), needed: true }];
  const values = new Map<string, string[]>();
  for (const { file, base, needed } of sources) {
    if (query.file === 'none') break;
    const text = readText(file, needed);
    if (text === undefined || text.trim() === '') continue;
    const { parse } = await import('ssh-config');
    new ConfigWalk(query, base, parse, values).file(text, file, 0);
  }
  return values;
}

/** Walks files and sections for one host and gathers what holds for it. */
class ConfigWalk {
  readonly #query: ConfigQuery;
  readonly #base: string;
  readonly #parse: (text: string) => readonly Line[];
  readonly #values: Map<string, string[]>;

  constructor(
    query: ConfigQuery,
    base: string,
    parse: (text: string) => readonly Line[],
    values: Map<string, string[]>,
  ) {
    this.#query = query;
    this.#base = base;
    this.#parse = parse;
    this.#values = values;
  }

  file(text: string, file: string, depth: number): void {
    let lines: readonly Line[];
    try {
      lines = this.#parse(text);
    } catch (cause) {
      throw new UserError(`cannot read ${file}: ${cause instanceof Error ? cause.message : cause}; correct it`, {
        cause,
      });
    }
    this.#lines(lines, file, depth);
  }

  #lines(lines: readonly Line[], file: string, depth: number): void {
    for (const line of lines) {
      if (!('param' in line)) continue;
      const keyword = line.param.toLowerCase();
      if (keyword === 'host' && 'config' in line) {
        if (matchesPatterns(words(line), this.#query.host)) this.#lines(line.config, file, depth);
      } else if (keyword === 'match' && 'config' in line) {
        if (this.#matches(line, file)) this.#lines(line.config, file, depth);
      } else if (keyword === 'include') {
        for (const pattern of words(line)) this.#include(pattern, file, depth);
      } else {
        this.#set(keyword, line);
      }
    }
  }

  #set(keyword: string, line: Directive): void {
    const values = words(line);
    const before = this.#values.get(keyword);
    if (keyword === 'identityfile' || keyword === 'certificatefile') {
      this.#values.set(keyword, [...(before ?? []), ...values]);
    } else if (before === undefined) {
      this.#values.set(keyword, values);
    }
  }

  #include(pattern: string, file: string, depth: number): void {
    if (depth >= INCLUDE_DEPTH_MAX) {
      throw new UserError(`${file} includes itself, or too deeply: take out an Include`);
    }
    const expanded = expandHome(pattern);
    for (const included of filesOf(isAbsolute(expanded) ? expanded : join(this.#base, expanded))) {
      const text = readText(included, false);
      if (text !== undefined) this.file(text, included, depth + 1);
    }
  }

  /** `Match`, with the criteria that need no program run and no second pass. */
  #matches(section: Section | Match, file: string): boolean {
    const rest = words(section);
    for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
      const negated = word.startsWith('!');
      const criterion = word.replace(/^!/, '').toLowerCase();
      let holds: boolean;
      if (criterion === 'all') holds = true;
      // These two hold in a second pass of ssh's only, which comes after the host's name was made canonical.
      else if (criterion === 'canonical' || criterion === 'final') holds = false;
      else {
        const patterns = rest.shift()?.split(',') ?? [];
        const subject = this.#subject(criterion);
        if (subject === undefined) {
          throw new UserError(
            `"Match ${criterion}" in ${file} is not built in yet: use the system's ssh, --ssh=${sshCommand(this.#query)}`,
          );
        }
        holds = matchesPatterns(patterns, subject);
      }
      if (holds === negated) return false;
    }
    return true;
  }

  #subject(criterion: string): string | undefined {
    switch (criterion) {
      case 'host':
        return this.#values.get('hostname')?.[0]?.replaceAll('%h', this.#query.host) ?? this.#query.host;
      case 'originalhost':
        return this.#query.host;
      case 'user':
        return this.#query.user ?? this.#values.get('user')?.[0] ?? userInfo().username;
      case 'localuser':
        return userInfo().username;
      default:
        return undefined;
    }
  }
}

/** Stops at what the built-in ssh cannot do although the connection depends on it. */
export function refuseUnsupported(config: HostConfig, query: ConfigQuery): void {
  for (const keyword of ['ProxyJump', 'ProxyCommand', 'ProxyUseFdpass', 'CertificateFile', 'PKCS11Provider']) {
    const value = config.get(keyword.toLowerCase())?.[0];
    if (value === undefined || value.toLowerCase() === 'none' || value.toLowerCase() === 'no') continue;
    throw new UserError(
      `the ssh configuration of ${query.host} asks for ${keyword}, which is not built in yet: use the system's ssh, --ssh=${sshCommand(query)}`,
    );
  }
}

/** What the tokens of ssh_config(5), TOKENS, stand for. */
export interface Tokens {
  /** As the user typed it: `%n`. */
  readonly original: string;
  /** `%h` */
  readonly host: string;
  /** `%p` */
  readonly port: number;
  /** `%r` */
  readonly user: string;
}

/** `value` with `~`, `${VARIABLE}` and the tokens replaced. Throws `UserError` for a token that means nothing here. */
export function expandPath(value: string, tokens: Tokens, keyword: string): string {
  const variables = expandHome(value).replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const found = process.env[name];
    if (found === undefined) throw new UserError(`${keyword} ${value}: the variable ${name} is not set`);
    return found;
  });
  return expandTokens(variables, tokens, keyword);
}

/** `value` with the tokens replaced. */
export function expandTokens(value: string, tokens: Tokens, keyword: string): string {
  return value.replace(/%(.?)/g, (token, letter: string) => {
    switch (letter) {
      case '%':
        return '%';
      case 'h':
        return tokens.host;
      case 'n':
      case 'k':
        return tokens.original;
      case 'p':
        return String(tokens.port);
      case 'r':
        return tokens.user;
      case 'd':
        return homedir();
      case 'u':
        return userInfo().username;
      case 'i':
        return String(userInfo().uid);
      case 'l':
        return hostname();
      case 'L':
        return hostname().replace(/\..*/, '');
      default:
        throw new UserError(`${keyword} ${value}: ${token} is not known here; correct it or use --ssh=ssh`);
    }
  });
}

/** A leading `~/` or `~user/` is a home directory. */
function expandHome(path: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1));
  return path;
}

/** A pattern list: one of them matches, and no negated one does. ssh matches without regard to case for hosts. */
function matchesPatterns(patterns: readonly string[], subject: string): boolean {
  const text = subject.toLowerCase();
  let matched = false;
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (wildcardMatch(pattern.slice(1).toLowerCase(), text)) return false;
    } else if (wildcardMatch(pattern.toLowerCase(), text)) {
      matched = true;
    }
  }
  return matched;
}

function words(line: Directive): string[] {
  return typeof line.value === 'string' ? [line.value] : line.value.map((word) => word.val);
}

/** The files that an Include names; wildcards in the last part of the path, in the order of their names. */
function filesOf(pattern: string): string[] {
  const name = basename(pattern);
  if (!/[*?]/.test(name)) return [pattern];
  let names: string[];
  try {
    names = readdirSync(dirname(pattern));
  } catch {
    return [];
  }
  return names
    .filter((candidate) => !candidate.startsWith('.') && wildcardMatch(name, candidate))
    .sort()
    .slice(0, INCLUDE_FILES_MAX)
    .map((candidate) => join(dirname(pattern), candidate));
}

function readText(file: string, needed: boolean): string | undefined {
  try {
    if (statSync(file).size > FILE_SIZE_MAX) throw new Error('it is too large');
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (!needed) return undefined;
    throw new UserError(`cannot read ${file}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** The system's ssh, with the same configuration, as the value of `--ssh`. */
function sshCommand(query: ConfigQuery): string {
  return query.file === undefined ? 'ssh' : `'ssh -F ${query.file}'`;
}
