/** The sessions of the corpus in which the screen is cleared and typed on at once: Ctrl-L at prompts of one row and of two. */

import { KEYS, type Script } from './script.ts';
import { BASH_FILES, bash, type Plan } from './setup.ts';

const CLEAR = '\x0c';

/** In four shells. */
export const CLEAR_PLANS: readonly Plan[] = [
  { name: 'bash-clear', program: 'bash', ...bash("PS1='lab$ '"), type: clearing },
  {
    name: 'bash-clear-two-line',
    program: 'bash',
    ...bash("PS1='\\[\\e[1;34m\\]~/work\\[\\e[0m\\] main\\n> '"),
    type: clearing,
  },
  {
    name: 'zsh-clear',
    program: 'zsh',
    command: ['zsh', '-d', '-i'],
    files: {
      ...BASH_FILES,
      '.zshrc': "PS1='%F{green}lab%f %1~ %# '\nRPROMPT='%F{8}[main] %?%f'\nunsetopt prompt_sp\nHISTFILE=\nbindkey -e\n",
    },
    type: clearing,
    heldOut: true,
  },
  {
    name: 'fish-clear',
    program: 'fish',
    command: ['fish', '--private', '-i'],
    files: {
      ...BASH_FILES,
      '.config/fish/config.fish':
        "set -g fish_greeting\nfunction fish_prompt; echo -n 'lab> '; end\nfunction fish_title; echo lab; end\n",
    },
    type: clearing,
    heldOut: true,
  },
];

function clearing(script: Script): Script {
  return script
    .line('ls -1')
    .wait(CLEAR, 'command')
    .line('cat notes.txt')
    .press(CLEAR, 'command')
    .text('grep -n amber notes.txt')
    .wait(KEYS.enter)
    .text('echo the old mill')
    .press(CLEAR, 'correction')
    .text(' by the river')
    .wait(KEYS.enter)
    .line('wc -l notes.txt')
    .press(CLEAR, 'command')
    .press(CLEAR, 'again')
    .text('echo one two')
    .press(KEYS.left, 'correction', 4)
    .press(CLEAR, 'correction')
    .text('and ')
    .wait(KEYS.enter)
    .line('ls src')
    .press(CLEAR, 'command')
    .line('echo all done');
}
