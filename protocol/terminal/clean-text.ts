/** Texts that a program gives the terminal to show outside the screen, made harmless. */

/** `text` without control characters, and cut between characters to `max` UTF-16 code units. */
export function cleanText(text: string, max: number): string {
  const clean = text.replace(/[\x00-\x1f\x7f-\x9f]/g, '').replace(/\p{Surrogate}/gu, '\ufffd');
  if (clean.length <= max) return clean;
  const last = clean.charCodeAt(max - 1);
  return clean.slice(0, last >= 0xd800 && last < 0xdc00 ? max - 1 : max);
}

/** Whether `text` is of printable ASCII alone, as a URI is. */
export function isPrintableAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
