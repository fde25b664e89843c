/**
 * What a login asks the user: passphrases, passwords, and whatever the server wants to know (RFC 4256). The words are those that ssh's
 * users know; the server's own are made harmless, and stand behind a prefix that says who asks, so that no server passes for this program.
 */

import type { Prompt } from 'ssh2';
import { printable } from '../../printable.ts';
import { UserError } from '../../user-error.ts';
import { NobodyToAsk, type Prompter } from '../prompter.ts';
import type { PasswordChange } from './attempt.ts';
import type { PrivateKey } from './private-key.ts';

/** Longest text of the server's that is shown in a question. */
const PROMPT_LENGTH_MAX = 1024;
/** Most questions answered in one login, over all rounds. */
const QUESTIONS_MAX = 64;
/** Most rounds, with questions or without. */
const ROUNDS_MAX = 64;
/** How often a new password may be typed before both are the same, or be asked for by the server. */
const CHANGES_MAX = 8;

/** Asks on behalf of one login. */
export class Questions {
  readonly #who: string;
  readonly #triesMax: number;
  readonly #prompter: Prompter;
  #questions = 0;
  #rounds = 0;
  #changes = 0;

  /** `who` is the user and the host, as `user@host`; `triesMax` how often a passphrase may be typed. */
  constructor(who: string, triesMax: number, prompter: Prompter) {
    this.#who = who;
    this.#triesMax = triesMax;
    this.#prompter = prompter;
  }

  /** The key that a passphrase opens; undefined if the user gives none, or none that is right, or nobody can be asked. */
  async passphrase(
    path: string,
    open: (passphrase: string) => PrivateKey | undefined,
    onNobody: (error: NobodyToAsk) => void,
  ): Promise<PrivateKey | undefined> {
    try {
      for (let tries = 0; tries < this.#triesMax; tries++) {
        const passphrase = await this.#prompter.ask(`Enter passphrase for key '${path}': `, { echo: false });
        if (passphrase === '') return undefined;
        const key = open(passphrase);
        if (key !== undefined) return key;
      }
    } catch (error) {
      if (!(error instanceof NobodyToAsk)) throw error;
      onNobody(error);
    }
    return undefined;
  }

  /** The user's password. */
  password(): Promise<string> {
    return this.#prompter.ask(`${this.#who}'s password: `, { echo: false });
  }

  /** The old password and the new, typed twice; `reason` is what the server has to say. */
  async passwordChange(reason: string): Promise<PasswordChange> {
    this.#tellText(reason);
    const ask = (what: string): Promise<string> => this.#prompter.ask(`${what}: `, { echo: false });
    const old = await ask(`Enter ${this.#who}'s old password`);
    while (++this.#changes <= CHANGES_MAX) {
      const fresh = await ask(`Enter ${this.#who}'s new password`);
      if (fresh === '') break;
      if (fresh === (await ask(`Retype ${this.#who}'s new password`))) return { old, new: fresh };
      this.#prompter.tell('Mismatch; try again, or an empty line to quit.');
    }
    throw new UserError('the expired password was not changed');
  }

  /** Whether the server has asked anything. */
  get asked(): boolean {
    return this.#questions > 0;
  }

  /** The answers to one round of the server's questions, as many as there are. */
  async round(name: string, instructions: string, prompts: readonly Prompt[]): Promise<string[]> {
    if (++this.#rounds > ROUNDS_MAX) throw new UserError('the server asks without end: log in with a key instead');
    this.#tellText(name);
    this.#tellText(instructions);
    const answers: string[] = [];
    for (const { prompt, echo } of prompts) {
      if (++this.#questions > QUESTIONS_MAX) {
        throw new UserError('the server asks without end: log in with a key instead');
      }
      const question = printable(prompt, { lengthMax: PROMPT_LENGTH_MAX, lines: true });
      answers.push(await this.#prompter.ask(`(${this.#who}) ${question}`, { echo: echo === true }));
    }
    return answers;
  }

  #tellText(text: string): void {
    for (const line of printable(text, { lengthMax: PROMPT_LENGTH_MAX, lines: true }).split('\n')) {
      if (line !== '') this.#prompter.tell(line);
    }
  }
}
