/**
 * UTF-8 to code points, byte by byte, across any cut of the stream (WHATWG Encoding, "UTF-8 decoder"): what is malformed
 * becomes one U+FFFD for each maximal part of a sequence. Text that stands whole in one chunk takes the faster way in
 * page.ts; this one gets the cut, the malformed, and the strings.
 */

/** More bytes are needed. */
export const INCOMPLETE = -1;
/** What was pending was malformed: it counts as U+FFFD, and the same byte is to be pushed again. */
export const MALFORMED = -2;
/** What stands in for malformed input. */
export const REPLACEMENT = 0xfffd;

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
