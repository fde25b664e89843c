/** The user's terminal, as a real one: the program runs on a pty, under a shell that looks at the terminal's settings before and after. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Pty } from '../../server/pty.ts';

let directory = '';
let program = '';

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rove-tty-'));
  program = join(directory, 'program.mjs');
  const contents = `
    import { existsSync } from 'node:fs';
    import { Tty } from './client/tty.ts';
    const tty = new Tty();
    const way = process.argv[2];
    let resizes = '';
    process.on('exit', () => tty.close());
    tty.open({
      onInput: (bytes) => {
        if (way === 'busy') {
          tty.write(new TextEncoder().encode(resizes + JSON.stringify(tty.size) + bytes));
          tty.close();
          process.exit(0);
        }
        if (way === 'echo') { tty.write(bytes); tty.close(); process.exit(0); }
        if (way === 'exit') process.exit(3);
        if (way === 'throw') throw new Error('on purpose');
        if (way === 'flood') {
          if (tty.write(new Uint8Array(4 * 1024 * 1024).fill(0x2e))) process.exit(9);
        }
      },
      onResize: () => {
        resizes += 'resized ';
        if (way === 'busy') return;
        tty.write(new TextEncoder().encode(JSON.stringify(tty.size))); tty.close(); process.exit(0);
      },
      onDrain: () => { tty.close(); process.exit(0); },
      onLost: () => process.exit(8),
      parting: () => new TextEncoder().encode('\\x1b[?1049l\\x1b[?25h'),
    });
    tty.write(new TextEncoder().encode('\\x1b[?1049hready'));
    const nap = new Int32Array(new SharedArrayBuffer(4));
    for (let i = 0; way === 'busy' && i < 1000 && !existsSync(process.argv[1] + '.free'); i++) Atomics.wait(nap, 0, 0, 5);
  `;
  await build({
    stdin: { contents, resolveDir: join(import.meta.dirname, '..', '..'), loader: 'ts' },
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Run {
  readonly output: string;
  readonly code: number;
}

/** Runs the program `way` between two looks at the settings; `react` is called when it is ready. */
function run(way: string, react: (pty: Pty) => void): Promise<Run> {
  return new Promise((resolve) => {
    let output = '';
    let ready = false;
    const pty = new Pty({
      file: '/bin/sh',
      args: ['-c', 'stty -g; "$0" "$1" "$2"; code=$?; echo; stty -g; exit $code', process.execPath, program, way],
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', TERM: 'xterm-256color' },
      cwd: '/',
      cols: 80,
      rows: 24,
      onOutput: (bytes) => {
        output += Buffer.from(bytes).toString('latin1');
        if (!ready && output.includes('ready')) {
          ready = true;
          react(pty);
        }
        return true;
      },
      onRoom: () => undefined,
      onExit: ({ code }) => resolve({ output, code }),
    });
  });
}

/** Whether the settings after the program are those before it, and its last words are those that were to part with. */
function expectRestored({ output }: Run): void {
  const lines = output.split(/\r?\n/);
  expect(lines[0]).toMatch(/^[0-9a-f:]+$/);
  expect(lines.findLast((line) => line !== '')).toBe(lines[0]);
  expect(output.lastIndexOf('\x1b[?1049l')).toBeGreaterThan(output.lastIndexOf('\x1b[?1049h'));
  expect(output.lastIndexOf('\x1b[?25h')).toBeGreaterThan(output.lastIndexOf('\x1b[?1049h'));
}

describe('Tty', () => {
  test('gives each key at once and unechoed, and the terminal back as it was', async () => {
    const ran = await run('echo', (pty) => pty.write(Uint8Array.of(0x03)));
    expect(ran.code).toBe(0);
    expect(ran.output).toContain('\x03');
    expectRestored(ran);
  });

  test('gives the terminal back when the program exits without a word', async () => {
    const ran = await run('exit', (pty) => pty.write(Uint8Array.of(0x78)));
    expect(ran.code).toBe(3);
    expectRestored(ran);
  });

  test('gives the terminal back when the program throws', async () => {
    const ran = await run('throw', (pty) => pty.write(Uint8Array.of(0x78)));
    expect(ran.code).not.toBe(0);
    expectRestored(ran);
  });

  test('does not block on a terminal that is slow, and loses nothing of what it was given', async () => {
    const ran = await run('flood', (pty) => pty.write(Uint8Array.of(0x78)));
    expect(ran.code).toBe(0);
    expect(ran.output.match(/\.+/g)?.reduce((longest, dots) => Math.max(longest, dots.length), 0)).toBe(
      4 * 1024 * 1024,
    );
    expectRestored(ran);
  });

  test('says when the window has another size', async () => {
    const ran = await run('resize', (pty) => pty.resize(33, 11));
    expect(ran.output).toContain('{"cols":33,"rows":11}');
    expectRestored(ran);
  });

  test.each([
    ['the new size', [[33, 11]], '{"cols":33,"rows":11}'],
    [
      'a size that is the one before',
      [
        [33, 11],
        [80, 24],
      ],
      '{"cols":80,"rows":24}',
    ],
  ] as const)('tells of %s before the keys that were typed after it, however late it looks', async (_, sizes, last) => {
    rmSync(`${program}.free`, { force: true });
    const ran = await run('busy', (pty) => {
      for (const [cols, rows] of sizes) pty.resize(cols, rows);
      pty.write(Uint8Array.of(0x78));
      writeFileSync(`${program}.free`, '');
    });
    expect(ran.output).toContain(`resized ${last}x`);
    expectRestored(ran);
  });
});
