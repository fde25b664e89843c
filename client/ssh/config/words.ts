/**
 * The syntax of a line of ssh_config(5): a keyword, blanks or one `=`, and words that quotes and backslashes may hold together. It is ssh's
 * own, not a shell's, and a difference of one quote is another host; so it is taken apart here (`ssh-config` keeps quotes, ends words
 * and comments elsewhere, and lets lines pass that ssh refuses) and held against `ssh -G` in the tests.
 */

/** A line, or a value in it, that cannot be read; the message says what is wrong with it and the caller adds where. */
export class BadLine extends Error {
  override readonly name = 'BadLine';
}

/** A line taken apart. */
export interface ConfigLine {
  /** In lower case. */
  readonly keyword: string;
  /** All after it, as it stands: for commands and `Match`. */
  readonly rest: string;
}

/** Undefined for an empty line or a comment. Throws `BadLine`. */
export function parseLine(text: string): ConfigLine | undefined {
  const line = text.replace(/[ \t\r\n\f]+$/, '').replace(/^[ \t]*=?[ \t]*/, '');
  if (line === '' || line.startsWith('#')) return undefined;
  const { word, rest } = firstWord(line);
  if (word === '') return undefined;
  return { keyword: word.toLowerCase(), rest };
}

/** The first word of `text`, up to blanks or `=`, and what follows them; one `=` is passed over. Throws `BadLine`. */
export function firstWord(text: string): { readonly word: string; readonly rest: string } {
  const at = text.search(/[ \t\r\n"=]/);
  if (at < 0) return { word: text, rest: '' };
  if (text[at] === '"') {
    const end = text.indexOf('"', at + 1);
    if (end < 0) throw new BadLine('invalid quotes');
    return {
      word: text.slice(0, at) + text.slice(at + 1, end),
      rest: text.slice(end + 1).replace(/^[ \t\r\n]*=?[ \t\r\n]*/, ''),
    };
  }
  const after = text.slice(at + 1).replace(/^[ \t\r\n]+/, '');
  if (text[at] === '=' || !after.startsWith('=')) return { word: text.slice(0, at), rest: after };
  return { word: text.slice(0, at), rest: after.slice(1).replace(/^[ \t\r\n]+/, '') };
}

/** The words of a value; a word that begins with `#` begins a comment. Throws `BadLine` for an open quote. */
export function splitValue(text: string): string[] {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at++;
    if (at >= text.length || text[at] === '#') return words;
    let word = '';
    let quote: string | undefined;
    for (; at < text.length; at++) {
      const symbol = text.charAt(at);
      const next = text.charAt(at + 1);
      if (symbol === '\\' && next !== '' && (`'"\\`.includes(next) || (quote === undefined && next === ' '))) {
        word += next;
        at++;
      } else if (quote === undefined && (symbol === ' ' || symbol === '\t')) {
        break;
      } else if (quote === undefined && (symbol === '"' || symbol === "'")) {
        quote = symbol;
      } else if (symbol === quote) {
        quote = undefined;
      } else {
        word += symbol;
      }
    }
    if (quote !== undefined) throw new BadLine('invalid quotes');
    words.push(word);
  }
}
