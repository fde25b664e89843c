import { createHash } from 'node:crypto';
import { appendFileSync, chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Log } from '../../../client/log.ts';
import { Agent } from '../../../client/ssh/auth/agent.ts';
import { NeedsSystemSsh } from '../../../client/ssh/auth/needs-system-ssh.ts';
import { connectSsh } from '../../../client/ssh/connect.ts';
import type { Prompter } from '../../../client/ssh/prompter.ts';
import { DEFAULT_SETTINGS, type Identities, type Settings } from '../../../client/ssh/settings.ts';
import { encodeStrings, encodeU32 } from '../../../client/ssh/ssh-string.ts';
import { noSshd, type Sshd, startSshd } from '../../peers/sshd.ts';
import { ScriptedPrompter } from '../scripted-prompter.ts';
import { blobOf, certify, makeKey, startAgent, type TestAgent } from './keys.ts';
import { startTokenAgent } from './token-agent.ts';

let sshd: Sshd;
let count = 0;

function path(name: string): string {
  return join(sshd.directory, name);
}

/** A key in a file of its own, which the sshd accepts if it is to. */
function key(type: string, options: { accepted?: boolean; passphrase?: string; bits?: number } = {}): string {
  const file = makeKey(path(`key${count++}`), type, options);
  if (options.accepted !== false) appendFileSync(path('authorized_keys'), readFileSync(`${file}.pub`));
  return file;
}

function settings(identities: Partial<Identities>, changes: Partial<Settings> = {}, server = sshd): Settings {
  const [, base64 = ''] = server.hostKeys[0]?.split(' ') ?? [];
  return {
    ...DEFAULT_SETTINGS,
    label: 'peer',
    host: server.address,
    port: server.port,
    user: server.user,
    hostKeys: { ...DEFAULT_SETTINGS.hostKeys, pinned: Buffer.from(base64, 'base64') },
    identities: { ...DEFAULT_SETTINGS.identities, named: true, ...identities },
    logLevel: 'debug1',
    ...changes,
  };
}

/** Logs in and runs a command. Gives what it said, and what was logged on the way; rejects if it is not let in. */
async function logIn(
  to: Settings,
  prompter: Prompter = new ScriptedPrompter(),
): Promise<{ said: string; log: string }> {
  const lines: string[] = [];
  const log = new Log(to.logLevel, (line) => lines.push(line));
  const connection = connectSsh({ settings: to, target: undefined, prompter, log, builtInOnly: true });
  try {
    const { stdout } = await connection.run('echo in');
    return { said: await text(stdout), log: lines.join('\n') };
  } finally {
    connection.close();
  }
}

/** The keys that were offered in a login, by where they are. */
function offers(log: string): string[] {
  return [...log.matchAll(/offering (.*) \S+ SHA256:/g)].map((match) => match[1] ?? '');
}

const IN = { said: 'in\n' };

describe.skipIf(noSshd !== undefined)(`a login to a real sshd${noSshd ? `: ${noSshd}` : ''}`, () => {
  let agent: TestAgent;
  let authority: string;

  beforeAll(async () => {
    sshd = await startSshd();
    agent = await startAgent(sshd.directory);
    authority = makeKey(path('authority'), 'ed25519');
    appendFileSync(path('authorized_keys'), `cert-authority ${readFileSync(`${authority}.pub`, 'utf8')}`);
  });
  afterAll(async () => {
    agent.stop();
    await sshd.stop();
  });
  afterEach(() => void agent.add('-D'));

  describe('with a key in a file', () => {
    it.each([
      ['ed25519', undefined, 'ssh-ed25519'],
      ['ecdsa', 256, 'ecdsa-sha2-nistp256'],
      ['ecdsa', 521, 'ecdsa-sha2-nistp521'],
      ['rsa', 2048, 'rsa-sha2-512'],
    ])('of type %s %s signs at once', async (type, bits, algorithm) => {
      const file = key(type, bits === undefined ? {} : { bits });
      const { said, log } = await logIn(settings({ files: [file] }));
      expect(said).toBe('in\n');
      expect(log).toContain(`(${algorithm})`);
      expect(await stepsBy(file)).toEqual(['Accepted']);
    });

    it('behind a passphrase asks the server first, and then the user', async () => {
      const refused = key('ed25519', { accepted: false, passphrase: 'unwanted' });
      const wanted = key('ed25519', { passphrase: 'wanted' });
      const prompter = new ScriptedPrompter('wrong', 'wanted');
      expect(await logIn(settings({ files: [refused, wanted] }), prompter)).toMatchObject(IN);
      expect(prompter.questions).toEqual(Array(2).fill(`Enter passphrase for key '${wanted}': `));
      expect(await stepsBy(wanted)).toEqual(['Postponed', 'Accepted']);
    });

    it('that others may read does not use it', async () => {
      const file = key('ed25519');
      chmodSync(file, 0o644);
      const prompter = new ScriptedPrompter();
      await expect(logIn(settings({ files: [file] }), prompter)).rejects.toThrow(/Permission denied \(publickey\)/);
      expect(prompter.told[0]).toBe('WARNING: UNPROTECTED PRIVATE KEY FILE!');
      // The agent's is no file.
      chmodSync(file, 0o600);
      agent.add(file);
      chmodSync(file, 0o644);
      expect(await logIn(settings({ files: [file], agent: agent.socket }))).toMatchObject(IN);
    });

    it('asks for no passphrase in batch mode', async () => {
      const file = key('ed25519', { passphrase: 'secret' });
      const prompter = new ScriptedPrompter();
      await expect(logIn(settings({ files: [file] }, { batch: true }), prompter)).rejects.toThrow(/Permission denied/);
      expect(prompter.questions).toEqual([]);
    });
  });

  describe('with an agent', () => {
    it('offers first what a file names, and of the rest nothing if only named ones count', async () => {
      const [first, second, third] = [key('ed25519'), key('ecdsa'), key('rsa')];
      for (const file of [first, second, third]) agent.add(file);
      copyFileSync(`${third}.pub`, path('named.pub'));
      const chosen = await logIn(settings({ files: [path('named.pub')], agent: agent.socket, only: true }));
      expect(offers(chosen.log)).toEqual([path('named.pub')]);
      const other = key('ed25519', { accepted: false });
      const only = logIn(settings({ files: [other], agent: agent.socket, only: true }));
      await expect(only).rejects.toThrow(/Tried 1 key/);
      expect(await logIn(settings({ files: [other], agent: agent.socket }))).toMatchObject(IN);
    });

    it('takes RSA by the algorithms that the user allows', async () => {
      agent.add(key('rsa'));
      const algorithms = (...publicKey: readonly string[]) => ({
        algorithms: { ...DEFAULT_SETTINGS.algorithms, publicKey },
      });
      const some = await logIn(settings({ agent: agent.socket }, algorithms('ssh-ed25519', 'rsa-sha2-256')));
      expect(some.said).toBe('in\n');
      expect(some.log).toContain('(rsa-sha2-256)');
      const none = logIn(settings({ agent: agent.socket }, algorithms('ssh-ed25519')));
      await expect(none).rejects.toThrow(/Permission denied \(publickey\)\. Tried nothing/);
    });

    it('that is full does not use up the tries', async () => {
      const strict = await startSshd({ config: ['MaxAuthTries 2'] });
      try {
        for (let index = 0; index < 6; index++) agent.add(key('ed25519', { accepted: false }));
        const full = { agent: agent.socket };
        const named = settings({ ...full, files: [strict.userKey] }, {}, strict);
        expect(await logIn(named)).toMatchObject(IN);
        const locked = key('ed25519', { passphrase: 'secret' });
        writeFileSync(join(strict.directory, 'authorized_keys'), readFileSync(`${locked}.pub`));
        const prompter = new ScriptedPrompter('secret');
        expect(await logIn(settings({ ...full, files: [locked] }, {}, strict), prompter)).toMatchObject(IN);
        await expect(logIn(settings(full, {}, strict))).rejects.toThrow(/no more tries.*IdentitiesOnly/);
      } finally {
        await strict.stop();
      }
    });

    it('that asks the user about each signature has one to ask about', async () => {
      const asked = path(`asked${count++}`);
      writeFileSync(`${asked}.sh`, `#!/bin/sh\necho "$1" >>${asked}\n`, { mode: 0o755 });
      mkdirSync(`${asked}.d`);
      const asking = await startAgent(`${asked}.d`, { SSH_ASKPASS: `${asked}.sh`, DISPLAY: ':77' });
      try {
        for (const accepted of [false, false, true]) asking.add('-c', key('ed25519', { accepted }));
        expect(await logIn(settings({ agent: asking.socket }, { batch: true }))).toMatchObject(IN);
        expect(readFileSync(asked, 'utf8').split('Allow use of key')).toHaveLength(2);
      } finally {
        asking.stop();
      }
    });

    it('signs with a key that is for some hosts only, if this is one of them', async () => {
      const hosts = path('hosts-of-keys');
      const [here, there] = [key('ed25519'), key('ed25519')];
      const elsewhere = readFileSync(`${there}.pub`, 'utf8');
      writeFileSync(hosts, `here ${sshd.hostKeys[0]}\nthere ${elsewhere}`);
      agent.add('-H', hosts, '-h', 'there', there);
      await expect(logIn(settings({ agent: agent.socket }))).rejects.toThrow(/Permission denied/);
      agent.add('-H', hosts, '-h', 'here', here);
      expect(await logIn(settings({ agent: agent.socket }))).toMatchObject(IN);
      expect(await stepsBy(here)).toContain('Accepted');
    });

    it('of one key has it sign at once', async () => {
      const file = key('ed25519');
      agent.add(file);
      expect(await logIn(settings({ agent: agent.socket }))).toMatchObject(IN);
      expect(await stepsBy(file)).toEqual(['Accepted']);
    });

    it('that is not there does no harm', async () => {
      const { said, log } = await logIn(settings({ files: [sshd.userKey], agent: path('nowhere') }));
      expect(said).toBe('in\n');
      expect(log).toContain('the agent is left out: connect ENOENT');
    });

    it('is given the key that opened the door, and no other', async () => {
      const refused = key('ed25519', { accepted: false });
      const locked = key('ecdsa', { passphrase: 'secret' });
      const add = { files: [refused, locked], agent: agent.socket, addToAgent: { confirm: false, lifetimeS: 1000 } };
      await logIn(settings(add), new ScriptedPrompter('secret'));
      await vi.waitUntil(async () => !(await agentIsEmpty(agent)));
      expect(agent.add('-L').split('\n')[0]).toBe(readFileSync(`${locked}.pub`, 'utf8').trim());
      expect(agent.add('-l').trim().split('\n')).toHaveLength(1);
      // The next login needs no passphrase.
      expect(await logIn(settings(add))).toMatchObject(IN);
    });

    it('is asked about before it is given a key, where the user wants that', async () => {
      const add = { files: [key('ed25519')], agent: agent.socket, addToAgent: 'ask' } as const;
      const no = new ScriptedPrompter('no');
      await logIn(settings(add), no);
      expect(no.questions).toEqual([expect.stringMatching(/^Add key .* \(ssh-ed25519 SHA256:\S+\) to agent\?$/)]);
      expect(await agentIsEmpty(agent)).toBe(true);
      await logIn(settings(add), new ScriptedPrompter(''));
      await vi.waitUntil(async () => !(await agentIsEmpty(agent)));
    });
  });

  describe('with a certificate', () => {
    it.each(['ed25519', 'ecdsa', 'rsa'])('beside a key of type %s offers it first', async (type) => {
      const file = key(type, { accepted: false });
      certify(file, authority, sshd.user);
      const { said, log } = await logIn(settings({ files: [file] }));
      expect(said).toBe('in\n');
      expect(log).toMatch(/offering .*-cert-v01@openssh\.com/);
      expect(offers(log)).toHaveLength(1);
    });

    it('that was named signs with the key of the agent', async () => {
      const file = key('rsa', { accepted: false });
      agent.add(file);
      const certificate = certify(file, authority, sshd.user);
      const { log } = await logIn(settings({ certificates: [certificate], agent: agent.socket }));
      expect(log).toContain('(rsa-sha2-512-cert-v01@openssh.com)');
      expect(offers(log)).toHaveLength(1);
    });

    it('in the agent alone is offered from there', async () => {
      const file = key('ecdsa', { accepted: false });
      certify(file, authority, sshd.user);
      agent.add(file);
      // The agent holds the key and the certificate; it is the second that is accepted.
      const { said, log } = await logIn(settings({ agent: agent.socket }));
      expect(said).toBe('in\n');
      expect(offers(log)).toHaveLength(2);
    });

    it('behind a passphrase is asked for once, for the certificate and the key', async () => {
      const file = key('ed25519', { passphrase: 'secret' });
      certify(file, authority, 'nobody');
      const prompter = new ScriptedPrompter('secret');
      expect(await logIn(settings({ files: [file] }), prompter)).toMatchObject(IN);
      expect(prompter.questions).toHaveLength(1);
    });

    it('that has expired leaves the key to be tried', async () => {
      const file = key('ed25519');
      certify(file, authority, sshd.user, ['-V', '20200101:20200102']);
      const { said, log } = await logIn(settings({ files: [file] }));
      expect(said).toBe('in\n');
      expect(offers(log)).toEqual([file, file]);
    });

    it('of a host is none for a user', async () => {
      const file = key('ed25519');
      const certificate = certify(file, authority, 'host', ['-h']);
      const prompter = new ScriptedPrompter();
      expect(await logIn(settings({ files: [file], certificates: [certificate] }), prompter)).toMatchObject(IN);
      expect(prompter.told[0]).toContain(`${certificate}: ignoring`);
    });
  });

  describe('with a security key', () => {
    it('in the agent passes its signature through, and has it touched only when the server wants it', async () => {
      const token = await startTokenAgent(path(`token${count++}`));
      try {
        await expect(logIn(settings({ agent: token.socket }))).rejects.toThrow(/Permission denied/);
        expect(token.touches()).toBe(0);
        appendFileSync(path('authorized_keys'), `${token.publicLine}\n`);
        expect(await logIn(settings({ agent: token.socket }))).toMatchObject(IN);
        expect(token.touches()).toBe(1);
      } finally {
        token.stop();
      }
    });

    it("that no agent holds is left to the system's ssh, if the server wants it", async () => {
      const token = await startTokenAgent(path(`token${count++}`));
      token.stop();
      // The public half in the clear is all that is looked at.
      const file = path(`sk${count++}`);
      writeFileSync(file, securityKeyFile(token.blob), { mode: 0o600 });
      await expect(logIn(settings({ files: [file] }))).rejects.toThrow(/Permission denied/);
      appendFileSync(path('authorized_keys'), `${token.publicLine}\n`);
      await expect(logIn(settings({ files: [file] }))).rejects.toThrow(NeedsSystemSsh);
    });
  });

  describe('in several steps', () => {
    it('gives one key after the other', async () => {
      const strict = await startSshd({ config: ['AuthenticationMethods publickey,publickey'] });
      try {
        const files = [key('ed25519'), key('ecdsa', { accepted: false }), key('rsa')];
        copyFileSync(path('authorized_keys'), join(strict.directory, 'authorized_keys'));
        const { said, log } = await logIn(settings({ files }, {}, strict));
        expect(said).toBe('in\n');
        expect(offers(log)).toEqual(files);
        await expect(logIn(settings({ files: files.slice(0, 1) }, {}, strict))).rejects.toThrow(/Permission denied/);
      } finally {
        await strict.stop();
      }
    });
  });
});

/** What the sshd has noted of a login by a key: `Postponed` when it was asked whether it would take one, `Accepted` at the end. */
async function stepsBy(file: string): Promise<string[]> {
  const fingerprint = createHash('sha256')
    .update(blobOf(`${file}.pub`))
    .digest('base64')
    .replace(/=+$/, '');
  const accepted = (): RegExpMatchArray | undefined =>
    [...sshd.log().matchAll(/Accepted publickey .* port (\d+) .* SHA256:(\S+)/g)].find(
      ([, , by]) => by === fingerprint,
    );
  await vi.waitUntil(accepted);
  const ofLogin = new RegExp(`(Accepted|Postponed) publickey .* port ${accepted()?.[1]} `, 'g');
  return [...sshd.log().matchAll(ofLogin)].map((match) => match[1] ?? '');
}

async function agentIsEmpty(agent: TestAgent): Promise<boolean> {
  return (await new Agent(agent.socket).list()).length === 0;
}

/** PROTOCOL.key §1, with nothing in its private part. */
function securityKeyFile(blob: Uint8Array): string {
  const envelope = [
    Buffer.from('openssh-key-v1\0'),
    encodeStrings('none', 'none', ''),
    encodeU32(1),
    encodeStrings(blob, ''),
  ];
  const base64 = Buffer.concat(envelope).toString('base64').replace(/.{70}/g, '$&\n');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
