/**
 * ssh's escapes among the keys: `~`, or another character of the user's choice (EscapeChar), at the start of a line, then a letter. A pure state machine over bytes, whatever pieces they
 * come in. Nothing is held back but a lone `~` at the start of a line, until the next key tells what it meant.
 *
 * A paste never triggers one: while the terminal marks pastes (bracketed paste mode), what stands between its marks is passed
 * on unseen. Where the terminal tells keys by sequences, as programs may ask it to, they are known in that form, too.
 */

import { keyCode } from './terminal/key-code.ts';

const ESC = 0x1b;
const BRACKET = 0x5b;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const PASTE_START = Uint8Array.of(0x1b, 0x5b, 0x32, 0x30, 0x30, 0x7e);
const PASTE_END = Uint8Array.of(0x1b, 0x5b, 0x32, 0x30, 0x31, 0x7e);

/** What the user's keys mean, in their order: bytes for the server, or something for the client to do. */
export type Typed =
  | { readonly kind: 'keys'; readonly bytes: Uint8Array }
  | { readonly kind: 'quit' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'status' }
  | { readonly kind: 'history' }
  | { readonly kind: 'help' };

/** What follows the `~`, by the code of its character. */
const ESCAPES: ReadonlyMap<number | undefined, Typed> = new Map([
  [0x2e, { kind: 'quit' }], // .
  [0x1a, { kind: 'suspend' }], // Ctrl-Z
  [0x73, { kind: 'status' }], // s
  [0x68, { kind: 'history' }], // h
  [0x3f, { kind: 'help' }], // ?
]);
/** A sequence that is longer than this is given up. */
const SEQUENCE_MAX = 64;

/** The lines that `~?` shows. */
export const ESCAPE_HELP: readonly string[] = [
  'At the start of a line:',
  '~.   end the session',
  '~^Z  suspend the client',
  '~s   show how the link is, or hide it',
  '~h   show all that has scrolled off',
  '~~   send a tilde',
  '~?   show this',
];

/** The same with the character in place of the `~`. */
export function escapeHelp(character: string): readonly string[] {
  const shown = character < ' ' ? `^${String.fromCharCode(character.charCodeAt(0) | 64)}` : character;
  return ESCAPE_HELP.map((line) =>
    line.replaceAll('~', shown).replace('a tilde', character === '~' ? 'a tilde' : shown),
  );
}

/** How the terminal tells what the user does. */
export interface KeyManners {
  /** It is in bracketed paste mode. */
  readonly marksPastes: boolean;
  /** It may tell keys by sequences: kitty's keyboard protocol or modifyOtherKeys. */
  readonly tellsKeys: boolean;
}

export class EscapeFilter {
  /** The code of the character that begins an escape; undefined: none does. */
  readonly #character: number | undefined;
  /** Whether the next key is the first of a line, or follows a `~` that is. */
  #state: 'line-start' | 'tilde' | 'within-line' = 'line-start';
  /** The `~` that waits for the next key, as the terminal sent it. */
  #tilde: number[] = [];
  /** A sequence that has begun. */
  #sequence: number[] = [];
  #pasting = false;
  /** Bytes of a paste's mark seen so far. */
  #marked = 0;
  #marksPastes = false;
  #typed: Typed[] = [];
  #keys: number[] = [];

  /** `character` begins an escape; with undefined, nothing does. */
  constructor(character: string | undefined) {
    this.#character = character?.charCodeAt(0);
  }

  /** Takes the next bytes, which are borrowed. */
  push(bytes: Uint8Array, { marksPastes, tellsKeys }: KeyManners): Typed[] {
    this.#marksPastes = marksPastes;
    if (!marksPastes) {
      this.#pasting = false;
      this.#marked = 0;
    }
    for (const byte of bytes) {
      if (this.#sequence.length > 0) this.#continue(byte);
      else if (byte === ESC && !this.#pasting) this.#sequence = [ESC];
      else this.#key([byte], byte);
    }
    // What can be a `~` only as a whole waits for the rest of it, which comes in any case.
    if (!tellsKeys || this.#sequence.length === 1) this.#endSequence();
    const typed = this.#typed;
    if (this.#keys.length > 0) typed.push({ kind: 'keys', bytes: Uint8Array.from(this.#keys) });
    this.#typed = [];
    this.#keys = [];
    return typed;
  }

  #continue(byte: number): void {
    if (byte === ESC) {
      this.#endSequence();
      this.#sequence = [ESC];
      return;
    }
    if (byte < 0x20 || byte > 0x7e) {
      this.#endSequence();
      this.#key([byte], byte);
      return;
    }
    this.#sequence.push(byte);
    const { length } = this.#sequence;
    if (length === 2 ? byte !== BRACKET : length > SEQUENCE_MAX) this.#endSequence();
    else if (length > 2 && byte >= 0x40 && byte <= 0x7e) {
      const code = keyCode(String.fromCharCode(...this.#sequence));
      if (code === 'silent') this.#passSilently(this.#sequence);
      else this.#key(this.#sequence, code);
      this.#sequence = [];
    }
  }

  /** It was another key, or is not whole. */
  #endSequence(): void {
    if (this.#sequence.length > 0) this.#key(this.#sequence, undefined);
    this.#sequence = [];
  }

  /** Keys let go and the like change nothing, but come after a `~` that they followed. */
  #passSilently(bytes: readonly number[]): void {
    (this.#state === 'tilde' ? this.#tilde : this.#keys).push(...bytes);
  }

  /** A key that was typed, as the terminal sent it; `code` is its character's. */
  #key(bytes: readonly number[], code: number | undefined): void {
    if (this.#state === 'tilde') {
      // As in ssh, the line still counts as begun with nothing after an escape, so that another can follow.
      this.#state = 'line-start';
      const meant = ESCAPES.get(code);
      if (meant !== undefined) {
        if (this.#keys.length > 0) this.#typed.push({ kind: 'keys', bytes: Uint8Array.from(this.#keys) });
        this.#keys = [];
        this.#typed.push(meant);
        return;
      }
      this.#keys.push(...this.#tilde);
      if (code === this.#character) {
        this.#state = 'within-line';
        return;
      }
    } else if (code !== undefined && code === this.#character && this.#state === 'line-start' && !this.#pasting) {
      this.#state = 'tilde';
      this.#tilde = [...bytes];
      return;
    }
    this.#keys.push(...bytes);
    this.#state = code === CARRIAGE_RETURN || code === LINE_FEED ? 'line-start' : 'within-line';
    if (this.#marksPastes) for (const byte of bytes) this.#watchForMark(byte);
  }

  #watchForMark(byte: number): void {
    const mark = this.#pasting ? PASTE_END : PASTE_START;
    if (byte === mark[this.#marked]) {
      this.#marked++;
    } else {
      this.#marked = byte === mark[0] ? 1 : 0;
    }
    if (this.#marked < mark.length) return;
    this.#marked = 0;
    this.#pasting = !this.#pasting;
  }
}
