/** The second session on a host, asked for at the running daemon's control socket: with real sshds that allow it and that do not. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { builtProgram, isBuilt } from '../../../bench/installation.ts';
import { noSshd, type Sshd, startSshd } from '../../peers/sshd.ts';
import { newRequest, UdpClient } from '../../server/udp-client.ts';
import { bootstrapTarget, targetWith } from '../../ssh/bootstrap-target.ts';
import { ScriptedPrompter } from '../../ssh/scripted-prompter.ts';

const MISSING = noSshd ?? (isBuilt('rove-server') ? undefined : 'node build/ensure.mjs has not run');

let folder: string;
let sshd: Sshd;

/** Starts a session that runs `command`, and says by which way: the command that was run there, or the socket. */
async function start(to: Sshd = sshd, command = 'exec cat') {
  const asked = newRequest({ command });
  const prompter = new ScriptedPrompter();
  const wishes = { configFile: to.configFile, directives: ['LogLevel=debug1'] };
  const started = await bootstrapTarget(targetWith(wishes), asked.line, prompter);
  const told = prompter.told.join('\n');
  const way = told.includes('asking the control') && !told.includes('no session came') ? 'socket' : 'command';
  return { started, way, told, client: await UdpClient.join(started.answer, asked) };
}

type Running = Awaited<ReturnType<typeof start>>;

/** Ends the session's program; nobody tells the memory, as when a client is killed or others go on. */
async function end({ client }: Running): Promise<void> {
  client.type('\u0004');
  await client.end();
  client.close();
}

/** Ends the session as the last one from here. */
async function leave(session: Running): Promise<void> {
  await end(session);
  session.started.over();
}

function stateFolder(): string {
  return dirname(rememberedPath());
}

function rememberedPath(): string {
  return /"path":"([^"]*)"/.exec(readFileSync(join(folder, 'cache', 'rove', 'control.json'), 'utf8'))?.[1] ?? '';
}

/** Runs another command of the server there. */
function server(...args: string[]): string {
  const env = { HOME: folder };
  return spawnSync(join(folder, 'bin', 'rove-server'), args, { env, encoding: 'utf8' }).stdout;
}

function list(): string {
  return server('list');
}

function parentOf(pid: number): number {
  return Number(/^\d+ \(.*\) \w (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
}

describe.skipIf(MISSING !== undefined)(`a host with a running daemon${MISSING ? ` (skipped: ${MISSING})` : ''}`, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rove-known-'));
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
    mkdirSync(join(folder, 'bin'));
    const script = `#!/bin/sh\nexport FROM_LOGIN=yes\nexec '${process.execPath}' '${builtProgram('rove-server')}' "$@"\n`;
    writeFileSync(join(folder, 'bin', 'rove-server'), script, { mode: 0o755 });
    sshd = await startSshd({ home: folder, path: join(folder, 'bin') });
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    await sshd.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => rmSync(join(folder, 'cache'), { recursive: true, force: true }));

  afterEach(() => {
    for (const [, id = ''] of list().matchAll(/^([0-9a-f]{8}) /gm)) server('kill', id);
  });

  it('gives the second session without starting anything there, in the environment of the first', async () => {
    const first = await start();
    expect(first.way).toBe('command');
    const second = await start(sshd, 'echo "$FROM_LOGIN $SSH_CONNECTION"; exec cat');
    expect(second).toMatchObject({ way: 'socket', started: { addresses: first.started.addresses } });
    await second.client.untilText('yes 127.0.0.1');
    await end(second);
    const third = await start();
    expect(third.way).toBe('socket');
    await leave(third);
    await leave(first);
  });

  it('is forgotten with its last session, so that the next does not go there in vain', async () => {
    await leave(await start());
    const next = await start();
    expect(next.told).not.toContain('control socket');
    expect(readdirSync(stateFolder()).filter((name) => name.startsWith('socket-'))).toHaveLength(1);
    await leave(next);
  });

  it('is done without when it has gone in the meantime, and its place is known again then', async () => {
    const first = await start();
    const gone = rememberedPath();
    await end(first);
    await vi.waitFor(async () => {
      const next = await start();
      const { way } = next;
      await leave(next);
      expect(way).toBe('command');
    });
    expect(gone).not.toBe('');
    const last = await start();
    expect(rememberedPath()).not.toBe(gone);
    await leave(last);
  });

  it('that was killed and has left its socket is passed over, too', async () => {
    const first = await start();
    const pid = Number(/^\S+ +\S+ +(\d+)/m.exec(list().split('\n')[1] ?? '')?.[1]);
    process.kill(parentOf(pid), 'SIGKILL');
    const next = await start();
    expect(next.way).toBe('command');
    first.client.close();
    await leave(next);
  });

  it('is reached by the command where the ssh server allows no such channels, or the key', async () => {
    const strict = await startSshd({
      home: folder,
      path: join(folder, 'bin'),
      config: ['AllowStreamLocalForwarding no'],
    });
    try {
      const sessions = [await start(strict), await start(strict)];
      expect(sessions.map(({ way }) => way)).toEqual(['command', 'command']);
      expect(sessions[1]?.told).toMatch(/asking the control socket[\s\S]*no session came/);
      // It is not asked again as long as the daemon is the same.
      sessions.push(await start(strict));
      expect(sessions[2]?.told).not.toContain('control socket');
      for (const session of sessions) await leave(session);
    } finally {
      await strict.stop();
    }
    const authorized = join(sshd.directory, 'authorized_keys');
    const before = readFileSync(authorized, 'utf8');
    writeFileSync(authorized, `restrict ${before}`);
    try {
      const sessions = [await start(), await start()];
      expect(sessions.map(({ way }) => way)).toEqual(['command', 'command']);
      for (const session of sessions) await leave(session);
    } finally {
      writeFileSync(authorized, before);
    }
  });

  it('that is no daemon of ours is passed over, whatever it says', async () => {
    const first = await start();
    const said = ['', 'GET / HTTP/1.1\n', 'x'.repeat(200_000)];
    for (const text of said) {
      const path = join(folder, 'other');
      rmSync(path, { force: true });
      const other = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.end(text);
      });
      await new Promise<void>((resolve) => other.listen(path, resolve));
      const file = join(folder, 'cache', 'rove', 'control.json');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/"path":"[^"]*"/, `"path":${JSON.stringify(path)}`));
      const next = await start();
      expect(next.way).toBe('command');
      other.close();
      await leave(next);
    }
    await leave(first);
  });
});
