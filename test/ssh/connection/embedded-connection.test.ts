import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKey } from '../../../bench/lab/sshd.ts';
import { DEFAULT_SETTINGS, type HostKeyPolicy, type Settings } from '../../../client/ssh/settings.ts';
import { UserError } from '../../../client/user-error.ts';
import { noSshd, type Sshd, startSshd } from '../../peers/sshd.ts';
import { ScriptedPrompter } from '../scripted-prompter.ts';
import { connected, outcome, output, settingsFor } from './connected.ts';

let sshd: Sshd;

/** Longer than any window, and nothing that compresses. */
const LARGE = randomBytes(5_000_000);

describe.skipIf(noSshd !== undefined)(`a connection of the built-in ssh${noSshd ? `: ${noSshd}` : ''}`, () => {
  beforeAll(async () => {
    sshd = await startSshd({ config: ['LogLevel DEBUG1', 'RekeyLimit 1M', 'AcceptEnv FRUIT'] });
  });
  afterAll(() => sshd.stop());

  it('runs a command: its input, both outputs apart, its status', async () => {
    const { connection } = connected(settingsFor(sshd));
    const ended = await outcome(connection, 'cat; echo bad 1>&2; exit 7', 'in');
    expect(ended).toMatchObject({ stdout: 'in', code: 7, signal: undefined });
    expect(ended.stderr).toContain('bad\n');
    expect(connection.address).toBe(sshd.address);
    connection.close();
  });

  it('tells of a signal by its name', async () => {
    const { connection } = connected(settingsFor(sshd));
    expect(await outcome(connection, 'kill -TERM $$')).toMatchObject({ code: undefined, signal: 'TERM' });
    connection.close();
  });

  it('sends a signal', async () => {
    const { connection } = connected(settingsFor(sshd));
    const process = await connection.run('cat');
    process.stdout.resume();
    process.stderr.resume();
    process.signal('INT');
    process.signal('NO SUCH SIGNAL');
    process.stdin.end();
    expect(await process.exited).toMatchObject({ code: expect.any(Number) });
    // An sshd that runs as root sends none on.
    await expect.poll(() => sshd.log().match(/req signal/g)).toHaveLength(1);
    connection.close();
  });

  it('is exact in megabytes both ways, over new keys', async () => {
    const { connection } = connected(settingsFor(sshd));
    const echoed = await output(connection, 'cat', LARGE);
    expect(hash(echoed)).toBe(hash(LARGE));
    connection.close();
    await expect.poll(() => sshd.log().split('SSH2_MSG_KEXINIT received').length).toBeGreaterThan(3);
  });

  it('holds the other side up while nobody reads, and loses nothing', async () => {
    const { connection } = connected(settingsFor(sshd));
    const process = await connection.run('head -c 6000000 /dev/zero; echo end 1>&2');
    process.stderr.resume();
    // Reads another command's output meanwhile: a channel that stands still stops no other.
    expect(await outcome(connection, 'seq 1 20000 | tail -n 1')).toMatchObject({ stdout: '20000\n' });
    expect(process.stdout.readableLength).toBeLessThanOrEqual(2 * 1024 * 1024);
    expect((await buffer(process.stdout)).length).toBe(6_000_000);
    expect(await process.exited).toMatchObject({ code: 0 });
    connection.close();
  });

  it('holds up who writes while the command does not read', async () => {
    const { connection } = connected(settingsFor(sshd));
    const process = await connection.run('read line; wc -c');
    process.stderr.resume();
    process.stdin.write('go\n');
    let taken = 0;
    process.stdin.write(Buffer.alloc(1_000_000));
    const sleeper = await connection.run('exec sleep 60');
    while (taken < 8_000_000) {
      const more = sleeper.stdin.write(Buffer.alloc(32_768));
      taken += 32_768;
      if (!more && sleeper.stdin.writableLength > 4_000_000) break;
    }
    expect(sleeper.stdin.writableLength).toBeGreaterThan(1_000_000);
    process.stdin.end();
    expect((await buffer(process.stdout)).toString().trim()).toBe('1000000');
    connection.close();
  });

  it('runs the login shell, and a subsystem', async () => {
    const { connection } = connected(settingsFor(sshd));
    const shell = await connection.run(undefined, { env: { FRUIT: 'pear', OTHER: 'no' } });
    shell.stderr.resume();
    shell.stdin.end('echo $FRUIT $OTHER; exit 4\n');
    expect((await buffer(shell.stdout)).toString()).toBe('pear\n');
    expect(await shell.exited).toMatchObject({ code: 4 });
    await expect(connection.run('no-such-thing', { subsystem: true })).rejects.toThrow('peer has no subsystem');
    connection.close();
  });

  it('connects to a socket over there, both ways and to the end', async () => {
    const path = join(sshd.directory, 'socket');
    const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
      let asked = 0;
      socket.on('data', (bytes) => {
        asked += bytes.length;
      });
      socket.on('end', () => socket.end(`${asked} bytes`));
    }).listen(path);
    await once(server, 'listening');
    const { connection } = connected(settingsFor(sshd));
    const socket = await connection.openSocket(path);
    socket.end(LARGE.subarray(0, 300_000));
    expect((await buffer(socket)).toString()).toBe('300000 bytes');
    await expect(connection.openSocket(join(sshd.directory, 'absent'))).rejects.toThrow(UserError);
    await expect(connection.openSocket(join(sshd.directory, 'absent'))).rejects.toThrow(
      /peer does not connect to .*absent/,
    );
    connection.close();
    server.close();
  });

  it('says in one line why nothing came of it', async () => {
    const refused = connected(settingsFor(sshd, { user: 'nobody-at-all' })).connection;
    const running = refused.run('true');
    await expect(refused.ready).rejects.toThrow(UserError);
    await expect(running).rejects.toThrow(/nobody-at-all/);
    const unknown = settingsFor(sshd, { hostKeys: { ...DEFAULT_SETTINGS.hostKeys, strict: 'yes' } });
    await expect(connected(unknown).connection.run('true')).rejects.toThrow(/host key/i);
  });

  it('ends what runs when it is closed, and is not asked any more', async () => {
    const { connection } = connected(settingsFor(sshd));
    const process = await connection.run('cat');
    const ended = process.exited;
    process.stdout.resume();
    process.stderr.resume();
    connection.close();
    expect(await ended).toMatchObject({ code: undefined, lost: expect.any(UserError) });
    await expect(connection.run('true')).rejects.toThrow(/closed/);
    // Nobody is hurt by what is written late.
    process.stdin.write('late');
  });

  it('is given up when the other side does not answer any more, if that is wished', async () => {
    const links: Socket[] = [];
    const relay = createServer((near) => {
      const far = connect(sshd.port, sshd.address);
      for (const end of [near, far]) end.on('error', () => undefined);
      near.pipe(far).pipe(near);
      links.push(near, far);
    }).listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const address = relay.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const { connection } = connected(settingsFor(sshd, { port, alive: { intervalMs: 50, countMax: 2 } }));
    expect(await outcome(connection, 'sleep 0.4; echo still here')).toMatchObject({ stdout: 'still here\n' });
    const process = await connection.run('cat');
    // Whatever a login says there: an end is one only when all has been read.
    for (const said of [process.stdout, process.stderr]) said.resume();
    for (const link of links) link.unpipe();
    expect((await process.exited).lost?.message).toMatch(/peer does not answer any more, .*ServerAliveInterval/);
    for (const link of links) link.destroy();
    relay.close();
  });

  it('is closed before it was there', async () => {
    const { connection } = connected(settingsFor(sshd));
    const running = connection.run('true');
    connection.close();
    await expect(running).rejects.toThrow(/was closed/);
  });
});

describe.skipIf(noSshd !== undefined)('the host that is reached', () => {
  let own: Sshd;
  beforeAll(async () => {
    own = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa'] });
  });
  afterAll(() => own.stop());

  /** A known_hosts file for the host with these keys, and settings that go by it. */
  function knowing(keys: readonly string[], policy: Partial<HostKeyPolicy>): { file: string; settings: Settings } {
    const file = join(own.directory, `known-${keys.length}-${policy.update ?? policy.strict}`);
    writeFileSync(file, keys.map((key) => `[${own.address}]:${own.port} ${key}\n`).join(''));
    const hostKeys = { ...DEFAULT_SETTINGS.hostKeys, userFiles: [file], strict: 'yes' as const, ...policy };
    return { file, settings: settingsFor(own, { hostKeys, batch: false }) };
  }

  it('may be another one, where the user wants that: then with a key alone', async () => {
    const stranger = join(own.directory, 'stranger');
    makeKey(stranger, 'ed25519');
    const other = readFileSync(`${stranger}.pub`, 'utf8').trim();
    const { settings } = knowing([other], { strict: 'no' });
    const prompter = new ScriptedPrompter();
    const { connection } = connected(settings, { prompter });
    expect(await outcome(connection, 'echo in')).toMatchObject({ stdout: 'in\n' });
    expect(prompter.told.join('\n')).toMatch(/Password authentication is disabled/);
    connection.close();
  });

  it('has its other keys learnt, if that is wished', async () => {
    const [first = ''] = own.hostKeys;
    for (const update of ['no', 'yes'] as const) {
      const { file, settings } = knowing([first], { update });
      const { connection } = connected(settings);
      const process = await connection.run('cat');
      process.stderr.resume();
      process.stdout.resume();
      if (update === 'yes') await expect.poll(() => readFileSync(file, 'utf8')).toContain('ecdsa-sha2-nistp256');
      process.stdin.end();
      await process.exited;
      expect(readFileSync(file, 'utf8').includes('ecdsa')).toBe(update === 'yes');
      connection.close();
    }
  });
});

describe.skipIf(noSshd !== undefined)('what travels with the login', () => {
  it('has strict key exchange, and one attempt for one key', async () => {
    const own = await startSshd({ config: ['LogLevel DEBUG1'] });
    const { connection, log } = connected(settingsFor(own), { level: 'debug2' });
    expect(await outcome(connection, 'echo one')).toMatchObject({ stdout: 'one\n' });
    connection.close();
    expect(log()).toContain('strict KEX mode enabled');
    await expect.poll(() => own.log().match(/userauth-request for user/g)).toHaveLength(1);
    expect(own.log()).not.toContain('dispatch_protocol_error');
    // The command was there before the login's outcome was known here.
    expect(log().indexOf('exec: echo one')).toBeLessThan(log().indexOf('Received USERAUTH_SUCCESS'));
    await own.stop();
  });

  it('is refused where sessions are, though its command was there already', async () => {
    const own = await startSshd({ config: ['MaxSessions 0'] });
    const { connection } = connected(settingsFor(own));
    await expect(connection.run('true')).rejects.toThrow(/^peer does not let \S+ run commands: open failed$/);
    connection.close();
    await own.stop();
  });

  it('is sent again when the first attempt does not do', async () => {
    const own = await startSshd({ config: ['LogLevel DEBUG1'] });
    const other = join(own.directory, 'other-key');
    makeKey(other, 'ed25519');
    const base = settingsFor(own);
    const settings = { ...base, identities: { ...base.identities, files: [other, own.userKey] } };
    const { connection } = connected(settings);
    const runs = [outcome(connection, 'echo one; exit 1'), outcome(connection, 'echo two; exit 2')];
    expect(await Promise.all(runs)).toMatchObject([
      { stdout: 'one\n', code: 1 },
      { stdout: 'two\n', code: 2 },
    ]);
    connection.close();
    await expect.poll(() => own.log()).toContain('dispatch_protocol_error: type 90');
    await own.stop();
  });
});

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
