/** `rove copy-id` as the user runs it, against real sshds, for users with passwords and shells of their own. */

import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { builtProgram } from '../../../bench/installation.ts';
import { makeKey } from '../../../bench/lab/sshd.ts';
import { parseCopyIdOptions } from '../../../client/copy-id/copy-id-options.ts';
import { noPam } from '../../peers/pam.ts';
import { noSshd, type Sshd, startSshd } from '../../peers/sshd.ts';
import { makeSystemUser, noSystemUsers, type SystemUser } from '../../peers/system-user.ts';

const WHY_NOT = noSshd ?? noSystemUsers ?? noPam;

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The questions that were put to the user. */
  readonly asked: readonly string[];
}

describe.skipIf(WHY_NOT !== undefined)(`rove copy-id${WHY_NOT ? `: ${WHY_NOT}` : ''}`, () => {
  let folder: string;
  let sshd: Sshd;
  let sftpOnly: Sshd;
  let twoFactors: Sshd;
  let user: SystemUser;
  let fish: SystemUser;
  let tcsh: SystemUser;
  let runs = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rove-copy-id-'));
    user = makeSystemUser({ shell: '/bin/bash' });
    fish = makeSystemUser({ shell: '/usr/bin/fish' });
    tcsh = makeSystemUser({ shell: '/usr/bin/tcsh' });
    const config = ['AuthorizedKeysFile .ssh/authorized_keys', 'StrictModes yes'];
    const pam = [{ kind: 'password' }] as const;
    sshd = await startSshd({ home: 'own', pam, config });
    const chain = 'AuthenticationMethods publickey,keyboard-interactive';
    twoFactors = await startSshd({ home: 'own', pam, config: [...config, chain] });
    sftpOnly = await startSshd({ home: 'own', pam, config: [...config, 'ForceCommand internal-sftp'] });
  });
  afterAll(async () => {
    for (const made of [user, fish, tcsh]) made?.remove();
    for (const started of [sshd, sftpOnly, twoFactors]) await started?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function newKey(name: string, passphrase = ''): string {
    const file = join(folder, name);
    makeKey(file, 'ed25519', passphrase);
    return file;
  }

  /** Runs it for `who`, whose password is at hand. */
  function copyId(who: SystemUser, words: readonly string[], at = sshd): Promise<Run> {
    const place = join(folder, `run-${runs++}`);
    const askpass = `#!/bin/sh\nprintf '%s\\n' "$1" >>${place}\necho '${who.password}'\n`;
    writeFileSync(`${place}.sh`, askpass, { mode: 0o700 });
    writeFileSync(place, '');
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      TMPDIR: folder,
      SSH_ASKPASS: `${place}.sh`,
      SSH_ASKPASS_REQUIRE: 'force',
    };
    const all = [builtProgram('rove'), 'copy-id', '-F', at.configFile, '-l', who.name, ...words, 'peer'];
    const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (bytes: Buffer) => {
        said[stream] += bytes.toString();
      });
    }
    return new Promise((resolve) => {
      child.on('close', (status) => {
        resolve({ status, ...said, asked: readFileSync(place, 'utf8').split('\n').slice(0, -1) });
      });
    });
  }

  function authorized(who: SystemUser): string {
    return readFileSync(join(who.home, '.ssh/authorized_keys'), 'utf8');
  }

  test('asks for the password, adds the key, and finds it there the next time without asking', async () => {
    const key = newKey('first');
    const first = await copyId(user, ['-i', key]);
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.asked).toHaveLength(1);
    const name = execFileSync('ssh-keygen', ['-lf', key], { encoding: 'utf8' }).split(' ')[1];
    expect(first.stdout).toBe(`rove: added on peer: ssh-ed25519 ${name} rove test key\n`);
    expect(authorized(user)).toBe(readFileSync(`${key}.pub`, 'utf8'));
    const { uid, mode } = statSync(join(user.home, '.ssh/authorized_keys'));
    expect([uid, mode & 0o777]).toEqual([user.uid, 0o600]);
    const words = ['-F', sshd.configFile, '-l', user.name, '-i', key, '-o', 'BatchMode=yes', 'peer', 'id -un'];
    expect(execFileSync('ssh', words, { encoding: 'utf8' })).toBe(`${user.name}\n`);

    const second = await copyId(user, ['-i', `${key}.pub`]);
    expect(second).toMatchObject({ status: 0, asked: [] });
    expect(second.stdout).toBe(`rove: peer lets this key in already: ssh-ed25519 ${name} rove test key\n`);
  });

  test('adds no key twice, though it was told not to try', async () => {
    const key = newKey('forced');
    await copyId(user, ['-i', key]);
    const before = authorized(user);
    const again = await copyId(user, ['-f', '-i', key]);
    expect(again.stdout).toContain('is there already on peer');
    expect(authorized(user)).toBe(before);
  });

  test('with -n asks for nothing and adds nothing', async () => {
    const key = newKey('dry');
    const before = authorized(user);
    const dry = await copyId(user, ['-n', '-i', key]);
    expect(dry).toMatchObject({ status: 0, asked: [] });
    expect(dry.stdout).toBe(`rove: would be added on peer: ${readFileSync(`${key}.pub`, 'utf8')}`);
    expect(authorized(user)).toBe(before);
  });

  test('unlocks no key to try it', async () => {
    const key = newKey('locked', 'a passphrase');
    expect((await copyId(user, ['-i', key])).asked).toHaveLength(1);
    expect(await copyId(user, ['-i', key])).toMatchObject({ status: 0, asked: [] });
  });

  test('knows a key that is let in together with something else', async () => {
    const key = newKey('one-of-two');
    await copyId(user, ['-i', key]);
    const run = await copyId(user, ['-i', key], twoFactors);
    expect(run).toMatchObject({ status: 0, asked: [], stderr: '' });
    expect(run.stdout).toContain('lets this key in already');
  });

  test('goes through a login shell that talks', async () => {
    user.write('.bashrc', 'echo "Welcome, $USER!"; echo "You have mail." >&2; printf "no end of line"\n');
    const key = newKey('noisy');
    const run = await copyId(user, ['-i', key]);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(authorized(user)).toContain(readFileSync(`${key}.pub`, 'utf8'));
  });

  test.each([
    ['fish', () => fish],
    ['tcsh', () => tcsh],
  ])('goes through %s', async (name, who) => {
    const key = newKey(name);
    expect(await copyId(who(), ['-i', key])).toMatchObject({ status: 0, stderr: '' });
    expect(authorized(who())).toBe(readFileSync(`${key}.pub`, 'utf8'));
  });

  test('says what would help where the server goes on refusing', async () => {
    const open = makeSystemUser();
    try {
      execFileSync('chmod', ['777', open.home]);
      const run = await copyId(open, ['-i', newKey('open')]);
      expect(run.status).toBe(255);
      expect(run.stderr).toMatch(/^rove: peer has the key and still does not let it in by itself: .*chmod go-w ~.*\n$/);
    } finally {
      open.remove();
    }
  });

  test('says in a line that there is no shell', async () => {
    const run = await copyId(user, ['-i', newKey('sftp')], sftpOnly);
    expect(run.status).toBe(255);
    expect(run.stderr).toMatch(/^rove: peer: no shell ran to add the key; .*\n$/);
  });

  test("leaves the login to the system's ssh where the user says so, and tries nothing then", async () => {
    const key = newKey('by-ssh');
    const run = await copyId(user, ['--ssh=ssh', '-i', key]);
    expect(run).toMatchObject({ status: 0 });
    expect(run.asked).toHaveLength(1);
    expect(authorized(user)).toContain(readFileSync(`${key}.pub`, 'utf8'));
    // Its shared login, and the place of that, go by themselves.
    await vi.waitFor(() => expect(readdirSync(folder).filter((name) => name.startsWith('rove-'))).toEqual([]));
  });

  test("adds the key by the system's ssh, too, where the configuration has sessions that are none", async () => {
    const key = newKey('by-ssh-alone');
    const configFile = join(folder, 'no-sessions');
    const lines = ['RemoteCommand echo other', 'StdinNull yes', 'SessionType subsystem', 'ForkAfterAuthentication yes'];
    writeFileSync(configFile, [...lines, readFileSync(sshd.configFile, 'utf8')].join('\n'));
    expect(await copyId(user, ['--ssh=ssh', '-i', key], { ...sshd, configFile })).toMatchObject({ status: 0 });
    expect(authorized(user)).toContain(readFileSync(`${key}.pub`, 'utf8'));
  });

  test('takes no private key for a public one, and no certificate', async () => {
    const key = newKey('alone');
    rmSync(`${key}.pub`);
    expect((await copyId(user, ['-i', key])).stderr).toMatch(/^rove: the public key .*alone.pub is not there: .*\n$/);
    appendFileSync(`${key}.pub`, readFileSync(key));
    expect((await copyId(user, ['-i', key])).stderr).toMatch(/^rove: .* holds no public key\n$/);
    const [authority, certified] = [newKey('authority'), newKey('certified')];
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'x', '-n', user.name, `${certified}.pub`]);
    expect((await copyId(user, ['-i', `${certified}-cert.pub`])).stderr).toMatch(/holds a certificate/);
  });

  test('takes the keys of an agent when none is named', async () => {
    const key = newKey('held');
    const socket = join(folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      await new Promise((resolve) => agent.stdout.once('data', resolve));
      execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
      const configFile = join(folder, 'with-agent');
      writeFileSync(configFile, `IdentityAgent ${socket}\n${readFileSync(sshd.configFile, 'utf8')}`);
      const run = await copyId(user, [], { ...sshd, configFile });
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(authorized(user)).toContain(readFileSync(`${key}.pub`, 'utf8'));
    } finally {
      agent.kill();
    }
  });
});

describe('the command line of rove copy-id', () => {
  test('has -n and -f of its own, and -i for the key, also in clusters', () => {
    expect(parseCopyIdOptions(['-nfi', 'key', 'me@host'])).toMatchObject({ file: 'key', dryRun: true, force: true });
    expect(parseCopyIdOptions(['host', '-ikey'])).toMatchObject({ file: 'key', dryRun: false, force: false });
  });

  test.each([
    [[], /expected a host/],
    [['a', 'b'], /one host/],
    [['-i'], /-i needs a file/],
    [['-i', 'a', '-i', 'b', 'host'], /once/],
    [['--no-such', 'host'], /no option --no-such/],
  ])('refuses %j in a line', (words, line) => {
    expect(() => parseCopyIdOptions(words)).toThrow(line);
  });
});
