/**
 * The matrix: what an administrator may have set up and what a user may have, each with a real sshd; the same login by `ssh` and by `rove`
 * on a terminal. They have to come to the same: the exit status, the prompts in their order, what the command printed, and the known hosts
 * afterwards. Where the two differ on purpose, the field says so.
 */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND, type Field, hostKey, MISSING, SAID, World } from './world.ts';

const SERVERS = [
  'keys',
  'password',
  'two factors',
  'key and code',
  'certificates',
  'one of each',
  'after the quantum computer',
  'two tries',
  'a forced command',
  'files only',
  'a certified host',
];

/** The parts of a field that are not known before the servers run. */
type Later = () => Field;

let world: World;

const passwordOnly = ['PubkeyAuthentication no', 'PreferredAuthentications password'];
const asked = ['PubkeyAuthentication no', 'PreferredAuthentications keyboard-interactive'];

describe.skipIf(MISSING !== undefined)(`ssh and rove come to the same${MISSING ? `: skipped, ${MISSING}` : ''}`, () => {
  beforeAll(async () => {
    world = new World();
    await Promise.all([world.startAgent(), ...SERVERS.map((name) => world.start(name))]);
  });
  afterAll(() => world.stop());

  const withKey = (name: string): string => `IdentityFile ${world.key(name)}`;

  const matrix: readonly [name: string, field: Later][] = [
    ['keys only: a key', () => ({ sshd: world.on('keys'), config: [withKey('id')], status: 7 })],
    ['keys only: an ecdsa key', () => ({ sshd: world.on('keys'), config: [withKey('id_ecdsa')], status: 7 })],
    ['keys only: an rsa key', () => ({ sshd: world.on('keys'), config: [withKey('id_rsa')], status: 7 })],
    [
      'keys only: a stranger',
      () => ({
        sshd: world.on('keys'),
        config: [withKey('stranger')],
        status: 255,
        says: /Permission denied \(publickey\)/,
      }),
    ],
    [
      'keys only: a key that others may read',
      () => ({ sshd: world.on('keys'), config: [withKey('loose')], status: 255, says: /UNPROTECTED PRIVATE KEY FILE/ }),
    ],
    [
      'keys only: behind a passphrase',
      () => ({ sshd: world.on('keys'), config: [withKey('locked')], answers: ['open sesame'], status: 7 }),
    ],
    [
      'keys only: a wrong passphrase, then the right one',
      () => ({ sshd: world.on('keys'), config: [withKey('locked')], answers: ['wrong', 'open sesame'], status: 7 }),
    ],
    [
      'keys only: three wrong passphrases',
      () => ({
        sshd: world.on('keys'),
        config: [withKey('locked')],
        answers: ['a', 'b', 'c'],
        status: 255,
        says: /Permission denied/,
      }),
    ],
    [
      'keys only: nobody may be asked',
      () => ({
        sshd: world.on('keys'),
        config: [withKey('locked'), 'BatchMode yes'],
        status: 255,
        says: /Permission denied/,
      }),
    ],
    [
      'keys only: no such key',
      () => ({ sshd: world.on('keys'), config: [withKey('absent')], status: 255, says: /Permission denied/ }),
    ],
    [
      'keys only: variables',
      () => ({
        sshd: world.on('keys'),
        config: [withKey('id'), 'SetEnv FOOA=set', 'SendEnv FOOB'],
        env: { FOOB: 'sent' },
        words: ['peer', 'echo $FOOA-$FOOB; exit 7'],
        status: 7,
        says: /set-sent/,
      }),
    ],
    [
      'keys only: a remote command',
      () => ({
        sshd: world.on('keys'),
        config: [withKey('id'), `RemoteCommand ${COMMAND}`],
        words: ['peer'],
        status: 7,
      }),
    ],
    [
      'keys only: -T',
      () => ({
        sshd: world.on('keys'),
        config: [withKey('id')],
        words: ['-T', 'peer', 'tty; exit 7'],
        status: 7,
        says: /not a tty/,
      }),
    ],
    [
      'keys only: -v',
      () => ({
        sshd: world.on('keys'),
        config: [withKey('id')],
        words: ['-v', 'peer', COMMAND],
        status: 7,
        says: /debug1: /,
      }),
    ],
    [
      'keys only: -q',
      () => ({
        sshd: world.on('keys'),
        config: [withKey('stranger')],
        words: ['-q', 'peer', COMMAND],
        status: 255,
        says: /^$/,
      }),
    ],
    [
      'a password',
      () => ({ sshd: world.on('password'), config: passwordOnly, answers: [world.user.password], status: 7 }),
    ],
    [
      'a wrong password, then the right one',
      () => ({
        sshd: world.on('password'),
        config: passwordOnly,
        answers: ['wrong', world.user.password],
        status: 7,
        says: /Permission denied, please try again/,
      }),
    ],
    [
      'three wrong passwords',
      () => ({
        sshd: world.on('password'),
        config: passwordOnly,
        answers: ['a', 'b', 'c'],
        status: 255,
        says: /Permission denied \(/,
      }),
    ],
    [
      'a password as an answer',
      () => ({ sshd: world.on('password'), config: asked, answers: [world.user.password], status: 7 }),
    ],
    [
      'one password prompt only',
      () => ({
        sshd: world.on('password'),
        config: [...passwordOnly, 'NumberOfPasswordPrompts 1'],
        answers: ['a'],
        status: 255,
      }),
    ],
    [
      'a password in batch mode',
      () => ({ sshd: world.on('password'), config: [...passwordOnly, 'BatchMode yes'], status: 255 }),
    ],
    [
      'two factors',
      () => ({
        sshd: world.on('two factors'),
        config: asked,
        answers: [world.user.password, () => world.secret.code()],
        status: 7,
      }),
    ],
    [
      'two factors, the code wrong at first',
      () => ({
        sshd: world.on('two factors'),
        config: asked,
        answers: [world.user.password, () => world.secret.wrongCode(), world.user.password, () => world.secret.code()],
        status: 7,
      }),
    ],
    [
      'a key and a code',
      () => ({
        sshd: world.on('key and code'),
        config: [withKey('id')],
        answers: [() => world.secret.code()],
        status: 7,
      }),
    ],
    [
      'a key and no code',
      () => ({
        sshd: world.on('key and code'),
        config: [withKey('id'), 'NumberOfPasswordPrompts 1'],
        answers: [() => world.secret.wrongCode()],
        status: 255,
      }),
    ],
    [
      'a certificate beside its key',
      () => ({ sshd: world.on('certificates'), config: [withKey('stranger')], status: 7 }),
    ],
    [
      'a certificate that is named',
      () => ({
        sshd: world.on('certificates'),
        config: [withKey('stranger'), `CertificateFile ${world.key('stranger-cert.pub')}`],
        status: 7,
      }),
    ],
    ['a key without a certificate', () => ({ sshd: world.on('certificates'), config: [withKey('id')], status: 255 })],
    ['one algorithm of each', () => ({ sshd: world.on('one of each'), config: [withKey('id')], status: 7 })],
    [
      'only key exchanges after the quantum computer',
      () => ({ sshd: world.on('after the quantum computer'), config: [withKey('id')], status: 7 }),
    ],
    [
      'an algorithm that the server has not',
      () => ({ sshd: world.on('one of each'), config: [withKey('id'), 'Ciphers aes128-ctr'], status: 255 }),
    ],
    [
      'two tries, three keys',
      () => ({
        sshd: world.on('two tries'),
        config: [withKey('stranger'), withKey('ca'), withKey('id')],
        status: 255,
        says: /[Tt]oo many authentication failures|no more tries/,
      }),
    ],
    [
      'two tries, the right key second',
      () => ({ sshd: world.on('two tries'), config: [withKey('ca'), withKey('id')], status: 7 }),
    ],
    [
      'two tries, a full agent',
      () => ({ ...agent(), status: 255, says: /[Tt]oo many authentication failures|no more tries/ }),
    ],
    ['two tries, a full agent, the key named', () => ({ ...agent(withKey('id')), status: 7 })],
    [
      'two tries, a full agent, the key named by its public half',
      () => ({ ...agent(`IdentityFile ${world.key('id.pub')}`, 'IdentitiesOnly yes'), status: 7 }),
    ],
    ['a certified host', () => ({ ...certified('127.0.0.1'), status: 7 })],
    ['a certified host: its name and port', () => ({ ...certified('[127.0.0.1]:*'), status: 7 })],
    ['a certified host: elsewhere', () => ({ ...certified('10.9.9.9', 'ask'), answers: ['yes'], status: 7 })],
    ['a certified host: of another authority', () => ({ ...certified('*', 'yes', 'other'), status: 255 })],
    ['a certified host: of any authority', () => ({ ...certified('*'), status: 7 })],
    [
      'a certified host: by another name',
      () => ({ ...certified('*', 'yes'), words: ['-o', 'HostKeyAlias=elsewhere', 'peer', COMMAND], status: 255 }),
    ],
    [
      'a forced command',
      () => ({
        sshd: world.on('a forced command'),
        config: [withKey('id')],
        status: 5,
        says: /forced: echo the command/,
      }),
    ],
    ['files only', () => ({ sshd: world.on('files only'), config: [withKey('id'), 'StdinNull yes'], status: 1 })],
    [
      'a noisy shell',
      () => ({
        sshd: world.on('keys'),
        config: [withKey('id'), `User ${world.noisy.name}`],
        status: 7,
        says: /a noisy shell[\s\S]*and its errors|and its errors[\s\S]*a noisy shell/,
      }),
    ],
    [
      'fish',
      () => ({
        sshd: world.on('keys'),
        config: [withKey('id'), `User ${world.fish.name}`],
        words: ['peer', 'echo $FISH_VERSION; exit 7'],
        status: 7,
        says: /^\d+\.\d+/,
      }),
    ],
    [
      'tcsh',
      () => ({
        sshd: world.on('keys'),
        config: [withKey('id'), `User ${world.tcsh.name}`],
        words: ['peer', 'echo $tcsh; exit 7'],
        status: 7,
        says: /^\d+\.\d+/,
      }),
    ],
    [
      'a user that there is not',
      () => ({ sshd: world.on('keys'), config: [withKey('id'), 'User rove-nobody'], status: 255 }),
    ],
    ['an unknown host: yes', () => ({ ...unknown('ask'), answers: ['yes'], status: 7 })],
    ['an unknown host: no', () => ({ ...unknown('ask'), answers: ['no'], status: 255 })],
    ['an unknown host: neither, then yes', () => ({ ...unknown('ask'), answers: ['maybe', 'yes'], status: 7 })],
    [
      'an unknown host: its fingerprint',
      () => ({ ...unknown('ask'), answers: [world.fingerprint(world.on('keys'))], status: 7 }),
    ],
    ['an unknown host: accept-new', () => ({ ...unknown('accept-new'), status: 7 })],
    ['an unknown host: strict', () => ({ ...unknown('yes'), status: 255 })],
    ['an unknown host: no checking', () => ({ ...unknown('no'), status: 7 })],
    ['a changed host: ask', () => ({ ...changed('ask'), status: 255, says: /REMOTE HOST IDENTIFICATION HAS CHANGED/ })],
    ['a changed host: accept-new', () => ({ ...changed('accept-new'), status: 255 })],
    [
      'a changed host: no checking',
      () => ({ ...changed('no'), status: 7, says: /REMOTE HOST IDENTIFICATION HAS CHANGED/ }),
    ],
    [
      'a revoked key',
      () => ({ ...unknown('ask'), known: `@revoked * ${hostKey(world.on('keys'))}`, status: 255, says: /REVOKED/i }),
    ],
    ['no server there', () => ({ sshd: world.on('keys'), words: ['-p', '1', 'peer', COMMAND], status: 255 })],
    [
      'no such host',
      () => ({ sshd: world.on('keys'), words: ['-o', 'HostName=no.such.host.invalid', 'peer', COMMAND], status: 255 }),
    ],
    [
      'an option that there is not',
      () => ({ sshd: world.on('keys'), words: ['-o', 'Colour=blue', 'peer', COMMAND], status: 255 }),
    ],
    ['a hop', () => ({ ...hop('-J', 'gate'), status: 7 })],
    [
      'a hop that does not let in',
      () => ({ ...hop('-J', 'closed'), status: 255, says: /Permission denied \(publickey\)/ }),
    ],
    ['a program on the way', () => ({ ...hop('-o', `ProxyCommand=ssh -F CONFIG -W %h:%p gate`), status: 7 })],
    ['a program on the way that fails', () => ({ ...hop('-o', 'ProxyCommand=exit 3'), status: 255 })],
  ];

  test.for(matrix)('%s', async ([, later]) => {
    const field = later();
    const [ssh, rove] = await Promise.all([world.run('ssh', field), world.run('rove', field)]);
    expect({ ssh: ssh.status, text: ssh.text }).toMatchObject({ ssh: field.status });
    expect({ rove: rove.status, text: rove.text }).toMatchObject({ rove: field.status });
    expect(rove.prompts).toEqual(ssh.prompts);
    expect(rove.known).toEqual(ssh.known);
    for (const { text } of [ssh, rove]) {
      if (field.says !== undefined) expect(text).toMatch(field.says);
      else expect(text.includes(SAID)).toBe(field.status === 7);
    }
  });
});

/** The agent's keys, and what `config` says, where there are two tries. */
function agent(...config: readonly string[]): Omit<Field, 'status'> {
  const rest = ['IdentityFile none', 'IdentitiesOnly no', `IdentityAgent ${world.key('agent')}`];
  return { sshd: world.on('two tries'), config: [...config, ...rest] };
}

/** A host that is known by the authority that signed its key. */
function certified(pattern: string, strict = 'yes', authority = 'ca'): Omit<Field, 'status'> {
  const key = readFileSync(world.key(`${authority}.pub`), 'utf8');
  return {
    sshd: world.on('a certified host'),
    config: [`IdentityFile ${world.key('id')}`, `StrictHostKeyChecking ${strict}`],
    known: `@cert-authority ${pattern} ${key}`,
  };
}

function unknown(strict: string): Omit<Field, 'status'> {
  return {
    sshd: world.on('keys'),
    config: [`IdentityFile ${world.key('id')}`, `StrictHostKeyChecking ${strict}`],
    known: '',
  };
}

function changed(strict: string): Omit<Field, 'status'> {
  const { address, port } = world.on('keys');
  const stranger = readFileSync(world.key('stranger.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  return { ...unknown(strict), known: `[${address}]:${port} ${stranger}\n` };
}

/** The peer behind the server of keys. */
function hop(...words: readonly string[]): Omit<Field, 'status'> {
  return {
    sshd: world.on('one of each'),
    config: [`IdentityFile ${world.key('id')}`],
    words: [...words, 'peer', COMMAND],
  };
}
