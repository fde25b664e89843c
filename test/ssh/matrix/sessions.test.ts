/**
 * The matrix for sessions that roam: the built `rove` on a terminal, on hosts of all kinds that have no rove-server yet; it is put there, the
 * session comes up over UDP, and its status is the shell's. Where a host lets nothing be started, rove says so and ends.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND, type Field, MISSING, SAID, World } from './world.ts';

const SERVERS = ['keys', 'password', 'two factors', 'one of each', 'a forced command', 'files only'];

let world: World;

describe.skipIf(MISSING !== undefined)(`a session that roams${MISSING ? `: skipped, ${MISSING}` : ''}`, () => {
  beforeAll(async () => {
    world = new World();
    await Promise.all(SERVERS.map((name) => world.start(name)));
  });
  afterAll(() => world.stop());

  const words = ['--install', '-t', 'peer', COMMAND];
  const withKey = (): string => `IdentityFile ${world.key('id')}`;

  test.for<readonly [string, () => Field]>([
    [
      'with a shell',
      () => ({
        sshd: world.on('keys'),
        config: [withKey()],
        words: ['--install', 'peer'],
        typed: COMMAND,
        status: 7,
      }),
    ],
    [
      'for a password',
      () => ({
        sshd: world.on('password'),
        config: ['PubkeyAuthentication no', 'PreferredAuthentications password'],
        answers: [world.user.password],
        words,
        status: 7,
      }),
    ],
    ['for a key', () => ({ sshd: world.on('keys'), config: [withKey()], words, status: 7 })],
    [
      'for two factors',
      () => ({
        sshd: world.on('two factors'),
        config: ['PubkeyAuthentication no', `User ${world.tcsh.name}`],
        answers: [world.tcsh.password, () => world.secret.code()],
        words,
        status: 7,
      }),
    ],
    ['with fish', () => ({ sshd: world.on('keys'), config: [withKey(), `User ${world.fish.name}`], words, status: 7 })],
    [
      'with a noisy shell, and few algorithms',
      () => ({ sshd: world.on('one of each'), config: [withKey(), `User ${world.noisy.name}`], words, status: 7 }),
    ],
    [
      'not where a command is forced',
      () => ({ sshd: world.on('a forced command'), config: [withKey()], words, status: 255, says: /^rove: .+/m }),
    ],
    [
      'not where there are files only',
      () => ({ sshd: world.on('files only'), config: [withKey()], words, status: 255, says: /^rove: .+/m }),
    ],
  ])('comes up %s', async ([, later]) => {
    const field = later();
    const { status, text } = await world.run('rove', field);
    expect({ status, text }).toMatchObject({ status: field.status });
    if (field.says !== undefined) expect(text).toMatch(field.says);
    else expect(text).toContain(SAID);
  });
});
