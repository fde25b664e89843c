/** How an ssh connection talks with the user. An interface, because the answers come from a terminal here and from a script in tests. */

import { UserError } from '../user-error.ts';

/** How a question is to be put. */
export interface QuestionOptions {
  /** Whether what is typed may be seen. */
  readonly echo: boolean;
  /**
   * The question is for the program of SSH_ASKPASS alone, as a dialog with yes and no, of which an empty line is the yes; `no` is the
   * answer where there is no such program.
   */
  readonly dialog?: boolean;
}

/** Asks and tells. Both sides of every question are text without control characters. */
export interface Prompter {
  /**
   * Shows `question`, which may have several lines, and gives the line typed. Throws `NobodyToAsk` if there is no terminal and no program to
   * ask by, and `UserError` if Ctrl-C was typed.
   */
  ask(question: string, options: QuestionOptions): Promise<string>;
  /** Shows one line. */
  tell(line: string): void;
}

/** A question could not be put to anybody: the login may go on without the answer, if it can. */
export class NobodyToAsk extends UserError {}
