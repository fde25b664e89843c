import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLines } from '../../../client/ssh/config/config-files.ts';
import { resolveJump, resolveSettings } from '../../../client/ssh/config/resolve.ts';
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
  return resolveSettings({
    host: 'web',
    configFile,
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
        files: ['rsa', 'ecdsa', 'ecdsa_sk', 'ed25519', 'ed25519_sk'].map((type) => join(ssh, `id_${type}`)),
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
      directives: ['Port=22', 'User=eve', 'IdentityFile=/keys/a', 'AddressFamily=inet'],
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
    expect((await login(config, { directives: ['User=bob'] })).port).toBe(5);
    expect((await login(`HostName web.example\n${config}`, { directives: ['User=ann'] })).port).toBe(3);
    expect((await login('Host WEB\nPort 7\nMatch host WEB\nPort 8')).port).toBe(8);
  });

  it('knows the criteria of newer versions of ssh, too', async () => {
    const tagged = 'Match tagged work,play\nPort 5\nHost web\nTag work\nMatch tagged work\nPort 6';
    expect((await login(tagged)).port).toBe(6);
    expect((await login(tagged, { directives: ['Tag=play'] })).port).toBe(5);
    expect((await login('Match localnetwork 240.0.0.0/4,127.0.0.0/8\nPort 5')).port).toBe(5);
    expect((await login('Match localnetwork 240.0.0.0/4,2001:db8:ffff::/48\nPort 5')).port).toBe(22);
    await expect(login('Match localnetwork 10.0.0.0/33\nPort 5')).rejects.toThrow('"10.0.0.0/33" is no network');
    await expect(login('Match version OpenSSH_10*\nPort 5')).rejects.toThrow('Match version is not known here');
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
    await expect(login('IdentityFile /keys/%z')).rejects.toThrow(/IdentityFile .*%z means nothing there/);
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
    await expect(login(`Include ${directory}/config`)).rejects.toThrow(/does a file include itself/);
  });

  it('tells what it cannot honour from what it leaves aside', async () => {
    const { handOver, leftAside } = await login(`
      PKCS11Provider /usr/lib/opensc.so
      ProxyUseFdpass yes
      RequiredRSASize 1024
      Compression yes
      GSSAPIAuthentication yes
      ForwardX11 no
      ObscureKeystrokeTiming no
      LocalForward 8080 web:80
    `);
    expect(handOver).toEqual(['PKCS11Provider']);
    expect(leftAside).toEqual(['Compression', 'GSSAPIAuthentication', 'LocalForward', 'ObscureKeystrokeTiming']);
    const proxied = await login('ProxyCommand nc %h %p\nProxyUseFdpass yes\nRequiredRSASize 3072');
    expect(proxied.handOver).toEqual(['ProxyUseFdpass', 'RequiredRSASize']);
    expect((await login('PreferredAuthentications gssapi-with-mic')).handOver).toEqual(['PreferredAuthentications']);
    expect((await login('PreferredAuthentications gssapi-with-mic,password')).methods.preferred).toEqual(['password']);
  });

  it('knows jumps and proxy commands, of which the first wins', async () => {
    const { jumps, proxyCommand } = await login('ProxyJump ann@gate:2222,ssh://inner,[::1]:22\nProxyCommand nc %h %p');
    expect(jumps).toEqual([
      { host: 'gate', user: 'ann', port: 2222 },
      { host: 'inner', user: undefined, port: undefined },
      { host: '::1', user: undefined, port: 22 },
    ]);
    expect(proxyCommand).toBeUndefined();
    const other = await login('ProxyCommand nc %h %p %r %%\nProxyJump gate\nPort 5\nUser ann');
    expect(other).toMatchObject({ jumps: [], proxyCommand: 'nc web 5 ann %' });
    expect(await login('ProxyJump none\nProxyCommand none')).toMatchObject({ jumps: [], proxyCommand: undefined });
  });

  it('resolves a host that is jumped through by the files alone', async () => {
    writeFileSync(
      join(directory, 'config'),
      'Host gate\nHostName gate.example\nPort 7\nHost *\nUser ann\nIdentityFile /keys/a',
    );
    const configFile = join(directory, 'config');
    const gate = await resolveJump({ host: 'gate', user: undefined, port: undefined }, { configFile });
    expect(gate).toMatchObject({ host: 'gate.example', port: 7, user: 'ann' });
    const named = await resolveJump({ host: 'gate', user: 'bob', port: 9 }, { configFile });
    expect(named).toMatchObject({ port: 9, user: 'bob', identities: { files: ['/keys/a'] } });
  });

  it('takes what is to run, and how, from it', async () => {
    const { session } = await login(`
      RemoteCommand tmux attach -t %r
      RequestTTY force
      SendEnv LANG LC_* PROJECT
      SendEnv -LC_*
      SetEnv A=1 B="x y=z"
      EscapeChar ^B
      User ann
    `);
    expect(session).toMatchObject({
      command: 'tmux attach -t ann',
      tty: 'force',
      sendEnv: ['LANG', 'PROJECT'],
      setEnv: { A: '1', B: 'x y=z' },
      escape: '\u0002',
    });
    expect((await login('EscapeChar none')).session.escape).toBeUndefined();
    expect((await login('')).session).toMatchObject({ tty: 'auto', escape: '~', command: undefined });
  });

  it('says what is wrong in one line, and where', async () => {
    const where = (line: number): string => `${join(directory, 'config')} line ${line}: `;
    await expect(login('\nPort 99999')).rejects.toThrow(`${where(2)}Bad port '99999': correct it`);
    await expect(login('StrictHostKeyChecking perhaps')).rejects.toThrow(`${where(1)}unsupported option "perhaps"`);
    await expect(login('Host other\n Colour blue')).rejects.toThrow(`${where(2)}Bad configuration option: colour`);
    await expect(login('User "ann')).rejects.toThrow(UserError);
    await expect(login('', { configFile: join(directory, 'absent') })).rejects.toThrow(/absent: No such file/);
    await expect(login('', { directives: ['Port'] })).rejects.toThrow('command-line: no argument after keyword "port"');
  });

  it('is not taken from a file that others may write to, if it is the one of the user', () => {
    const path = join(directory, 'loose');
    writeFileSync(path, 'Port 5\n');
    chmodSync(path, 0o664);
    expect(() => readLines(path, { isUsers: true, isNeeded: false })).toThrow(/Bad owner or permissions on .*loose/);
    expect(readLines(path, { isUsers: false, isNeeded: true })).toEqual(['Port 5', '']);
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
