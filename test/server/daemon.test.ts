/** The daemon as real processes: one per user whatever happens, its commands, its refusals. */

import { spawn, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Answer, AnswerFinder, type SessionAnswer } from '../../protocol/bootstrap/answer.ts';
import type { Request } from '../../protocol/bootstrap/request.ts';
import { noSshd, startSshd } from '../peers/sshd.ts';
import { TestHost } from './server-program.ts';
import { newRequest, UdpClient } from './udp-client.ts';

/** Whether this user and this machine let a test mount a file system. */
const MAY_MOUNT = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
const WHY = MAY_MOUNT ? '' : ' (skipped: this needs the right to mount)';

let host: TestHost;
let state: string;

beforeEach(async () => {
  host = await TestHost.start();
  state = join(host.directory, 'state');
});

afterEach(async () => {
  await host.stop();
});

/** Starts a session that lasts, without a client. */
async function start(wishes: Partial<Request> = {}, env: Record<string, string> = {}) {
  return host.connect(newRequest({ command: 'exec sleep 1000', ...wishes }).line, env);
}

/** The names in `directory`, whatever the key of a socket is. */
function filesIn(directory: string): string[] {
  return readdirSync(directory)
    .map((name) => name.replace(/[0-9a-f]{32}$/, 'KEY'))
    .sort();
}

function sessionIn(answer: Answer | undefined): SessionAnswer {
  if (answer?.kind !== 'session') throw new Error(`not a session: ${JSON.stringify(answer)}`);
  return answer;
}

/** The ids and pids that `list` shows. */
function listed(): { id: string; pid: number }[] {
  const lines = host.run('list').stdout.trim().split('\n').slice(1);
  return lines.map((line) => {
    const [id = '', , pid] = line.split(/ {2,}/);
    return { id, pid: Number(pid) };
  });
}

describe('one daemon', () => {
  test('is what the first connect becomes, and serves the second, on the same port', async () => {
    const first = await start();
    const second = await start();
    expect(first.status).toBeUndefined();
    expect(second.status).toBe(0);
    expect(sessionIn(second.answer).port).toBe(sessionIn(first.answer).port);
    expect(host.alive()).toEqual([first.pid]);
  });

  test('comes out of ten connects at once, with ten sessions', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => start()));
    expect(all.map(({ stderr }) => stderr).join('')).toBe('');
    expect(new Set(all.map(({ answer }) => Buffer.from(sessionIn(answer).connectionId).toString('hex'))).size).toBe(10);
    expect(new Set(all.map(({ answer }) => sessionIn(answer).port)).size).toBe(1);
    expect(host.alive()).toHaveLength(1);
    expect(listed()).toHaveLength(10);
    expect(filesIn(state)).toEqual(['control-1.1-1', 'log', 'socket-1.1-KEY']);
  });

  test('comes out of ten connects at once beside a dead one’s socket', async () => {
    const dead = await start();
    process.kill(dead.pid, 'SIGKILL');
    await host.gone(dead.pid);
    await Promise.all(Array.from({ length: 10 }, () => start()));
    expect(host.alive()).toHaveLength(1);
    expect(listed()).toHaveLength(10);
    expect(filesIn(state)).toEqual(['control-1.1-2', 'log', 'socket-1.1-KEY']);
  });

  test('or none is left, when sessions end while others begin', async () => {
    const rounds = Array.from({ length: 3 }, async () => {
      for (let i = 0; i < 4; i++) {
        const asked = newRequest({ command: 'exit 7' });
        const { answer } = await host.connect(asked.line);
        const client = await UdpClient.join(sessionIn(answer), asked);
        expect((await client.end()).status).toBe(7);
        client.close();
      }
    });
    await Promise.all(rounds);
    for (const pid of host.alive()) await host.gone(pid);
    expect(host.run('list').stdout).toBe('No sessions\n');
  });

  test('leaves no one behind when it is killed: the programs are hung up', async () => {
    const { pid } = await start({ command: 'sleep 1000; :' });
    const [session] = listed();
    process.kill(pid, 'SIGKILL');
    await host.gone(pid);
    while (host.isAlive(session?.pid ?? 0)) await new Promise((resolve) => setImmediate(resolve));
  });

  test('tells its clients when it is asked to go', async () => {
    const asked = newRequest({ command: 'exec cat' });
    const { answer, pid } = await host.connect(asked.line);
    const client = await UdpClient.join(sessionIn(answer), asked);
    client.type('x');
    await client.untilText('x');
    process.kill(pid, 'SIGTERM');
    expect((await client.end()).reason).toContain('rove-server was ended');
    client.close();
    await host.gone(pid);
  });

  test('lets go of whoever started it', async () => {
    const { pid } = await start();
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('connect');
    // It answers first and lets go then; that ends with the working directory.
    await vi.waitFor(() => expect(statSync(`/proc/${pid}/cwd`).ino).toBe(statSync('/').ino));
    for (const [fd, target] of [
      [0, '/dev/null'],
      [1, '/dev/null'],
      [2, join(state, 'log')],
    ] as const)
      expect(statSync(`/proc/${pid}/fd/${fd}`).ino).toBe(statSync(target).ino);
    expect(statSync(join(state, 'log')).mode & 0o777).toBe(0o600);
    process.kill(pid, 'SIGHUP');
    expect((await start()).status).toBe(0);
  });
});

describe('the commands', () => {
  test('list says when there is nothing', () => {
    expect(host.run('list')).toMatchObject({ status: 0, stdout: 'No sessions\n', stderr: '' });
  });

  test('list shows a line for each session, and kill ends one by the beginning of its id', async () => {
    const asked = newRequest({ command: `printf '\\033]2;a title\\007ready'; exec cat`, cols: 101, rows: 31 });
    const { answer } = await host.connect(asked.line);
    await start();
    const client = await UdpClient.join(sessionIn(answer), asked);
    await client.untilText('ready');
    const id = Buffer.from(sessionIn(answer).connectionId).toString('hex').slice(0, 8);
    const lines = host.run('list').stdout.split('\n');
    expect(lines[0]).toMatch(/^ID +AGE +PID +CLIENT +SILENT +SIZE +STATE +TITLE$/);
    expect(lines.find((line) => line.startsWith(id))).toMatch(/127\.0\.0\.1:\d+ +\d+s +101x31 +open +a title$/);
    expect(host.run('kill', id)).toMatchObject({ status: 0, stdout: `Ended session ${id}\n` });
    expect(await client.end()).toEqual({ status: 129, reason: 'The session was ended by "rove-server kill"' });
    client.close();
  });

  test('kill says what is wrong with an id', async () => {
    expect(host.run('kill', 'abc')).toMatchObject({
      status: 1,
      stderr: 'rove-server: No session is called abc: there are none\n',
    });
    await start();
    expect(host.run('kill', 'zz').stderr).toBe(
      'rove-server: No session is called "zz": "rove-server list" shows them\n',
    );
    expect(host.run('kill', '').status).toBe(1);
    expect(host.run('kill')).toMatchObject({ status: 2 });
    expect(listed()).toHaveLength(1);
  });

  test('the others say what they are, and what is wrong with a command line', () => {
    expect(host.run('--version').stdout).toMatch(/^rove-server \d+\.\d+\.\d+\n$/);
    expect(host.run('--help').stdout).toContain('rove-server kill ID');
    expect(host.run('nonsense')).toMatchObject({
      status: 2,
      stderr: 'rove-server: there is no command "nonsense". Try "rove-server --help"\n',
    });
    expect(host.run()).toMatchObject({ status: 2 });
    expect(host.run('list', 'more')).toMatchObject({ status: 2 });
  });
});

describe('a bad request', () => {
  for (const [what, input, message] of [
    ['nothing at all', '', /The input ended before the request/],
    ['something else', 'GET / HTTP/1.1\n', /expected a line that begins with "rove-request 1"/],
    [
      'another version of the protocol',
      'rove-request 9 7b7d\n',
      /version 9 of the protocol.*update rove on the server/,
    ],
    ['a line that breaks off', 'rove-request 1 7b22', /The input ended before the request/],
    ['no JSON', 'rove-request 1 7b22\n', /not JSON/],
    ['an endless line', `rove-request 1 ${'7b'.repeat(300_000)}\n`, /longer than/],
  ] as const) {
    test(`of ${what} is answered with one line that says so`, async () => {
      const { answer, status, stderr } = await host.connect(input);
      expect(answer).toMatchObject({ kind: 'failed', code: 'request', message: expect.stringMatching(message) });
      expect(status).toBe(1);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(host.alive()).toEqual([]);
    });
  }

  test('to a running daemon harms nobody', async () => {
    await start();
    const { answer, status } = await host.connect('rove-request 1 7b7d\n');
    expect(answer).toMatchObject({ kind: 'failed', code: 'request' });
    expect(status).toBe(1);
    expect(listed()).toHaveLength(1);
  });

  test('that names a shell that does not exist still ends with a status', async () => {
    const asked = newRequest({ command: '/nonexistent/program' });
    const { answer } = await host.connect(asked.line);
    const client = await UdpClient.join(sessionIn(answer), asked);
    expect((await client.end()).status).toBe(127);
    client.close();
  });
});

describe('the state directory', () => {
  async function refusal(): Promise<string> {
    const { answer, status } = await start();
    expect(status).toBe(1);
    expect(host.run('list').status).toBe(1);
    if (answer?.kind !== 'failed') throw new Error('not refused');
    expect(answer.code).toBe('state-directory');
    return answer.message;
  }

  test('is refused when others can enter it', async () => {
    mkdirSync(state, { mode: 0o700 });
    chmodSync(state, 0o750);
    expect(await refusal()).toMatch(/can be entered by others: chmod 700/);
  });

  test('is refused when it is a symbolic link', async () => {
    mkdirSync(join(host.directory, 'elsewhere'), { mode: 0o700 });
    symlinkSync('elsewhere', state);
    expect(await refusal()).toMatch(/is a symbolic link/);
  });

  test('is refused when it is a file', async () => {
    writeFileSync(state, '');
    expect(await refusal()).toMatch(/not a directory/i);
  });

  test.skipIf(process.getuid?.() !== 0)('is refused when it belongs to another user', async () => {
    mkdirSync(state, { mode: 0o700 });
    chownSync(state, 12_345, 12_345);
    expect(await refusal()).toMatch(/belongs to user 12345/);
  });

  test('is below the home by default, made with mode 0700, with the host in its path', async () => {
    const home = join(host.directory, 'home');
    mkdirSync(home);
    await start({}, { ROVE_STATE_DIR: '', HOME: home });
    const [name = ''] = readdirSync(join(home, '.local/state/rove'));
    const directory = join(home, '.local/state/rove', name);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(filesIn(directory)).toEqual(['control-1.1-1', 'log', 'socket-1.1-KEY']);
  });

  test('holds a log that leads nowhere else, and one that cannot be written stops nothing', async () => {
    mkdirSync(state, { mode: 0o700 });
    const elsewhere = join(host.directory, 'elsewhere');
    symlinkSync(elsewhere, join(state, 'log'));
    // Its errors go nowhere, where `start` would wait for them to go to the log.
    const asked = newRequest({ command: 'exec sleep 1000' });
    const { answer } = await host.connect(asked.line, {}, '/dev/null');
    expect(answer?.kind).toBe('session');
    expect(existsSync(elsewhere)).toBe(false);
    expect(listed()).toHaveLength(1);
  });

  test('may vanish: the sessions go on', async () => {
    const asked = newRequest({ command: 'exec cat' });
    const { answer } = await host.connect(asked.line);
    rmSync(state, { recursive: true });
    const client = await UdpClient.join(sessionIn(answer), asked);
    client.type('still here\n');
    await client.untilText('still here\nstill here');
    client.close();
  });

  /** Mounts a file system of `options` as the state directory while `use` runs. */
  async function onFileSystem(options: string, use: () => Promise<void>): Promise<void> {
    mkdirSync(state, { mode: 0o700 });
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', `mode=700,${options}`, 'tmpfs', state]).status).toBe(0);
    try {
      await use();
    } finally {
      spawnSync('umount', ['-l', state]);
    }
  }

  test.skipIf(!MAY_MOUNT)(`may be on a disk that is full: that is said${WHY}`, async () => {
    for (const nodes of [1, 2]) {
      await onFileSystem(`size=4k,nr_inodes=${nodes}`, async () => {
        const { answer, status } = await start();
        expect(answer).toMatchObject({ kind: 'failed', code: 'control-socket' });
        expect(JSON.stringify(answer)).toMatch(/no space left on device.*Repair that, or set ROVE_STATE_DIR/);
        expect(status).toBe(1);
        expect(readdirSync(state)).toEqual([]);
      });
      rmSync(state, { recursive: true });
    }
  });

  test.skipIf(!MAY_MOUNT)(`is refused with a clear line on a read-only disk${WHY}`, async () => {
    await onFileSystem('ro', async () => {
      const { answer, status } = await start();
      expect(JSON.stringify(answer)).toMatch(/EROFS|read-only file system.*set ROVE_STATE_DIR/i);
      expect(status).toBe(1);
    });
  });

  test('may have a path longer than a socket’s address', async () => {
    const deep = join(host.directory, 'd'.repeat(100), 'e'.repeat(100));
    const { answer } = await start({}, { ROVE_STATE_DIR: deep });
    expect(answer?.kind).toBe('session');
  });
});

describe('the port', () => {
  let taken: Socket[] = [];

  afterEach(() => {
    for (const socket of taken) socket.close();
    taken = [];
  });

  /** Takes two neighbouring ports. */
  async function takePorts(): Promise<{ first: number; last: number }> {
    for (let first = 42_000; ; first += 2) {
      const sockets = [createSocket('udp4'), createSocket('udp6')];
      const bound = sockets.map(
        (socket, i) =>
          new Promise<boolean>((resolve) => {
            socket.once('error', () => resolve(false));
            socket.bind(first + i, () => resolve(true));
          }),
      );
      taken.push(...sockets);
      if (!(await Promise.all(bound)).includes(false)) return { first, last: first + 1 };
    }
  }

  test('is refused with a clear line when the whole range is taken, for IPv4 or for IPv6', async () => {
    const range = await takePorts();
    const { answer, status } = await start({ udpPort: range });
    expect(answer).toEqual({
      kind: 'failed',
      code: 'port',
      message: `UDP ports ${range.first} to ${range.last} are all taken on the server: ask for others with --udp-port=FIRST:LAST`,
    });
    expect(status).toBe(1);
    expect(host.alive()).toEqual([]);
  });

  test('is the first free one of the range that was asked for', async () => {
    const range = await takePorts();
    const { answer } = await start({ udpPort: { first: range.first, last: range.last + 50 } });
    expect(sessionIn(answer).port).toBeGreaterThan(range.last);
  });

  test('of the running daemon is named when another was asked for', async () => {
    const { port } = sessionIn((await start()).answer);
    expect((await start({ udpPort: { first: 60_001, last: 60_999 } })).status).toBe(0);
    const { answer } = await start({ udpPort: { first: 1_024, last: 1_024 } });
    expect(answer).toMatchObject({ code: 'port', message: expect.stringContaining(`uses UDP port ${port}, not 1024`) });
  });

  test('comes with literal addresses, the one that ssh reached first', async () => {
    const { answer } = await start({}, { SSH_CONNECTION: '192.0.2.1 50000 192.0.2.77 22' });
    expect(sessionIn(answer).addresses[0]).toBe('192.0.2.77');
    const odd = await start({}, { SSH_CONNECTION: 'UNKNOWN 65535 UNKNOWN 65535' });
    expect(sessionIn(odd.answer).addresses.length).toBeGreaterThan(0);
  });
});

describe.skipIf(noSshd !== undefined)(`over a real sshd${noSshd === undefined ? '' : ` (skipped: ${noSshd})`}`, () => {
  test('the daemon survives the end of the connection, and a later connect returns', async () => {
    // Without the profile of whoever runs the tests: it may take its time, or read the request.
    const sshd = await startSshd({ config: [`SetEnv "HOME=${host.directory}" "PATH=${host.env.PATH}"`] });
    const remote = `ROVE_STATE_DIR=${state} ${host.command.join(' ')} `;
    const ssh = (command: string) => spawn('ssh', ['-F', sshd.configFile, 'peer', remote + command], { stdio: 'pipe' });
    const asked = newRequest({ command: 'exec cat' });
    const first = ssh('connect');
    const finder = new AnswerFinder();
    const answer = new Promise<Answer>((resolve) => {
      first.stdout.on('data', (bytes: Buffer) => {
        const found = finder.push(bytes);
        if (found !== undefined) resolve(found);
      });
    });
    first.stdin.end(asked.line);
    const session = sessionIn(await answer);
    first.kill();
    await once(first, 'exit');
    const client = await UdpClient.join(session, asked);
    client.type('still here\n');
    await client.untilText('still here\nstill here');
    const second = ssh('connect');
    second.stdin.end(newRequest({ command: 'exec sleep 1000' }).line);
    second.stdout.resume();
    expect(await once(second, 'exit')).toEqual([0, null]);
    expect(session.addresses[0]).toBe(sshd.address);
    client.close();
    await sshd.stop();
    for (const { id } of listed()) host.run('kill', id);
  });
});
