import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScreenTerminal } from '../../../bench/lab/screen-terminal.ts';

/** Asks two questions and prints what was answered. */
const PROGRAM = `
  import { TerminalPrompter } from './terminal-prompter.ts';
  const prompter = new TerminalPrompter();
  try {
    const name = await prompter.ask('Name? ', { echo: true });
    const secret = await prompter.ask('Secret of\\n' + name + '? ', { echo: false });
    console.log('answers', JSON.stringify([name, secret]));
  } catch (error) {
    console.log('error', error.message);
  }
`;

let directory: string;
let program: string;
let hostile: string;
let terminal: ScreenTerminal;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rove-prompter-'));
  [program, hostile] = await Promise.all([bundle('ask', PROGRAM), bundle('hostile', HOSTILE)]);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a hostile machine may have had a say in. */
const HOSTILE = `
  import { TerminalPrompter } from './terminal-prompter.ts';
  const prompter = new TerminalPrompter();
  prompter.tell('told \\u001b]0;title\\u0007 \\u009b2J\\r\\n\\u202eon two lines');
  await prompter.ask('asked \\u001b[2J\\u001b]0;title\\u0007? ', { echo: true });
`;

/** Makes a program of `contents`; gives its path. */
async function bundle(name: string, contents: string): Promise<string> {
  const outfile = join(directory, `${name}.mjs`);
  await build({
    stdin: {
      contents,
      loader: 'ts',
      resolveDir: fileURLToPath(new URL('../../../client/ssh/', import.meta.url)),
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return outfile;
}

/** Runs a shell command in a terminal, with `$ask` the program. */
function run(command: string): void {
  terminal = new ScreenTerminal({
    command: ['/bin/sh', '-c', command],
    env: { ask: `${process.execPath} ${program}`, PATH: process.env.PATH ?? '' },
    cwd: directory,
  });
}

describe('questions on the terminal', () => {
  it('show what is typed, hide a secret, and leave the terminal as it was', async () => {
    run('before=$(stty -g); $ask; [ "$before" = "$(stty -g)" ] && echo as before');
    await terminal.waitFor('Name?');
    terminal.type('anm\x7fn\r');
    await terminal.waitFor('ann?');
    expect(terminal.rows().slice(0, 3)).toEqual(['Name? ann', 'Secret of', 'ann?']);
    terminal.type('s3cret\r');
    await terminal.waitFor('as before');
    expect(terminal.rows().slice(2, 5)).toEqual(['ann?', 'answers ["ann","s3cret"]', 'as before']);
    expect(await terminal.exited).toBe(0);
  });

  it('are asked of the user even when the standard streams are others', async () => {
    run('echo from a pipe | $ask 2>/dev/null | cat; echo over');
    await terminal.waitFor('Name?');
    terminal.type('ann\r');
    await terminal.waitFor('ann?');
    terminal.type('x\r');
    await terminal.waitFor('over');
    expect(terminal.screenText()).toContain('answers ["ann","x"]');
  });

  it.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('end with %s, and the terminal is as it was', async (_, key) => {
    run('before=$(stty -g); $ask; [ "$before" = "$(stty -g)" ] && echo as before');
    await terminal.waitFor('Name?');
    terminal.type(key);
    await terminal.waitFor('as before');
    expect(terminal.screenText()).toContain('error interrupted');
  });

  it('leave the terminal as it was when a signal ends the program', async () => {
    run('before=$(stty -g); $ask & echo "pid $!"; wait $!; [ "$before" = "$(stty -g)" ] && echo as before');
    await terminal.waitFor('Name?');
    process.kill(Number(/pid (\d+)/.exec(terminal.screenText())?.[1]));
    await terminal.waitFor('as before');
  });

  it('hold nothing that a terminal would obey, whoever had a say in them, and neither does what is told', async () => {
    run(`exec ${process.execPath} ${hostile}`);
    await terminal.waitFor('asked');
    expect(terminal.tail()).not.toMatch(/[\x1b\x9b\x07]|\xe2\x80\xae/);
    expect(terminal.rows().slice(0, 3)).toEqual(['told ]0;title 2J', 'on two lines', 'asked [2J]0;title?']);
    terminal.type('\r');
    await terminal.exited;
  });

  it('without a terminal end with a line that says so', async () => {
    // Detached, it is in a session of its own, which has no terminal.
    const child = spawn(process.execPath, [program], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
    expect(output).toBe(
      'error cannot ask "Name": there is no terminal; use a key or an agent that needs no question, or run it from a terminal\n',
    );
  });
});
