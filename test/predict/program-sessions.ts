/** The sessions of the corpus in other programs: editors, pagers, prompts of languages, passwords, tmux. */

import { KEYS } from './script.ts';
import { BASH_FILES, bash, commands, type Plan, PROSE } from './setup.ts';

/** No questions to the terminal, and Esc at once. */
const VIM = ['vim', '-N', '-u', 'vim.rc', '-i', 'NONE', '--noplugin'];
const VIM_RC =
  'set nocompatible noshowcmd nomodeline noswapfile nobackup shortmess+=I notimeout ttimeout ttimeoutlen=10\nset t_RV= t_u7= t_RF= t_RB= t_RC= t_RS=\n';

/** In everything that is no shell. */
export const PROGRAM_PLANS: readonly Plan[] = [
  {
    name: 'vim-prose',
    program: 'vim',
    command: [...VIM, 'notes.txt'],
    files: { 'notes.txt': `${PROSE.join('\n')}\n`, 'vim.rc': VIM_RC },
    type: (s) =>
      s
        .press('j', 'command')
        .press('o', 'command')
        .text(PROSE[0]?.slice(0, 60) ?? '')
        .press(KEYS.enter)
        .text('a second line here')
        .press(KEYS.esc, 'command')
        .press('b', 'command', 2)
        .press('i', 'command')
        .text('very ')
        .wait(KEYS.esc)
        .press('gg', 'command')
        .press('A', 'command')
        .text(' so it was')
        .wait(KEYS.esc)
        .press('/', 'command')
        .text('keeper')
        .wait(KEYS.enter)
        .press('x', 'command', 3)
        .press(':', 'command')
        .text('set number')
        .wait(KEYS.enter)
        .press('O', 'command')
        .text('at the top of it')
        .press(KEYS.left, 'correction', 4)
        .text('now ')
        .wait(KEYS.esc),
  },
  {
    name: 'vim-code',
    program: 'vim',
    command: [...VIM, 'main.c'],
    files: {
      'main.c': '#include <stdio.h>\n\nint main(void)\n{\n    return 0;\n}\n',
      'vim.rc': `${VIM_RC}set ruler autoindent laststatus=2\nsyntax on\n`,
    },
    type: (s) =>
      s
        .press('3j', 'command')
        .press('o', 'command')
        .text('    int total = 0;')
        .press(KEYS.enter)
        .text('for (int i = 0; i < 10; i++)')
        .press(KEYS.enter)
        .text('    total += i;')
        .press(KEYS.enter)
        .press(KEYS.backspace, 'correction', 4)
        .text('printf("%d", total);')
        .wait(KEYS.esc)
        .press('k', 'command', 2)
        .press('A', 'command')
        .text(' // sum')
        .wait(KEYS.esc)
        .press('u', 'command')
        .press('dd', 'command')
        .wait('p', 'command'),
    heldOut: true,
  },
  {
    name: 'nano-prose',
    program: 'nano',
    command: ['nano', '--ignorercfiles', 'letter.txt'],
    files: { 'letter.txt': `${PROSE.join('\n')}\n` },
    type: (s) =>
      s
        .text('dear friend, ')
        .press(KEYS.enter)
        .text('it has been long since i wrote')
        .press(KEYS.down)
        .press('\x05')
        .text(' and more')
        .press('\x01')
        .text('well: ')
        .press(KEYS.down, 'command')
        .press(KEYS.right, 'command', 4)
        .text('old ')
        .press('\x17', 'command')
        .text('tuesday')
        .wait(KEYS.enter)
        .text('on ')
        .press(KEYS.backspace, 'correction', 3),
  },
  {
    name: 'less-man',
    program: 'less',
    command: ['less', 'story.txt'],
    env: { LESSHISTFILE: '-' },
    files: { 'story.txt': Array.from({ length: 200 }, (_, row) => `${row + 1}. ${PROSE[row % 3]}`).join('\n') },
    type: (s) =>
      s
        .press(' ', 'command', 3)
        .press('b', 'command')
        .press('j', 'command', 4)
        .press('k', 'command', 2)
        .press('/', 'command')
        .text('120')
        .wait(KEYS.enter)
        .press('n', 'command', 2)
        .press('G', 'command')
        .wait('g')
        .press('d', 'command', 3)
        .press('/', 'command')
        .text('keeper since')
        .wait(KEYS.enter),
  },
  {
    name: 'python-repl',
    program: 'python',
    command: ['python3', '-q', '-I', '-S', '-i', '-c', 'import readline'],
    type: (s) =>
      s
        .line('12 * 34')
        .line("name = 'harbor'")
        .line('name.upper()')
        .line('def f(n):')
        .line('    return n * 2')
        .wait(KEYS.enter)
        .text('f(1)')
        .press(KEYS.left)
        .text('23')
        .wait(KEYS.enter)
        .line('[f(i) for i in range(9)]')
        .line('print("a", "b")'),
  },
  {
    name: 'node-repl',
    program: 'node',
    command: ['node'],
    env: { NODE_REPL_HISTORY: '' },
    type: (s) =>
      s
        .line('1 + 2')
        .line("const name = 'river'")
        .line('name.length')
        .line('[1, 2, 3].map((n) => n * 2)')
        .text('name.touppercase()')
        .press(KEYS.left, 'correction', 2)
        .press(KEYS.backspace, 'correction', 4)
        .text('Case')
        .press(KEYS.end)
        .wait(KEYS.enter)
        .line('Math.max(1, 7)'),
    heldOut: true,
  },
  {
    name: 'cat-lines',
    program: 'cat',
    ...bash("PS1='lab$ '"),
    type: (s) =>
      s
        .line('cat > out.txt')
        .line('the first line of it')
        .line('and the second, a bit longer')
        .text('a thirrd')
        .press(KEYS.backspace, 'correction', 3)
        .text('rd one')
        .wait(KEYS.enter)
        .wait('\x04')
        .line('wc out.txt'),
  },
  {
    name: 'password-read',
    program: 'password',
    ...bash("PS1='lab$ '"),
    type: (s) =>
      s
        .line('read -rs -p "Password: " x; echo')
        .silent('amber42!')
        .wait(KEYS.enter)
        .line('read -rs y')
        .silent('birch17?')
        .wait(KEYS.enter)
        .line('read -p "Name: " n')
        .text('ada lovelace')
        .wait(KEYS.enter)
        .line('read -rsn 6 -p "> " z; echo')
        .silent('quartz')
        .line('echo all done'),
  },
  {
    name: 'password-ahead',
    program: 'password',
    command: ['bash', '--noprofile', '--rcfile', '.bashrc', '-i'],
    files: {
      '.bashrc': "HISTFILE=\nPS1='lab$ '\n",
      'bin/sudo':
        '#!/usr/bin/env python3\nimport time, getpass\ntime.sleep(0.4)\ngetpass.getpass("[sudo] password for ada: ")\nprint("granted")\n',
      'bin/vault': '#!/bin/bash\nsleep 0.3\nread -rsp "Passphrase: " p\necho\necho open\n',
    },
    type: (s) =>
      s
        .line('echo ready')
        .text('sudo true')
        .press(KEYS.enter, 'enter')
        .silent('winter')
        .press('9', 'command')
        .press('9', 'command')
        .silent('summer')
        .wait(KEYS.enter)
        .text('vault')
        .press(KEYS.enter, 'enter')
        .silent('yellow')
        .press('7', 'thought')
        .silent('pebble')
        .wait(KEYS.enter)
        .line('echo finished'),
    heldOut: true,
  },
  {
    name: 'tmux-bash',
    program: 'tmux',
    command: ['tmux', '-L', 'rove-recording', '-f', 'tmux.conf', 'new-session', 'bash --noprofile --rcfile .bashrc -i'],
    files: {
      ...BASH_FILES,
      '.bashrc': "HISTFILE=\nPS1='lab$ '\n",
      'tmux.conf':
        "set -g status-right ''\nset -g status-left '[lab] '\nset -g default-terminal screen-256color\nset -g set-titles off\nset -s exit-empty on\nset -g destroy-unattached on\n",
    },
    type: (s) => commands(s.line('echo hello tmux').line('uptime | wc -l')),
  },
  {
    name: 'tmux-split',
    program: 'tmux',
    command: [
      'tmux',
      '-L',
      'rove-recording-2',
      '-f',
      'tmux.conf',
      'new-session',
      'bash --noprofile --rcfile .bashrc -i',
    ],
    files: {
      ...BASH_FILES,
      '.bashrc': "HISTFILE=\nPS1='lab$ '\n",
      'tmux.conf':
        "set -g status-right ''\nset -g status-left '[lab] '\nset -g default-command 'bash --noprofile --rcfile .bashrc -i'\nset -g destroy-unattached on\n",
    },
    type: (s) =>
      s
        .line('echo left pane')
        .wait('\x02%', 'command')
        .line('echo right pane')
        .line('cat notes.txt')
        .text('echo insrt')
        .press(KEYS.left, 'correction', 2)
        .text('e')
        .wait(KEYS.enter)
        .wait('\x02o', 'command')
        .line('ls -1')
        .text('echo back agan')
        .press(KEYS.left, 'correction', 1)
        .text('i')
        .wait(KEYS.enter),
    heldOut: true,
  },
  {
    name: 'tmux-panes',
    program: 'tmux',
    command: [
      'tmux',
      '-L',
      'rove-recording-3',
      '-f',
      'tmux.conf',
      'new-session',
      'bash --noprofile --rcfile .bashrc -i',
    ],
    files: {
      ...BASH_FILES,
      '.bashrc': "HISTFILE=\nPS1='\\[\\e[32m\\]ada\\[\\e[0m\\] \\$ '\n",
      'tmux.conf':
        "set -g status-right ''\nset -g status-left '[lab] '\nset -g default-command 'bash --noprofile --rcfile .bashrc -i'\nset -g destroy-unattached on\n",
    },
    type: (s) =>
      s
        .line('echo one pane')
        .wait('\x02"', 'command')
        .line('echo the lower one')
        .text('cat nots.txt')
        .press(KEYS.left, 'correction', 5)
        .text('e')
        .wait(KEYS.enter)
        .wait('\x02%', 'command')
        .line('ls src')
        .text('wc -l notes')
        .press(KEYS.home)
        .text('time ')
        .press(KEYS.end)
        .text('.txt')
        .wait(KEYS.enter)
        .wait('\x02;', 'command')
        .line('echo long enough to wrap in the narrow pane')
        .text('echo some wrong words')
        .press('\x17')
        .press('\x17')
        .text('right ones')
        .wait(KEYS.enter)
        .wait('\x02\x1b[A', 'command')
        .line('seq 3'),
  },
  {
    name: 'vim-notes',
    program: 'vim',
    command: [...VIM, 'todo.md'],
    files: {
      'todo.md': '# today\n\n- buy bread\n  - rye\n- write to ada\n- sleep\n',
      'vim.rc': `${VIM_RC}set autoindent ruler number hlsearch incsearch\n`,
    },
    type: (s) =>
      s
        .press('G', 'command')
        .press('o', 'command')
        .text('- call the ')
        .text('harbor office')
        .press(KEYS.enter)
        .text('  - before ten')
        .press(KEYS.enter)
        .text('- and the mill')
        .wait(KEYS.esc)
        .press('gg', 'command')
        .press('/', 'command')
        .text('rye')
        .wait(KEYS.enter)
        .press('c', 'command')
        .press('w', 'command')
        .text('wheat')
        .wait(KEYS.esc)
        .wait('O', 'command')
        .text('- two of them')
        .press(KEYS.backspace, 'correction', 4)
        .text('these')
        .wait(KEYS.esc)
        .press('j', 'command', 2)
        .press('I', 'command')
        .text('soon ')
        .press(KEYS.right, 'correction', 2)
        .text('er')
        .wait(KEYS.esc)
        .press('d', 'command', 2)
        .press('u', 'command')
        .press('x', 'command', 2),
  },
  {
    name: 'vim-python',
    program: 'vim',
    command: [...VIM, 'tool.py'],
    files: {
      'tool.py': 'import sys\n\n\ndef main():\n    print(sys.argv)\n\n\nmain()\n',
      'vim.rc': `${VIM_RC}set ruler autoindent laststatus=2 expandtab shiftwidth=4\nsyntax on\n`,
    },
    type: (s) =>
      s
        .press('4j', 'command')
        .press('o', 'command')
        .text('count = 0')
        .press(KEYS.enter)
        .text('for name in sys.argv[1:]:')
        .press(KEYS.enter)
        .text('    count += len(name)')
        .press(KEYS.enter)
        .press(KEYS.backspace, 'correction', 4)
        .text('return count')
        .wait(KEYS.esc)
        .press('k', 'command')
        .press('A', 'command')
        .text('  # all')
        .wait(KEYS.esc)
        .press('gg', 'command')
        .press('o', 'command')
        .text('import os')
        .press(KEYS.enter)
        .text('import re')
        .wait(KEYS.esc)
        .press('dd', 'command')
        .press('p', 'command')
        .press('i', 'command')
        .text('# ')
        .wait(KEYS.esc),
  },
  {
    name: 'sqlite-prompt',
    program: 'sqlite',
    command: ['sqlite3', '-interactive'],
    type: (s) =>
      s
        .line('create table t (a, b);')
        .line("insert into t values (1, 'one');")
        .text('selct * from t;')
        .press(KEYS.left, 'correction', 11)
        .text('e')
        .wait(KEYS.enter)
        .line('select count(*)')
        .line('from t;')
        .wait(KEYS.up, 'command')
        .wait(KEYS.enter)
        .line('.tables'),
  },
  {
    name: 'gdb-prompt',
    program: 'gdb',
    command: ['gdb', '-q', '-nx', '-ex', 'set confirm off', '-ex', 'set history size 0'],
    type: (s) =>
      s
        .line('print 6 * 7')
        .line('set $x = 12')
        .line('print $x + 1')
        .text('info brekpoints')
        .press(KEYS.left, 'correction', 8)
        .text('a')
        .wait(KEYS.enter)
        .line('show version')
        .wait('q')
        .line('echo done'),
  },
];
