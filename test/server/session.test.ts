/** Sessions of the real server program, driven through UDP by the core's client half. */

import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SessionAnswer } from '../../protocol/bootstrap/answer.ts';
import type { Request } from '../../protocol/bootstrap/request.ts';
import { TestHost } from './server-program.ts';
import { newRequest, UdpClient } from './udp-client.ts';

let host: TestHost;
let clients: UdpClient[] = [];

beforeEach(async () => {
  host = await TestHost.start();
});

afterEach(async () => {
  for (const client of clients) client.close();
  clients = [];
  await host.stop();
});

async function sessionOf(wishes: Partial<Request>, env: Record<string, string> = {}): Promise<SessionAnswer> {
  return (await join(wishes, env)).answer;
}

async function join(wishes: Partial<Request>, env: Record<string, string> = {}) {
  const asked = newRequest(wishes);
  const { answer, stderr } = await host.connect(asked.line, env);
  if (answer?.kind !== 'session') throw new Error(`no session: ${JSON.stringify(answer)} ${stderr}`);
  const client = await UdpClient.join(answer, asked);
  clients.push(client);
  return { client, answer };
}

describe('a session', () => {
  test('shows what the command prints and ends with its exit status', async () => {
    const { client } = await join({ command: 'printf "hello over there"; exit 42' });
    expect(await client.end()).toEqual({ status: 42, reason: '' });
    expect(client.text).toContain('hello over there');
  });

  test('ends with 128 and the signal when one ended the program, and says so', async () => {
    const { client } = await join({ command: 'kill -TERM $$' });
    expect(await client.end()).toEqual({ status: 143, reason: 'The program was ended by SIGTERM' });
  });

  test('hands keys to the program and the answers of the terminal too', async () => {
    const { client } = await join({
      command: `stty raw -echo; printf '\\033[c'; head -c 3 | od -c; echo ready; head -c 5; exit`,
    });
    await client.untilText('ready');
    expect(client.text).toContain('033   [   ?');
    client.type('typed');
    await client.end();
  });

  test('takes the size of the client, and its changes in their place among the keys', async () => {
    const { client } = await join({ cols: 100, rows: 30, command: 'stty size; read a; stty size; read b' });
    await client.untilText('30 100');
    client.resize(132, 43);
    client.type('\n');
    await client.untilText('43 132');
    expect(client.shell.screen.cols).toBe(132);
    client.type('\n');
    expect((await client.end()).status).toBe(0);
  });

  test('shows a frame whole, and at last one that the program does not finish', async () => {
    const { client } = await join({
      command: `printf 'shown\\033[?2026h and'; read a; printf ' more\\033[?2026l'; read b`,
    });
    await client.untilText('shown and');
    client.type('\n');
    await client.untilText(' more');
    client.type('\n');
    expect((await client.end()).status).toBe(0);
  });

  test('tells a program that asked of another size at once', async () => {
    const { client } = await join({
      cols: 80,
      rows: 24,
      command: `stty raw -echo; printf '\\033[?2048h'; head -c 15 > /dev/null; echo ready; head -c 16 | od -c`,
    });
    await client.untilText('ready');
    client.resize(101, 31);
    await client.untilText('4   8   ;   3   1   ;   1   0   1');
    await client.end();
  });

  test('delivers the last line of a long output whole', async () => {
    const { client } = await join({ command: 'seq 1 200000; echo the very end' });
    await client.end();
    expect(client.text).toContain('200000\nthe very end');
  });

  test('takes a paste of 1 MB to a program that starts to read late', async () => {
    const paste = randomBytes(500_000).toString('hex');
    const { client } = await join({
      command: `stty raw -echo; echo ready; sleep 0.2; head -c ${paste.length} | sha256sum; exit`,
    });
    await client.untilText('ready');
    for (let at = 0; at < paste.length; at += 50_000) {
      await client.until(() => client.shell.inputRoom >= 50_000);
      client.type(paste.slice(at, at + 50_000));
    }
    await client.untilText(createHash('sha256').update(paste).digest('hex'));
    await client.end();
  });

  test('ends the program when the client hangs up, and the daemon leaves', async () => {
    const { client } = await join({ command: 'echo ready; exec sleep 1000' });
    await client.untilText('ready');
    const [daemon = 0] = host.alive();
    client.hangUp();
    await client.until(() => client.shell.hangupDelivered);
    await host.gone(daemon);
  });

  test('goes on while forged, random and truncated datagrams come', async () => {
    const { client, answer } = await join({ command: 'exec cat' });
    const socket = createSocket('udp4');
    for (let i = 0; i < 2_000; i++) {
      const noise = randomBytes(i % 100);
      if (i % 2 === 0)
        noise.set(answer.connectionId.subarray(0, Math.max(noise.length - 1, 0)), Math.min(1, noise.length));
      socket.send(noise, answer.port, '127.0.0.1');
    }
    client.type('still here\n');
    await client.untilText('still here\nstill here');
    socket.close();
  });

  test('does not hear a second client that comes with its keys', async () => {
    const asked = newRequest({ command: 'exec cat' });
    // Whoever has the offer's private keys and the answer can derive the session's keys again.
    const stolen = structuredClone(asked);
    const { answer } = await host.connect(asked.line);
    if (answer?.kind !== 'session') throw new Error('no session');
    const client = await UdpClient.join(answer, asked);
    clients.push(client);
    for (const letter of 'abcdefgh') {
      client.type(letter);
      await client.untilText(letter);
    }
    const thief = await UdpClient.join(answer, stolen);
    clients.push(thief);
    for (let i = 0; i < 3; i++) thief.type('rm -rf\n');
    client.type('still mine\n');
    await client.untilText('abcdefghstill mine\nabcdefghstill mine');
    expect(client.text).not.toContain('rm');
    expect(thief.shell.connection.heard).toBe(false);
  });
});

describe('the environment', () => {
  async function environmentOf(wishes: Partial<Request>, env: Record<string, string> = {}) {
    const { client } = await join(
      { command: 'env | sort; pwd; umask; locale charmap', cols: 200, rows: 60, ...wishes },
      env,
    );
    await client.end();
    return client.text.trimEnd().split('\n');
  }

  test('is that of the connect, with the client’s terminal', async () => {
    const lines = await environmentOf(
      { term: 'xterm-direct', env: { COLORTERM: 'truecolor' } },
      { SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22', FROM_PROFILE: 'yes' },
    );
    expect(lines).toContain('TERM=xterm-direct');
    expect(lines).toContain('COLORTERM=truecolor');
    expect(lines).toContain('FROM_PROFILE=yes');
    expect(lines).toContain('SSH_CONNECTION=192.0.2.1 50000 192.0.2.2 22');
    expect(lines).toContain(`HOME=${host.directory}`);
    expect(lines).toContain(host.directory);
    expect(lines.some((line) => line.startsWith('ROVE_SESSION='))).toBe(true);
  });

  test('is without what described another terminal', async () => {
    const lines = await environmentOf(
      {},
      {
        SSH_TTY: '/dev/pts/9',
        TMUX: '/tmp/tmux',
        TERM_PROGRAM: 'other',
        COLUMNS: '10',
        LINES: '10',
        npm_config_cache: '/x',
        SSH_AUTH_SOCK: '/tmp/ssh-XXXXabcd/agent.123',
      },
    );
    const names = lines.map((line) => line.split('=')[0]);
    for (const name of ['SSH_TTY', 'TMUX', 'TERM_PROGRAM', 'COLUMNS', 'LINES', 'npm_config_cache', 'SSH_AUTH_SOCK']) {
      expect(names).not.toContain(name);
    }
  });

  test('is UTF-8 by default, whatever the host says and the client has', async () => {
    for (const [request, own] of [
      [{}, { LANG: 'C' }],
      [{}, { LANG: '', LC_ALL: 'POSIX' }],
      [{ LANG: 'xx_XX.UTF-8' }, { LANG: 'C' }],
      [{ LC_ALL: 'de_DE.ISO-8859-1' }, {}],
    ] as const) {
      expect((await environmentOf({ env: request }, own)).at(-1)).toBe('UTF-8');
    }
  });

  test('holds what the client sends, but nothing that the server sets or that has other code run', async () => {
    const env = { LC_TIME: 'C', FOO_1: 'a b', PATH: '/evil', ROVE_SESSION: 'x', SSH_CONNECTION: 'x', SHELL: '/evil' };
    const lines = await environmentOf({ env: { ...env, LD_PRELOAD: '/evil.so', BASH_ENV: '/evil', TERM: 'evil' } });
    expect(lines).toContain('LC_TIME=C');
    expect(lines).toContain('FOO_1=a b');
    expect(lines.filter((line) => /evil|=x$|^LD_|^BASH_ENV/.test(line))).toEqual([]);
  });

  test('keeps the file mode mask and ignores no signal', async () => {
    const lines = await environmentOf({ command: 'umask; grep SigIgn /proc/self/status' });
    expect(lines).toContain('0022');
    expect(lines.some((line) => /SigIgn:\s+0000000000000000/.test(line))).toBe(true);
  });

  test('is that of the root directory when there is no home', async () => {
    const lines = await environmentOf({}, { HOME: '/nonexistent' });
    expect(lines).toContain('/');
    expect(lines).toContain('HOME=/nonexistent');
  });

  test('without a command is that of a login shell', async () => {
    const { client } = await join({}, { PS1: '> ' });
    client.type('echo login: $0 $-\r');
    await client.untilText('login: ');
    client.type('shopt -q login_shell && echo a login shell indeed\r');
    await client.untilText('\na login shell indeed');
    client.type('exit 5\r');
    expect((await client.end()).status).toBe(5);
  });
});

describe('many sessions', () => {
  test('of one daemon do not see each other, and one flood does not stop the others', async () => {
    const flood = await join({ command: 'yes flooding' });
    const quiet = await join({ command: 'exec cat' });
    expect(host.alive()).toHaveLength(1);
    expect(quiet.answer.port).toBe(flood.answer.port);
    await flood.client.untilText('flooding');
    quiet.client.type('an echo\n');
    await quiet.client.untilText('an echo\nan echo');
    expect(quiet.client.text).not.toContain('flooding');
    flood.client.type(String.fromCharCode(3));
    expect((await flood.client.end()).status).toBe(130);
  });

  test('survive a session whose client came with bytes that are no input', async () => {
    const good = await join({ command: 'exec cat' });
    const session = await sessionOf({ command: 'exec cat' });
    const socket = createSocket('udp4');
    // The first byte of a datagram, the connection id, a packet number, and what no key has sealed.
    const forged = Buffer.concat([Buffer.from([0x40]), session.connectionId, randomBytes(6), randomBytes(200)]);
    socket.send(forged, session.port, '127.0.0.1');
    good.client.type('alive\n');
    await good.client.untilText('alive\nalive');
    socket.close();
  });
});

test('the daemon’s log stays empty through it all', async () => {
  const { client } = await join({ command: 'echo done' });
  const [daemon = 0] = host.alive();
  await client.end();
  await host.gone(daemon);
  expect(readFileSync(`${host.env.ROVE_STATE_DIR}/log`, 'utf8')).toBe('');
});
