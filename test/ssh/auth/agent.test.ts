import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Agent } from '../../../client/ssh/auth/agent.ts';
import { readKeyFile } from '../../../client/ssh/auth/key-file.ts';
import type { PrivateKey } from '../../../client/ssh/auth/private-key.ts';
import { encodeString, encodeU32, readText } from '../../../client/ssh/ssh-string.ts';
import { loadSsh2 } from '../../../client/ssh/ssh2-library.ts';
import { Reader } from '../../../protocol/bytes.ts';
import { blobOf, certify, makeKey, noTools, startAgent, type TestAgent } from './keys.ts';

const DATA = Buffer.from('what is signed');

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rove-agent-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const path = (name: string): string => join(directory, name);

async function read(file: string): Promise<PrivateKey> {
  const key = await readKeyFile(file, await loadSsh2());
  if (key.kind !== 'plain') throw new Error(`${file} is ${key.kind}`);
  return key.key;
}

describe.skipIf(noTools !== undefined)(`an ssh-agent${noTools ? `: ${noTools}` : ''}`, () => {
  let real: TestAgent;
  let agent: Agent;
  const names = ['ed25519', 'ecdsa', 'rsa'];

  beforeAll(async () => {
    // Whoever is asked to confirm says no.
    writeFileSync(path('askpass'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    real = await startAgent(directory, { SSH_ASKPASS: path('askpass'), DISPLAY: ':77' });
    agent = new Agent(real.socket);
    for (const name of names) makeKey(path(name), name);
    certify(path('ed25519'), path('rsa'), 'ann');
  });
  afterAll(() => real.stop());
  afterEach(() => void real.add('-D'));

  it('lists its keys and certificates in order', async () => {
    expect(await agent.list()).toEqual([]);
    for (const name of names) real.add(path(name));
    expect((await agent.list()).map(({ type }) => type)).toEqual([
      'ssh-ed25519',
      'ssh-ed25519-cert-v01@openssh.com',
      'ecdsa-sha2-nistp256',
      'ssh-rsa',
    ]);
    const [first, second] = await agent.list();
    expect(Buffer.from(first?.blob ?? [])).toEqual(blobOf(path('ed25519.pub')));
    expect(Buffer.from(second?.blob ?? [])).toEqual(blobOf(path('ed25519-cert.pub')));
    expect(first?.comment).toBe('a test key');
  });

  it('signs with the algorithm that is wanted, and for a certificate', async () => {
    for (const name of names) real.add(path(name));
    for (const [name, algorithm] of [
      ['ed25519', 'ssh-ed25519'],
      ['ed25519-cert', 'ssh-ed25519'],
      ['ecdsa', 'ecdsa-sha2-nistp256'],
      ['rsa', 'rsa-sha2-256'],
      ['rsa', 'rsa-sha2-512'],
    ] as const) {
      const signature = await agent.sign(blobOf(path(`${name}.pub`)), DATA, algorithm);
      expect(readText(new Reader(signature))).toBe(algorithm);
      // These two leave nothing to chance, so it has to be the same as ours.
      if (!name.startsWith('ecdsa')) {
        const own = (await read(path(name.replace('-cert', '')))).sign(DATA, algorithm);
        expect(Buffer.from(signature)).toEqual(own);
      }
    }
  });

  it('that has not the key, or gives another signature, has not signed', async () => {
    await expect(agent.sign(blobOf(path('rsa.pub')), DATA, 'rsa-sha2-512')).rejects.toThrow(/refused to sign/);
    real.add(path('ed25519'));
    const wrong = agent.sign(blobOf(path('ed25519.pub')), DATA, 'rsa-sha2-512');
    await expect(wrong).rejects.toThrow('the agent signed with ssh-ed25519 in place of rsa-sha2-512');
  });

  it.each(['ed25519', 'ecdsa', 'rsa'])('takes a key of type %s and signs with it', async (name) => {
    const key = await read(path(name));
    await agent.add(key, 'given', { confirm: false, lifetimeS: 1000 });
    expect(await agent.list()).toMatchObject([{ type: key.publicKey.type, comment: 'given' }]);
    const algorithm = name === 'rsa' ? 'rsa-sha2-512' : key.publicKey.type;
    await agent.sign(key.publicKey.blob, DATA, algorithm);
  });

  it('asks before it signs with a key that was given so', async () => {
    const key = await read(path('ed25519'));
    await agent.add(key, 'given', { confirm: true, lifetimeS: undefined });
    await expect(agent.sign(key.publicKey.blob, DATA, 'ssh-ed25519')).rejects.toThrow(/refused to sign/);
  });
});

describe('an agent that is none', () => {
  let server: Server | undefined;
  let count = 0;

  afterEach(() => void server?.close());

  /** An agent that answers whatever it is asked with these bytes, and hangs up. */
  async function agentSaying(bytes: Uint8Array): Promise<Agent> {
    server?.close();
    const started = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(bytes));
    });
    server = started;
    const socketPath = path(`fake${count++}`);
    await new Promise<void>((resolve) => started.listen(socketPath, resolve));
    return new Agent(socketPath);
  }

  it('is not there, and that is said', async () => {
    await expect(new Agent(path('nowhere')).list()).rejects.toThrow(/ENOENT/);
  });

  it.each([
    ['nothing', new Uint8Array(), /hung up/],
    ['half a message', Uint8Array.of(0, 0, 0, 9, 12), /hung up/],
    ['an empty message', Uint8Array.of(0, 0, 0, 0), /the input has ended/],
    ['more than it may', Uint8Array.of(0xff, 0, 0, 0, 12), /more than it may/],
    ['a refusal', Uint8Array.of(0, 0, 0, 1, 5), /does not list/],
    [
      'keys that are not there',
      encodeString(Buffer.concat([Uint8Array.of(12), encodeU32(0xffffffff)])),
      /input has ended/,
    ],
  ])('says %s', async (_, bytes, error) => {
    await expect((await agentSaying(bytes)).list()).rejects.toThrow(error);
  });

  it('says anything whatever', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.boolean(), async (bytes, listing) => {
        const agent = await agentSaying(encodeString(Buffer.concat([Uint8Array.of(listing ? 12 : 14), bytes])));
        for (const step of [agent.list(), agent.sign(Uint8Array.of(1), DATA, 'ssh-ed25519')]) {
          const outcome: unknown = await step.catch((error: unknown) => error);
          expect(outcome).not.toBeInstanceOf(TypeError);
          expect(outcome).not.toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 50 },
    );
  });
});
