import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKey } from '../../../bench/lab/sshd.ts';
import { NeedsSystemSsh } from '../../../client/ssh/auth/needs-system-ssh.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../client/ssh/settings.ts';
import { makeOffer, SUPPORTED } from '../../../client/ssh/ssh2-algorithms.ts';
import { noSshd, type Sshd, startSshd } from '../../peers/sshd.ts';
import { connected, outcome, settingsFor } from './connected.ts';

const DEFAULTS = DEFAULT_SETTINGS.algorithms;

/** What OpenSSH has of ours; it may have less than this when a later version drops the old ones. */
const here = {
  kex: common('kex', SUPPORTED.kex).filter((name) => !/group1-|-sha1$/.test(name)),
  cipher: common('cipher', SUPPORTED.cipher),
  mac: common('mac', SUPPORTED.mac),
};

function common(kind: string, ours: readonly string[]): string[] {
  if (noSshd !== undefined) return [];
  const theirs = execFileSync('ssh', ['-Q', kind], { encoding: 'utf8' }).split('\n');
  return ours.filter((name) => theirs.includes(name));
}

describe.skipIf(noSshd !== undefined)(`one algorithm alone${noSshd ? `: ${noSshd}` : ''}`, () => {
  let sshd: Sshd;
  beforeAll(async () => {
    const config = [`KexAlgorithms ${here.kex}`, `Ciphers ${here.cipher}`, `MACs ${here.mac}`];
    sshd = await startSshd({ config });
  });
  afterAll(() => sshd.stop());

  /** A configuration that offers nothing but this of one kind. */
  function only(kind: 'kex' | 'cipher' | 'mac', name: string): Settings {
    // An authenticated cipher has no MAC to choose.
    const cipher = kind === 'mac' ? { cipher: ['aes128-ctr'] } : {};
    return settingsFor(sshd, { algorithms: { ...DEFAULTS, ...cipher, [kind]: [name] } });
  }

  it.each(here.kex)('exchanges keys by %s', async (name) => {
    const { connection, log } = connected(only('kex', name));
    expect(await outcome(connection, 'echo in')).toMatchObject({ stdout: 'in\n' });
    expect(log()).toContain(`key exchange ${name}`);
    connection.close();
  });

  it.each([...here.cipher.map((name) => ['cipher', name]), ...here.mac.map((name) => ['mac', name])] as [
    'cipher' | 'mac',
    string,
  ][])('protects by the %s %s', async (kind, name) => {
    const { connection, log } = connected(only(kind, name));
    const ended = await outcome(connection, 'cat', 'x'.repeat(100_000));
    expect(ended.stdout).toHaveLength(100_000);
    if (kind === 'cipher') expect(log()).toContain(`cipher ${name}`);
    connection.close();
  });
});

describe('what is offered', () => {
  it('has nothing that rests on SHA-1 or MD5 unless the configuration names it', () => {
    const made = makeOffer(DEFAULTS, ['ssh-ed25519']);
    expect(JSON.stringify(made)).not.toMatch(/sha1\b|md5|cbc/);
    const named = makeOffer({ ...DEFAULTS, mac: ['hmac-sha1', 'umac-64@openssh.com'], cipher: ['aes256-cbc'] }, ['x']);
    expect(named).toMatchObject({ offer: { mac: ['hmac-sha1'], cipher: ['aes256-cbc'], hostKey: ['x'] } });
  });

  it('is a matter for the system when nothing of it is known here', () => {
    for (const [kind, keyword] of [
      ['kex', 'KexAlgorithms'],
      ['cipher', 'Ciphers'],
      ['mac', 'MACs'],
    ] as const) {
      expect(makeOffer({ ...DEFAULTS, [kind]: ['new-thing'] }, ['x'])).toEqual({ nothingLeft: keyword });
    }
    expect(makeOffer(DEFAULTS, [])).toEqual({ nothingLeft: 'HostKeyAlgorithms' });
  });
});

describe.skipIf(noSshd !== undefined)('a host with other algorithms', () => {
  it('is handed over', async () => {
    const sshd = await startSshd({ config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] });
    const { connection } = connected(settingsFor(sshd));
    const running = connection.run('true');
    await expect(running).rejects.toThrow(NeedsSystemSsh);
    await expect(running).rejects.toThrow(/peer have no algorithm in common .*key exchange/);
    await sshd.stop();
  });
});

describe.skipIf(noSshd !== undefined)('a host with certificates', () => {
  const TYPES = ['ed25519', 'ecdsa', 'rsa'] as const;
  let folder: string;
  let sshd: Sshd;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rove-certificates-'));
    for (const name of ['authority', 'stranger']) makeKey(join(folder, name), 'ed25519');
    for (const type of TYPES) {
      makeKey(join(folder, type), type);
      const words = ['-q', '-s', join(folder, 'authority'), '-h', '-I', 'host', '-n', '127.0.0.1'];
      execFileSync('ssh-keygen', [...words, join(folder, `${type}.pub`)], { stdio: 'ignore' });
    }
    const lines = TYPES.flatMap((type) => [
      `HostKey ${join(folder, type)}`,
      `HostCertificate ${join(folder, `${type}-cert.pub`)}`,
    ]);
    sshd = await startSshd({ config: [...lines, 'RekeyLimit 1M'] });
  });
  afterAll(async () => {
    await sshd.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function trusting(authority: string, hostKey?: string): Settings {
    const file = join(folder, `known-${authority}`);
    const key = readFileSync(join(folder, `${authority}.pub`), 'utf8');
    writeFileSync(file, `@cert-authority [127.0.0.1]:${sshd.port} ${key}`);
    return settingsFor(sshd, {
      hostKeys: { ...DEFAULT_SETTINGS.hostKeys, userFiles: [file], strict: 'yes' },
      algorithms: { ...DEFAULTS, hostKey: hostKey === undefined ? undefined : [hostKey] },
    });
  }

  it.each([
    'ssh-ed25519-cert-v01@openssh.com',
    'ecdsa-sha2-nistp256-cert-v01@openssh.com',
    'rsa-sha2-512-cert-v01@openssh.com',
    'rsa-sha2-256-cert-v01@openssh.com',
  ])('is trusted by its authority, with %s, and again at new keys', async (algorithm) => {
    const { connection } = connected(trusting('authority', algorithm));
    const ended = await outcome(connection, 'cat', 'x'.repeat(3_000_000));
    expect(ended.stdout).toHaveLength(3_000_000);
    connection.close();
  });

  it('is asked for its certificate where an authority is known', async () => {
    const { connection } = connected(trusting('authority'));
    expect(await outcome(connection, 'echo in')).toMatchObject({ stdout: 'in\n' });
    connection.close();
  });

  it('is not trusted by another one', async () => {
    const { connection } = connected(trusting('stranger'));
    await expect(connection.run('true')).rejects.toThrow(/host key/i);
  });
});
