/**
 * The questions of an ssh connection, put on the user's terminal: always on /dev/tty, never on standard input, which may be a pipe
 * that is meant for the remote program. The terminal is raw while a question stands, and as it was at every way out. Where there is no
 * terminal, or the user would rather have it so, a program asks (`askpass.ts`).
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { printable } from '../printable.ts';
import { UserError } from '../user-error.ts';
import { askByProgram, askpassRule, type Environment } from './askpass.ts';
import { PromptLine } from './prompt-line.ts';
import { NobodyToAsk, type Prompter, type QuestionOptions } from './prompter.ts';

/** Longest question or line, in characters; those who ask have limits of their own below it. */
const TEXT_LENGTH_MAX = 16 * 1024;

/**
 * Asks on the controlling terminal and tells on standard error. The last door before the terminal: what a server had a say in was
 * made harmless where it came in, and is here again, so that one forgotten place gives it no power over the terminal.
 */
export class TerminalPrompter implements Prompter {
  /** One question at a time: the next waits for the one before. */
  #asking: Promise<unknown> = Promise.resolve();
  readonly #env: Environment;

  /** `env` says whether a program asks in place of the terminal. */
  constructor(env: Environment = process.env) {
    this.#env = env;
  }

  ask(question: string, options: QuestionOptions): Promise<string> {
    const answer = this.#asking.then(() => this.#put(harmless(question), options));
    this.#asking = answer.catch(() => undefined);
    return answer;
  }

  tell(line: string): void {
    process.stderr.write(`${harmless(line)}\n`);
  }

  async #put(question: string, { echo, dialog = false }: QuestionOptions): Promise<string> {
    const { program, use } = askpassRule(this.#env);
    if (dialog) {
      if (use === 'never') return 'no';
      return (await askByProgram(program, question, { dialog, env: this.#env })) ?? 'no';
    }
    if (use !== 'first') {
      const terminal = openTerminal();
      if (terminal !== undefined) return await askOn(terminal, question, echo);
      if (use === 'never') throw nobody(question);
    }
    // Cancelled is as good as an empty line: the next key, the next method, and a no to an unknown host.
    return (await askByProgram(program, question, { dialog, env: this.#env })) ?? '';
  }
}

function harmless(text: string): string {
  return printable(text, { lengthMax: TEXT_LENGTH_MAX, lines: true });
}

/** /dev/tty, both ways. */
interface Terminal {
  readonly input: ReadStream;
  readonly output: number;
}

async function askOn({ input, output }: Terminal, question: string, echo: boolean): Promise<string> {
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

/** Undefined if the program has none. */
function openTerminal(): Terminal | undefined {
  let output: number | undefined;
  try {
    output = openSync('/dev/tty', 'w');
    return { input: new ReadStream(openSync('/dev/tty', 'r')), output };
  } catch {
    if (output !== undefined) closeSync(output);
    return undefined;
  }
}

function nobody(question: string): NobodyToAsk {
  const asked = question
    .trim()
    .replace(/\s*[:?]$/, '')
    .split('\n')
    .at(-1);
  return new NobodyToAsk(
    `cannot ask "${asked}": there is no terminal; use a key or an agent that needs no question, or run it from a terminal`,
  );
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
