/** One login on a terminal, by `ssh` or by `rove`: the prompts are answered from a list, and what came of it is written down for comparison. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtProgram } from '../../../bench/installation.ts';
import { ScreenTerminal } from '../../../bench/lab/screen-terminal.ts';

/** The two that are compared. */
export type Program = 'ssh' | 'rove';

/** What to run. */
export interface Wish {
  readonly configFile: string;
  /** After `-F FILE`. */
  readonly words: readonly string[];
  /** For the prompts, in their order; at one more than there are, Ctrl-C is typed. */
  readonly answers?: readonly (string | (() => string))[] | undefined;
  /** Typed at the first prompt of a shell. */
  readonly typed?: string | undefined;
  /** The command line to put in front, a namespace's. */
  readonly prefix?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** What came of it. */
export interface Outcome {
  readonly status: number;
  /** The prompts, in their order. */
  readonly prompts: readonly string[];
  /** All that stood on the screen at the end. */
  readonly text: string;
}

/** What stands before the cursor when an answer is waited for. */
const PROMPT =
  /(?:[Pp]assword|[Vv]erification code|Enter passphrase for .*|\(yes\/no\/\[fingerprint\]\)\?|fingerprint)[:?]?\s*$/;
const SHELL_PROMPT = /[$#%>]\s*$/;
const PATIENCE_MS = 40_000;

/** Runs it to its end. */
export async function attempt(program: Program, wish: Wish): Promise<Outcome> {
  const cache = mkdtempSync(join(tmpdir(), 'rove-cache-'));
  const command = program === 'ssh' ? ['ssh'] : [process.execPath, builtProgram('rove')];
  const terminal = new ScreenTerminal({
    command: [...(wish.prefix ?? []), ...command, '-F', wish.configFile, ...wish.words],
    cols: 160,
    rows: 60,
    env: { HOME: cache, XDG_CACHE_HOME: cache, SHELL: '/bin/sh', ...wish.env },
  });
  const answers = [...(wish.answers ?? [])];
  const prompts: string[] = [];
  let answered = -1;
  let { typed } = wish;
  let timer: NodeJS.Timeout | undefined;
  const stop = terminal.onFrame(() => {
    const { y } = terminal.cursor;
    const row = terminal.rows()[y] ?? '';
    if (typed !== undefined && SHELL_PROMPT.test(row)) {
      terminal.type(`${typed}\r`);
      typed = undefined;
    }
    if (y === answered || !PROMPT.test(row)) return;
    answered = y;
    prompts.push(row.trim());
    const answer = answers.shift();
    terminal.type(answer === undefined ? '\x03' : `${typeof answer === 'string' ? answer : answer()}\r`);
  });
  try {
    const late = new Promise<never>((_, fail) => {
      timer = setTimeout(
        () => fail(new Error(`${program} has not ended:\n${terminal.screenText().trimEnd()}`)),
        PATIENCE_MS,
      );
    });
    const status = await Promise.race([terminal.exited, late]);
    return { status, prompts, text: terminal.screenText().trimEnd() };
  } finally {
    clearTimeout(timer);
    stop();
    await terminal.close();
    rmSync(cache, { recursive: true, force: true });
  }
}
