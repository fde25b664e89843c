import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyExchangeMemory, keyExchangeFile } from '../../../client/ssh/key-exchange-memory.ts';
import { DEFAULT_SETTINGS } from '../../../client/ssh/settings.ts';
import { WrongGuess } from '../../../client/ssh/ssh2-internals.ts';
import { noSshd, startSshd } from '../../peers/sshd.ts';
import { connected, outcome, settingsFor } from './connected.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rove-memory-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the memory of key exchanges', () => {
  it('keeps what it was told, for itself and for the next', () => {
    const file = join(folder, 'deep', 'er', 'file');
    const memory = new KeyExchangeMemory(file);
    expect(memory.knows('host', 22)).toBe(false);
    memory.note('host', 22, true);
    memory.note('other', 2222, true);
    memory.note('third', 22, false);
    const next = new KeyExchangeMemory(file);
    expect([next.knows('host', 22), next.knows('host', 23), next.knows('other', 2222)]).toEqual([true, false, true]);
    next.note('host', 22, false);
    expect(new KeyExchangeMemory(file).knows('host', 22)).toBe(false);
    expect(new KeyExchangeMemory(file).knows('other', 2222)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
  });

  it('does not say where its user goes, and does not grow without end', () => {
    const file = join(folder, 'many');
    const memory = new KeyExchangeMemory(file);
    for (let port = 1; port <= 300; port++) memory.note('secret-host', port, true);
    expect(readFileSync(file, 'utf8')).not.toContain('secret');
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(257);
    expect([memory.knows('secret-host', 300), memory.knows('secret-host', 1)]).toEqual([true, false]);
  });

  it('is worth no error', () => {
    const none = new KeyExchangeMemory(undefined);
    none.note('host', 22, true);
    expect(none.knows('host', 22)).toBe(true);
    const blocked = join(folder, 'blocked');
    writeFileSync(blocked, 'a file where a folder should be');
    const memory = new KeyExchangeMemory(join(blocked, 'file'));
    memory.note('host', 22, true);
    expect(memory.knows('host', 22)).toBe(true);
    mkdirSync(join(folder, 'a-folder'));
    expect(new KeyExchangeMemory(join(folder, 'a-folder')).knows('host', 22)).toBe(false);
  });

  it('is where a cache belongs', () => {
    expect(keyExchangeFile({ XDG_CACHE_HOME: '/cache' })).toBe('/cache/rove/key-exchanges');
    expect(keyExchangeFile({ XDG_CACHE_HOME: 'relative' })).toMatch(/^\/.*\/\.cache\/rove\/key-exchanges$/);
  });
});

describe.skipIf(noSshd !== undefined)(`a host that is known${noSshd ? `: ${noSshd}` : ''}`, () => {
  it('is sent our half of the key exchange before it has said a word', async () => {
    const sshd = await startSshd();
    const memory = new KeyExchangeMemory(undefined);
    for (const known of [false, true]) {
      expect(memory.knows(sshd.address, sshd.port)).toBe(known);
      const { connection, log } = connected(settingsFor(sshd), { memory, level: 'debug2' });
      expect(await outcome(connection, 'echo in')).toMatchObject({ stdout: 'in\n' });
      expect(log().includes('Sending KEXECDH_INIT')).toBe(!known);
      connection.close();
    }
    await sshd.stop();
  });

  it('may have changed its mind: that is noted, and the connection to be made anew', async () => {
    const sshd = await startSshd({ config: ['KexAlgorithms ecdh-sha2-nistp256'] });
    const memory = new KeyExchangeMemory(undefined);
    memory.note(sshd.address, sshd.port, true);
    await expect(connected(settingsFor(sshd), { memory }).connection.run('true')).rejects.toThrow(WrongGuess);
    const { connection } = connected(settingsFor(sshd), { memory });
    expect(await outcome(connection, 'echo in')).toMatchObject({ stdout: 'in\n' });
    connection.close();
    await sshd.stop();
  });

  it('is not run ahead of where the configuration prefers another way', async () => {
    const sshd = await startSshd();
    const memory = new KeyExchangeMemory(undefined);
    memory.note(sshd.address, sshd.port, true);
    const algorithms = { ...DEFAULT_SETTINGS.algorithms, kex: ['ecdh-sha2-nistp256', 'curve25519-sha256'] };
    const { connection, log } = connected(settingsFor(sshd, { algorithms }), { memory });
    expect(await outcome(connection, 'echo in')).toMatchObject({ stdout: 'in\n' });
    expect(log()).toContain('key exchange ecdh-sha2-nistp256');
    connection.close();
    await sshd.stop();
  });
});
