/** A user for tests: gives the answers it was told to give, and remembers what it was asked and told. */

import type { Prompter } from '../../client/ssh/prompter.ts';
import { UserError } from '../../client/user-error.ts';

/** Answers in order; a question beyond them is answered like Ctrl-C. */
export class ScriptedPrompter implements Prompter {
  readonly questions: string[] = [];
  readonly echoes: boolean[] = [];
  readonly told: string[] = [];
  readonly #answers: string[];

  constructor(...answers: string[]) {
    this.#answers = answers;
  }

  async ask(question: string, options: { readonly echo: boolean }): Promise<string> {
    this.questions.push(question);
    this.echoes.push(options.echo);
    const answer = this.#answers.shift();
    if (answer === undefined) throw new UserError('interrupted');
    return answer;
  }

  tell(line: string): void {
    this.told.push(line);
  }
}
