/** ssh's patterns (ssh_config(5), PATTERNS): wildcards, lists with negation, and the files that an Include means. */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Most files that one Include may name. */
const INCLUDE_FILES_MAX = 1024;

/** `*` is any text, `?` any character. Linear in the product of both lengths. */
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

/** Whether one of `patterns` matches and no negated one does. */
export function matchesPatterns(patterns: readonly string[], text: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (wildcardMatch(pattern.slice(1), text)) return false;
    } else if (wildcardMatch(pattern, text)) {
      matched = true;
    }
  }
  return matched;
}

/** The same for a list with commas. */
export function matchesList(list: string, text: string): boolean {
  return matchesPatterns(list.split(','), text);
}

/** The files that `pattern` names, an absolute path with wildcards in any part, in the order of their names. */
export function filesOf(pattern: string): string[] {
  let found = ['/'];
  for (const part of pattern.split('/').filter((name) => name !== '')) {
    const isPattern = /[*?[]/.test(part);
    const matcher = isPattern ? globMatcher(part) : undefined;
    found = found.flatMap((folder) => {
      if (matcher === undefined) return [join(folder, part)];
      return namesIn(folder)
        .filter((name) => (part.startsWith('.') || !name.startsWith('.')) && matcher.test(name))
        .map((name) => join(folder, name));
    });
    found = found.slice(0, INCLUDE_FILES_MAX);
  }
  return found.filter(isThere);
}

/** Matches nothing if the pattern means nothing: `[z-a]`. */
function globMatcher(part: string): RegExp {
  let source = '';
  for (let at = 0; at < part.length; at++) {
    const symbol = part.charAt(at);
    const end = symbol === '[' ? part.indexOf(']', at + 2) : -1;
    if (end > 0) {
      source += `[${part
        .slice(at + 1, end)
        .replace(/^!/, '^')
        .replace(/[\\[\]]/g, '\\$&')}]`;
      at = end;
    } else if (symbol === '*') source += '[^/]*';
    else if (symbol === '?') source += '[^/]';
    else source += symbol.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  }
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    return /(?!)/;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function isThere(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
