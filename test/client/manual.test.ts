/** The manual says what the program does: the same options as the help and the completion, the same escapes, and no fault of form. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROVE_OPTIONS, SSH_OPTIONS, SUBCOMMANDS } from '../../client/completion/option-table.ts';
import { ESCAPE_HELP } from '../../client/escape.ts';
import { takesValue } from '../../client/ssh-options.ts';
import { USAGE } from '../../client/usage.ts';

const FILE = join(import.meta.dirname, '../../docs/rove.1');
const MANUAL = readFileSync(FILE, 'utf8');
const NO_MANDOC = spawnSync('mandoc', ['-T', 'lint', '/dev/null']).error === undefined ? undefined : 'not installed';

const LETTERS = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'];
const known = [...SSH_OPTIONS, ...ROVE_OPTIONS].map(({ name }) => name).sort();

function items(macro: string): string[] {
  return [...MANUAL.matchAll(new RegExp(`^\\.It ${macro} (\\S+)`, 'gm'))].map(([, word = '']) => word);
}

/** The options that a text for people names: `-p`, `-4`, `--keep`. */
function optionsIn(text: string): string[] {
  return [...new Set(text.match(/(?<![\w-])(?:--[a-z][a-z-]+|-[A-Za-z0-9](?![\w-]))/g) ?? [])].sort();
}

describe('the manual', () => {
  test('tells of every option that there is, and of no other', () => {
    expect(items('Fl').map((word) => `-${word}`)).toEqual([...SSH_OPTIONS, ...ROVE_OPTIONS].map(({ name }) => name));
  });

  test("tells of every letter that the parser takes, also of ssh's that make no difference or are refused", () => {
    const [, others = ''] = /^Taken and without a difference([\s\S]*?)^\.Sh/m.exec(MANUAL) ?? [];
    const told = [...others.matchAll(/^\.Fl (\S)/gm)].map(([, letter = '']) => letter);
    const taken = LETTERS.filter((letter) => letter === 'V' || takesValue(letter) !== undefined);
    expect([...told, ...SSH_OPTIONS.map(({ name }) => name.slice(1))].sort()).toEqual(taken.sort());
    for (const { name, value } of SSH_OPTIONS)
      expect(takesValue(name.slice(1)) ?? false, name).toBe(value !== undefined);
  });

  test('tells of every option that the help names', () => {
    const inHelp = optionsIn(USAGE);
    expect(inHelp.filter((name) => !known.includes(name))).toEqual([]);
    expect(ROVE_OPTIONS.filter(({ name }) => !inHelp.includes(name))).toEqual([]);
  });

  test('tells of every command', () => {
    expect(items('Nm Cm').sort()).toEqual(SUBCOMMANDS.map(({ name }) => name).sort());
  });

  test('tells of every escape', () => {
    const escapes = ESCAPE_HELP.flatMap((line) => /^(~\S+) /.exec(line)?.[1] ?? []);
    expect(items('Ic').sort()).toEqual(escapes.sort());
  });

  test.skipIf(NO_MANDOC)(`is well formed${NO_MANDOC ? ': mandoc is not installed' : ''}`, () => {
    const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', FILE], { encoding: 'utf8' });
    expect(stdout).toBe('');
  });
});
