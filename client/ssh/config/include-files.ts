/** The files that an Include of ssh_config(5) means: glob(7), in every part of a path. */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Most files that one Include may name. */
const INCLUDE_FILES_MAX = 1024;

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
