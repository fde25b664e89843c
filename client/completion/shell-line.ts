/**
 * A command line as bash has it at hand while it completes (`COMP_LINE` up to the cursor), taken apart into words. bash's own list of words
 * is also parted at `=`, `:` and `@`, where no word of rove's ends. Only what a word is matters: nothing is expanded.
 */

/** The words of `line` without the command's name and what is set before it; the last is unfinished, and empty after a blank. */
export function wordsOfLine(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else if (character === '\\' && quote === '"' && at + 1 < line.length) word += line.charAt(++at);
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= '';
    } else if (character === '\\' && at + 1 < line.length) {
      word = (word ?? '') + line.charAt(++at);
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  words.push(word ?? '');
  const command = words.findIndex((one) => !/^\w+=/.test(one));
  return words.slice(command + 1);
}

/** What bash is to put in place of the part of `typed` after the last of `breaks`; undefined if `word` does not begin as it does. */
export function afterBreaks(word: string, typed: string, breaks: string): string | undefined {
  if (!word.startsWith(typed)) return undefined;
  // An @ belongs to the part that it begins: readline takes it for the mark of a host's name.
  const parts = [...breaks].map((one) => typed.lastIndexOf(one) + (one === '@' ? 0 : 1));
  return word.slice(Math.max(0, ...parts));
}
