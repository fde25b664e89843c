/**
 * The conversation with the user's terminal beside its keys: asks what it is, takes the answers out of the input, and asks again what may
 * have changed. Pure: bytes and `now` in, bytes and one deadline out.
 *
 * Keys never wait for it, but for the fraction of a second that the start of an escape sequence takes to become whole.
 */

import { type Answers, NO_ANSWERS, withPlaces, withReply } from './answers.ts';
import { ASKED_COLORS, type Asked, questionsFor, type Sample } from './questions.ts';
import { type Question, questionOf, type Reply } from './reply.ts';
import { ReplyFilter } from './reply-filter.ts';

const ESC = 0x1b;
/** How long the first answers are waited for, in ms, by what they decide: a terminal at the far end of a slow line may take so long. */
const PATIENCE_MS = 1_000;
/** How long answers that are late are still kept from the programs, in ms after they were asked for … */
const LATE_MS = 8_000;
/** … and colours after all else was answered, which a multiplexer may have to ask the terminal around it for. */
const LATE_COLORS_MS = 2_000;
/** How long what may be a key is held back in case that it is the beginning of an answer, in ms: Esc, or Alt and a letter. */
const HELD_KEY_MS = 30;
/** And what nobody types, but which may come in pieces. */
const HELD_SEQUENCE_MS = 500;
/** A timer that is so late, in ms, says nothing of what has not come. */
const OVERSLEPT_MS = 5;
/** How long the terminal may take to hand out the clipboard, in ms: it may ask the user first. */
const CLIPBOARD_MS = 60_000;
/** How long a change of dark and light is kept from the program until the new colours are known, in ms. */
const COLORS_MS = 200;

/** What tells a program of dark and light colours (mode 2031). */
const SCHEME_REPORT = /\x1b\[\?997;[12]n/;

export class TerminalTalk {
  readonly #filter = new ReplyFilter();
  #answers = NO_ANSWERS;
  #outgoing = '';
  #samples: readonly Sample[] = [];
  #places: { readonly row: number; readonly col: number }[] = [];
  /** Of the first questions: until when all is waited for; undefined when that is over. */
  #patientUntil: number | undefined;
  /** By question, when it is given up. */
  readonly #until = new Map<Question, number>();
  #heldUntil = Number.POSITIVE_INFINITY;
  /** What is held was given more time already. */
  #isProlonged = false;
  readonly #pasted: Uint8Array[] = [];
  /** A report that waits for the colours it tells of, and until when. */
  #scheme: { readonly report: string; readonly until: number } | undefined;

  /** Asks what the terminal is, unless it is about to say so; `asked` is what is known without asking. */
  begin(now: number, asked: Asked): void {
    // The last answer to the first of two would be taken for that to both.
    if (this.#filter.expects('attributes')) return;
    const { bytes, questions, samples } = questionsFor(asked);
    this.#samples = samples;
    this.#places = [];
    for (const question of questions) this.#expect(question, now + LATE_MS);
    this.#outgoing += bytes;
    if (questions.length > 0) this.#patientUntil = now + PATIENCE_MS;
  }

  /** Whether the first answers may still come soon. */
  get waiting(): boolean {
    return this.#patientUntil !== undefined;
  }

  /** What the terminal has said; the same object until it says more. */
  get answers(): Answers {
    return this.#answers;
  }

  /** The size of a cell may have changed with the window's: asks again if the terminal told it before. */
  askPixels(now: number): void {
    if (this.waiting) return;
    if (this.#answers.cell !== undefined) this.#ask(now, 'pixels cell', '\x1b[16t', LATE_MS);
    else if (this.#answers.window !== undefined) this.#ask(now, 'pixels window', '\x1b[14t', LATE_MS);
  }

  /** Asks for the clipboard, if it isn't being asked for. */
  askClipboard(now: number): void {
    this.#ask(now, 'clipboard', '\x1b]52;c;?\x1b\\', CLIPBOARD_MS);
  }

  /** What the terminal is to be sent now; empty for nothing. */
  takeOutgoing(): string {
    const bytes = this.#outgoing;
    this.#outgoing = '';
    return bytes;
  }

  /** What the terminal has handed out of its clipboard since the last call. */
  takeClipboard(): Uint8Array | undefined {
    return this.#pasted.shift();
  }

  /** The keys in what the terminal sent, which is borrowed. */
  input(now: number, bytes: Uint8Array): Uint8Array {
    const { keys, replies } = this.#filter.push(bytes);
    const { held } = this.#filter;
    this.#isProlonged = false;
    this.#heldUntil = held === 0 ? Number.POSITIVE_INFINITY : now + (held <= 2 ? HELD_KEY_MS : HELD_SEQUENCE_MS);
    for (const reply of replies) this.#hear(now, reply);
    return join(this.#isAskingColors ? new Uint8Array(0) : this.#takeScheme(), this.#withoutScheme(now, keys));
  }

  /** Gives up what did not come in time; keys that were held back for it. */
  tick(now: number): Uint8Array {
    if (this.#patientUntil !== undefined && now >= this.#patientUntil) this.#settle();
    for (const [question, until] of this.#until) if (now >= until) this.#forget(question);
    const scheme = this.#scheme !== undefined && now >= this.#scheme.until ? this.#takeScheme() : new Uint8Array(0);
    if (now < this.#heldUntil) return scheme;
    if (now >= this.#heldUntil + OVERSLEPT_MS && !this.#isProlonged) {
      // The program got the processor late, and timers come before reading: the rest may be there already.
      this.#isProlonged = true;
      this.#heldUntil = now + HELD_KEY_MS;
      return scheme;
    }
    this.#heldUntil = Number.POSITIVE_INFINITY;
    return join(scheme, this.#filter.release());
  }

  /** When `tick` is due; Infinity for never. */
  get nextTimeout(): number {
    const never = Number.POSITIVE_INFINITY;
    let at = Math.min(this.#heldUntil, this.#patientUntil ?? never, this.#scheme?.until ?? never);
    for (const until of this.#until.values()) at = Math.min(at, until);
    return at;
  }

  #ask(now: number, question: Question, sequence: string, patienceMs: number): void {
    if (this.#filter.expects(question)) return;
    this.#expect(question, now + patienceMs);
    this.#outgoing += sequence;
  }

  #expect(question: Question, until: number): void {
    this.#filter.expect(question);
    this.#until.set(question, until);
  }

  #forget(question: Question): void {
    this.#until.delete(question);
    this.#filter.forget(question);
  }

  #hear(now: number, reply: Reply): void {
    const question = questionOf(reply);
    if (!this.#filter.expects(question)) this.#until.delete(question);
    if (reply.kind === 'cursor') this.#places.push({ row: reply.row, col: reply.col });
    else if (reply.kind === 'clipboard') {
      if (reply.bytes !== undefined) this.#pasted.push(reply.bytes);
    } else this.#answers = withReply(this.#answers, reply);
    if (reply.kind !== 'attributes') return;
    this.#settle();
    for (const left of this.#until.keys()) {
      if (isColor(left)) this.#until.set(left, now + LATE_COLORS_MS);
      else this.#forget(left);
    }
  }

  /** The terminal answers in order: all that it has to say of the first questions is said. */
  #settle(): void {
    if (this.#patientUntil === undefined) return;
    this.#patientUntil = undefined;
    this.#answers = withPlaces(this.#answers, this.#places, this.#samples);
  }

  /**
   * A program that hears of other colours asks for them at once, and the server answers: so the report waits until the server can know
   * them. Terminals send it in one piece; one that comes in two passes, rather than that every Esc waited.
   */
  #withoutScheme(now: number, keys: Uint8Array): Uint8Array {
    if (this.#answers.background === undefined || !keys.includes(ESC)) return keys;
    const text = latin1(keys);
    const [report = ''] = SCHEME_REPORT.exec(text) ?? [];
    if (report === '') return keys;
    this.#scheme = { report, until: now + COLORS_MS };
    for (const code of ASKED_COLORS) this.#ask(now, `color ${code}`, `\x1b]${code};?\x1b\\`, LATE_COLORS_MS);
    return bytesOf(text.replace(report, ''));
  }

  get #isAskingColors(): boolean {
    return ASKED_COLORS.some((code) => this.#filter.expects(`color ${code}`));
  }

  #takeScheme(): Uint8Array {
    const report = this.#scheme?.report ?? '';
    this.#scheme = undefined;
    return bytesOf(report);
  }
}

function isColor(question: Question): boolean {
  return question.startsWith('color') || question.startsWith('palette');
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
