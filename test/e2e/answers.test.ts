/**
 * What the client asks the terminal when a session begins, in real terminals: nothing of it stays to be seen, and of the answers nothing is typed. One of
 * them is xterm.js, which answers nearly all of it; the other is tmux, which answers little.
 */

import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { PROMPT } from '../../bench/lab/lab.ts';
import { symmetric } from '../../bench/link/link.ts';
import { MISSING, SUBJECT, titled, withLab } from './subject.ts';

const LINK = symmetric(20);

describe.skipIf(MISSING !== undefined || SUBJECT.name !== 'rove')(titled('the questions to the terminal'), () => {
  test.each([
    ['xterm.js', []],
    ['tmux', ['tmux', '-L', `rove-${process.pid}`, '-f', '/dev/null', 'new-session']],
  ])('leave no trace in %s, and their answers none in the shell', async (name, around) => {
    await withLab({ link: LINK }, async (lab) => {
      const words = SUBJECT.commandLine(lab);
      const command = around.length === 0 ? words : [...around, quoted(words)];
      const terminal = lab.start(['sh', '-c', `echo before; exec ${quoted(command)}`]);
      try {
        await terminal.waitFor(PROMPT.trimEnd(), 20_000);
        terminal.type('cat -v\r');
        await terminal.waitFor('cat -v');
        terminal.type('typed\r');
        await terminal.waitFor(/^typed\ntyped$/m);
        expect(textOf(terminal.rows().slice(0, name === 'tmux' ? -1 : undefined))).toBe(
          `${PROMPT}cat -v\ntyped\ntyped`,
        );
        terminal.type('\x04');
        await terminal.waitFor(/^typed\nlab\$/m);
        terminal.type('exit 7\r');
        await terminal.exited;
        if (name === 'xterm.js') {
          expect(await terminal.exited).toBe(7);
          expect(textOf(terminal.history())).toMatch(/^before\nlab\$ cat -v\ntyped\ntyped\nlab\$ exit 7(\nlogout)?$/);
        }
      } finally {
        if (name === 'tmux') killServer(around);
      }
    });
  });
});

function textOf(rows: readonly string[]): string {
  return rows
    .map((row) => row.trimEnd())
    .join('\n')
    .trimEnd();
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

/** The server of this test's own socket, if it is there still. */
function killServer(words: readonly string[]): void {
  try {
    execFileSync('tmux', [...words.slice(1, 3), 'kill-server'], { stdio: 'ignore' });
  } catch {
    // It has ended with its session.
  }
}
