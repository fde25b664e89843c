/** The pty against real programs: nothing lost at the exit, nothing lost of a paste, sizes, statuses, descriptors. */

import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { exitStatus, Pty, type PtyExit, signalName } from '../../server/pty.ts';

const ENV = { PATH: '/usr/local/bin:/usr/bin:/bin', TERM: 'xterm-256color', HOME: '/tmp', LC_ALL: 'C' };

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

class Program {
  readonly pty: Pty;
  readonly exit: Promise<PtyExit>;
  /** Whether to go on reading. */
  reading = true;
  #chunks: Uint8Array[] = [];
  #waiting: { text: string; done: () => void }[] = [];
  #room: (() => void) | undefined;

  constructor(script: string, size = { cols: 80, rows: 24 }) {
    const exit = deferred<PtyExit>();
    this.exit = exit.promise;
    this.pty = new Pty({
      file: '/bin/sh',
      args: ['-c', script],
      env: ENV,
      cwd: '/tmp',
      ...size,
      onOutput: (bytes) => {
        this.#chunks.push(bytes.slice());
        for (const { text, done } of this.#waiting) if (this.text.includes(text)) done();
        return this.reading;
      },
      onRoom: () => this.#room?.(),
      onExit: exit.resolve,
    });
    programs.push(this);
  }

  get output(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.output.toString('utf8');
  }

  async until(text: string): Promise<void> {
    if (this.text.includes(text)) return;
    await new Promise<void>((done) => this.#waiting.push({ text, done }));
  }

  /** Writes all of `bytes`, as fast as there is room. */
  async paste(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const room = this.pty.room;
      if (room === 0) {
        await new Promise<void>((resolve) => {
          this.#room = resolve;
        });
        continue;
      }
      this.pty.write(bytes.subarray(at, at + room));
      at += room;
    }
  }
}

let programs: Program[] = [];

afterEach(async () => {
  for (const { pty } of programs) pty.kill();
  await Promise.all(programs.map(({ exit }) => exit));
  programs = [];
});

describe('output at the exit', () => {
  for (const [length, runs] of [
    [1_000, 15],
    [20_000, 15],
    [100_000, 10],
    [1_000_000, 5],
  ] as const) {
    test(`${length} bytes printed just before the exit arrive whole, ${runs} times`, async () => {
      for (let run = 0; run < runs; run++) {
        const program = new Program(`head -c ${length} /dev/zero | tr '\\0' x; printf END`);
        await program.exit;
        expect(program.output.length).toBe(length + 3);
        expect(program.text.endsWith('xEND')).toBe(true);
      }
    });
  }

  test('what was printed while the reading was stopped arrives with the exit', async () => {
    const program = new Program('printf begin; head -c 3000 /dev/zero | tr "\\0" x; printf END');
    program.reading = false;
    await program.exit;
    expect(program.output.length).toBe('begin'.length + 3_000 + 'END'.length);
  });

  test('a program left in the background does not keep the exit from being seen', async () => {
    const program = new Program('trap "" HUP; sleep 30 & echo $!; exit 3');
    expect(await program.exit).toEqual({ code: 3, signal: 0 });
    process.kill(Number.parseInt(program.text, 10), 'SIGKILL');
  });
});

describe('back-pressure', () => {
  test('a flood stops while nobody reads, and goes on with resume', async () => {
    const program = new Program('yes');
    program.reading = false;
    await program.until('y');
    const stopped = program.output.length;
    await new Program('exit 0').exit;
    expect(program.output.length).toBe(stopped);
    program.reading = true;
    program.pty.resume();
    while (program.output.length < stopped + 1_000_000) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('input', () => {
  test('2 MB written to a program that starts to read late arrive whole, and the loop goes on meanwhile', async () => {
    const paste = Buffer.alloc(2_000_000, 'The quick brown fox jumps over the lazy dog. ');
    const program = new Program(
      `stty raw -echo; echo ready; read -r go < /dev/null; sleep 0.3; head -c ${paste.length} | sha256sum`,
    );
    await program.until('ready');
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    await program.paste(paste);
    clearInterval(turning);
    await program.exit;
    expect(program.text).toContain(createHash('sha256').update(paste).digest('hex'));
    expect(turns).toBeGreaterThan(20);
  });

  test('there is no room while the program does not read', async () => {
    const program = new Program('stty raw -echo; echo ready; exec sleep 30');
    await program.until('ready');
    for (let i = 0; i < 1_000 && program.pty.room > 0; i++) program.pty.write(new Uint8Array(program.pty.room));
    expect(program.pty.room).toBe(0);
  });
});

describe('the terminal', () => {
  test('a resize is seen by the program', async () => {
    const program = new Program('trap "stty size; exit" WINCH; stty size; while :; do sleep 0.01; done', {
      cols: 80,
      rows: 24,
    });
    await program.until('24 80');
    program.pty.resize(132, 50);
    await program.exit;
    expect(program.text).toContain('50 132');
  });

  test('the program leads its own session on a terminal of its own, in its directory and environment', async () => {
    const program = new Program('tty; pwd; echo "$TERM"; env | grep -c .; ps -o pid=,sid= -p $$');
    await program.exit;
    const lines = program.text.trim().split('\r\n');
    expect(lines[0]).toMatch(/^\/dev\/pts\/\d+$/);
    expect(lines.slice(1, 3)).toEqual(['/tmp', 'xterm-256color']);
    expect(lines[4]?.trim().split(/ +/)).toEqual([String(program.pty.pid), String(program.pty.pid)]);
  });

  test('a second program inherits nothing of the first one', async () => {
    const first = new Program('echo ready; exec sleep 30');
    await first.until('ready');
    const second = new Program('ls -l /proc/self/fd');
    await second.exit;
    expect(second.text).toContain('/dev/pts/');
    expect(second.text).not.toContain('ptmx');
  });

  test('signals are not blocked or ignored in the program', async () => {
    const program = new Program('grep -E "SigBlk|SigIgn" /proc/self/status');
    await program.exit;
    expect(program.text).toBe('SigBlk:\t0000000000000000\r\nSigIgn:\t0000000000000000\r\n');
  });
});

describe('the end', () => {
  test('exit codes are handed over', async () => {
    for (const code of [0, 1, 42, 255]) expect(await new Program(`exit ${code}`).exit).toEqual({ code, signal: 0 });
  });

  test('a signal is handed over, and makes the status that shells give', async () => {
    const exit = await new Program('kill -TERM $$').exit;
    expect(exit.signal).toBe(15);
    expect(exitStatus(exit)).toBe(143);
    expect(signalName(15)).toBe('SIGTERM');
  });

  test('a program that cannot be started ends with a status and says why', async () => {
    const exit = deferred<PtyExit>();
    let said = '';
    new Pty({
      file: '/nonexistent/shell',
      args: [],
      env: ENV,
      cwd: '/tmp',
      cols: 80,
      rows: 24,
      onOutput: (bytes) => {
        said += Buffer.from(bytes).toString();
        return true;
      },
      onRoom: () => {},
      onExit: exit.resolve,
    });
    expect((await exit.promise).code).not.toBe(0);
    expect(said).toContain('No such file or directory');
  });

  test('kill ends a program by SIGHUP', async () => {
    const program = new Program('echo ready; exec sleep 30');
    await program.until('ready');
    program.pty.kill();
    expect((await program.exit).signal).toBe(1);
  });

  test('kill ends a program that has only just been started', async () => {
    for (let run = 0; run < 20; run++) {
      const program = new Program('exec sleep 30');
      program.pty.kill(30_000);
      expect((await program.exit).signal).toBe(1);
    }
  });

  test('kill ends one that ignores SIGHUP, after its grace', async () => {
    const program = new Program('trap "" HUP; echo ready; while :; do sleep 30; done');
    await program.until('ready');
    program.pty.kill(50);
    expect((await program.exit).signal).toBe(9);
  });

  test('writing, resizing and killing after the end do nothing', async () => {
    const program = new Program('exit 0');
    await program.exit;
    program.pty.write(new Uint8Array([1]));
    program.pty.resize(10, 10);
    program.pty.kill();
    program.pty.close();
    expect(program.pty.room).toBe(0);
  });
});
