/**
 * The questions of the bootstrap, put on the user's terminal: always on /dev/tty, never on standard input, which may be a pipe
 * that is meant for the remote program. The terminal is raw while a question stands, and as it was at every way out.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { printable } from '../printable.ts';
import { UserError } from '../user-error.ts';
import { PromptLine } from './prompt-line.ts';
import type { Prompter } from './prompter.ts';

/** Longest question or line, in characters; those who ask have limits of their own below it. */
const TEXT_LENGTH_MAX = 16 * 1024;

/**
 * Asks on the controlling terminal and tells on standard error. The last door before the terminal: what a server had a say in was
 * made harmless where it came in, and is here again, so that one forgotten place gives it no power over the terminal.
 */
export class TerminalPrompter implements Prompter {
  /** One question at a time: the next waits for the one before. */
  #asking: Promise<unknown> = Promise.resolve();

  ask(question: string, options: { readonly echo: boolean }): Promise<string> {
    const answer = this.#asking.then(() => askOnTerminal(harmless(question), options.echo));
    this.#asking = answer.catch(() => undefined);
    return answer;
  }

  tell(line: string): void {
    process.stderr.write(`${harmless(line)}\n`);
  }
}

function harmless(text: string): string {
  return printable(text, { lengthMax: TEXT_LENGTH_MAX, lines: true });
}

async function askOnTerminal(question: string, echo: boolean): Promise<string> {
  const { input, output } = openTerminal(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      const line = new PromptLine(echo);
      input.setRawMode(true);
      show(output, question.replaceAll('\n', '\r\n'));
      input.on('data', (bytes: Uint8Array) => {
        const step = line.type(bytes);
        bytes.fill(0);
        show(output, step.echo);
        if (step.kind === 'done') resolve(step.line);
        else if (step.kind === 'aborted') reject(new UserError('interrupted'));
      });
      const lost = (): void => reject(new UserError('the terminal went away while a question stood'));
      input.on('error', lost);
      input.on('end', lost);
    });
  } finally {
    if (!input.destroyed) input.setRawMode(false);
    input.destroy();
    closeSync(output);
  }
}

function openTerminal(question: string): { input: ReadStream; output: number } {
  try {
    const output = openSync('/dev/tty', 'w');
    try {
      return { input: new ReadStream(openSync('/dev/tty', 'r')), output };
    } catch (error) {
      closeSync(output);
      throw error;
    }
  } catch (cause) {
    const asked = question
      .trim()
      .replace(/\s*[:?]$/, '')
      .split('\n')
      .at(-1);
    throw new UserError(
      `cannot ask "${asked}": there is no terminal; use a key or an agent that needs no question, or run it from a terminal`,
      { cause },
    );
  }
}

/** The terminal may be stopped or gone: a prompt that cannot be shown must not end the program by an exception. */
function show(output: number, text: string): void {
  if (text === '') return;
  try {
    writeSync(output, text);
  } catch {
    // The read side reports the loss.
  }
}
