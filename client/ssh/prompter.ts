/** How the bootstrap talks with the user. An interface, because the answers come from a terminal here and from a script in tests. */

/** Asks and tells. Both sides of every question are text without control characters. */
export interface Prompter {
  /** Shows `question`, which may have several lines, and gives the line typed. Throws `UserError` if there is nobody to ask or Ctrl-C was typed. */
  ask(question: string, options: { readonly echo: boolean }): Promise<string>;
  /** Shows one line. */
  tell(line: string): void;
}
