import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Log } from '../../../client/log.ts';
import { NeedsSystemSsh } from '../../../client/ssh/auth/needs-system-ssh.ts';
import { fingerprintOf } from '../../../client/ssh/host-keys/host-key.ts';
import { HostKeyCheck } from '../../../client/ssh/host-keys/host-key-check.ts';
import { NobodyToAsk } from '../../../client/ssh/prompter.ts';
import { DEFAULT_SETTINGS } from '../../../client/ssh/settings.ts';
import { encodeString } from '../../../client/ssh/ssh-string.ts';
import { UserError } from '../../../client/user-error.ts';
import { ScriptedPrompter } from '../scripted-prompter.ts';
import { blobOf, hasKeygen, lineOf } from './authority.ts';
import { ADDRESS, type Case, CheckRoom, HOST } from './check-room.ts';

describe.skipIf(!hasKeygen)('the check of a host key', () => {
  const room = new CheckRoom();
  afterAll(() => room.remove());
  const { directory } = room;
  const right = room.key('ed25519', 256, 'right');
  const wrong = room.key('ed25519', 256, 'wrong');
  const ecdsa = room.key('ecdsa', 256);
  const rsa = room.key('rsa', 2048);
  const authority = room.key('ed25519', 256, 'authority');

  /** What the check says of a key, or the message with which it ends the connection, and what was said on the way. */
  async function outcome(blob: Uint8Array, situation: Case, address?: string) {
    const { check, prompter, file } = room.checkOf(situation);
    const trusted = await check.check(blob, address).then(
      (trust) => trust.trusted,
      (error: unknown) => {
        if (error instanceof UserError) return error.message;
        throw error;
      },
    );
    return { trusted, told: prompter.told.join('\n'), asked: prompter.questions, text: readFileSync(file, 'utf8') };
  }

  describe('of a host that is not known', () => {
    it('asks as ssh does, and records the key after a yes', async () => {
      const known = `other,second ${lineOf(right)}\n`;
      const answers = ['perhaps', 'YES'];
      const { trusted, asked, told, text } = await outcome(blobOf(right), { known, answers, port: 2222 }, ADDRESS);
      expect(trusted).toBe('accepted');
      expect(asked[0]?.split('\n').map((line) => line.replace(/\S*file\d+/, 'FILE'))).toEqual([
        `The authenticity of host '[${HOST}]:2222 (${ADDRESS})' can't be established.`,
        `ED25519 key fingerprint is ${fingerprintOf(blobOf(right))}.`,
        'This host key is known by the following other names/addresses:',
        '    FILE:1: other,second',
        'Are you sure you want to continue connecting (yes/no/[fingerprint])? ',
      ]);
      expect(asked[1]).toBe("Please type 'yes', 'no' or the fingerprint: ");
      expect(told).toBe(`Warning: Permanently added '[${HOST}]:2222' (ED25519) to the list of known hosts.`);
      expect(text).toBe(`${known}[${HOST}]:2222 ${lineOf(right)}\n`);
    });

    it('takes the fingerprint for a yes, and only the right one', async () => {
      const answers = [fingerprintOf(blobOf(right))];
      expect((await outcome(blobOf(right), { answers })).trusted).toBe('accepted');
      const refused = await outcome(blobOf(wrong), { answers: [...answers, 'no'] });
      expect(refused.trusted).toMatch(/^Host key verification failed: .* was not accepted/);
      expect(refused.asked).toHaveLength(2);
    });

    it('takes an empty line, and endless nonsense, for a no', async () => {
      for (const answers of [[''], ['no'], ['a', 'b', 'c', 'd', 'e', 'yes']]) {
        const { trusted, text } = await outcome(blobOf(right), { answers });
        expect(trusted).toMatch(/was not accepted/);
        expect(text).toBe('');
      }
    });

    it('shows the key and refuses it where there is nobody to ask', async () => {
      const prompter = new ScriptedPrompter();
      prompter.ask = () => Promise.reject(new NobodyToAsk('no terminal'));
      const check = new HostKeyCheck(HOST, 22, DEFAULT_SETTINGS.hostKeys, prompter);
      await expect(check.check(blobOf(right))).rejects.toThrow(/nobody to ask/);
      expect(prompter.told.join('\n')).toContain(fingerprintOf(blobOf(right)));
    });

    it('asks nothing in batch mode, and refuses', async () => {
      const { trusted, asked } = await outcome(blobOf(right), { answers: ['yes'], options: { batch: true } });
      expect(trusted).toMatch(/BatchMode/);
      expect(asked).toEqual([]);
    });

    it('records it without a question, or refuses it, as StrictHostKeyChecking says', async () => {
      for (const strict of ['no', 'accept-new'] as const) {
        const { trusted, text, asked } = await outcome(blobOf(right), { strict });
        expect({ trusted, text, asked }).toEqual({
          trusted: 'recorded',
          text: `${HOST} ${lineOf(right)}\n`,
          asked: [],
        });
      }
      expect((await outcome(blobOf(right), { strict: 'yes' })).trusted).toMatch(/StrictHostKeyChecking is on/);
    });

    it('goes on if the key cannot be recorded, and says so', async () => {
      const { trusted, told } = await outcome(blobOf(right), { strict: 'no', userFiles: ['/proc/no/known_hosts'] });
      expect(trusted).toBe('recorded');
      expect(told).toMatch(/Failed to add the host/);
    });

    it('hashes the names that it records if it is told to', async () => {
      const { text } = await outcome(
        blobOf(right),
        { strict: 'accept-new', hashed: true, checkAddress: true },
        ADDRESS,
      );
      expect(text).toMatch(/^(\|1\|\S+ \S+ \S+\n){2}$/);
      for (const host of [HOST, ADDRESS]) {
        expect((await outcome(blobOf(right), { known: text, host, strict: 'yes' })).trusted).toBe('known');
      }
    });
  });

  describe('of a host that is known', () => {
    it('finds it by its name in any case, by its alias alone, and without the port', async () => {
      const known = `${HOST} ${lineOf(right)}\n`;
      expect((await outcome(blobOf(right), { known, host: 'HOST.Example' })).trusted).toBe('known');
      expect((await outcome(blobOf(right), { known, port: 2222, strict: 'yes' })).trusted).toBe('known');
      expect((await outcome(blobOf(right), { known, host: 'x', alias: 'Host.example', port: 9 })).trusted).toBe(
        'known',
      );
      expect((await outcome(blobOf(right), { known, alias: 'x', strict: 'yes' })).trusted).toMatch(
        /no ED25519 host key/,
      );
    });

    it('does not take another key of the name without the port for a change', async () => {
      const { trusted } = await outcome(blobOf(wrong), { known: `${HOST} ${lineOf(right)}`, port: 2, strict: 'no' });
      expect(trusted).toBe('recorded');
    });

    it.each(['ask', 'yes', 'accept-new'] as const)('refuses a changed key where the policy is %s', async (strict) => {
      const known = `# a comment\n${HOST} ${lineOf(right)}\n`;
      const { trusted, told, asked, text } = await outcome(blobOf(wrong), { known, strict });
      expect(trusted).toMatch(/has changed.*file\d+:2.*ssh-keygen -f \S+ -R host\.example/);
      expect(told).toContain('@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @');
      expect(told).toMatch(/Offending ED25519 key in \S+:2/);
      expect(told).toContain(fingerprintOf(blobOf(wrong)));
      expect(asked).toEqual([]);
      expect(text).toBe(known);
    });

    it('lets a changed key pass, but not as a trusted one, if the user has turned the check off', async () => {
      const known = `${HOST} ${lineOf(right)}\n`;
      const { trusted, told, text } = await outcome(blobOf(wrong), { known, strict: 'no' });
      expect(trusted).toBe('changed-but-allowed');
      expect(told).toContain('HAS CHANGED');
      expect(text).toBe(known);
    });

    it('takes a key of a type that is not known for a change', async () => {
      const known = `${HOST} ${lineOf(ecdsa)}\n`;
      const { trusted, told } = await outcome(blobOf(right), { known, strict: 'accept-new' });
      expect(trusted).toMatch(/has changed/);
      expect(told).toMatch(/Offending ECDSA key in/);
    });

    it('never takes a revoked key, whoever revokes it and whatever the policy is', async () => {
      const plain = `${HOST} ${lineOf(right)}\n`;
      for (const strict of ['no', 'accept-new', 'ask', 'yes'] as const) {
        const { trusted, told } = await outcome(blobOf(right), {
          known: `${plain}@revoked * ${lineOf(right)}`,
          strict,
        });
        expect(trusted).toMatch(/is revoked by \S+:2/);
        expect(told).toContain('@           WARNING: REVOKED HOST KEY DETECTED!           @');
        const revokedFile = room.fileOf(`# stolen\n${lineOf(wrong)}\n${lineOf(right)} comment\n`);
        expect((await outcome(blobOf(right), { known: plain, strict, revokedFile })).trusted).toMatch(/is revoked by/);
      }
      const portless = `[${HOST}]:2222 ${lineOf(right)}\n@revoked ${HOST} ${lineOf(right)}\n`;
      expect((await outcome(blobOf(right), { known: portless, port: 2222 })).trusted).toMatch(/is revoked/);
    });

    it('takes no RSA key that is short enough to be broken, whatever is known and wished', async () => {
      const short = rsaKey(1023);
      const known = `${HOST} ssh-rsa ${Buffer.from(short).toString('base64')}\n`;
      const { trusted } = await outcome(short, { known, strict: 'no' });
      expect(trusted).toMatch(/an RSA key of 1023 bits, which is too short/);
      expect((await outcome(rsaKey(1024), { strict: 'accept-new' })).trusted).toBe('recorded');
      expect((await outcome(rsaKey(1023).subarray(0, 40), { strict: 'no' })).trusted).toMatch(/of 0 bits/);
    });

    it('trusts nobody if the revoked keys cannot be read, and leaves a KRL to the system', async () => {
      const known = `${HOST} ${lineOf(right)}\n`;
      const { trusted } = await outcome(blobOf(right), { known, revokedFile: join(directory, 'none') });
      expect(trusted).toMatch(/RevokedHostKeys .* is not there/);
      const { check } = room.checkOf({ known, revokedFile: room.fileOf('SSHKRL\n\0\0\0\0\x01') });
      await expect(check.algorithms()).rejects.toThrow(NeedsSystemSsh);
    });

    it('reads all files, says which cannot be read, and goes by the others', async () => {
      const files = [join(directory, 'none'), directory, room.fileOf(`${HOST} ${lineOf(right)}\n`)];
      const { trusted, told } = await outcome(blobOf(right), { userFiles: files, strict: 'yes' });
      expect(trusted).toBe('known');
      expect(told).toBe(
        `The known hosts of ${directory} cannot be read: EISDIR: illegal operation on a directory, read`,
      );
    });

    it('is quiet if the log is', async () => {
      const log = new Log('quiet', () => undefined);
      const { told } = await outcome(blobOf(right), { strict: 'no', options: { log } });
      expect(told).toBe('');
    });
  });

  describe('by the address, too', () => {
    const checkAddress = true;

    it('records a new address of a known host, and both of a new one', async () => {
      const known = `${HOST} ${lineOf(right)}\n`;
      const first = await outcome(blobOf(right), { known, checkAddress }, ADDRESS);
      expect(first.text).toBe(`${known}${ADDRESS} ${lineOf(right)}\n`);
      const second = await outcome(blobOf(right), { strict: 'no', checkAddress, port: 2222 }, ADDRESS);
      expect(second.text).toBe(`[${HOST}]:2222,[${ADDRESS}]:2222 ${lineOf(right)}\n`);
      expect((await outcome(blobOf(right), { known, checkAddress }, '127.0.0.1')).text).toBe(known);
      expect((await outcome(blobOf(right), { known, checkAddress })).text).toBe(known);
    });

    it('asks when the address is known with another key', async () => {
      const known = `${HOST} ${lineOf(right)}\n${ADDRESS} ${lineOf(wrong)}\n`;
      const { trusted, asked, text } = await outcome(blobOf(right), { known, checkAddress, answers: ['yes'] }, ADDRESS);
      expect(trusted).toBe('known');
      expect(asked[0]).toMatch(
        /differs from the key for the IP address '192\.0\.2\.7'\nOffending key for IP in \S+:2\n/,
      );
      expect(asked[0]).toMatch(
        /\nMatching host key in \S+:1\nAre you sure you want to continue connecting \(yes\/no\)\? $/,
      );
      expect(text).toBe(known);
      for (const strict of ['yes', 'accept-new'] as const) {
        expect((await outcome(blobOf(right), { known, checkAddress, strict }, ADDRESS)).trusted).toMatch(/differ/);
      }
      expect((await outcome(blobOf(right), { known, checkAddress, strict: 'no' }, ADDRESS)).trusted).toBe('known');
    });

    it('says when the name alone has another key', async () => {
      const known = `${HOST} ${lineOf(wrong)}\n${ADDRESS} ${lineOf(right)}\n`;
      const { trusted, told } = await outcome(blobOf(right), { known, checkAddress }, ADDRESS);
      expect(trusted).toMatch(/has changed/);
      expect(told).toContain('POSSIBLE DNS SPOOFING DETECTED!');
      expect(told).toMatch(/192\.0\.2\.7\nis unchanged\.(?:.*\n)*Key for the IP address in \S+:2\n/);
      const both = `${HOST},${ADDRESS} ${lineOf(wrong)}\n`;
      expect((await outcome(blobOf(right), { known: both, checkAddress }, ADDRESS)).told).not.toContain('DNS SPOOFING');
    });
  });

  describe('that is certified', () => {
    const good = () => blobOf(room.certify(authority, right, '-n', `${HOST},alias`));

    it('takes the word of an authority that is known for the host, and for that host only', async () => {
      const known = `@cert-authority *.example ${lineOf(authority)}\n`;
      const { trusted, asked, text } = await outcome(good(), { known, strict: 'yes', port: 2222 });
      expect({ trusted, asked, text }).toEqual({ trusted: 'certified', asked: [], text: known });
      expect((await outcome(good(), { known, host: 'host.other', strict: 'yes' })).trusted).toMatch(
        /no ED25519 host key/,
      );
      const alias = await outcome(good(), { known: `@cert-authority alias ${lineOf(authority)}`, alias: 'ALIAS' });
      expect(alias.trusted).toBe('certified');
    });

    it('goes by the key inside, as ssh does, if the authority is not known', async () => {
      const known = `${HOST} ${lineOf(right)}\n`;
      expect((await outcome(good(), { known, strict: 'yes' })).trusted).toBe('known');
      const { trusted, text } = await outcome(good(), { strict: 'accept-new' });
      expect({ trusted, text }).toEqual({ trusted: 'recorded', text: known });
      expect((await outcome(good(), { known: `${HOST} ${lineOf(wrong)}`, strict: 'ask' })).trusted).toMatch(/changed/);
    });

    it.each([
      ['expired', ['-n', HOST, '-V', '20200101:20210101'], /has expired/],
      ['to come', ['-n', HOST, '-V', '20900101:21000101'], /not yet valid/],
      ['for another', ['-n', 'other.example'], /not among the names/],
      ['for a user', ['-n', HOST, '--user'], /not a host certificate/],
    ] as const)('says why a certificate %s does not count, and goes by the key inside', async (_, options, why) => {
      const known = `@cert-authority * ${lineOf(authority)}\n`;
      const blob = blobOf(room.certify(authority, right, ...options));
      const { trusted, told } = await outcome(blob, { known, strict: 'yes' });
      expect(trusted).toMatch(/no ED25519 host key is known/);
      expect(told).toMatch(why);
    });

    it('refuses a revoked authority, and a revoked key that is certified', async () => {
      const known = `@cert-authority * ${lineOf(authority)}\n`;
      for (const revoked of [authority, right]) {
        const marked = `${known}@revoked * ${lineOf(revoked)}\n`;
        expect((await outcome(good(), { known: marked, strict: 'no' })).trusted).toMatch(/is revoked by/);
        const revokedFile = room.fileOf(`${lineOf(revoked)}\n`);
        expect((await outcome(good(), { known, revokedFile, strict: 'no' })).trusted).toMatch(/is revoked by/);
      }
    });

    it('refuses a certificate with a bad signature whatever the policy is', async () => {
      const bad = good();
      bad.writeUInt8(bad.readUInt8(bad.length - 1) ^ 1, bad.length - 1);
      expect((await outcome(bad, { known: `${HOST} ${lineOf(right)}`, strict: 'no' })).trusted).toMatch(/malformed/);
    });
  });

  describe('offers algorithms', () => {
    const algorithms = (situation: Case) => room.checkOf(situation).check.algorithms();

    it('of known keys first, with or without the port, and without certificates before them', async () => {
      const [first] = await algorithms({ known: `${HOST} ${lineOf(ecdsa)}` });
      expect(first).toBe('ecdsa-sha2-nistp256');
      const ofRsa = await algorithms({ known: `${HOST} ${lineOf(rsa)}`, port: 2222 });
      expect(ofRsa.slice(0, 3)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']);
      expect(ofRsa).not.toContain('ssh-rsa');
    });

    it('of certificates first if an authority is known for the host', async () => {
      const known = `${HOST} ${lineOf(ecdsa)}\n@cert-authority *.example ${lineOf(authority)}\n`;
      const offered = await algorithms({ known });
      expect(offered[0]).toBe('ssh-ed25519-cert-v01@openssh.com');
      expect(offered.findIndex((name) => !name.includes('-cert-'))).toBe(6);
      expect(offered[6]).toBe('ecdsa-sha2-nistp256');
      expect((await algorithms({ known, host: 'elsewhere' }))[0]).toBe('ssh-ed25519');
    });

    it('among those that are wanted, a weak one too if it is named', async () => {
      const wanted = ['ssh-rsa', 'ssh-new', 'ssh-ed25519', 'ssh-ed25519'];
      expect(await algorithms({ options: { wanted } })).toEqual(['ssh-rsa', 'ssh-ed25519']);
      expect(await algorithms({ options: { wanted }, known: `${HOST} ${lineOf(right)}` })).toEqual([
        'ssh-ed25519',
        'ssh-rsa',
      ]);
      expect(await algorithms({ options: { wanted: ['ssh-new'] } })).toEqual([]);
    });
  });

  it('knows one key alone if that is pinned, and reads no file', async () => {
    const known = `@revoked * ${lineOf(right)}\n`;
    const pinned = blobOf(right);
    expect((await outcome(blobOf(right), { known, pinned, revokedFile: '/none' })).trusted).toBe('known');
    expect((await outcome(blobOf(wrong), { pinned, strict: 'no' })).trusted).toMatch(/another program answers/);
  });

  it('refuses whatever bytes are no known key, and throws nothing else', async () => {
    const known = `${HOST} ${lineOf(right)}\n`;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (blob) => {
        expect((await outcome(blob, { known, strict: 'ask' })).trusted).toMatch(/^Host key verification failed/);
      }),
      { numRuns: 50 },
    );
  });
});

/** A public key of RSA as ssh sends it, of random digits. */
function rsaKey(bits: number): Buffer {
  const modulus = Buffer.alloc(Math.ceil(bits / 8) + 1, 0xa5);
  modulus[0] = 0;
  modulus[1] = 1 << ((bits - 1) % 8);
  return Buffer.concat([encodeString('ssh-rsa'), encodeString(Uint8Array.of(1, 0, 1)), encodeString(modulus)]);
}
