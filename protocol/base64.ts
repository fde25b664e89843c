/** Base64 (RFC 4648 §4), as OSC 52 carries a clipboard: in pure JavaScript, because `protocol/` has neither `Buffer` nor `atob`. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const NONE = 0xff;
const VALUES = new Uint8Array(0x80).fill(NONE);
for (let value = 0; value < ALPHABET.length; value++) VALUES[ALPHABET.charCodeAt(value)] = value;

/** The bytes that `text` stands for, with padding or without; undefined if it is not Base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const length = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length;
  if (length % 4 === 1 || (length < text.length && text.length % 4 !== 0)) return undefined;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < length; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? NONE;
    if (value === NONE) return undefined;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >> bits) & 0xff;
  }
  return bytes;
}

/** With padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(i, i + 3);
    const group = (first << 16) | (second << 8) | third;
    const left = bytes.length - i;
    pieces.push(
      ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63),
      left > 1 ? ALPHABET.charAt((group >> 6) & 63) : '=',
      left > 2 ? ALPHABET.charAt(group & 63) : '=',
    );
  }
  return pieces.join('');
}
