/**
 * What people run in a shell, in a session and beside it without a network: bash, vim, less, tmux and htop must look the same
 * and do the same.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Lab, PROMPT } from '../../bench/lab/lab.ts';
import { symmetric } from '../../bench/link/link.ts';
import { Mirror } from './mirror.ts';
import { MISSING, openSession, SUBJECT, titled, withLab } from './subject.ts';

const LINK = symmetric(20);
const EMPTY = new RegExp(`^${PROMPT.trimEnd().replace('$', '\\$')}\\n*$`);

describe.skipIf(MISSING !== undefined).concurrent(titled(`programs in ${SUBJECT.name}`), () => {
  test('bash: editing, history, completion, colours and clearing', async () => {
    await withMirror(async (mirror, lab) => {
      writeFileSync(join(lab.serverHome, 'completed-by-tab'), '');
      await mirror.step('echo one two', 'echo one two');
      await mirror.step('\x1b[D\x1b[D\x1b[Dand \x01\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C', 'echo one and two');
      await mirror.step('\x05 three\r', /^one and two three$/m);
      await mirror.step('\x1b[A\x1b[A', (terminal) => terminal.rows()[2]?.endsWith('three') === true);
      await mirror.step('\x03', /\^C\n/);
      await mirror.step('ls comple\t\r', /^completed-by-tab$/m);
      await mirror.step("printf '\\e[1;3;4;9;38;2;10;200;30;48;5;52m漢字 e\\u0301\\e[0m\\n'\r", /^漢字/m);
      await mirror.step('seq 1 100\r', /^100$/m);
      await mirror.step('\x12seq', 'reverse-i-search');
      await mirror.step('\x07\x15clear\r', EMPTY);
    });
  });

  test('vim: inserting, searching, undoing, splitting, resizing and writing', async () => {
    await withMirror(async (mirror, lab) => {
      const lines = Array.from(
        { length: 200 },
        (_, index) => `int row_${index} = ${index * index}; /* ${'x'.repeat(index % 90)} */`,
      );
      writeFileSync(join(lab.serverHome, 'code.c'), `${lines.join('\n')}\n`);
      writeFileSync(join(lab.serverHome, 'written.c'), 'to be overwritten');
      await mirror.step("vim -n -u NONE -N -i NONE '+syntax on' code.c\r", 'row_0');
      await mirror.step('/row_77\r', 'row_77');
      await mirror.step('Oabc\x1b[Ddef\x1b', 'abdefc');
      await mirror.step('yy20p', '20 more lines');
      // Silently: the message of an undo says how many seconds ago, and the two need not agree on that.
      await mirror.step(':silent undo\r', /^:silent undo *$/m);
      await mirror.step('\x06\x06\x02', 'row_');
      await mirror.step(':split\rgg', 'row_0');
      await mirror.resize(100, 30, 'row_0');
      await mirror.step('\x17jG', 'row_199');
      await mirror.step(':w! written.c\r', 'written');
      await mirror.step(':qa!\r', PROMPT.trimEnd());
      await mirror.step('clear\r', EMPTY);
      expect(readFileSync(join(lab.serverHome, 'written.c'), 'utf8').split('\n')[77]).toBe('abdefc');
    });
  });

  test('less: paging, searching and the end', async () => {
    await withMirror(async (mirror, lab) => {
      const lines = Array.from({ length: 500 }, (_, index) => `\x1b[3${index % 8}mline ${index}\x1b[0m`);
      writeFileSync(join(lab.serverHome, 'long.txt'), `${lines.join('\n')}\n`);
      await mirror.step('less -R long.txt\r', 'line 0');
      await mirror.step(' ', 'line 45');
      await mirror.step('j\x1bOB\x1bOB', 'line 48');
      await mirror.step('/line 300\r', /^line 300$/m);
      await mirror.step('kk', 'line 298');
      await mirror.step('G', /\(END\)$/m);
      await mirror.step('q', PROMPT.trimEnd());
      await mirror.step('clear\r', EMPTY);
    });
  });

  test('tmux: windows, panes, scrolling in one of them, and leaving', async () => {
    await withMirror(async (mirror, lab) => {
      writeFileSync(join(lab.serverHome, 'pane.rc'), "PS1='pane$ '\n");
      writeFileSync(
        join(lab.serverHome, 'tmux.conf'),
        "set -g status-right ''\nset -g default-command 'bash --rcfile ~/pane.rc'\n",
      );
      await mirror.step('TMUX_TMPDIR=$HOME tmux -L socket$MIRROR -f tmux.conf new -s work\r', /^pane\$$/m);
      await mirror.step('\x02%', /│pane\$/);
      await mirror.step('\x02"', /├─+$/m);
      await mirror.step('seq 1 50\r', /│50$/m);
      await mirror.step('\x02\x1b[D', /./);
      await mirror.step('echo left; seq 1 60\r', /^60 +│/m);
      await mirror.step('\x02c', /1:bash\*/);
      await mirror.step('\x020', /0:bash\*/);
      await mirror.step('\x02:', /^:$/m);
      await mirror.step('kill-server\r', '[server exited]');
      await mirror.step('clear\r', EMPTY);
    });
  });

  test('htop: it draws, answers and gives the screen back', async () => {
    await withLab({ link: LINK }, async (lab) => {
      const terminal = await openSession(lab);
      terminal.type('htop\r');
      await terminal.waitFor('Load average');
      await terminal.waitFor('F10');
      terminal.type('\x1bOP');
      await terminal.waitFor(/htop \d/);
      terminal.type('q');
      await terminal.waitFor('Load average');
      terminal.type('q');
      await terminal.waitFor(() => terminal.rows()[terminal.cursor.y]?.startsWith(PROMPT.trimEnd()) === true);
      terminal.type('clear\r');
      await terminal.waitFor(EMPTY);
    });
  });
});

async function withMirror(use: (mirror: Mirror, lab: Lab) => Promise<void>): Promise<void> {
  await withLab({ link: LINK }, async (lab) => {
    const mirror = await Mirror.of(lab, await openSession(lab));
    try {
      await use(mirror, lab);
    } finally {
      await mirror.close();
    }
  });
}
