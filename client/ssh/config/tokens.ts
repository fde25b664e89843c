/** The tokens of ssh_config(5), TOKENS, with variables of the environment and home directories. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../user-error.ts';

/** What the tokens stand for. */
export interface Tokens {
  /** As the user typed it: `%n`. */
  readonly original: string;
  /** `%h` */
  readonly host: string;
  /** `%p` */
  readonly port: number;
  /** `%r` */
  readonly user: string;
  /** HostKeyAlias, for `%k`. */
  readonly alias: string | undefined;
  /** ProxyJump, for `%j`. */
  readonly jump: string | undefined;
}

/** The letters that most keywords take. */
export const MOST_TOKENS = 'CdhijkLlnpru';

/** `value` with tokens of `letters` replaced. Throws `UserError` for another one. */
export function expandTokens(value: string, tokens: Tokens, keyword: string, letters: string = MOST_TOKENS): string {
  return value.replace(/%(.?)/gu, (token, letter: string) => {
    if (letter === '%') return '%';
    if (letter === '' || !letters.includes(letter)) {
      throw new UserError(`${keyword} ${value}: ${token} means nothing there; for a percent sign write %%`);
    }
    return meaning(letter, tokens);
  });
}

function meaning(letter: string, tokens: Tokens): string {
  switch (letter) {
    case 'C':
      return createHash('sha1').update(`${hostname()}${tokens.host}${tokens.port}${tokens.user}`).digest('hex');
    case 'd':
      return homedir();
    case 'h':
      return tokens.host;
    case 'i':
      return String(userInfo().uid);
    case 'j':
      return tokens.jump ?? '';
    case 'k':
      return tokens.alias ?? tokens.original;
    case 'L':
      return hostname().replace(/\..*/, '');
    case 'l':
      return hostname();
    case 'n':
      return tokens.original;
    case 'p':
      return String(tokens.port);
    case 'r':
      return tokens.user;
    default:
      return userInfo().username;
  }
}

/** `value` with `${VARIABLE}` replaced. Throws `UserError` for one that is not set. */
export function expandVariables(value: string, keyword: string): string {
  return value.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const found = process.env[name];
    if (found === undefined) throw new UserError(`${keyword} ${value}: the variable ${name} is not set`);
    return found;
  });
}

/** A leading `~` or `~user` is a home directory. */
export function expandHome(path: string): string {
  const [, name, rest = ''] = /^~([^/]*)(.*)$/s.exec(path) ?? [];
  if (name === undefined) return path;
  const home = name === '' ? homedir() : homeOf(name);
  return home === undefined ? path : join(home, rest);
}

/** A file's name with all of it. */
export function expandPath(value: string, tokens: Tokens, keyword: string): string {
  return expandHome(expandTokens(expandVariables(value, keyword), tokens, keyword));
}

function homeOf(name: string): string | undefined {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((one) => one.startsWith(`${name}:`));
    return line?.split(':')[5];
  } catch {
    return undefined;
  }
}
