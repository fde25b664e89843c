import { appendFileSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { knownHostLines } from '../../../client/ssh/host-keys/known-hosts.ts';
import { blobOf, hasKeygen, lineOf } from './authority.ts';
import { ADDRESS, type Case, CheckRoom, HOST } from './check-room.ts';

describe.skipIf(!hasKeygen)('the keys that a host tells after the login', () => {
  const room = new CheckRoom();
  afterAll(() => room.remove());
  const right = room.key('ed25519', 256, 'right');
  const wrong = room.key('ed25519', 256, 'wrong');
  const ecdsa = room.key('ecdsa', 256);
  const rsa = room.key('rsa', 2048);
  const authority = room.key('ed25519', 256, 'authority');

  const update = 'yes' as const;
  const keys = [right, ecdsa, rsa].map(blobOf);

  async function learnt(situation: Case, offered: readonly Uint8Array[] = keys, address?: string) {
    const { check, prompter, file } = room.checkOf({ update, ...situation });
    await check.check(blobOf(right), address);
    await check.learn(offered);
    return { text: readFileSync(file, 'utf8'), prompter, file };
  }

  it('are recorded if the host was trusted, and those it has no longer are taken out', async () => {
    const kept = `# mine\nother ${lineOf(room.key('ed25519', 256, 'other'))}\n${HOST} ssh-future AAAACnNzaC1mdXR1cmU= new\n`;
    const known = `${kept}${HOST} ${lineOf(right)} comment\n${HOST} ${lineOf(wrong)}\n`;
    const { text, prompter } = await learnt({ known });
    expect(text).toBe(`${kept}${HOST} ${lineOf(right)} comment\n${HOST} ${lineOf(ecdsa)}\n${HOST} ${lineOf(rsa)}\n`);
    expect(prompter.told).toEqual([]);
    expect((await learnt({ known: text })).text).toBe(text);
  });

  it('are recorded beside hashed lines, and hashed if the configuration says so', async () => {
    const known = knownHostLines([HOST], blobOf(right), true) + knownHostLines([HOST], blobOf(wrong), true);
    const { text, file } = await learnt({ known, hashed: true });
    expect(text.split('\n')).toHaveLength(4);
    expect(text).not.toContain(HOST);
    for (const key of keys) {
      const { check } = room.checkOf({ userFiles: [file], strict: 'yes' });
      expect((await check.check(key)).trusted).toBe('known');
    }
  });

  it('are recorded for the address, too, where that is checked', async () => {
    const { text } = await learnt(
      { known: `${HOST},${ADDRESS} ${lineOf(right)}\n`, checkAddress: true },
      keys,
      ADDRESS,
    );
    expect(text).toContain(`${HOST},${ADDRESS} ${lineOf(rsa)}\n`);
  });

  it('are recorded after the user has confirmed the first, and not after that was recorded unasked', async () => {
    expect((await learnt({ answers: ['yes'] })).text.split('\n')).toHaveLength(4);
    expect((await learnt({ strict: 'accept-new' })).text).toBe(`${HOST} ${lineOf(right)}\n`);
  });

  it('are neither recorded nor taken out if they are told and not proven', async () => {
    const { check, file } = room.checkOf({ update, known: `${HOST} ${lineOf(right)}\n${HOST} ${lineOf(rsa)}\n` });
    await check.check(blobOf(right));
    await check.learn([blobOf(right)], keys);
    expect(readFileSync(file, 'utf8')).toBe(`${HOST} ${lineOf(right)}\n${HOST} ${lineOf(rsa)}\n`);
  });

  it.each([
    ['is not wanted', (line: string) => line, { update: 'no' }],
    ['was found without the port', (line: string) => line, { port: 2222 }],
    ['has changed', () => `${HOST} ${lineOf(wrong)}\n`, { strict: 'no' }],
    ['matches a pattern', (line: string) => line.replace(HOST, '*.example'), {}],
    ['stands with a negation', (line: string) => line.replace(HOST, `${HOST},!x`), {}],
    ['stands with other names', (line: string) => line.replace(HOST, `${HOST},a,b`), {}],
    ['has an authority', (line: string) => `${line}@cert-authority ${HOST} ${lineOf(authority)}\n`, {}],
    ['has a revoked one', (line: string) => `${line}@revoked * ${lineOf(wrong)}\n`, {}],
    ["is another host's, too", (line: string) => `${line}other ${lineOf(rsa)}\n`, {}],
    ['has an old one at another host', (l: string) => `${l}${HOST} ${lineOf(wrong)}\nother ${lineOf(wrong)}\n`, {}],
  ] as const)('change nothing if the key %s', async (_, change, policy) => {
    const known = change(`${HOST} ${lineOf(right)}\n`);
    expect((await learnt({ known, ...policy })).text).toBe(known);
  });

  it('change nothing of a host that is known from the global file, or by a certificate', async () => {
    const globalFiles = [room.fileOf(`${HOST} ${lineOf(right)}\n`)];
    expect((await learnt({ globalFiles })).text).toBe('');
    const known = `@cert-authority * ${lineOf(authority)}\n`;
    const { check, file } = room.checkOf({ known, update });
    await check.check(blobOf(room.certify(authority, right)));
    await check.learn(keys);
    expect(readFileSync(file, 'utf8')).toBe(known);
  });

  it('are asked about if the configuration says so', async () => {
    const known = `${HOST} ${lineOf(right)}\n${HOST} ${lineOf(wrong)}\n`;
    const no = await learnt({ known, update: 'ask', answers: ['no'] });
    expect(no.text).toBe(known);
    expect(no.prompter.questions[0]).toMatch(
      /Learned new hostkey: RSA SHA256:.*\n.*Deprecating obsolete hostkey: ED25519/,
    );
    const yes = await learnt({ known, update: 'ask', answers: ['what', 'yes'] });
    expect(yes.text).toContain(lineOf(rsa));
    expect((await learnt({ known, update: 'ask', options: { batch: true } })).text).toBe(known);
    // Interrupted: it is no reason to end a session.
    expect((await learnt({ known, update: 'ask' })).text).toBe(known);
  });

  it('are heard once, and no more of them than a host has', async () => {
    const { check, file } = room.checkOf({ update, known: `${HOST} ${lineOf(right)}\n` });
    await check.check(blobOf(right));
    const many = Array.from({ length: 100 }, (_, number) => {
      const key = Buffer.from(blobOf(right));
      key.writeUInt32BE(number, key.length - 4);
      return key;
    });
    await check.learn([blobOf(right), ...many]);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(33);
    appendFileSync(file, '# end\n');
    await check.learn([blobOf(right)]);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(34);
  });

  it('may be any bytes', async () => {
    const known = `${HOST} ${lineOf(right)}\n`;
    const key = fc.uint8Array({ maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 4 }), async (offered) => {
        expect((await learnt({ known }, [blobOf(right), ...offered])).text).toBe(known);
      }),
      { numRuns: 30 },
    );
  });
});
