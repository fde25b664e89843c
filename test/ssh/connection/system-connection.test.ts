import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Log } from '../../../client/log.ts';
import { connectSsh, connectSystemSsh } from '../../../client/ssh/connect.ts';
import type { SshConnection } from '../../../client/ssh/connection.ts';
import type { Settings } from '../../../client/ssh/settings.ts';
import type { RemoteTarget } from '../../../client/ssh/target.ts';
import { UserError } from '../../../client/user-error.ts';
import { noSshd, type Sshd, startSshd } from '../../peers/sshd.ts';
import { ScriptedPrompter } from '../scripted-prompter.ts';
import { outcome, output, settingsFor } from './connected.ts';

let sshd: Sshd;
let temporary: string;
const before = process.env.TMPDIR;

function target(changes: Partial<RemoteTarget> = {}): RemoteTarget {
  return {
    host: 'peer',
    configFile: sshd.configFile,
    directives: ['LogLevel=error'],
    install: 'never',
    ssh: undefined,
    server: 'rove-server',
    ...changes,
  };
}

function system(changes: Partial<RemoteTarget> = {}, command = 'ssh'): SshConnection {
  return connectSystemSsh({ target: target(changes), command, log: new Log('quiet', () => undefined) });
}

/** The folders of logins that are shared. */
function shared(): string[] {
  return readdirSync(temporary).filter((name) => name.startsWith('rove-ssh-'));
}

describe.skipIf(noSshd !== undefined)(`a connection of the system's ssh${noSshd ? `: ${noSshd}` : ''}`, () => {
  beforeAll(async () => {
    temporary = mkdtempSync(join(tmpdir(), 'rove-system-'));
    process.env.TMPDIR = temporary;
    sshd = await startSshd();
  });
  afterAll(async () => {
    if (before === undefined) Reflect.deleteProperty(process.env, 'TMPDIR');
    else process.env.TMPDIR = before;
    await sshd.stop();
    rmSync(temporary, { recursive: true, force: true });
  });

  it('runs commands, and logs in once for all of them', async () => {
    const logins = (): number => sshd.log().split('Accepted publickey').length - 1;
    const had = logins();
    const connection = system();
    const first = [outcome(connection, 'cat; exit 7', 'in'), outcome(connection, 'cat; exit 8', 'there')];
    expect(await Promise.all(first)).toMatchObject([
      { stdout: 'in', code: 7 },
      { stdout: 'there', code: 8 },
    ]);
    const large = randomBytes(2_000_000);
    expect((await output(connection, 'cat', large)).equals(large)).toBe(true);
    expect(await outcome(connection, 'true')).toMatchObject({ code: 0 });
    await connection.ready;
    expect(connection.addresses).toEqual([sshd.address]);
    expect(logins() - had).toBe(1);
    expect(shared()).toHaveLength(1);
    connection.close();
    await expect.poll(shared, { timeout: 10_000 }).toEqual([]);
    await expect(connection.run('true')).rejects.toThrow(/was closed/);
  });

  it('runs the login shell, and a subsystem of a name', async () => {
    const connection = system();
    const shell = await connection.run(undefined);
    shell.stdin.end('echo shell; exit 3\n');
    expect(await shell.stdout.toArray()).toHaveLength(1);
    expect(await shell.exited).toMatchObject({ code: 3 });
    const sftp = await connection.run('no-such-thing', { subsystem: true });
    expect((await sftp.exited).code).not.toBe(0);
    connection.close();
  });

  it('leaves a login that the configuration shares to the configuration', async () => {
    const socket = join(temporary, 'own');
    const connection = system({ directives: ['ControlMaster=auto', `ControlPath=${socket}`, 'ControlPersist=yes'] });
    expect(await outcome(connection, 'echo in')).toMatchObject({ stdout: 'in\n' });
    connection.close();
    expect(existsSync(socket)).toBe(true);
    expect(shared()).toEqual([]);
    execFileSync('ssh', ['-F', sshd.configFile, '-o', `ControlPath=${socket}`, '-O', 'exit', 'peer'], {
      stdio: 'ignore',
    });
  });

  it('tells a login that failed, and a program that is not there', async () => {
    const refused = system({ directives: ['Port=1', 'LogLevel=quiet'] });
    expect(await outcome(refused, 'true')).toMatchObject({ code: 255, lost: expect.any(UserError) });
    await expect(refused.ready).rejects.toThrow('ssh could not log in on peer: see what it said above');
    refused.close();
    await expect(system({}, 'no-such-ssh').run('true')).rejects.toThrow(/cannot run no-such-ssh: there is no such/);
    await expect(system().openSocket('/tmp/x')).rejects.toThrow(UserError);
  });

  it('takes words that look like options for what they are', async () => {
    await expect(outcome(system({ host: '-oProxyCommand=touch owned' }), 'true')).resolves.toMatchObject({ code: 255 });
    expect(existsSync('owned')).toBe(false);
  });

  it('ends with what runs', async () => {
    const connection = system();
    const process = await connection.run('echo there; exec sleep 60');
    await new Promise((done) => process.stdout.once('data', done));
    connection.close();
    expect((await process.exited).code).not.toBe(0);
    // The shared login and its folder, too, by themselves.
    await vi.waitFor(() => expect(shared()).toEqual([]));
  });
});

describe.skipIf(noSshd !== undefined)('what the built-in ssh does not have', () => {
  const lines: string[] = [];

  function connect(settings: Settings): SshConnection {
    lines.length = 0;
    const log = new Log('verbose', (line) => lines.push(line));
    return connectSsh({ settings, target: target(), prompter: new ScriptedPrompter(), log });
  }

  beforeAll(async () => {
    sshd = await startSshd({ config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] });
  });
  afterAll(() => sshd.stop());

  it('goes to the system by itself, if the configuration says so', async () => {
    const connection = connect(settingsFor(sshd, { handOver: ['PKCS11Provider', 'ProxyUseFdpass'] }));
    expect(await outcome(connection, 'echo in')).toMatchObject({ stdout: 'in\n' });
    expect(lines).toEqual([
      "the built-in ssh has no PKCS11Provider and ProxyUseFdpass, which the configuration of peer wants: the system's ssh does the login",
    ]);
    connection.close();
  });

  it('goes to the system by itself, if the host says so; once, whatever was asked for', async () => {
    const connection = connect(settingsFor(sshd));
    const runs = [outcome(connection, 'echo one'), outcome(connection, 'echo two')];
    expect((await Promise.all(runs)).map(({ stdout }) => stdout)).toEqual(['one\n', 'two\n']);
    await connection.ready;
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/no algorithm in common .*: the system's ssh does the login/);
    connection.close();
  });

  it('is said where there is no other ssh', async () => {
    const path = process.env.PATH;
    const empty = mkdtempSync(join(tmpdir(), 'rove-path-'));
    writeFileSync(join(empty, 'ssh'), '');
    chmodSync(join(empty, 'ssh'), 0o644);
    process.env.PATH = empty;
    try {
      const running = connect(settingsFor(sshd)).run('true');
      await expect(running).rejects.toThrow(/no algorithm in common .* there is none on this machine/);
      const settings = settingsFor(sshd, { handOver: ['PKCS11Provider'] });
      expect(() => connect(settings)).toThrow(/no PKCS11Provider, .*there is none on this machine/);
    } finally {
      process.env.PATH = path;
      rmSync(empty, { recursive: true });
    }
  });
});
