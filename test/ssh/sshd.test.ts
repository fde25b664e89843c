/** The peers of the tests of ssh are what they claim to be: held against OpenSSH's own client, so that no other test need doubt them. */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeOneTimeSecret, noOneTimeCodes, type OneTimeSecret } from '../peers/pam.ts';
import { noSshd, type Sshd, startSshd } from '../peers/sshd.ts';
import { makeSystemUser, noSystemUsers, type SystemUser } from '../peers/system-user.ts';

const WHY_NOT = noSshd ?? noSystemUsers ?? noOneTimeCodes;

interface Login {
  readonly status: number | null;
  readonly stdout: string;
  readonly prompts: readonly string[];
}

/** Runs `ssh` as `user`, which gets the answers in their order from a program of ours (SSH_ASKPASS). */
async function login(sshd: Sshd, user: SystemUser, answers: readonly string[], words: readonly string[]) {
  const place = join(sshd.directory, `asked-${user.name}-${Math.random().toString(36).slice(2)}`);
  writeFileSync(`${place}.answers`, answers.map((answer) => `${answer}\n`).join(''));
  writeFileSync(
    `${place}.sh`,
    `#!/bin/sh\nprintf '%s\\n' "$1" >>${place}\nsed -n "$(wc -l <${place})p" ${place}.answers\n`,
    { mode: 0o700 },
  );
  const options = ['-F', sshd.configFile, '-l', user.name, '-o', 'PubkeyAuthentication=no', 'peer'];
  const env = { PATH: process.env.PATH, SSH_ASKPASS: `${place}.sh`, SSH_ASKPASS_REQUIRE: 'force' };
  const child = spawn('ssh', [...options, ...words], { stdio: ['ignore', 'pipe', 'ignore'], env });
  let stdout = '';
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  return new Promise<Login>((resolve) => {
    child.on('close', (status) => {
      const asked = existsSync(place) ? readFileSync(place, 'utf8').split('\n') : [];
      resolve({ status, stdout, prompts: asked.filter((line) => line !== '') });
    });
  });
}

describe.skipIf(WHY_NOT !== undefined)(`the peers${WHY_NOT ? `: ${WHY_NOT}` : ''}`, () => {
  let user: SystemUser;
  let fish: SystemUser;
  let tcsh: SystemUser;
  let withPassword: Sshd;
  let withCode: Sshd;
  let secret: OneTimeSecret;

  beforeAll(async () => {
    user = makeSystemUser();
    fish = makeSystemUser({ shell: '/usr/bin/fish' });
    tcsh = makeSystemUser({ shell: '/usr/bin/tcsh' });
    secret = makeOneTimeSecret(user.home);
    const password = { kind: 'password' } as const;
    withPassword = await startSshd({
      home: 'own',
      pam: [password],
      config: ['PasswordAuthentication yes'],
    });
    withCode = await startSshd({ home: 'own', pam: [password, { kind: 'code', secret }] });
  });
  afterAll(async () => {
    await withPassword.stop();
    await withCode.stop();
    for (const made of [user, fish, tcsh]) made.remove();
  });

  test('take the right password only', async () => {
    const right = await login(withPassword, user, [user.password], ['echo $HOME; exit 7']);
    expect(right).toMatchObject({ status: 7, stdout: `${user.home}\n` });
    expect(right.prompts).toHaveLength(1);
    const wrong = await login(withPassword, user, ['no'], ['-o', 'NumberOfPasswordPrompts=1', 'true']);
    expect(wrong.status).toBe(255);
  });

  test('ask for a code in a second round', async () => {
    const right = await login(withCode, user, [user.password, secret.code()], ['echo in']);
    expect(right).toMatchObject({ status: 0, stdout: 'in\n' });
    expect(right.prompts.map((prompt) => prompt.replace(/^\(.*\) /, ''))).toEqual([
      'Password: ',
      'Verification code: ',
    ]);
    const options = ['-o', 'NumberOfPasswordPrompts=1'];
    const wrong = await login(withCode, user, [user.password, secret.wrongCode()], [...options, 'true']);
    expect(wrong.status).toBe(255);
  });

  test('have login shells of their own', async () => {
    const inFish = await login(withPassword, fish, [fish.password], ['echo $version; set -S fish_pid >/dev/null']);
    expect(inFish.stdout).toMatch(/^\d+\.\d+\.\d+/);
    const inTcsh = await login(withPassword, tcsh, [tcsh.password], ['echo $tcsh']);
    expect(inTcsh.stdout).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('leave nothing behind', () => {
    const gone = makeSystemUser();
    gone.write('.ssh/config', 'Host *\n');
    expect(statSync(join(gone.home, '.ssh')).uid).toBe(gone.uid);
    gone.remove();
    gone.remove();
    expect(existsSync(gone.home)).toBe(false);
    expect(readFileSync('/etc/passwd', 'utf8')).not.toContain(gone.name);
  });
});
