/**
 * Programs that draw in every way there is, under tmux directly and at the end of a session in tmux: tmux must show the same cells. What a
 * clock or a load meter decides is shown from a recording, the same for both.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { Lab } from '../../bench/lab/lab.ts';
import { symmetric } from '../../bench/link/link.ts';
import { recordedStreams } from '../../bench/streams.ts';
import { SideBySide } from './side-by-side.ts';
import { MISSING, SUBJECT } from './subject.ts';
import { tmuxMissing } from './tmux-pane.ts';

const WHY_NOT = MISSING ?? tmuxMissing();
const LINK = symmetric(20);
const CODE = Array.from(
  { length: 120 },
  (_, i) => `int row_${i} = ${i * i}; /* speling ${'x'.repeat(i % 90)} */ char *s = "text";`,
).join('\n');

/** The prompt again, on the last row that is not empty. */
const DONE = /^lab\$\s*$(?!\n*\S)/m;

/** The screens of vttest, by menu and page, that tmux 3.3 gets wrong, and xterm and rove do not. */
const NOT_ON_TMUX: Readonly<Record<string, string>> = {
  '1.2':
    'it wraps where a backspace should have kept it from that; and CSI ?3l clears its screen, as it does where 132 columns are allowed',
  '1.3': 'the same',
  '2.10': 'its origin mode has no margins when the last row is addressed',
  '2.14': 'it does not save character sets with the cursor',
};
/** Most that a program writes between clearing the screen and leaving it. */
const FAREWELL_BYTES = 200;

let lab: Lab;

/** A test of a program; skipped, with the reason in its name, where the program is not. */
function program(name: string, title: string, drive: (pair: SideBySide, home: string) => Promise<void>): void {
  const missing = has(name);
  test.skipIf(missing !== undefined)(
    `${name}: ${title}${missing === undefined ? '' : ` (skipped: ${missing})`}`,
    async () => {
      const pair = await SideBySide.open(lab, `pair-${++count}`);
      try {
        await drive(pair, lab.serverHome);
      } finally {
        await pair.close();
      }
    },
  );
}
let count = 0;

/** Why there can be no test of a program; undefined when there can. */
function has(name: string): string | undefined {
  return WHY_NOT ?? (spawnSync('sh', ['-c', `command -v ${name}`]).status === 0 ? undefined : `no ${name}`);
}

describe.skipIf(WHY_NOT !== undefined).concurrent(`side by side in tmux, ${SUBJECT.name}`, () => {
  beforeAll(async () => {
    lab = await Lab.open({ link: LINK });
    writeFileSync(join(lab.serverHome, 'code.c'), `${CODE}\n`);
  });

  afterAll(async () => {
    await lab.close();
  });

  program('ls', 'colours, wrapped lines, and what scrolls off', async (pair, home) => {
    mkdirSync(join(home, 'listed/folder'), { recursive: true });
    for (let i = 0; i < 60; i++)
      writeFileSync(join(home, `listed/file-${i}.tar`), '', { mode: i % 3 === 0 ? 0o755 : 0o644 });
    await pair.step('ls --color -C listed\r', /file-9/);
    await pair.step('clear; echo mark; ls --color -1 listed; seq -s" " 1 300; seq 1 100\r', /^100$/m);
    await pair.compareScrollback('mark');
  });

  program(
    'seq',
    'every line once and in order in the scrollback, through changes of size and programs',
    async (pair) => {
      await pair.step('clear; echo mark; seq 1 100\r', /^100$/m);
      for (const [cols, rows] of [
        [80, 30],
        [80, 15],
        [60, 24],
        [80, 24],
      ] as const) {
        await pair.resizeShell(cols, rows);
      }
      await pair.type('seq 101 200\r', /^200$/m);
      // Lines that are still on their way when the alternate screen is resized come after rows that the terminal itself moves there.
      await pair.compareScrollback('mark');
      await pair.type('vim -u NONE -N\r', /^~$/m);
      await pair.resize(80, 20, /^~$/m);
      await pair.type(':q!\r', DONE);
      await pair.resizeShell(80, 24);
      await pair.compareScrollback('mark');
      await pair.type('seq 1000 4000\r', /^4000$/m);
      await pair.compareScrollback('mark');
    },
  );

  program('git', 'a coloured graph', async (pair, home) => {
    const git = (...words: string[]): void => {
      const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'init.defaultBranch=main'];
      spawnSync('git', [...identity, ...words], { cwd: join(home, 'repository'), env: { ...process.env, HOME: home } });
    };
    mkdirSync(join(home, 'repository'));
    git('init', '-q');
    for (let i = 0; i < 12; i++) {
      if (i === 5) git('checkout', '-q', '-b', 'side');
      if (i === 9) git('checkout', '-q', 'main');
      git('commit', '-q', '--allow-empty', '-m', `change ${i} — ä漢`, '--date=2026-01-01T00:00:00Z');
    }
    git('merge', '-q', '--no-edit', 'side');
    await pair.step('cd repository; git --no-pager log --graph --color --oneline --decorate --all\r', /change 0/);
    await pair.step('git log --graph --color\r', /:$/m);
    await pair.step(' j', /:$/m);
    await pair.step('q', DONE);
  });

  program('cat', 'emoji, CJK, combining marks and every attribute', async (pair, home) => {
    writeFileSync(join(home, 'sampler.txt'), SAMPLER);
    await pair.step('clear; cat sampler.txt\r', /the end/);
    await pair.step('clear; cat sampler.txt; tail -n +3 sampler.txt; seq 3\r', /^3$/m);
  });

  for (const [name, expected] of [
    ['htop', /Load average/],
    ['top', /%Cpu/],
    ['build', /over/],
    ['tmux', /[│─]/],
  ] as const) {
    const stream = recordedStreams().find((recorded) => recorded.name === name && recorded.cols === 80);
    if (stream === undefined) throw new Error(`there is no recording of ${name}`);
    program('cat', `a recording of ${name}`, async (pair, home) => {
      writeFileSync(join(home, `${name}.bin`), beforeItsEnd(stream.bytes));
      await pair.step(`stty -echo -onlcr; clear; cat ${name}.bin; printf '\\e[20;60Hover'\r`, expected);
    });
  }

  program('btop', 'a recording made now', async (pair, home) => {
    const typescript = join(home, 'btop.bin');
    spawnSync(
      'script',
      ['-q', '-c', 'stty rows 24 cols 80; timeout --foreground -s INT 2 btop --utf-force', typescript],
      {
        env: { PATH: process.env.PATH, HOME: home, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
        stdio: ['ignore', 'ignore', 'ignore'],
        timeout: 10_000,
      },
    );
    const recorded = readFileSync(typescript);
    // The first line is not the program's.
    writeFileSync(typescript, beforeItsEnd(recorded.subarray(recorded.indexOf('\n') + 1)));
    await pair.step("stty -echo -onlcr; clear; cat btop.bin; printf '\\e[20;60Hover'\r", /cpu/);
  });

  program('vim', 'colours, spelling, windows, scrolling and another size', async (pair) => {
    await pair.step("vim -n -u NONE -N -i NONE '+syntax on' '+set spell termguicolors' code.c\r", /row_0/);
    await pair.step('/row_77\r', /row_77/);
    await pair.step('Oabc\x1b[Ddef\x1b', /abdefc/);
    await pair.step('\x06\x06\x02', /row_/);
    await pair.step(':vsplit\rgg', /row_0/);
    await pair.resize(100, 30, /row_0/);
    await pair.resize(70, 20, /row_0/);
    await pair.step('\x17lG', /row_119/);
    await pair.resize(80, 24, /row_119/);
    await pair.leave(':qa!\r');
  });

  program('nvim', 'colours, spelling, windows and another size', async (pair) => {
    await pair.step("nvim --clean -n '+set spell' code.c\r", /row_0/);
    await pair.step('/row_77\r', /row_77/);
    await pair.step('Oabc\x1bOdef\x1b', /def/);
    await pair.step('\x06\x06\x02', /row_/);
    await pair.step(':vsplit\rgg', /row_0/);
    await pair.resize(100, 30, /row_0/);
    await pair.leave(':qa!\r');
  });

  program('emacs', 'windows, menus and searching', async (pair) => {
    await pair.step('emacs -nw -Q code.c\r', /row_0/);
    await pair.step('\x13row_77\r', /row_77/);
    await pair.step('\x18\x32', /row_77/);
    await pair.step('\x1bx', /M-x/);
    await pair.step('\x07\x1b>', /row_119/);
    await pair.step('\x18\x03', DONE);
  });

  program('less', 'paging, searching and the end', async (pair, home) => {
    const lines = Array.from(
      { length: 300 },
      (_, i) => `\x1b[3${i % 8};4${(i + 3) % 8}mline ${i}\x1b[0m ${'漢'.repeat(i % 50)}`,
    );
    writeFileSync(join(home, 'long.txt'), `${lines.join('\n')}\n`);
    await pair.step('less -R long.txt\r', /line 0/);
    await pair.step(' j', /line 2\d/);
    await pair.step('/line 200\r', /line 200/);
    await pair.step('kkk', /line 199/);
    await pair.step('G', /\(END\)/);
    await pair.step('q', DONE);
  });

  program('mc', 'panels, a menu and the viewer', async (pair) => {
    await pair.step('mc -u --nosubshell . /etc/ssh\r', /Quit/);
    // The other panel, a menu and what is under it, and out of both.
    for (const key of ['\t', '\x1b[20~', '\r', '\x1b[21~']) await pair.patientStep(key, true);
    await pair.step('\x1b[21~', DONE);
  });

  program('tmux', 'panes within', async (pair, home) => {
    writeFileSync(
      join(home, 'inner.conf'),
      `set -g status-right ''\nset -g default-command "bash --rcfile $HOME/.pane"\n`,
    );
    await pair.step('tmux -S ./inner-$(($$ % 7919)) -f inner.conf new -s work\r', /0:bash/);
    await pair.step('\x02%', /│/);
    await pair.step('\x02"seq 1 50\r', /│50$/m);
    await pair.step('\x02\x1b[Dseq 1 60\r', /^60 +│/m);
    await pair.step('\x02c', /1:bash\*/);
    await pair.step('\x020', /0:bash\*/);
    await pair.step('\x02:', /^:$/m);
    await pair.step('kill-server\r', /exited/);
  });

  program('fzf', 'filtering', async (pair) => {
    await pair.step('seq 1 500 | fzf --multi\r', /500\/500/);
    await pair.step('42', /23\/500/);
    await pair.step('\x1b[A\t', /\(1\)/);
    await pair.step('\x1b', DONE);
    await pair.step('clear; seq 1 500 | fzf --height 40% --reverse --border\r', /500\/500/);
    await pair.step('\x1b', DONE);
  });

  program('python3', 'a prompt with lines of code', async (pair) => {
    await pair.step('python3 -q\r', />>>$/m);
    await pair.step('for i in range(30): print("\\x1b[3%dm漢%d\\x1b[m" % (i % 8, i))\r\r', /29/);
    await pair.step('\x1b[A\x1b[A', />>> for/);
    await pair.step('\x03', /KeyboardInterrupt/);
    await pair.step('\x04', DONE);
  });

  program('vttest', 'cursor movements and screen features', async (pair) => {
    await pair.patientStep('vttest 24x80.80\r', true);
    for (const [menu, pages] of [
      [1, 6],
      [2, 15],
    ] as const) {
      for (let page = 0; page <= pages; page++) {
        const name = page === pages ? 'menu' : `${menu}.${page}`;
        await pair.patientStep(page === 0 ? `${menu}\r` : '\r', !(name in NOT_ON_TMUX));
      }
    }
  });
});

/** What a program wrote until it cleared and left the alternate screen, if it did. */
function beforeItsEnd(bytes: Uint8Array): Uint8Array {
  const output = Buffer.from(bytes);
  const end = output.lastIndexOf('\x1b[?1049l');
  if (end < 0) return bytes;
  const cleared = output.lastIndexOf('\x1b[2J', end);
  return bytes.subarray(0, end - cleared < FAREWELL_BYTES ? cleared : end);
}

const SAMPLER = [
  '漢字 かな 한글 ｆｕｌｌ e\u0301 o\u0302\u0323 か\u3099 ก็ \u0627\u0644',
  '😀 👍🏽 👩\u200d🚀 🏳\ufe0f\u200d🌈 🇩🇪🇯🇵 1\ufe0f\u20e3',
  '❤\ufe0f ☺ ✔ ☺\ufe0f',
  ...[0, 1, 2, 3, 4, 5, 7, 8, 9, 21, 53].map((n) => `\x1b[${n}mSGR ${n}\x1b[m after`),
  ...[1, 2, 3, 4, 5].map((n) => `\x1b[4:${n};58:2::200:${n * 40}:10munderline ${n}\x1b[m`),
  Array.from({ length: 16 }, (_, i) => `\x1b[48;5;${i * 16}m\x1b[38;2;${i * 16};200;${255 - i * 16}m ${i} `).join('') +
    '\x1b[m',
  'the end',
  '',
].join('\n');
