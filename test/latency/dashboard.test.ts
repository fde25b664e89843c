/** The dashboard on a real terminal: a small run of made-up events, between a shell's two looks at the terminal's settings. */

import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ScreenTerminal } from '../../bench/lab/screen-terminal.ts';

const CONTENTS = `
  import process from 'node:process';
  import { hasDashboard, openDashboard } from './bench/latency/dashboard.ts';
  import { Progress } from './bench/latency/progress.ts';
  const way = process.argv[2];
  if (!hasDashboard()) { console.log('no terminal'); process.exit(4); }
  const now = () => performance.now();
  const progress = new Progress(now());
  const say = (event) => { progress.note(event); view.show(event, progress, now()); };
  let asked = 0;
  const view = await openDashboard(progress, now, () => {
    say({ kind: 'stopping' });
    if (++asked === 2) { view.close(); view.close(); console.log('the table'); process.exit(3); }
    if (way === 'throw') setTimeout(() => { throw new Error('on purpose'); }, 1);
  });
  say({ kind: 'begun', links: ['lan', 'lte'], shells: ['rove', 'ssh'], turnsPerLink: 4, timeMs: 60000 });
  say({ kind: 'link', name: 'lan', title: 'one {bold}room' });
  say({ kind: 'turn', shell: 'rove', repetition: 0 });
  say({ kind: 'work', name: 'vim' });
  say({ kind: 'key', key: { kind: 'letter', keys: 'x', atMs: 0, shownMs: 1.25 } });
  say({ kind: 'failure', why: 'no prompt, ' + 'and many words of why '.repeat(9) });
  say({ kind: 'turn-ended', promptMs: 300 });
  setInterval(() => {}, 1000);
`;

describe('the dashboard', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rove-dashboard-'));
  const program = join(directory, 'program.mjs');
  const blessed = pathToFileURL(createRequire(import.meta.url).resolve('blessed')).href;

  beforeAll(async () => {
    await build({
      stdin: { contents: CONTENTS, resolveDir: join(import.meta.dirname, '..', '..'), loader: 'ts' },
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
      plugins: [
        {
          name: 'blessed stays where it is',
          setup: (builder) => builder.onResolve({ filter: /^blessed$/ }, () => ({ path: blessed, external: true })),
        },
      ],
    });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** Runs it `way` and hands it to `look`, then gives the terminal after it. */
  async function run(way: string, size: { cols: number; rows: number }, look: (at: ScreenTerminal) => Promise<void>) {
    const script = 'echo before; stty -g; "$0" "$@"; echo "status $?"; stty -g; read rest';
    const terminal = new ScreenTerminal({ command: ['sh', '-c', script, process.execPath, program, way], ...size });
    try {
      await terminal.waitFor('q or Ctrl-C');
      await look(terminal);
      await terminal.waitFor(/status \d+\n\S+/);
      const rows = terminal.rows().filter((row) => row !== '');
      expect(terminal.isAlternate).toBe(false);
      // The settings before and after are the same line.
      expect(rows.filter((row) => row === rows[1])).toHaveLength(2);
      expect(terminal.modes.applicationCursorKeysMode).toBe(false);
      expect(terminal.modes.mouseTrackingMode).toBe('none');
      return rows;
    } finally {
      await terminal.close();
    }
  }

  for (const size of [
    { cols: 80, rows: 24 },
    { cols: 120, rows: 40 },
    { cols: 40, rows: 14 },
  ]) {
    test(`shows what is measured on ${size.cols}x${size.rows}, and gives the terminal back`, async () => {
      const after = await run('quit', size, async (terminal) => {
        await terminal.waitFor('12 %');
        const text = terminal.screenText();
        expect(text).toContain('lan  one (bold)room');
        expect(text).toContain('rove, repetition 1: vim');
        expect(text).toMatch(/^ rove +1 +1 +1\.25 +1\.25/m);
        expect(text).toContain('lan, rove, vim: no prompt');
        expect(terminal.isAlternate).toBe(true);
        terminal.type('q');
        await terminal.waitFor('stopping');
        terminal.type('\x03');
      });
      expect(after).toContain('the table');
      expect(after).toContain('status 3');
      expect(after.join('\n')).not.toContain('repetition');
    });
  }

  test('follows a change of size', async () => {
    await run('quit', { cols: 80, rows: 24 }, async (terminal) => {
      terminal.resize(100, 30);
      await terminal.waitFor((at) => at.rows()[29]?.includes('q or Ctrl-C') === true);
      terminal.type('qq');
    });
  });

  test('leaves an error where it can be read', async () => {
    const after = await run('throw', { cols: 80, rows: 24 }, async (terminal) => {
      terminal.type('q');
    });
    expect(after.join('\n')).toContain('Error: on purpose');
    expect(after).toContain('status 1');
  });

  test('is not for pipes', async () => {
    const command = ['sh', '-c', '"$0" "$1" | cat', process.execPath, program];
    const terminal = new ScreenTerminal({ command });
    await terminal.waitFor('no terminal');
    await terminal.close();
  });
});
