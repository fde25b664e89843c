/** The daemon's socket as a client finds it that sshd has connected to it: the next session, with no program started for it. */

import { once } from 'node:events';
import { readdirSync, renameSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, AnswerFinder, type SessionAnswer } from '../../protocol/bootstrap/answer.ts';
import { TestHost } from './server-program.ts';
import { newRequest, UdpClient } from './udp-client.ts';

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
function start(env: Record<string, string> = {}) {
  return host.connect(newRequest({ command: 'exec sleep 1000' }).line, env);
}

function sessionIn(answer: Answer | undefined): SessionAnswer {
  if (answer?.kind !== 'session') throw new Error(`not a session: ${JSON.stringify(answer)}`);
  return answer;
}

/** The path of the running daemon's socket. */
function controlSocket(): string {
  const [name = ''] = readdirSync(state).filter((found) => found.startsWith('socket-'));
  return join(state, name);
}

/** How many sessions `list` shows. */
function sessionCount(): number {
  return host.run('list').stdout.trim().split('\n').length - 1;
}

describe('the control socket', () => {
  const LOGIN = { SSH_CONNECTION: '192.0.2.1 4711 192.0.2.2 22', FROM_LOGIN: 'yes' };

  /** What a client gets that sshd has connected to `path`. */
  async function throughSshd(path: string, line: string): Promise<Answer | undefined> {
    const socket = createConnection(path);
    // As a client's end of input reaches it.
    socket.end(line);
    const finder = new AnswerFinder();
    socket.on('data', (bytes: Buffer) => finder.push(bytes));
    await once(socket, 'close');
    return finder.push(new Uint8Array(0));
  }

  test('is named by the answer to a login, and gives the next session, with that login’s environment', async () => {
    const first = sessionIn((await start(LOGIN)).answer);
    expect(first.control).toBe(controlSocket());
    const asked = newRequest({ command: 'echo "$FROM_LOGIN $SSH_CONNECTION"; exec cat' });
    const next = sessionIn(await throughSshd(first.control ?? '', asked.line));
    expect(next).toMatchObject({ control: first.control, port: first.port });
    const client = await UdpClient.join(next, asked);
    await client.untilText('yes 192.0.2.1 4711 192.0.2.2 22');
    client.close();
    expect(sessionCount()).toBe(2);
  });

  test('takes several writes for a line, and answers what is wrong with one', async () => {
    const { control = '' } = sessionIn((await start(LOGIN)).answer);
    expect(await throughSshd(control, 'rove-request 1 7b7d\n')).toMatchObject({ kind: 'failed', code: 'request' });
    const { line } = newRequest({ command: 'exec sleep 1000' });
    const socket = createConnection(control);
    socket.write(line.slice(0, 1000));
    setImmediate(() => socket.write(line.slice(1000)));
    const [bytes] = await once(socket, 'data');
    expect(new AnswerFinder().push(bytes)?.kind).toBe('session');
    socket.destroy();
  });

  test('is not named, and gives nothing, where nobody has come over SSH', async () => {
    const first = sessionIn((await start()).answer);
    expect(first.control).toBeUndefined();
    const { line } = newRequest({ command: 'exec cat' });
    expect(await throughSshd(controlSocket(), line)).toMatchObject({ kind: 'failed', code: 'login' });
    expect(sessionCount()).toBe(1);
  });

  test('is not to be found by one who can only open sockets', async () => {
    await start(LOGIN);
    const socket = createConnection(join(state, 'control-1.1-1'));
    const [error] = await once(socket, 'error');
    expect(error).toMatchObject({ code: 'ENOENT' });
  });

  test('of a daemon of another version is left alone, and so is the daemon', async () => {
    const old = await start();
    renameSync(join(state, 'control-1.1-1'), join(state, 'control-0.1-1'));
    const next = await start();
    expect(next.status).toBeUndefined();
    expect(host.alive().sort()).toEqual([old.pid, next.pid].sort());
    expect(sessionCount()).toBe(1);
  });

  test('bears whatever is written to it', async () => {
    await start();
    for (const bytes of [
      '\n',
      '{}\n',
      'null\n',
      '{"rove":1,"op":"connect"}\n',
      '{"rove":1,"op":"kill"}\n',
      '{"rove":1}\n',
      'x',
    ]) {
      const socket = createConnection(controlSocket());
      socket.on('error', () => {});
      socket.end(bytes);
      socket.resume();
      await once(socket, 'close');
    }
    const socket = createConnection(controlSocket());
    socket.write('{"rove":99,"op":"list"}\n');
    const [reply] = await once(socket, 'data');
    expect(String(reply)).toMatch(
      /"ok":false,"code":"control-version","message":"The running rove-server \(pid \d+\) is of/,
    );
    socket.destroy();
    expect(sessionCount()).toBe(1);
  });
});
