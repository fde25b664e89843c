/**
 * The session's side of the talk with the user's terminal: has the server told what the terminal is as soon as that is known, and hands
 * the clipboard to a program that asks for it, if the user lets it. Whatever the terminal answers, none of it reaches a program as a key.
 */

import { equalBytes } from '../../protocol/bytes.ts';
import type { Capabilities } from '../../protocol/render/capabilities.ts';
import type { ShellClient } from '../../protocol/session/shell-client.ts';
import { encodeFacts, UNKNOWN_TERMINAL } from '../../protocol/session/terminal-facts.ts';
import type { Terminal, TerminalSize } from '../tty.ts';
import type { Answers } from './answers.ts';
import { capabilitiesOf } from './capabilities.ts';
import { type ClipboardPermission, clipboardAnswer } from './clipboard.ts';
import { factsOf } from './facts.ts';
import { TerminalTalk } from './terminal-talk.ts';
import type { Terminfo } from './terminfo.ts';

export interface InterviewOptions {
  readonly core: ShellClient;
  readonly terminal: Terminal;
  /** What the environment says of the terminal; without TERM it is asked nothing. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminfo: Terminfo | undefined;
  readonly clipboard: ClipboardPermission;
}

/** How long the first drawing waits for the terminal's answers, in ms: nearly all answer sooner, and it is then drawn as it can be. */
const DRAWING_MS = 50;
/** How long the end of a session waits for them, in ms: what comes later the user's shell takes for keys. */
const END_MS = 300;

export class Interview {
  readonly #options: InterviewOptions;
  readonly #talk = new TerminalTalk();
  /** The facts that the server has been told. */
  #told: Uint8Array = encodeFacts(UNKNOWN_TERMINAL);
  /** What they were made of. */
  #toldOf: (TerminalSize & { readonly answers: Answers }) | undefined;
  #askedAt = 0;
  #judged: { readonly answers: Answers; readonly capabilities: Capabilities } | undefined;
  /** How often programs had asked for the clipboard when it was looked at last; undefined before the first screen. */
  #pasteCount: number | undefined;

  constructor(options: InterviewOptions) {
    this.#options = options;
  }

  /** The terminal has been taken over: asks what it is. */
  begin(now: number): void {
    const { terminal, environment } = this.#options;
    const { TERM = '', TERM_PROGRAM = '' } = environment;
    this.#talk.begin(now, { term: TERM, program: TERM_PROGRAM, cols: terminal.size.cols });
    this.#askedAt = now;
    this.#write();
    this.#tell();
  }

  /** What the terminal can do, as far as is known; the same object while that is the same. */
  get capabilities(): Capabilities {
    const { answers } = this.#talk;
    if (this.#judged?.answers !== answers) {
      const capabilities = capabilitiesOf({ ...this.#options, answers });
      const last = this.#judged?.capabilities;
      const isSame = last !== undefined && JSON.stringify(last) === JSON.stringify(capabilities);
      this.#judged = { answers, capabilities: isSame ? last : capabilities };
    }
    return this.#judged.capabilities;
  }

  /** Whether drawing had better wait a moment: what the terminal can do may be known soon. */
  holdsDrawing(now: number): boolean {
    return this.#talk.waiting && now < this.#askedAt + DRAWING_MS;
  }

  /** Whether the terminal had better not be given back yet: it may be about to answer. */
  holdsEnd(now: number): boolean {
    return this.#talk.waiting && now < this.#askedAt + END_MS;
  }

  /** The window has another size. */
  resized(now: number): void {
    this.#talk.askPixels(now);
    this.#write();
    this.#tell();
  }

  /** The keys in what the terminal sent, which is borrowed. The server has been told before what is to be known by then. */
  input(now: number, bytes: Uint8Array): Uint8Array {
    const keys = this.#talk.input(now, bytes);
    this.#write();
    this.#tell();
    return keys;
  }

  /** Does what is due; gives keys that were held back. */
  tick(now: number): Uint8Array {
    const keys = this.#talk.tick(now);
    this.#watchClipboard(now);
    this.#write();
    this.#tell();
    return keys;
  }

  /** When `tick` is due; Infinity for never. */
  nextTimeout(now: number): number {
    if (!this.#talk.waiting) return this.#talk.nextTimeout;
    const at = this.#askedAt + (this.holdsDrawing(now) ? DRAWING_MS : END_MS);
    return at > now ? Math.min(this.#talk.nextTimeout, at) : this.#talk.nextTimeout;
  }

  #watchClipboard(now: number): void {
    const { core, clipboard } = this.#options;
    if (core.stateNumber > 0) {
      const { pasteCount } = core.screen.properties;
      // What was asked before this terminal was there was not asked of it.
      const isAsked = this.#pasteCount !== undefined && this.#pasteCount !== pasteCount;
      this.#pasteCount = pasteCount;
      if (isAsked && clipboard === 'read-write') this.#talk.askClipboard(now);
    }
    const copied = this.#talk.takeClipboard();
    if (copied === undefined) return;
    const answer = clipboardAnswer(copied);
    if (answer.length <= core.inputRoom) core.sendKeys(answer);
  }

  /** Questions are few and short: they need not wait until the terminal has taken the last frame. */
  #write(): void {
    const bytes = this.#talk.takeOutgoing();
    if (bytes !== '') this.#options.terminal.write(new TextEncoder().encode(bytes));
  }

  #tell(): void {
    const { core, terminal, clipboard } = this.#options;
    const { answers } = this.#talk;
    const { size } = terminal;
    const isTold =
      this.#toldOf?.answers === answers && this.#toldOf.cols === size.cols && this.#toldOf.rows === size.rows;
    if (this.#talk.waiting || isTold) return;
    this.#toldOf = { answers, ...size };
    const facts = factsOf(answers, size, clipboard === 'read-write', this.capabilities.otherKeys);
    const encoded = encodeFacts(facts);
    if (equalBytes(encoded, this.#told)) return;
    this.#told = encoded;
    core.sendFacts(facts);
  }
}
