import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveLogin } from '../../../client/ssh/config/login.ts';
import type { Settings } from '../../../client/ssh/settings.ts';
import type { RemoteTarget } from '../../../client/ssh/target.ts';
import { UserError } from '../../../client/user-error.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rove-config-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function login(config: string, changes: Partial<RemoteTarget> = {}): Promise<Settings> {
  const configFile = join(directory, 'config');
  writeFileSync(configFile, config);
  return resolveLogin({
    host: 'web',
    user: undefined,
    port: undefined,
    identityFiles: [],
    configFile,
    family: undefined,
    verbosity: 0,
    ssh: undefined,
    server: 'rove-server',
    directives: [],
    install: 'never',
    ...changes,
  });
}

describe("the user's ssh configuration", () => {
  it('leaves the defaults of ssh where it says nothing', async () => {
    const ssh = join(homedir(), '.ssh');
    expect(await login('')).toMatchObject({
      label: 'web',
      host: 'web',
      port: 22,
      user: userInfo().username,
      family: undefined,
      identities: {
        files: [join(ssh, 'id_ed25519'), join(ssh, 'id_ecdsa'), join(ssh, 'id_rsa')],
        named: false,
        only: false,
      },
      hostKeys: { strict: 'ask', hashed: false, userFiles: [join(ssh, 'known_hosts'), join(ssh, 'known_hosts2')] },
      prompts: 3,
      batch: false,
    });
  });

  it('takes the first value obtained, and all identity files', async () => {
    const found = await login(`
      IdentityFile /keys/first
      Host web
        HostName web.example
        Port 2222
        IdentityFile "/keys/the second"
      Host w*
        Port = 2223
        User ann
      Host *
        User bob
        identityfile /keys/first
        IdentitiesOnly yes
    `);
    expect(found).toMatchObject({ host: 'web.example', port: 2222, user: 'ann' });
    expect(found.identities).toMatchObject({ files: ['/keys/first', '/keys/the second'], only: true, named: true });
  });

  it('yields to the command line', async () => {
    const found = await login('Port 2222\nUser ann\nIdentityFile /keys/b\nAddressFamily inet6', {
      port: 22,
      user: 'eve',
      identityFiles: ['/keys/a'],
      family: 4,
    });
    expect(found).toMatchObject({ port: 22, user: 'eve', family: 4, identities: { files: ['/keys/a', '/keys/b'] } });
  });

  it('chooses sections by patterns and by what a Match says', async () => {
    const config = `
      Host web !web
        Port 1
      Host *.example,web
        Port 2
      Match host web.example user ann
        Port 3
      Match originalhost web !user bob
        Port 4
      Match all
        Port 5
      Host web
        Port 6
    `;
    expect((await login(config)).port).toBe(4);
    expect((await login(config, { user: 'bob' })).port).toBe(5);
    expect((await login(`HostName web.example\n${config}`, { user: 'ann' })).port).toBe(3);
    expect((await login('Host WEB\nPort 7')).port).toBe(7);
  });

  it('replaces tokens, variables and the home directory', async () => {
    process.env.ROVE_TEST_KEYS = '/keys';
    try {
      const found = await login(`
        HostName %h.example
        IdentityFile ~/id_%r@%h:%p
        IdentityFile \${ROVE_TEST_KEYS}/%n-%u-100%%
        User ann
      `);
      expect(found.host).toBe('web.example');
      expect(found.identities.files).toEqual([
        join(homedir(), 'id_ann@web.example:22'),
        `/keys/web-${userInfo().username}-100%`,
      ]);
    } finally {
      delete process.env.ROVE_TEST_KEYS;
    }
    await expect(login('IdentityFile /keys/%z')).rejects.toThrow(/%z is not known here/);
    const unset = '$'.concat('{ROVE_TEST_NO_SUCH}');
    await expect(login(`IdentityFile ${unset}/x`)).rejects.toThrow(/ROVE_TEST_NO_SUCH is not set/);
  });

  it('includes other files where the Include stands, and only for the hosts that it stands for', async () => {
    mkdirSync(join(directory, 'd'));
    writeFileSync(join(directory, 'd', 'b.conf'), 'Port 2\nHost other\nUser eve');
    writeFileSync(join(directory, 'd', 'a.conf'), 'Port 1');
    writeFileSync(join(directory, 'd', '.hidden.conf'), 'Port 9');
    expect((await login(`Include ${directory}/d/*.conf\nPort 3`)).port).toBe(1);
    expect((await login(`Host other\nInclude ${directory}/d/a.conf\nHost *\nPort 3`)).port).toBe(3);
    expect((await login(`Host web\nInclude "${directory}/d/b.conf" ${directory}/absent\nUser ann`)).user).toBe('ann');
    await expect(login(`Include ${directory}/config`)).rejects.toThrow(/includes itself/);
  });

  it('says what is not built in yet, and what is wrong, in one line', async () => {
    for (const line of ['ProxyJump gate', 'ProxyCommand nc %h %p', 'CertificateFile x', 'Match exec "true"\nPort 1']) {
      await expect(login(line)).rejects.toThrow(/not built in yet.*--ssh='ssh -F /);
      await expect(login(line)).rejects.toThrow(UserError);
    }
    await expect(login('ProxyJump none\nProxyCommand none')).resolves.toBeDefined();
    await expect(login('Port 99999')).rejects.toThrow(/Port 99999 in the ssh configuration/);
    await expect(login('StrictHostKeyChecking perhaps')).rejects.toThrow(/expected yes, no, ask or accept-new/);
    await expect(login('', { configFile: join(directory, 'absent') })).rejects.toThrow(/cannot read .*absent/);
  });

  it('may be left out altogether', async () => {
    expect((await login('Port 5', { configFile: 'none' })).port).toBe(22);
  });

  it('names the agent', async () => {
    const inherited = process.env.SSH_AUTH_SOCK;
    process.env.SSH_AUTH_SOCK = '/run/agent';
    try {
      expect((await login('')).identities.agent).toBe('/run/agent');
      expect((await login('IdentityAgent none')).identities.agent).toBeUndefined();
      expect((await login('IdentityAgent /other/%r\nUser ann')).identities.agent).toBe('/other/ann');
      expect((await login('IdentityAgent $HOME')).identities.agent).toBe(process.env.HOME);
    } finally {
      if (inherited === undefined) delete process.env.SSH_AUTH_SOCK;
      else process.env.SSH_AUTH_SOCK = inherited;
    }
  });
});
