/** A command line in one string, taken apart into words as a POSIX shell would (2.2 Quoting), without expanding anything. */

import { UserError } from '../user-error.ts';

/** The words of `text`: separated by blanks, joined by quotes and backslashes. Throws `UserError` for an open quote or no word. */
export function splitWords(text: string, option: string): [string, ...string[]] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote === "'") {
      if (character === "'") quote = undefined;
      else word += character;
    } else if (character === '\\' && (quote === undefined || '"\\$`'.includes(text.charAt(at + 1)))) {
      if (++at < text.length) word = (word ?? '') + text.charAt(at);
    } else if (quote === '"') {
      if (character === '"') quote = undefined;
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== undefined) throw new UserError(`${option}: a quote is open at the end of: ${text}`);
  if (word !== undefined) words.push(word);
  const [first, ...rest] = words;
  if (first === undefined || first === '') throw new UserError(`${option} names no command`);
  return [first, ...rest];
}
