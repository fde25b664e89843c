/**
 * Text that came from the other side, made safe to show on the user's terminal: a server that is not trusted yet must not move
 * the cursor, set the title or draw a false prompt (RFC 4256 §3.2 asks the same of prompts).
 */

/** `text` without control characters and direction overrides, at most `lengthMax` UTF-16 units; line ends stay where `lines` allows. */
export function printable(text: string, options: { readonly lengthMax: number; readonly lines?: boolean }): string {
  const kept = text.replace(/\r\n?/g, '\n').replace(options.lines === true ? /\t+/g : /[\n\t]+/g, ' ');
  const clean = kept.replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu, (character) =>
    character === '\n' ? character : '',
  );
  return clean.length > options.lengthMax ? `${clean.slice(0, options.lengthMax)}…` : clean;
}
