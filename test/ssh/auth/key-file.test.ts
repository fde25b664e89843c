import { execFileSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeyFile, readKeyFile } from '../../../client/ssh/auth/key-file.ts';
import type { PrivateKey } from '../../../client/ssh/auth/private-key.ts';
import { parsePublicKey, publicKeyOf } from '../../../client/ssh/auth/public-key.ts';
import { readString, readText } from '../../../client/ssh/ssh-string.ts';
import { loadSsh2, type Ssh2 } from '../../../client/ssh/ssh2-library.ts';
import { Reader } from '../../../protocol/bytes.ts';
import { blobOf, convertKey, makeKey, noTools } from './keys.ts';

const DATA = Buffer.from('what is signed');
const HASHES: Readonly<Record<string, string>> = {
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
  'rsa-sha2-512': 'sha512',
  'rsa-sha2-256': 'sha256',
  'ssh-rsa': 'sha1',
};

let ssh2: Ssh2;
let directory: string;
const keys: Record<string, string> = {};

/** Type as ssh-keygen has it, size, and the algorithms it signs with. */
const KINDS: readonly (readonly [string, string, number | undefined, readonly string[]])[] = [
  ['ed25519', 'ed25519', undefined, ['ssh-ed25519']],
  ['ecdsa256', 'ecdsa', 256, ['ecdsa-sha2-nistp256']],
  ['ecdsa384', 'ecdsa', 384, ['ecdsa-sha2-nistp384']],
  ['ecdsa521', 'ecdsa', 521, ['ecdsa-sha2-nistp521']],
  ['rsa', 'rsa', 2048, ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']],
];

async function plainKey(path: string): Promise<PrivateKey> {
  const file = await readKeyFile(path, ssh2);
  if (file.kind !== 'plain') throw new Error(`${path} is ${file.kind}`);
  return file.key;
}

async function lockedKey(path: string): Promise<Extract<KeyFile, { kind: 'locked' }>> {
  const file = await readKeyFile(path, ssh2);
  if (file.kind !== 'locked') throw new Error(`${path} is ${file.kind}`);
  return file;
}

/** Whether OpenSSL, which made none of it, finds a signature of ssh's form good. */
function isGood(publicFile: string, signature: Uint8Array, algorithm: string): boolean {
  const reader = new Reader(signature);
  expect(readText(reader)).toBe(algorithm);
  const raw = readString(reader);
  expect(reader.left).toBe(0);
  if (algorithm === 'ssh-ed25519') {
    const x = blobOf(publicFile).subarray(-32).toString('base64url');
    return verify(null, DATA, createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } }), raw);
  }
  const pem = execFileSync('ssh-keygen', ['-e', '-m', 'PKCS8', '-f', publicFile], { encoding: 'utf8' });
  if (!algorithm.startsWith('ecdsa')) return verify(HASHES[algorithm] ?? null, DATA, createPublicKey(pem), raw);
  const numbers = new Reader(raw);
  const integers = [readString(numbers), readString(numbers)].map((number) =>
    Buffer.concat([Uint8Array.of(2, number.length), number]),
  );
  const sequence = Buffer.concat(integers);
  const length = sequence.length < 128 ? [sequence.length] : [0x81, sequence.length];
  const der = Buffer.concat([Uint8Array.of(0x30, ...length), sequence]);
  return verify(HASHES[algorithm] ?? null, DATA, createPublicKey(pem), der);
}

describe.skipIf(noTools !== undefined)(`a key file${noTools ? `: ${noTools}` : ''}`, () => {
  beforeAll(async () => {
    ssh2 = await loadSsh2();
    directory = mkdtempSync(join(tmpdir(), 'rove-keys-'));
    for (const [name, type, bits] of KINDS) {
      keys[name] = makeKey(join(directory, name), type, bits === undefined ? {} : { bits });
    }
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const path = (name: string): string => join(directory, name);

  it.each(KINDS)('of kind %s signs as OpenSSL and OpenSSH have it', async (name, _type, _bits, algorithms) => {
    const key = await plainKey(path(name));
    expect(Buffer.from(key.publicKey.blob)).toEqual(blobOf(path(`${name}.pub`)));
    for (const algorithm of algorithms) {
      // Numbers with a high bit or a leading zero come up by chance.
      for (let time = 0; time < 8; time++) {
        expect(isGood(path(`${name}.pub`), key.sign(DATA, algorithm), algorithm)).toBe(true);
      }
    }
    expect(() => key.sign(DATA, 'none')).toThrow(/does not sign with none/);
  });

  it.each(
    KINDS.flatMap(([name]) =>
      (['RFC4716', 'PEM', 'PKCS8'] as const)
        // The other formats are OpenSSL's, and OpenSSH writes no ed25519 in them.
        .filter((format) => name !== 'ed25519' || format === 'RFC4716')
        .flatMap((format) => ['', 'pässword'].map((passphrase) => [name, format, passphrase] as const)),
    ),
  )('of kind %s in the format %s, behind the passphrase "%s", opens', async (name, format, passphrase) => {
    const file = convertKey(path(name), path(`${name}-${format}-${passphrase.length}`), format, passphrase);
    const blob = blobOf(path(`${name}.pub`));
    if (passphrase === '') {
      expect(Buffer.from((await plainKey(file)).publicKey.blob)).toEqual(blob);
      return;
    }
    const locked = await lockedKey(file);
    expect(locked.publicKey?.blob).toEqual(blob);
    expect(locked.unlock('wrong')).toBeUndefined();
    expect(Buffer.from(locked.unlock(passphrase)?.publicKey.blob ?? [])).toEqual(blob);
  });

  it('of ed25519 in PKCS #8, as OpenSSL writes it, opens', async () => {
    const file = path('openssl');
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', file], { stdio: 'ignore' });
    chmodSync(file, 0o600);
    expect((await plainKey(file)).publicKey.type).toBe('ssh-ed25519');
    const locked = path('openssl-locked');
    const words = ['pkcs8', '-topk8', '-in', file, '-passout', 'pass:abc', '-v2', 'aes-256-cbc', '-out', locked];
    execFileSync('openssl', words, { stdio: 'ignore' });
    chmodSync(locked, 0o600);
    const key = await lockedKey(locked);
    expect(key.publicKey).toBeUndefined();
    expect(key.unlock('ab')).toBeUndefined();
    expect(key.unlock('abc')?.publicKey.blob).toEqual((await plainKey(file)).publicKey.blob);
  });

  it('in an envelope of another cipher than the usual one opens', async () => {
    for (const cipher of ['aes128-cbc', 'aes256-gcm@openssh.com']) {
      const file = path(`envelope-${cipher}`);
      copyFileSync(path('ed25519'), file);
      execFileSync('ssh-keygen', ['-q', '-p', '-Z', cipher, '-a', '1', '-P', '', '-N', 'abcde', '-f', file]);
      expect((await lockedKey(file)).unlock('abcde')?.publicKey.type).toBe('ssh-ed25519');
    }
  });

  it('that only OpenSSH opens is left to it', async () => {
    const file = path('chacha');
    copyFileSync(path('ed25519'), file);
    const words = ['-q', '-p', '-Z', 'chacha20-poly1305@openssh.com', '-a', '1', '-P', '', '-N', 'abcde', '-f', file];
    execFileSync('ssh-keygen', words);
    expect(await readKeyFile(file, ssh2)).toMatchObject({ kind: 'foreign', why: expect.stringContaining('chacha20') });
  });

  it('that others may read is left out, and said, in the words that people look up', async () => {
    const file = path('loose');
    copyFileSync(path('ed25519'), file);
    for (const mode of [0o644, 0o640, 0o604, 0o620]) {
      chmodSync(file, mode);
      const read = await readKeyFile(file, ssh2);
      expect(read).toMatchObject({ kind: 'too-open', publicKey: { blob: blobOf(path('ed25519.pub')) } });
      expect('why' in read && [...read.why].join('\n')).toContain('UNPROTECTED PRIVATE KEY FILE');
      expect('why' in read && [...read.why].join('\n')).toContain(`Permissions 0${mode.toString(8)}`);
    }
    chmodSync(file, 0o400);
    expect((await readKeyFile(file, ssh2)).kind).toBe('plain');
  });

  it('that holds the public half alone, or is not there but for it, names a key', async () => {
    expect(await readKeyFile(path('rsa.pub'), ssh2)).toMatchObject({ kind: 'public', publicKey: { type: 'ssh-rsa' } });
    copyFileSync(path('rsa.pub'), path('gone.pub'));
    expect(await readKeyFile(path('gone'), ssh2)).toMatchObject({ kind: 'public', publicKey: { type: 'ssh-rsa' } });
  });

  it('that is missing, too large or a directory says so', async () => {
    expect(await readKeyFile(path('absent'), ssh2)).toMatchObject({
      kind: 'missing',
      why: 'No such file or directory',
    });
    writeFileSync(path('large'), 'x'.repeat(70_000), { mode: 0o600 });
    expect(await readKeyFile(path('large'), ssh2)).toMatchObject({ kind: 'missing', why: 'File too large' });
    expect(await readKeyFile(directory, ssh2)).toMatchObject({ kind: 'missing', why: 'EISDIR' });
  });

  it('of a kind or with contents that are not known is said to be', async () => {
    for (const text of [
      '',
      'hello',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
    ]) {
      writeFileSync(path('odd'), text, { mode: 0o600 });
      expect((await readKeyFile(path('odd'), ssh2)).kind).toBe('unknown');
    }
  });

  it('with any bytes whatever is read without a throw', async () => {
    const good = readFileSync(path('ecdsa256'));
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), async (at, byte, length) => {
        const bad = Buffer.from(good.subarray(0, length));
        if (at < length) bad[at] = byte;
        writeFileSync(path('bad'), bad, { mode: 0o600 });
        const read = await readKeyFile(path('bad'), ssh2);
        if (read.kind === 'locked') read.unlock('x');
      }),
      { numRuns: 60 },
    );
  });
});

describe('a public key', () => {
  it('of any bytes is a key with a type, or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const key = publicKeyOf(bytes, '');
        if (key !== undefined) expect(key.type.length).toBeLessThan(bytes.length);
      }),
    );
  });

  it('on a line is taken only if the line tells the same type', () => {
    const blob = Buffer.from([0, 0, 0, 3, 97, 98, 99, 1]).toString('base64');
    expect(parsePublicKey(`# comment\n\nabc ${blob} a comment here \n`)).toMatchObject({
      type: 'abc',
      comment: 'a comment here',
    });
    expect(parsePublicKey(`abd ${blob}`)).toBeUndefined();
    expect(parsePublicKey('')).toBeUndefined();
  });
});
