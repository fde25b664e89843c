/**
 * Takes the terminal's answers out of what it sends, and passes all the rest on as it came: the user may type while the terminal
 * answers. Only what was asked for is taken, as often as it was asked for. Answers that the server's programs wait for (focus, mouse,
 * colour schemes) are nothing of ours and pass. A pure state machine over bytes, in whatever pieces they come.
 *
 * While something is expected, a sequence that may be an answer is held back until it is whole; see `held`.
 */

import { type Question, questionOf, type Reply, readReply } from './reply.ts';

/** What a piece of input was made of. */
export interface Filtered {
  /** In their order; the receiver's own. */
  readonly keys: Uint8Array;
  readonly replies: readonly Reply[];
}

const ESC = 0x1b;
const BEL = 0x07;
const BRACKET = 0x5b;
const OSC = 0x5d;
const DCS = 0x50;
const BACKSLASH = 0x5c;
/** Longest answers, in bytes: longer ones are keys, whatever they are … */
const MAX_CONTROL = 64;
const MAX_STRING = 2_048;
/** … but for the clipboard: of what is longer nothing is kept, and nothing is typed either. Base64 of MAX_CLIPBOARD fits. */
const MAX_CLIPBOARD_REPLY = 96 * 1024;
/** How an answer with the clipboard begins: OSC 52. */
const CLIPBOARD: readonly number[] = [ESC, OSC, 0x35, 0x32, 0x3b];
/** Arguments of one call, at most. */
const PIECE = 4_096;

export class ReplyFilter {
  readonly #expected = new Map<Question, number>();
  /** A sequence that has begun. */
  #held: number[] = [];
  /** How many bytes of it were not kept. */
  #dropped = 0;

  /** From now on so many answers to `question` are taken. */
  expect(question: Question, count = 1): void {
    this.#expected.set(question, (this.#expected.get(question) ?? 0) + count);
  }

  /** Answers to `question` are keys from now on. */
  forget(question: Question): void {
    this.#expected.delete(question);
  }

  /** Whether an answer to `question` is expected still. */
  expects(question: Question): boolean {
    return this.#expected.has(question);
  }

  /** How many bytes are held back; at most two of them may be a key of its own (Esc, Alt with a letter). */
  get held(): number {
    return this.#held.length + this.#dropped;
  }

  /** Takes the next bytes, which are borrowed. */
  push(bytes: Uint8Array): Filtered {
    if (this.#expected.size === 0 && this.#held.length === 0) return { keys: bytes.slice(), replies: [] };
    const keys: number[] = [];
    const replies: Reply[] = [];
    for (const byte of bytes) this.#byte(byte, keys, replies);
    return { keys: Uint8Array.from(keys), replies };
  }

  /** What is held back is no answer: gives it as keys. */
  release(): Uint8Array {
    const keys: number[] = [];
    this.#giveUp(keys);
    return Uint8Array.from(keys);
  }

  #byte(byte: number, keys: number[], replies: Reply[]): void {
    const held = this.#held;
    if (held.length === 0) {
      if (byte === ESC && this.#expected.size > 0) held.push(ESC);
      else keys.push(byte);
      return;
    }
    const kind = held[1];
    const isEnding = kind !== BRACKET && held.length > 2 && held.at(-1) === ESC;
    if (isEnding && byte !== BACKSLASH) {
      // It was the beginning of something else.
      held.pop();
      this.#giveUp(keys);
      this.#held.push(ESC);
      this.#byte(byte, keys, replies);
      return;
    }
    if (byte === ESC && (kind === BRACKET || held.length === 1)) {
      this.#giveUp(keys);
      this.#held.push(ESC);
      return;
    }
    this.#hold(byte);
    if (held.length === 2) {
      if (byte !== BRACKET && byte !== OSC && byte !== DCS) this.#giveUp(keys);
    } else if (kind === BRACKET) {
      if (byte >= 0x40 && byte <= 0x7e) this.#complete(keys, replies);
      else if (byte < 0x20 || byte > 0x3f || held.length >= MAX_CONTROL) this.#giveUp(keys);
    } else if (isEnding || (byte === BEL && kind === OSC)) {
      this.#complete(keys, replies);
    } else if ((byte < 0x20 && byte !== ESC) || byte > 0x7e || (held.length >= MAX_STRING && !this.#isClipboard)) {
      this.#giveUp(keys);
    }
  }

  #hold(byte: number): void {
    this.#held.push(byte);
    if (this.#held.length <= MAX_CLIPBOARD_REPLY) return;
    this.#dropped += this.#held.length - CLIPBOARD.length - 1;
    this.#held.splice(CLIPBOARD.length, this.#held.length - CLIPBOARD.length - 1);
  }

  get #isClipboard(): boolean {
    return this.#expected.has('clipboard') && CLIPBOARD.every((byte, i) => byte === this.#held[i]);
  }

  #complete(keys: number[], replies: Reply[]): void {
    const reply: Reply | undefined =
      this.#dropped > 0 ? { kind: 'clipboard', bytes: undefined } : readReply(latin1(this.#held));
    const left = reply === undefined ? 0 : (this.#expected.get(questionOf(reply)) ?? 0);
    if (reply === undefined || left === 0) {
      this.#giveUp(keys);
      return;
    }
    if (left === 1) this.#expected.delete(questionOf(reply));
    else this.#expected.set(questionOf(reply), left - 1);
    replies.push(reply);
    this.#held = [];
    this.#dropped = 0;
  }

  /** What is held back are keys, unless it is the rest of a clipboard that was too great. */
  #giveUp(keys: number[]): void {
    if (this.#dropped === 0) for (const byte of this.#held) keys.push(byte);
    this.#held = [];
    this.#dropped = 0;
  }
}

function latin1(bytes: readonly number[]): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) pieces.push(String.fromCharCode(...bytes.slice(at, at + PIECE)));
  return pieces.join('');
}
