/**
 * What the terminal answers to the program: device attributes, reports of cursor, modes and size. The answers wait here until
 * the session writes them to the pty. A program that asks without ever reading loses answers, not our memory.
 */

/** Bytes kept; an answer that does not fit is dropped whole. */
export const MAX_REPLIES = 65_536;

const NOTHING = new Uint8Array(0);

export class Replies {
  #text = '';

  /** Adds an answer, ASCII. */
  add(text: string): void {
    if (this.#text.length + text.length <= MAX_REPLIES) this.#text += text;
  }

  /** All since the last call. */
  take(): Uint8Array {
    if (this.#text === '') return NOTHING;
    const bytes = new TextEncoder().encode(this.#text);
    this.#text = '';
    return bytes;
  }
}
