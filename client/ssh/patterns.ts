/** ssh's patterns (ssh_config(5), PATTERNS): wildcards, and lists with negation. Pure. */

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
