/**
 * ssh's escapes among the keys: `~` at the start of a line, then a letter. A pure state machine over bytes, whatever pieces they
 * come in. Nothing is held back but a lone `~` at the start of a line, until the next key tells what it meant.
 *
 * A paste never triggers one: while the terminal marks pastes (bracketed paste mode), what stands between its marks is passed
 * on unseen.
 */

const TILDE = 0x7e;
const CONTROL_Z = 0x1a;
const QUESTION_MARK = 0x3f;
const DOT = 0x2e;
const LOWER_S = 0x73;
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
  | { readonly kind: 'help' };

/** The lines that `~?` shows. */
export const ESCAPE_HELP: readonly string[] = [
  'At the start of a line:',
  '~.   end the session',
  '~^Z  suspend the client',
  '~s   show how the link is, or hide it',
  '~~   send a tilde',
  '~?   show this',
];

export class EscapeFilter {
  /** Whether the next key is the first of a line, or follows a `~` that is. */
  #state: 'line-start' | 'tilde' | 'within-line' = 'line-start';
  #pasting = false;
  /** Bytes of a paste's mark seen so far. */
  #marked = 0;

  /** Takes the next bytes, which are borrowed; `marksPastes` says whether the terminal is in bracketed paste mode. */
  push(bytes: Uint8Array, marksPastes: boolean): Typed[] {
    if (!marksPastes) {
      this.#pasting = false;
      this.#marked = 0;
    }
    const typed: Typed[] = [];
    let keys: number[] = [];
    const act = (kind: Exclude<Typed['kind'], 'keys'>): void => {
      if (keys.length > 0) typed.push({ kind: 'keys', bytes: Uint8Array.from(keys) });
      keys = [];
      typed.push({ kind });
    };
    for (const byte of bytes) {
      if (this.#state === 'tilde') {
        // As in ssh, the line still counts as begun with nothing after an escape, so that another can follow.
        this.#state = 'line-start';
        if (byte === DOT) {
          act('quit');
          continue;
        }
        if (byte === CONTROL_Z) {
          act('suspend');
          continue;
        }
        if (byte === LOWER_S) {
          act('status');
          continue;
        }
        if (byte === QUESTION_MARK) {
          act('help');
          continue;
        }
        keys.push(TILDE);
        if (byte === TILDE) {
          this.#state = 'within-line';
          continue;
        }
      } else if (byte === TILDE && this.#state === 'line-start' && !this.#pasting) {
        this.#state = 'tilde';
        continue;
      }
      keys.push(byte);
      this.#state = byte === CARRIAGE_RETURN || byte === LINE_FEED ? 'line-start' : 'within-line';
      if (marksPastes) this.#watchForMark(byte);
    }
    if (keys.length > 0) typed.push({ kind: 'keys', bytes: Uint8Array.from(keys) });
    return typed;
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
