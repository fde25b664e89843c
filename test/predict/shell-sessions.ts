/** The sessions of the corpus in shells. */

import { KEYS } from './script.ts';
import { BASH_FILES, bash, commands, corrections, type Plan, PROSE } from './setup.ts';

/** In bash, zsh and fish, at prompts of many kinds. */
export const SHELL_PLANS: readonly Plan[] = [
  { name: 'bash-plain', program: 'bash', ...bash("PS1='lab$ '"), type: (s) => corrections(commands(s)) },
  {
    name: 'bash-coloured',
    program: 'bash',
    ...bash("PS1='\\[\\e[1;32m\\]ada@lab\\[\\e[0m\\]:\\[\\e[1;34m\\]\\W\\[\\e[0m\\]\\$ '\ncd src"),
    type: (s) => commands(s.line('cd ..').line('cd src').line('pwd | wc -c').line('cd -P ..')),
  },
  {
    name: 'bash-two-line',
    program: 'bash',
    ...bash("PS1='\\n\\[\\e[36m\\]lab \\t\\[\\e[0m\\] [\\!]\\n> '"),
    type: (s) => corrections(commands(s)),
    heldOut: true,
  },
  {
    name: 'bash-git',
    program: 'bash',
    ...bash(
      'b=main\ngit_part() { echo "($b)"; }\nPS1=\'lab \\[\\e[33m\\]$(git_part)\\[\\e[0m\\] \\$ \'\ngit() { b=$2; }',
    ),
    type: (s) => commands(s.line('git switch feature').line('git switch fix-42')),
  },
  {
    name: 'bash-history',
    program: 'bash',
    ...bash("PS1='lab$ '"),
    type: (s) =>
      s
        .line('echo first thing')
        .line('echo second one')
        .press(KEYS.up)
        .wait(KEYS.up, 'command')
        .text(' again')
        .wait(KEYS.enter)
        .wait('\x12', 'command')
        .text('sec')
        .wait(KEYS.enter)
        .line('echo third')
        .press('\x12', 'command')
        .text('fir')
        .wait(KEYS.right, 'command')
        .text(' more')
        .wait(KEYS.enter)
        .line('echo done now'),
  },
  {
    name: 'bash-tab',
    program: 'typed ahead',
    ...bash("PS1='lab$ '"),
    type: (s) =>
      s
        .text('cat no')
        .wait(KEYS.tab, 'inside')
        .wait(KEYS.enter)
        .text('ls sr')
        .press(KEYS.tab, 'inside')
        .text('main.c')
        .wait(KEYS.enter)
        .text('wc no')
        .press(KEYS.tab, 'inside')
        .text('src/m')
        .wait(KEYS.tab)
        .wait(KEYS.enter)
        .text('xyzz')
        .wait(KEYS.tab, 'inside')
        .press('\x03')
        .line('echo after completion'),
    heldOut: true,
  },
  {
    name: 'bash-long',
    program: 'bash',
    ...bash("PS1='lab$ '"),
    type: (s) =>
      s
        .line(`echo ${PROSE[0]} ${'and so on '.repeat(3)}until the end`)
        .text(`printf '%s\\n' ${PROSE[2]}`.replace(/[;:,]/g, ''))
        .press(KEYS.backspace, 'correction', 14)
        .text('ticket')
        .wait(KEYS.enter)
        .line(`echo ${'abcdefghij '.repeat(9)}`)
        .line('echo short'),
  },
  {
    name: 'bash-unicode',
    program: 'bash',
    ...bash("PS1='λ '"),
    type: (s) =>
      s
        .line('echo grüße aus köln, señor')
        .text('echo 你好世界')
        .press(KEYS.backspace, 'correction', 2)
        .text('朋友')
        .press(KEYS.left, 'correction', 2)
        .text('a')
        .wait(KEYS.enter)
        .line('echo привет мир')
        .line('echo 😀 ok 🚀')
        .line('echo re\u0301sume\u0301 done'),
  },
  {
    name: 'bash-paste',
    program: 'bash',
    ...bash("PS1='lab$ '"),
    type: (s) =>
      s
        .line('echo before')
        .text('echo ')
        .wait('\x1b[200~pasted words that are long enough to be one\x1b[201~')
        .text(' and more')
        .wait(KEYS.enter)
        .wait('for i in 1 2 3; do echo $i; done\r')
        .line('echo afterwards'),
  },
  {
    name: 'bash-ahead',
    program: 'typed ahead',
    ...bash("PS1='lab$ '"),
    type: (s) =>
      s
        .line('echo start')
        .text('sleep 1')
        .press(KEYS.enter, 'enter')
        .text('echo typed ahead')
        .wait(KEYS.enter)
        .text('ls')
        .press(KEYS.enter, 'enter')
        .text('cat notes.txt')
        .press(KEYS.enter, 'enter')
        .text('echo end')
        .wait(KEYS.enter)
        .wait('\x03')
        .line('echo over'),
    heldOut: true,
  },
  {
    name: 'bash-completion',
    program: 'typed ahead',
    ...bash("PS1='\\u:\\W\\$ '".replace('\\u', 'ada')),
    type: (s) =>
      s
        .text('cd sr')
        .wait(KEYS.tab, 'inside')
        .wait(KEYS.enter)
        .text('grep -c main ma')
        .press(KEYS.tab, 'inside')
        .text('| cat')
        .wait(KEYS.enter)
        .line('cd ..')
        .text('head -n 2 not')
        .wait(KEYS.tab, 'inside')
        .text('src/ma')
        .wait(KEYS.tab, 'inside')
        .wait(KEYS.enter),
  },
  {
    name: 'bash-nested',
    program: 'bash',
    ...bash("PS1='lab$ '"),
    type: (s) =>
      s
        .line('bash --norc')
        .line("PS1='inner> '")
        .line('echo inside of it')
        .line('ls -1 notes.txt')
        .line('exit')
        .line('echo outside again'),
  },
  {
    name: 'zsh-plain',
    program: 'zsh',
    command: ['zsh', '-d', '-i'],
    files: { ...BASH_FILES, '.zshrc': "PS1='lab%% '\nunsetopt prompt_sp\nHISTFILE=\n" },
    type: (s) => corrections(commands(s)),
  },
  {
    name: 'zsh-rprompt',
    program: 'zsh',
    command: ['zsh', '-d', '-i'],
    files: {
      ...BASH_FILES,
      '.zshrc': "PS1='%F{green}lab%f %1~ %# '\nRPROMPT='%F{8}[main] %?%f'\nHISTFILE=\nbindkey -e\n",
    },
    type: (s) => corrections(commands(s)),
    heldOut: true,
  },
  {
    name: 'fish-plain',
    program: 'fish',
    command: ['fish', '--private', '-i'],
    files: {
      ...BASH_FILES,
      '.config/fish/config.fish':
        "set -g fish_greeting\nfunction fish_prompt; echo -n 'lab> '; end\nfunction fish_title; echo lab; end\n",
    },
    type: (s) => corrections(commands(s)),
  },
  {
    name: 'fish-history',
    program: 'fish',
    command: ['fish', '-i'],
    files: {
      ...BASH_FILES,
      '.config/fish/config.fish':
        "set -g fish_greeting\nfunction fish_prompt; set_color blue; echo -n (prompt_pwd); set_color normal; echo -n ' $ '; end\nfunction fish_right_prompt; set_color 888; date +%H:%M; end\nfunction fish_title; echo lab; end\n",
      '.local/share/fish/fish_history':
        '- cmd: make test VERBOSE=1\n  when: 1700000000\n- cmd: tail -n 20 notes.txt\n  when: 1700000001\n- cmd: echo hello there\n  when: 1700000002\n',
    },
    type: (s) =>
      s
        .text('echo hi')
        .wait(KEYS.enter)
        .text('tail')
        .wait('\x05', 'command')
        .wait(KEYS.enter)
        .text('tail -n 2')
        .press(KEYS.backspace, 'correction', 2)
        .text('1 notes.txt')
        .wait(KEYS.enter)
        .line('cd src')
        .text('wc -c mai')
        .press(KEYS.left, 'correction', 5)
        .press(KEYS.backspace)
        .text('l')
        .press('\x05')
        .text('n.c')
        .wait(KEYS.enter)
        .text('echo hello you')
        .press('\x17')
        .text('me')
        .wait(KEYS.enter)
        .text('cat x')
        .press('\x15')
        .line('ls'),
  },
  {
    name: 'fish-suggestions',
    program: 'fish',
    command: ['fish', '-i'],
    files: {
      ...BASH_FILES,
      '.config/fish/config.fish':
        "set -g fish_greeting\nfunction fish_prompt; set_color green; echo -n 'lab'; set_color normal; echo -n ' ~> '; end\nfunction fish_right_prompt; set_color 555; echo -n 'main'; end\nfunction fish_title; echo lab; end\n",
      '.local/share/fish/fish_history':
        '- cmd: git commit --amend --no-edit\n  when: 1700000000\n- cmd: grep -rn amber .\n  when: 1700000001\n- cmd: ls -1 src\n  when: 1700000002\n',
    },
    type: (s) =>
      s
        .line('ls -1')
        .text('grep -rn birch .')
        .wait(KEYS.enter)
        .text('git st')
        .press(KEYS.backspace, 'correction', 2)
        .text('log')
        .press('\x15')
        .text('ls -1 s')
        .wait(KEYS.right, 'command')
        .wait(KEYS.enter)
        .line('cat notes.txt')
        .line('cat notes.txt | wc')
        .text('cat no')
        .press(KEYS.left, 'correction', 3)
        .text('-n ')
        .press('\x05')
        .wait(KEYS.enter)
        .line('echo one two'),
    heldOut: true,
  },
];
