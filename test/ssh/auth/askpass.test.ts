import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askByProgram, askpassRule } from '../../../client/ssh/askpass.ts';
import { NobodyToAsk } from '../../../client/ssh/prompter.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rove-askpass-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A program of /bin/sh that can be SSH_ASKPASS. */
function program(name: string, ...lines: string[]): string {
  const file = join(directory, name);
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  return file;
}

describe('the environment', () => {
  it.each([
    ['nothing', {}, 'never'],
    ['a program but no display', { SSH_ASKPASS: '/x' }, 'never'],
    ['a display', { SSH_ASKPASS: '/x', DISPLAY: ':0' }, 'without-terminal'],
    ['a display of Wayland', { SSH_ASKPASS: '/x', WAYLAND_DISPLAY: 'wayland-0' }, 'without-terminal'],
    ['an empty display', { SSH_ASKPASS: '/x', DISPLAY: '' }, 'never'],
    ['a preference', { SSH_ASKPASS: '/x', DISPLAY: ':0', SSH_ASKPASS_REQUIRE: 'prefer' }, 'first'],
    ['a preference without a display', { SSH_ASKPASS: '/x', SSH_ASKPASS_REQUIRE: 'prefer' }, 'never'],
    ['force', { SSH_ASKPASS: '/x', SSH_ASKPASS_REQUIRE: 'FORCE' }, 'first'],
    ['never', { SSH_ASKPASS: '/x', DISPLAY: ':0', SSH_ASKPASS_REQUIRE: 'never' }, 'never'],
    [
      'a word that is not known',
      { SSH_ASKPASS: '/x', DISPLAY: ':0', SSH_ASKPASS_REQUIRE: 'maybe' },
      'without-terminal',
    ],
  ])('with %s lets a program ask when ssh would', (_, env, use) => {
    expect(askpassRule(env).use).toBe(use);
  });

  it('names the program, or leaves it to the usual one', () => {
    expect(askpassRule({ SSH_ASKPASS: '/x' }).program).toBe('/x');
    expect(askpassRule({ SSH_ASKPASS: '' }).program).toBe('ssh-askpass');
  });
});

describe('a program that asks', () => {
  const env = { PATH: process.env.PATH, SSH_ASKPASS_PROMPT: 'left over' };

  it('gets the question and gives the first line', async () => {
    const file = program('echo', `printf '%s|%s\\nmore' "$1" "$SSH_ASKPASS_PROMPT"`);
    expect(await askByProgram(file, 'Pass $(x): ', { dialog: false, env })).toBe('Pass $(x): |');
    expect(await askByProgram(file, 'Sure?', { dialog: true, env })).toBe('Sure?|confirm');
  });

  it('that ends in failure has no answer', async () => {
    expect(await askByProgram(program('cancel', 'echo secret; exit 1'), 'x', { dialog: false, env })).toBeUndefined();
  });

  it('that never stops talking is stopped', async () => {
    expect(await askByProgram(program('talk', 'exec yes'), 'x', { dialog: false, env })).toBeUndefined();
  });

  it('that is not there is nobody to ask', async () => {
    const asked = askByProgram('/nowhere/askpass', 'x', { dialog: false, env });
    await expect(asked).rejects.toThrow(new NobodyToAsk('cannot ask by /nowhere/askpass (SSH_ASKPASS): ENOENT'));
  });
});

describe('the prompter without a terminal', () => {
  /** Asks what its arguments say and prints the answers. */
  const PROGRAM = `
    import { TerminalPrompter } from './terminal-prompter.ts';
    const prompter = new TerminalPrompter();
    for (const [question, dialog] of [['Secret? \\u001b[2J', false], ['Add it?', true]]) {
      try {
        console.log(JSON.stringify(await prompter.ask(question, { echo: false, dialog })));
      } catch (error) {
        console.log(error.name, error.message);
      }
    }
  `;
  let prompter: string;

  beforeAll(async () => {
    prompter = join(directory, 'prompter.mjs');
    const resolveDir = fileURLToPath(new URL('../../../client/ssh/', import.meta.url));
    await build({
      stdin: { contents: PROGRAM, loader: 'ts', resolveDir },
      outfile: prompter,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
  });

  /** Runs it in a session of its own, which has no terminal. */
  async function answers(env: Record<string, string>): Promise<string[]> {
    const child = spawn(process.execPath, [prompter], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH, ...env },
    });
    const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return output.trim().split('\n');
  }

  it('asks by the program where there is a display', async () => {
    const file = program('both', 'if [ "$SSH_ASKPASS_PROMPT" = confirm ]; then exit 0; fi', 'printf "for %s" "$1"');
    expect(await answers({ SSH_ASKPASS: file, DISPLAY: ':77' })).toEqual(['"for Secret? [2J"', '""']);
  });

  it('takes a cancelled question for an empty line, and a cancelled dialog for a no', async () => {
    const file = program('no', 'exit 1');
    expect(await answers({ SSH_ASKPASS: file, SSH_ASKPASS_REQUIRE: 'force' })).toEqual(['""', '"no"']);
  });

  it('has nobody to ask where there is no display either', async () => {
    const [asked, dialog] = await answers({ SSH_ASKPASS: program('unused', 'echo x') });
    expect(asked).toMatch(/^UserError cannot ask "Secret\? \[2J": there is no terminal/);
    expect(dialog).toBe('"no"');
  });
});
