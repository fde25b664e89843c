import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Ssh2Internals } from '../../../client/ssh/ssh2-internals.ts';
import { loadSsh2 } from '../../../client/ssh/ssh2-library.ts';

/** A client that has been given a socket on which nobody answers. */
async function client(): Promise<InstanceType<Awaited<ReturnType<typeof loadSsh2>>['Client']>> {
  const ssh2 = await loadSsh2();
  const made = new ssh2.Client();
  made.on('error', () => undefined);
  made.connect({
    sock: new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() }),
    username: 'user',
    readyTimeout: 0,
  });
  return made;
}

describe('the private parts of the ssh library', () => {
  it('are those of the version that is pinned', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    const installed = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('ssh2/package.json'), 'utf8'));
    // With another version, read its lib/client.js, lib/protocol/Protocol.js and lib/protocol/kex.js again.
    expect([dependencies.ssh2, installed.version]).toEqual(['1.17.0', '1.17.0']);
  });

  it('are all there', async () => {
    expect(() => new Ssh2Internals(new (class extends Object {})() as never)).toThrow('has no _protocol');
    const internals = new Ssh2Internals(await client());
    expect(internals.serverSoftware).toBe('');
    expect(internals.sessionId).toBeUndefined();
  });

  it('are named when they are missing', async () => {
    const made = await client();
    const protocol = Reflect.get(made, '_protocol') as Record<string, unknown>;
    Reflect.set(protocol, 'authNone', undefined);
    Reflect.set(protocol, '_authsQueue', undefined);
    expect(() => new Ssh2Internals(made)).toThrow('is not ssh2 1.17: it lacks authNone, _authsQueue');
  });

  it('are called by the names that are replaced', async () => {
    const protocol = Reflect.get(await client(), '_protocol') as { _handlers: object };
    const names = ['SERVICE_ACCEPT', 'EXT_INFO', 'USERAUTH_BANNER', 'USERAUTH_SUCCESS', 'USERAUTH_FAILURE'];
    const more = ['USERAUTH_PK_OK', 'USERAUTH_INFO_REQUEST', 'USERAUTH_PASSWD_CHANGEREQ', 'GLOBAL_REQUEST'];
    const channels = ['OPEN', 'OPEN_CONFIRMATION', 'OPEN_FAILURE', 'DATA', 'EXTENDED_DATA', 'WINDOW_ADJUST'];
    const ends = ['SUCCESS', 'FAILURE', 'REQUEST', 'EOF', 'CLOSE'];
    const all = [...names, ...more, ...[...channels, ...ends].map((name) => `CHANNEL_${name}`)];
    expect(Object.keys(protocol._handlers)).toEqual(expect.arrayContaining(all));
  });
});
