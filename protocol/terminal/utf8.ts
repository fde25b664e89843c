/**
 * UTF-8 to code points, byte by byte, across any cut of the stream (WHATWG Encoding, "UTF-8 decoder"): what is malformed
 * becomes one U+FFFD for each maximal part of a sequence. Characters that stand whole in one chunk take the faster way,
 * `wholeCharacter`; the decoder gets the cut, the malformed, and the strings.
 */

/** More bytes are needed. */
export const INCOMPLETE = -1;
/** What was pending was malformed: it counts as U+FFFD, and the same byte is to be pushed again. */
export const MALFORMED = -2;
/** What stands in for malformed input. */
export const REPLACEMENT = 0xfffd;

/** The code point, from A0 on, of the sequence at `bytes[at]`, or 0 if it is not whole, malformed, or a control of C1. */
export function wholeCharacter(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] as number;
  const second = at + 1 < end ? (bytes[at + 1] as number) : 0;
  if ((second & 0xc0) !== 0x80 || first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) {
    const code = ((first & 0x1f) << 6) | (second & 0x3f);
    return code >= 0xa0 ? code : 0;
  }
  const third = at + 2 < end ? (bytes[at + 2] as number) : 0;
  if ((third & 0xc0) !== 0x80) return 0;
  if (first < 0xf0) {
    const code = ((first & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
    return code >= 0x800 && (code < 0xd800 || code >= 0xe000) ? code : 0;
  }
  const fourth = at + 3 < end ? (bytes[at + 3] as number) : 0;
  if ((fourth & 0xc0) !== 0x80) return 0;
  const code = ((first & 0x07) << 18) | ((second & 0x3f) << 12) | ((third & 0x3f) << 6) | (fourth & 0x3f);
  return code >= 0x1_0000 && code <= 0x10_ffff ? code : 0;
}

/** Bytes that a code point takes. */
export function byteLength(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x1_0000 ? 3 : 4;
}

export class Utf8Decoder {
  #code = 0;
  #needed = 0;
  // What the next byte may be: narrower than 80-BF after E0, ED, F0 and F4, so that overlong forms and surrogates fail early.
  #lower = 0x80;
  #upper = 0xbf;

  /** A sequence has begun and is not complete. */
  get pending(): boolean {
    return this.#needed > 0;
  }

  /** The code point that `byte` completes, or INCOMPLETE, or MALFORMED. */
  push(byte: number): number {
    if (this.#needed === 0) return this.#begin(byte);
    if (byte < this.#lower || byte > this.#upper) {
      this.#needed = 0;
      return MALFORMED;
    }
    this.#lower = 0x80;
    this.#upper = 0xbf;
    this.#code = (this.#code << 6) | (byte & 0x3f);
    this.#needed--;
    return this.#needed === 0 ? this.#code : INCOMPLETE;
  }

  #begin(byte: number): number {
    if (byte < 0x80) return byte;
    if (byte < 0xc2 || byte > 0xf4) return REPLACEMENT;
    this.#lower = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    this.#upper = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    this.#needed = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    this.#code = byte & (0x3f >> this.#needed);
    return INCOMPLETE;
  }
}
