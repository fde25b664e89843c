/** The same known hosts and the same server, by ssh(1) and here: same outcome, and the same file afterwards. */

import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownHostLines } from '../../../client/ssh/host-keys/known-hosts.ts';
import { noSshd, type Sshd, startSshd } from '../../peers/sshd.ts';
import { blobOf, hasKeygen, lineOf } from './authority.ts';
import { type Case, CheckRoom } from './check-room.ts';

const HOST = '127.0.0.1';

/** What is known makes a difference to the policy. */
const TELLING = [
  'nothing',
  'the key',
  'another key',
  'another key of another type',
  'its authority',
  'the authority of others',
];

interface Outcome {
  readonly goesOn: boolean;
  /** The user was warned of a changed key. */
  readonly warned: boolean;
  /** What ssh would not do with a host that may be another. */
  readonly distrusted: boolean;
  /** The lines of known_hosts afterwards. */
  readonly lines: readonly string[];
}

describe.skipIf(noSshd !== undefined || !hasKeygen)('beside ssh, a host key', () => {
  const room = new CheckRoom();
  const ed25519 = room.key('ed25519', 256, 'host');
  const ecdsa = room.key('ecdsa', 256, 'host');
  const stranger = room.key('ed25519', 256, 'stranger');
  const strangeEcdsa = room.key('ecdsa', 256, 'stranger');
  const authority = room.key('ecdsa', 384, 'authority');
  const certificate = join(room.directory, 'shown-cert.pub');
  let sshd: Sshd;
  let name = '';

  function show(...options: string[]): Buffer {
    copyFileSync(room.certify(authority, ed25519, ...options), certificate);
    return blobOf(certificate);
  }

  beforeAll(async () => {
    show('-n', HOST);
    const config = [`HostKey ${ed25519}`, `HostKey ${ecdsa}`, `HostCertificate ${certificate}`];
    sshd = await startSshd({ hostKeyTypes: [], config });
    name = `[${HOST}]:${sshd.port}`;
  });
  afterAll(async () => {
    await sshd.stop();
    room.remove();
  });

  async function bySsh(known: string, policy: Case): Promise<Outcome> {
    const file = room.fileOf(known);
    const options = {
      UserKnownHostsFile: file,
      StrictHostKeyChecking: policy.strict ?? 'yes',
      UpdateHostKeys: policy.update ?? 'no',
      HashKnownHosts: 'no',
      BatchMode: 'yes',
      // Who comes as far as being refused has taken the key, in a third of the time.
      PubkeyAuthentication: policy.update === undefined ? 'no' : 'yes',
      ...(policy.alias === undefined ? {} : { HostKeyAlias: policy.alias }),
      ...(policy.revokedFile === undefined ? {} : { RevokedHostKeys: policy.revokedFile }),
      ...(policy.options?.wanted === undefined ? {} : { HostKeyAlgorithms: policy.options.wanted.join() }),
    };
    const words = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
    const child = spawn('ssh', ['-F', sshd.configFile, ...words, 'peer', 'true'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    return {
      goesOn: code === 0 || said.includes('Permission denied'),
      warned: said.includes('HAS CHANGED!'),
      distrusted: said.includes('disabled to avoid man-in-the-middle'),
      lines: linesOf(file),
    };
  }

  async function byRove(known: string, policy: Case): Promise<Outcome> {
    const made = room.checkOf({
      strict: 'yes',
      ...policy,
      known,
      host: HOST,
      port: sshd.port,
      options: { batch: true, ...policy.options },
    });
    const shown: Readonly<Record<string, Buffer>> = {
      'ssh-ed25519-cert-v01@openssh.com': blobOf(certificate),
      'ssh-ed25519': blobOf(ed25519),
      'ecdsa-sha2-nistp256': blobOf(ecdsa),
    };
    const { check, prompter, file } = made;
    const trusted = await check
      .algorithms()
      // The server shows the first that it has of what it is asked for.
      .then((algorithms) => algorithms.flatMap((algorithm) => shown[algorithm] ?? [])[0])
      .then((key) => check.check(key ?? Buffer.alloc(0), HOST))
      .then(
        (trust) => trust.trusted,
        () => undefined,
      );
    if (trusted !== undefined) await check.learn([blobOf(ed25519), blobOf(ecdsa)]);
    const said = prompter.told.join('\n');
    return {
      goesOn: trusted !== undefined,
      warned: said.includes('HAS CHANGED!'),
      distrusted: trusted === 'changed-but-allowed',
      lines: linesOf(file),
    };
  }

  /** Sorted: in which order keys are learnt does not matter. */
  function linesOf(file: string): string[] {
    return readFileSync(file, 'utf8').split('\n').sort();
  }

  async function compare(known: string, policy: Case): Promise<Outcome> {
    const [theirs, ours] = await Promise.all([bySsh(known, policy), byRove(known, policy)]);
    expect(ours, `${JSON.stringify(policy)} with\n${known}`).toEqual(theirs);
    return theirs;
  }

  /** What can be known, by a word. */
  function knownTexts(): Record<string, string> {
    const right = `${name} ${lineOf(ed25519)}\n`;
    const wrong = `${name} ${lineOf(stranger)}\n`;
    const by = (patterns: string): string => `@cert-authority ${patterns} ${lineOf(authority)}\n`;
    return {
      nothing: '# nothing\n',
      'the key': right,
      'another key': wrong,
      'another key and the key': wrong + right,
      'the key of another type': `${name} ${lineOf(ecdsa)}\n`,
      'another key of another type': `${name} ${lineOf(strangeEcdsa)}\n`,
      'the key without the port': `${HOST} ${lineOf(ed25519)}\n`,
      'another key without the port': `${HOST} ${lineOf(stranger)}\n`,
      'the key with the usual port': `[${HOST}]:22 ${lineOf(ed25519)}\n`,
      'the key by a pattern': `[127.*]:* ${lineOf(ed25519)}\n`,
      'the key, but not for this': `[127.*]:*,!${name} ${lineOf(ed25519)}\n`,
      'the key, hashed': knownHostLines([name], blobOf(ed25519), true),
      'another key, hashed': knownHostLines([name], blobOf(stranger), true),
      'the key in a line with the wrong type': `${name} ssh-rsa ${lineOf(ed25519).split(' ')[1]}\n`,
      'the key behind an unknown marker': `@trusted ${right}`,
      'a line of ssh 1': `${name} 1024 35 123456789\n`,
      'its authority': by(name),
      'its authority, by a pattern without the port': by('127.0.0.?'),
      'its authority, and another key': by('*') + wrong,
      'the authority of others': by('other'),
      'another authority': `@cert-authority * ${lineOf(stranger)}\n`,
      'the authority as a plain key': `${name} ${lineOf(authority)}\n`,
      'the key as an authority': `@cert-authority ${name} ${lineOf(ed25519)}\n`,
    };
  }

  it.each(['yes', 'accept-new', 'no'] as const)(
    'is judged the same where StrictHostKeyChecking is %s',
    async (strict) => {
      const outcomes = new Map<string, boolean>();
      for (const [what, known] of Object.entries(knownTexts())) {
        // What is found does not depend on the policy, so it is enough to try all of it with one.
        if (strict !== 'accept-new' && !TELLING.includes(what)) continue;
        outcomes.set(what, (await compare(known, { strict })).goesOn);
      }
      // Both could be wrong together.
      expect(outcomes.get('the key')).toBe(true);
      expect(outcomes.get('its authority')).toBe(true);
      expect(outcomes.get('another key')).toBe(strict === 'no');
      expect(outcomes.get('nothing')).toBe(strict !== 'yes');
    },
  );

  it('is revoked for the same reasons, unless the check is off', async () => {
    const file = (key: string): string => room.fileOf(`# stolen\n\n${lineOf(key)} comment\n`);
    const strict = 'accept-new' as const;
    const { 'the key': right = '', 'its authority': certified = '' } = knownTexts();
    expect((await compare(`${right}@revoked * ${lineOf(ed25519)}\n`, { strict })).goesOn).toBe(false);
    expect((await compare(`${certified}@revoked * ${lineOf(ed25519)}\n`, { strict })).goesOn).toBe(false);
    expect((await compare(`${certified}@revoked ${name} ${lineOf(authority)}\n`, { strict })).goesOn).toBe(false);
    expect((await compare(`${right}@revoked other ${lineOf(ed25519)}\n`, { strict })).goesOn).toBe(true);
    expect((await compare(right, { strict, revokedFile: file(ed25519) })).goesOn).toBe(false);
    expect((await compare(certified, { strict, revokedFile: file(authority) })).goesOn).toBe(false);
    expect((await compare(right, { strict, revokedFile: file(stranger) })).goesOn).toBe(true);
    expect((await compare(right, { strict, revokedFile: '/nowhere' })).goesOn).toBe(false);
  });

  it('is looked up by an alias, whose port does not matter', async () => {
    const lines = `alias ${lineOf(ed25519)}\n`;
    expect((await compare(lines, { alias: 'alias' })).goesOn).toBe(true);
    expect((await compare(lines, { alias: 'ALIAS' })).goesOn).toBe(true);
    expect((await compare(lines, { alias: 'other' })).goesOn).toBe(false);
    await compare(lines, { alias: 'other', strict: 'accept-new' });
  });

  it('of a certain type is asked for by the configuration', async () => {
    const { 'the key': right = '' } = knownTexts();
    const wanted = ['ecdsa-sha2-nistp256'];
    expect((await compare(right, { options: { wanted } })).goesOn).toBe(false);
    expect((await compare(`${right}${name} ${lineOf(ecdsa)}\n`, { options: { wanted } })).goesOn).toBe(true);
  });

  it('is certified, or not, as the certificate says', async () => {
    const { 'its authority': known = '' } = knownTexts();
    try {
      const goes: boolean[] = [];
      for (const options of [
        ['-n', 'other'],
        ['-n', `other,${HOST}`],
        ['-n', '127.*'],
        ['-n', name],
        [],
        ['-n', HOST, '-V', '20200101:20210101'],
        ['-n', HOST, '-V', '20900101:21000101'],
        ['-n', HOST, '-V', '20200101:20900101'],
      ]) {
        show(...options);
        goes.push((await compare(`# ${options.join(' ')}\n${known}`, {})).goesOn);
      }
      expect(goes).toEqual([false, true, false, false, true, false, false, true]);
      show('-n', 'alias');
      expect((await compare(`@cert-authority alias ${lineOf(authority)}\n`, { alias: 'alias' })).goesOn).toBe(true);
    } finally {
      show('-n', HOST);
    }
  });

  it('brings the other keys of the host along under the same conditions', async () => {
    const right = `${name} ${lineOf(ed25519)}\n`;
    const old = `${name} ${lineOf(stranger)}\n`;
    const other = `other ${lineOf(stranger)}\n`;
    const both = `${right}${name} ${lineOf(ecdsa)}\n`;
    const learnt = await compare(`# mine\n${right}${old}`, { update: 'yes' });
    expect(learnt.lines).toEqual(['', '# mine', ...both.trim().split('\n')].sort());
    for (const known of [
      right,
      both,
      right + other,
      right + old + other,
      `${right}other ${lineOf(ecdsa)}\n`,
      `${name},alias ${lineOf(ed25519)}\n`,
      `[127.*]:* ${lineOf(ed25519)}\n`,
      `${right}@cert-authority ${name} ${lineOf(stranger)}\n`,
      `${right}@revoked * ${lineOf(stranger)}\n`,
      `${right}@cert-authority other ${lineOf(ecdsa)}\n`,
      `${HOST} ${lineOf(ed25519)}\n`,
      `@cert-authority ${name} ${lineOf(authority)}\n`,
    ]) {
      await compare(known, { update: 'yes' });
    }
    for (const strict of ['accept-new', 'no'] as const) {
      await compare(strict === 'no' ? old : '', { strict, update: 'yes' });
    }
  });
});
