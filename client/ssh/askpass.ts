/**
 * Questions by a program with a window of its own, as ssh(1) has it at SSH_ASKPASS: for those who have a display and no terminal, or who
 * would rather have it so. The program gets the question as its argument and writes the answer to its standard output.
 */

import { spawn } from 'node:child_process';
import { NobodyToAsk } from './prompter.ts';

/** When a program is asked in place of the terminal. */
export interface AskpassRule {
  readonly program: string;
  /** Before the terminal, after it, or not at all. */
  readonly use: 'first' | 'without-terminal' | 'never';
}

/** The variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The program where the environment names none; looked for on the PATH. */
const DEFAULT_PROGRAM = 'ssh-askpass';

/** Longest answer, in bytes: that of a line typed at the terminal. */
const ANSWER_LENGTH_MAX = 4096;

/** What SSH_ASKPASS, SSH_ASKPASS_REQUIRE and the display come to. */
export function askpassRule(env: Environment): AskpassRule {
  const program = env.SSH_ASKPASS || DEFAULT_PROGRAM;
  const display = Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY);
  switch (env.SSH_ASKPASS_REQUIRE?.toLowerCase()) {
    case 'never':
      return { program, use: 'never' };
    case 'force':
      return { program, use: 'first' };
    case 'prefer':
      return { program, use: display ? 'first' : 'never' };
    default:
      return { program, use: display ? 'without-terminal' : 'never' };
  }
}

/**
 * Puts `question`, which is harmless text, by `program`, as a dialog of yes and no if `dialog`. Undefined if the user cancelled it. Rejects with
 * `NobodyToAsk` if the program does not start.
 */
export function askByProgram(
  program: string,
  question: string,
  options: { readonly dialog: boolean; readonly env: Environment },
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const env = { ...options.env, SSH_ASKPASS_PROMPT: options.dialog ? 'confirm' : undefined };
    const child = spawn(program, [question], { stdio: ['ignore', 'pipe', 'inherit'], env });
    let answer = Buffer.alloc(0);
    child.stdout.on('data', (bytes: Buffer) => {
      const longer = Buffer.concat([answer, bytes]);
      answer.fill(0);
      bytes.fill(0);
      answer = longer;
      if (answer.length > ANSWER_LENGTH_MAX) child.kill();
    });
    child.on('error', (cause) => {
      const code = 'code' in cause ? cause.code : cause.message;
      reject(new NobodyToAsk(`cannot ask by ${program} (SSH_ASKPASS): ${code}`, { cause }));
    });
    child.on('close', (code) => {
      const [line = ''] = answer.toString('utf8').split(/[\r\n]/, 1);
      answer.fill(0);
      resolve(code === 0 ? line : undefined);
    });
  });
}
