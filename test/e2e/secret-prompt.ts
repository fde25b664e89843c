/**
 * How programs ask for what must not be seen, and where: real ones (`read -s`, getpass, ssh-keygen, su) and scripts that do as
 * others do, in the session's own shell and in programs between it and the user, where the kernel tells nothing of them.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKey } from '../../bench/lab/sshd.ts';

/** One question, from the command that leads to it to the word `opened` on a row of its own. */
export interface SecretPrompt {
  readonly name: string;
  /** Typed at the shell's prompt, Enter not included. */
  readonly command: string;
  /** Questions whose answers are shown, before the one that counts. */
  readonly answers?: readonly { readonly prompt: string; readonly answer: string }[];
  /** The question; absent where the program says nothing. */
  readonly prompt?: string;
}

/** Where one types: the session's shell, or a program in it that has a terminal of its own. */
export interface SecretPlace {
  readonly name: string;
  /** What leads there from the session's shell, and the prompt there; `exit` leads back. */
  readonly enter?: string;
  readonly shellPrompt?: string;
  readonly prompts: readonly SecretPrompt[];
}

const OPENED = 'echo; echo opened';
const SILENT: SecretPrompt = { name: 'stty and no question', command: `stty -echo; read word; stty echo; ${OPENED}` };
const READ: SecretPrompt = {
  name: 'read -s',
  command: `read -s -p 'Password: ' word; ${OPENED}`,
  prompt: 'Password: ',
};
const NEUTRAL: SecretPrompt = {
  name: 'read -s, other words',
  command: `read -s -p 'Say: ' word; ${OPENED}`,
  prompt: 'Say: ',
};
const GETPASS: SecretPrompt = { name: 'getpass', command: 'python3 ask.py', prompt: 'Passphrase: ' };
const LOGIN: SecretPrompt = {
  name: 'login',
  command: 'bash login.sh',
  answers: [
    { prompt: 'Town: ', answer: 'london' },
    { prompt: 'Name: ', answer: 'ada' },
  ],
  prompt: 'Password: ',
};
const STARS: SecretPrompt = { name: 'stars in raw mode', command: 'python3 stars.py', prompt: 'Word: ' };

/** In the session's shell, where the kernel of the server tells how it treats what is typed. */
export const SHELL_PLACE: SecretPlace = {
  name: 'bash',
  prompts: [
    LOGIN,
    {
      name: 'the question of before, now for a secret',
      command: 'bash again.sh',
      answers: [
        { prompt: '> ', answer: 'one' },
        { prompt: '> ', answer: 'two' },
        { prompt: '> ', answer: 'three' },
      ],
      prompt: '> ',
    },
    { name: 'sudo', command: 'bash slow.sh', prompt: '[sudo] password for ada: ' },
    GETPASS,
    READ,
    NEUTRAL,
    SILENT,
    { name: 'ssh-keygen', command: `ssh-keygen -y -f key; ${OPENED}`, prompt: 'passphrase' },
    { name: 'su', command: `su nobody -s /bin/sh -c su; ${OPENED}`, prompt: 'Password: ' },
    STARS,
  ],
};

/** In programs that stand between: all that the kernel says is that they read each key themselves. */
export const RELAY_PLACES: readonly [SecretPlace, SecretPlace] = [
  {
    name: 'bash in tmux',
    enter: 'TMUX_TMPDIR=$HOME tmux -L $$ -f tmux.conf new',
    shellPrompt: 'pane$ ',
    prompts: [READ, NEUTRAL, SILENT, LOGIN, GETPASS, STARS],
  },
  {
    name: 'bash in script',
    enter: "script -qc 'bash --rcfile pane.rc' /dev/null",
    shellPrompt: 'pane$ ',
    prompts: [READ, NEUTRAL, SILENT, LOGIN],
  },
];

/** In fish, whose `read -s` is its line editor. */
export const FISH_PLACE: SecretPlace = {
  name: 'fish',
  enter: 'fish --private',
  shellPrompt: 'fish> ',
  prompts: [
    { name: 'read -s', command: `read -s word; ${OPENED}`, prompt: 'read> ' },
    { name: 'read -s, its own question', command: `read -s -P 'Say: ' word; ${OPENED}`, prompt: 'Say: ' },
    { name: 'getpass', command: 'python3 ask.py', prompt: 'Passphrase: ' },
  ],
};

const FILES: Readonly<Record<string, string>> = {
  'ask.py': "import getpass\ngetpass.getpass('Passphrase: ')\nprint('\\nopened')\n",
  'login.sh': `read -p 'Town: ' town; read -p 'Name: ' name; read -s -p 'Password: ' word; ${OPENED}\n`,
  'again.sh': `for i in 1 2 3; do read -p '> ' line; done; read -s -p '> ' word; ${OPENED}\n`,
  // sudo looks things up before it asks, and the kernel goes on echoing meanwhile.
  'slow.sh': `sleep 0.3; stty -echo; printf '[sudo] password for ada: '; read word; stty echo; ${OPENED}\n`,
  'stars.py': [
    'import os, sys, termios, tty',
    "before = termios.tcgetattr(0)\ntty.setraw(0)\nos.write(1, b'Word: ')",
    "while os.read(0, 1) != b'\\r': os.write(1, b'*')",
    "termios.tcsetattr(0, termios.TCSADRAIN, before)\nprint('\\nopened')\n",
  ].join('\n'),
  'pane.rc': "PS1='pane$ '\nHISTFILE=\n",
  'tmux.conf': "set -g status off\nset -g default-command 'bash --rcfile pane.rc'\n",
};
const FISH_CONFIG =
  "set -g fish_greeting\nfunction fish_prompt; echo -n 'fish> '; end\nfunction fish_title; echo fish; end\n";

/** Puts the scripts of the questions into the home of the sessions. */
export function writeSecretPrompts(home: string): void {
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(home, name), text);
  makeKey(join(home, 'key'), 'ed25519', 'a long one');
  const fish = join(home, '.config', 'fish');
  mkdirSync(fish, { recursive: true });
  writeFileSync(join(fish, 'config.fish'), FISH_CONFIG);
}
