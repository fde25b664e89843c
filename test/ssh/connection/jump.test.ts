import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JumpHost, Settings } from '../../../client/ssh/settings.ts';
import { noSshd, type Sshd, startSshd } from '../../peers/sshd.ts';
import { connected, outcome, settingsFor } from './connected.ts';

let first: Sshd;
let second: Sshd;
let last: Sshd;

function through(...names: string[]): readonly JumpHost[] {
  return names.map((host) => ({ host, user: undefined, port: undefined }));
}

/** The two hosts on the way, each with its own key and known host keys. */
function hosts(changes: Partial<Settings> = {}): Settings[] {
  return [settingsFor(first, { label: 'gate' }), settingsFor(second, { label: 'inner', ...changes })];
}

describe.skipIf(noSshd !== undefined)(`the way to a host${noSshd ? `: ${noSshd}` : ''}`, () => {
  beforeAll(async () => {
    [first, second, last] = await Promise.all([
      startSshd({ config: ['LogLevel DEBUG1'] }),
      startSshd({ config: ['LogLevel DEBUG1'] }),
      startSshd(),
    ]);
  });
  afterAll(() => Promise.all([first, second, last].map((sshd) => sshd.stop())));

  it('goes through hosts in a row, each with its own key and host key', async () => {
    const { connection, log } = connected(settingsFor(last, { jumps: through('gate', 'inner') }), { hosts: hosts() });
    const ended = await outcome(connection, 'cat; exit 9', 'x'.repeat(400_000));
    expect(ended).toMatchObject({ code: 9 });
    expect(ended.stdout).toHaveLength(400_000);
    expect(connection.address).toBeUndefined();
    expect(log()).toContain('peer: through gate, inner');
    connection.close();
    await expect.poll(() => first.log()).toMatch(/Received disconnect from/);
  });

  it('begins where the configuration of the first hop says', async () => {
    const [gate, inner] = hosts({ jumps: through('gate') });
    if (gate === undefined || inner === undefined) throw new Error('there are two');
    const { connection } = connected(settingsFor(last, { jumps: through('inner') }), { hosts: [gate, inner] });
    const before = first.log().length;
    expect(await outcome(connection, 'echo there')).toMatchObject({ stdout: 'there\n' });
    await expect.poll(() => first.log().slice(before)).toContain(`target 127.0.0.1 port ${second.port}`);
    connection.close();
  });

  it('names the hop that fails', async () => {
    const cases: [Partial<Settings>, RegExp][] = [
      [{ user: 'nobody-here' }, /nobody-here@/],
      [{ port: 1 }, /gate cannot connect to 127\.0\.0\.1 port 1: .*refused/i],
      [{ hostKeys: settingsFor(last).hostKeys }, /another program answers in place of|host key/i],
    ];
    for (const [changes, message] of cases) {
      const target = settingsFor(last, { jumps: through('gate', 'inner') });
      const { connection } = connected(target, { hosts: hosts(changes) });
      await expect(connection.run('true')).rejects.toThrow(message);
    }
  });

  it('tells when a hop goes away', async () => {
    const links: Socket[] = [];
    const relay = createServer((near) => {
      const far = connect(first.port, first.address);
      for (const end of [near, far]) end.on('error', () => undefined);
      near.pipe(far).pipe(near);
      links.push(near, far);
    }).listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const address = relay.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const { connection } = connected(settingsFor(last, { jumps: through('gate') }), {
      hosts: [settingsFor(first, { label: 'gate', port })],
    });
    const process = await connection.run('cat');
    process.stderr.resume();
    process.stdout.resume();
    for (const link of links) link.destroy();
    const exit = await process.exited;
    expect(exit).toMatchObject({ code: undefined, signal: undefined });
    expect(exit.lost?.message).toMatch(/^gate closed the connection|connection to gate was lost/);
    relay.close();
  });

  it('does not go round in circles', async () => {
    const [gate] = hosts();
    if (gate === undefined) throw new Error('it is there');
    const looping = { ...gate, jumps: through('gate') };
    const { connection } = connected(settingsFor(last, { jumps: through('gate') }), { hosts: [looping] });
    await expect(connection.run('true')).rejects.toThrow(/gate is to be reached through itself/);
    const [, inner] = hosts();
    if (inner === undefined) throw new Error('it is there, too');
    const pair = [
      { ...gate, jumps: through('inner') },
      { ...inner, jumps: through('gate') },
    ];
    const { connection: other } = connected(settingsFor(last, { jumps: through('gate') }), { hosts: pair });
    await expect(other.run('true')).rejects.toThrow(/more than 16 hosts: is there a loop/);
  });

  it('goes through a program, which ends with it', async () => {
    const pidFile = join(last.directory, 'pid');
    const relay = `"${process.execPath}" -e '${RELAY}' ${last.port} "${pidFile}"`;
    const { connection } = connected(settingsFor(last, { proxyCommand: relay }));
    const ended = await outcome(connection, 'cat', 'y'.repeat(400_000));
    expect(ended.stdout).toHaveLength(400_000);
    expect(connection.address).toBeUndefined();
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    connection.close();
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('says what became of the program', async () => {
    const ended = connected(settingsFor(last, { proxyCommand: "sh -c 'exit 3'" })).connection;
    await expect(ended.run('true')).rejects.toThrow(/the proxy command for peer ended with status 3: .*exit 3'/);
    const silent = connected(settingsFor(last, { proxyCommand: 'sleep 60', timeoutMs: 300 })).connection;
    await expect(silent.run('true')).rejects.toThrow(/does not answer as an ssh server/);
  });
});

/** Copies between its pipes and a port of loopback. */
const RELAY = [
  'require("fs").writeFileSync(process.argv[2], String(process.pid));',
  'const socket = require("net").connect(process.argv[1], "127.0.0.1");',
  'process.stdin.pipe(socket).pipe(process.stdout);',
].join(' ');

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
