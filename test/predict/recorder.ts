/**
 * Records a program in a real pty while a script is typed into it: what was typed, printed and set on the terminal, with times. Nothing of
 * this machine may be in it: the environment is empty, the home a scratch folder, and a recording that names either is refused.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { equalTty, type TtyState } from '../../protocol/session/shell-state.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { Pty } from '../../server/pty.ts';
import type { RecordedEvent, Recording } from './recording.ts';
import type { ScriptedKey } from './script.ts';

export interface RecordedProgram {
  readonly name: string;
  /** For the table: what the session is of. */
  readonly program: string;
  readonly command: readonly string[];
  readonly cols?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Files in its home, names to contents; those of `bin/` are executable. */
  readonly files?: Readonly<Record<string, string>>;
  readonly heldOut: boolean;
  readonly keys: readonly ScriptedKey[];
}

/** How long the output is quiet before the user types after having waited, and how long for it at most. */
const QUIET_MS = 150;
const QUIET_MS_MAX = 6_000;
/** How often the terminal's modes are looked at. */
const LOOK_MS = 2;

/** Runs the program, types into it, and gives the recording. Throws when it would tell of this machine. */
export async function record(program: RecordedProgram): Promise<Recording> {
  const { name, command, cols = 80, rows = 24, files = {}, env = {} } = program;
  const home = mkdtempSync(join(tmpdir(), 'rove-recording-'));
  const events: RecordedEvent[] = [];
  const emulator = new Emulator({ cols, rows });
  const startedAt = performance.now();
  const elapsed = (): number => Math.round((performance.now() - startedAt) * 10) / 10;
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), contents, { mode: path.startsWith('bin/') ? 0o755 : 0o644 });
  }
  const [file = '', ...args] = command;
  let lastOutputAt = performance.now();
  let exited = false;
  let tty: TtyState | undefined;
  let look = (): void => {};
  const pty = new Pty({
    file,
    args,
    cwd: home,
    cols,
    rows,
    env: {
      PATH: `${join(home, 'bin')}:/usr/local/bin:/usr/bin:/bin`,
      HOME: home,
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      ...env,
    },
    onOutput: (bytes) => {
      look();
      lastOutputAt = performance.now();
      events.push({ at: elapsed(), output: Buffer.from(bytes).toString('latin1') });
      emulator.write(bytes);
      const replies = emulator.takeReplies();
      if (replies.length > 0) setImmediate(() => pty.write(replies));
      return true;
    },
    onRoom: () => {},
    onExit: () => {
      exited = true;
    },
  });
  look = () => {
    const found = pty.tty;
    if (found === undefined || equalTty(found, tty)) return;
    tty = found;
    events.push({ at: elapsed(), tty: [found.echo, found.canonical, found.program] });
  };
  const timer = setInterval(() => look(), LOOK_MS);
  const quiet = async (): Promise<void> => {
    const deadline = performance.now() + QUIET_MS_MAX;
    const since = performance.now();
    while (performance.now() < deadline && performance.now() - Math.max(lastOutputAt, since) < QUIET_MS) await sleep(5);
  };
  try {
    await quiet();
    for (const { keys, gapMs, waits, letter } of program.keys) {
      await sleep(gapMs);
      if (exited) throw new Error(`${name}: the program ended before the script did`);
      const bytes = Buffer.from(keys, 'utf8');
      events.push({
        at: elapsed(),
        keys: bytes.toString('latin1'),
        ...(waits ? { waits } : {}),
        ...(letter ? { letter } : {}),
      });
      pty.write(bytes);
      if (waits) await quiet();
    }
    await quiet();
  } finally {
    clearInterval(timer);
    pty.kill(200);
    for (let waited = 0; !exited && waited < 100; waited++) await sleep(10);
    rmSync(home, { recursive: true, force: true });
  }
  const said = JSON.stringify(events);
  for (const secret of [home, hostname(), userInfo().username, process.cwd()]) {
    if (said.includes(secret)) throw new Error(`${name}: the recording names ${secret}`);
  }
  return { name, head: { program: program.program, cols, rows, heldOut: program.heldOut }, events };
}
