/** `rove host command` beside `ssh host command`, on a real sshd: bytes, streams, statuses, signals and the ends of both. */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtProgram, isBuilt } from '../../bench/installation.ts';
import { noSshd, type Sshd, startSshd } from '../peers/sshd.ts';

const MISSING = noSshd ?? (isBuilt('rove') ? undefined : 'node build/ensure.mjs has not run');

interface Run {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

type Program = 'ssh' | 'rove';

let sshd: Sshd;

interface RunOptions {
  readonly input?: Uint8Array | 'open' | 'null';
  readonly env?: Readonly<Record<string, string>>;
  /** Called as soon as there is output. */
  readonly onOutput?: (child: ChildProcess) => void;
}

function run(program: Program, words: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { input = 'null', env = {}, onOutput } = options;
  const [file, ...first] = program === 'ssh' ? ['ssh'] : [process.execPath, builtProgram('rove')];
  const child = spawn(file, [...first, '-F', sshd.configFile, ...words], {
    stdio: [input === 'null' ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: sshd.directory, ...env },
  });
  if (typeof input !== 'string') child.stdin?.end(input);
  // A program that reads no more is no fault here.
  child.stdin?.on('error', () => undefined);
  const chunks: Buffer[] = [];
  let stderr = '';
  child.stdout?.on('data', (bytes: Buffer) => chunks.push(bytes));
  child.stderr?.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  child.stdout?.once('data', () => onOutput?.(child));
  return new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, stdout: Buffer.concat(chunks), stderr }));
  });
}

/** By both programs at once. */
async function both(words: readonly string[], options: RunOptions = {}): Promise<{ ssh: Run; rove: Run }> {
  const [ssh, rove] = await Promise.all([run('ssh', words, options), run('rove', words, options)]);
  return { ssh, rove };
}

describe.skipIf(MISSING !== undefined)(`a command over ssh${MISSING ? ` (skipped: ${MISSING})` : ''}`, () => {
  beforeAll(async () => {
    sshd = await startSshd({ config: ['AcceptEnv FOO*', 'Subsystem upper tr a-z A-Z'] });
  });
  afterAll(async () => {
    await sshd.stop();
  });

  it.each<[string, readonly string[], RunOptions]>([
    ['a status and two streams', ['peer', 'echo out; echo err >&2; exit 7'], {}],
    ['no terminal', ['peer', 'tty'], {}],
    ['a command that is ended by a signal', ['peer', 'echo x; kill -9 $$'], {}],
    ['a command that is not there', ['peer', 'no-such-command'], {}],
    ['input to its end', ['peer', 'cat; echo end'], { input: Buffer.from('a\r\nb\0c') }],
    ['input that nobody reads', ['peer', 'exit 3'], { input: randomBytes(3_000_000) }],
    ['input that never ends', ['peer', 'echo x; exit 4'], { input: 'open' }],
    ['no input with -n', ['-n', 'peer', 'cat; echo end'], { input: Buffer.from('lost') }],
    ['no output at all', ['peer', 'exec >&- 2>&-; sleep 0.1; exit 5'], {}],
    ['a shell without a terminal', ['peer'], { input: Buffer.from('echo in a shell\ntty\nexit 6\n') }],
    ['a shell where none is wanted', ['-T', 'peer'], { input: Buffer.from('exit 6\n') }],
    ['a terminal that cannot be', ['-t', 'peer', 'tty'], {}],
    ['a configured command', ['-o', 'RemoteCommand=echo configured; exit 8', 'peer'], {}],
    ['a subsystem', ['-s', 'peer', 'upper'], { input: Buffer.from('letters') }],
    [
      'variables',
      ['-o', 'SendEnv=FOO*', '-o', 'SetEnv=FOOB=b', 'peer', 'echo $FOOA $FOOB $BAR'],
      { env: { FOOA: 'a', BAR: 'c' } },
    ],
    ['words as they are', ['peer', 'printf', '%s,', "'a  b'", '$((1+1))'], {}],
    ['an empty command', ['-T', 'peer', ''], { input: Buffer.from('exit 9\n') }],
  ])('does with %s what ssh does', async (_, words, options) => {
    const { ssh, rove } = await both(words, options);
    expect(rove.stdout.toString('latin1')).toBe(ssh.stdout.toString('latin1'));
    expect(rove.stderr).toBe(ssh.stderr.replaceAll('\r\n', '\n'));
    expect(rove.status).toBe(ssh.status);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['a port where nobody listens', ['-p', '1', 'peer', 'true'], /^rove: 127\.0\.0\.1 port 1 refused .*\n$/],
    ['a subsystem that there is not', ['-s', 'peer', 'none'], /^rove: peer has no subsystem none\n$/],
    ['two commands', ['-o', 'RemoteCommand=a', 'peer', 'b'], /^rove: .*RemoteCommand.*\n$/],
    ['an option that there is not', ['-o', 'Nonsense=1', 'peer', 'true'], /^rove: .*nonsense.*\n$/],
  ])('fails at %s as ssh does, and says so in a line', async (_, words, line) => {
    const { ssh, rove } = await both(words);
    expect(ssh.status).toBe(255);
    expect(rove).toMatchObject({ status: 255, stderr: expect.stringMatching(line) });
  });

  it.each<[string, readonly string[], RegExp]>([
    ['a terminal by force where there is none here', ['-tt', 'peer'], /^rove: standard input is no terminal.*-tt.*\n$/],
    ['forwards alone', ['-N', 'peer'], /^rove: -N: .*use ssh\n$/],
  ])('refuses %s in a line', async (_, words, line) => {
    expect(await run('rove', words)).toMatchObject({ status: 255, stderr: expect.stringMatching(line) });
  });

  it('says nothing with -q', async () => {
    expect(await run('rove', ['-q', '-p', '1', 'peer', 'true'])).toMatchObject({ status: 255, stderr: '' });
  });

  it('carries five megabytes of any bytes there and back', async () => {
    const input = randomBytes(5 * 1024 * 1024);
    const { status, stdout, stderr } = await run('rove', ['peer', 'cat'], { input });
    expect({ status, stderr, same: stdout.equals(input) }).toEqual({ status: 0, stderr: '', same: true });
  });

  it('gives a file, and takes one', async () => {
    const file = join(sshd.directory, 'bytes');
    writeFileSync(file, randomBytes(200_000));
    const out = openSync(`${file}.copy`, 'w');
    const child = spawn(process.execPath, [builtProgram('rove'), '-F', sshd.configFile, 'peer', 'cat'], {
      stdio: [openSync(file, 'r'), out, 'inherit'],
    });
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(readFileSync(`${file}.copy`).equals(readFileSync(file))).toBe(true);
  });

  it('lets what is slow to read hold up what is written, in both directions', async () => {
    // The shell reads no output before it has been given all its input.
    const script =
      '{ head -c 1000000 /dev/zero; sleep 0.3; head -c 1000000 /dev/zero; } | "$@" | { sleep 0.5; wc -c; }';
    const words = [
      'sh',
      '-c',
      script,
      'sh',
      process.execPath,
      builtProgram('rove'),
      '-F',
      sshd.configFile,
      'peer',
      'cat',
    ];
    const child = spawn(words[0] ?? '', words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    await new Promise((resolve) => child.on('close', resolve));
    expect(said.trim()).toBe('2000000');
  });

  it('ends what writes without end as soon as nobody reads it, and tells its status', async () => {
    const closeOutput = (child: ChildProcess): void => void child.stdout?.destroy();
    const { ssh, rove } = await both(['peer', 'yes; echo $? >&2; exit 9'], { onOutput: closeOutput });
    // The server may close standard error with the output; else `yes` was ended by SIGPIPE, or by EPIPE where that signal is ignored.
    for (const { status, stderr } of [ssh, rove]) {
      expect(status).toBe(9);
      expect(stderr).toMatch(/^(?:|141\n|yes: .*\n1\n)$/);
    }
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends by %s as ssh does', async (signal) => {
    const kill = (child: ChildProcess): void => void child.kill(signal);
    const { ssh, rove } = await both(['peer', 'echo begun; sleep 60'], { onOutput: kill });
    expect(rove).toMatchObject({ status: ssh.status, stderr: ssh.stderr });
    expect(rove.status).toBe(255);
  });

  it('writes what happens to a file that only the user reads, with -v and -E', async () => {
    const file = join(sshd.directory, 'log');
    expect(await run('rove', ['-vE', file, 'peer', 'echo x'])).toMatchObject({ status: 0, stderr: '' });
    const text = readFileSync(file, 'utf8');
    for (const what of [
      /connected to 127\.0\.0\.1/,
      /key exchange /,
      /host key .* known/,
      /authenticated/,
      /running echo x/,
    ]) {
      expect(text).toMatch(what);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('needs nothing over there when the system’s ssh does it, either', async () => {
    const input = randomBytes(100_000);
    const { status, stdout } = await run('rove', ['--ssh=ssh', 'peer', 'cat; exit 3'], { input });
    expect({ status, same: stdout.equals(input) }).toEqual({ status: 3, same: true });
    const { ssh, rove } = await both(['peer', 'yes; exit 9'], { onOutput: (child) => void child.stdout?.destroy() });
    expect(rove.status).toBe(ssh.status);
  });
});
