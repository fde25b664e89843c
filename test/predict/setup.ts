/**
 * What the sessions of the corpus have in common: a home with some files, a shell in it, the prose and the commands that are typed.
 */

import type { RecordedProgram } from './recorder.ts';
import { KEYS, type Script } from './script.ts';

/** A session but for its keys: `type` types them. */
export interface Plan extends Omit<RecordedProgram, 'keys' | 'heldOut'> {
  readonly heldOut?: true;
  readonly type: (script: Script) => Script;
}

export const BASH_FILES = {
  'notes.txt': 'one\ntwo\nthree\nfour amber birch\n',
  'src/main.c': 'int main(void) { return 0; }\n',
};
export const PROSE = [
  'the harbor was quiet and the boats lay low in the water, waiting for the tide to turn again.',
  'nobody had seen the keeper since tuesday; his lamp, though, was lit every night at the same hour.',
  'we wrote down what we knew: three names, a street, and the price of a ticket to the north.',
];

export function bash(rc: string): Pick<RecordedProgram, 'command' | 'files'> {
  return {
    command: ['bash', '--noprofile', '--rcfile', '.bashrc', '-i'],
    files: { ...BASH_FILES, '.bashrc': `HISTFILE=\nunset PROMPT_COMMAND\n${rc}\n` },
  };
}

export function commands(script: Script): Script {
  return script
    .line('ls -1')
    .line('cat notes.txt')
    .text('grep -n amber notes.txt | sort -u')
    .wait(KEYS.enter)
    .text('echo hello word')
    .press(KEYS.left, 'correction')
    .text('l')
    .wait(KEYS.enter)
    .line('wc -l src/main.c notes.txt')
    .text('mkdir -p build/out')
    .press('\x01')
    .text('time ')
    .press('\x05')
    .text(' build/tmp')
    .wait(KEYS.enter);
}

export function corrections(script: Script): Script {
  return script
    .text('tail -n 3 nots.txt')
    .press(KEYS.left, 'correction', 5)
    .text('e')
    .wait(KEYS.enter)
    .wait(KEYS.up, 'command')
    .press('\x17')
    .text('src/main.c')
    .wait(KEYS.enter)
    .text('find . -name build')
    .press('\x15')
    .text('git log --oneline')
    .press('\x17')
    .press('\x17')
    .press(KEYS.backspace, 'correction', 4)
    .text('printf "%s\\n" one two')
    .press(KEYS.home)
    .press(KEYS.delete, 'correction', 6)
    .text('echo')
    .press(KEYS.end)
    .text(' three')
    .wait(KEYS.enter)
    .text('echo alpha beta')
    .press(KEYS.left, 'correction', 5)
    .press('\x0b')
    .text('gamma')
    .wait(KEYS.enter);
}
