/**
 * The servers and users of the matrix: real sshds, each with its own configuration, users with login shells of their own, real PAM; and one
 * field of it run by one program, with a configuration and known hosts of its own.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isBuilt } from '../../../bench/installation.ts';
import { makeOneTimeSecret, noOneTimeCodes, type OneTimeSecret } from '../../peers/pam.ts';
import { noSshd, type Sshd, type SshdOptions, startSshd } from '../../peers/sshd.ts';
import { makeSystemUser, noSystemUsers, type SystemUser } from '../../peers/system-user.ts';
import { attempt, type Outcome, type Program } from './attempt.ts';

/** Why the matrix is skipped here; undefined if it can run. */
export const MISSING =
  noSshd ??
  noSystemUsers ??
  noOneTimeCodes ??
  (isBuilt('rove') && isBuilt('rove-server') ? undefined : 'node build/ensure.mjs has not run');

/** What the command prints, whatever else a login prints. */
export const SAID = 'the command was here';
export const COMMAND = `echo ${SAID}; exit 7`;

/** One field: changes of the client's configuration, what is run, and what comes of it. */
export interface Field {
  readonly sshd: Sshd;
  /** Lines that come before those for the peer, and win. */
  readonly config?: readonly string[];
  readonly words?: readonly string[];
  readonly answers?: readonly (string | (() => string))[];
  /** Typed at the first prompt of a shell. */
  readonly typed?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Known hosts before; the peer's right keys if it is missing. */
  readonly known?: string;
  readonly status: number;
  /** Both have said it; by default that the command ran if it did. */
  readonly says?: RegExp;
}

/** What came of a field. */
export interface FieldOutcome extends Outcome {
  /** The lines of known_hosts afterwards, in their order. */
  readonly known: readonly string[];
}

const OWN_KEYS = 'AuthorizedKeysFile .ssh/authorized_keys';
const KEYS = ['id', 'locked', 'loose', 'stranger', 'ca', 'other'];
const PASSWORD = { kind: 'password' } as const;

/** Everything that is started and made; whoever has started it stops it. */
export class World {
  readonly user: SystemUser;
  readonly fish: SystemUser;
  readonly tcsh: SystemUser;
  readonly noisy: SystemUser;
  readonly secret: OneTimeSecret;
  readonly #folder = mkdtempSync(join(tmpdir(), 'rove-matrix-'));
  readonly #servers = new Map<string, Sshd>();
  #fields = 0;
  #agent: ChildProcess | undefined;

  constructor() {
    chmodSync(this.#folder, 0o711);
    this.user = makeSystemUser();
    this.fish = makeSystemUser({ shell: '/usr/bin/fish' });
    this.tcsh = makeSystemUser({ shell: '/usr/bin/tcsh' });
    this.noisy = makeSystemUser({ shell: '/bin/bash' });
    this.noisy.write('.bashrc', 'echo a noisy shell; echo and its errors >&2\n', 0o644);
    this.secret = makeOneTimeSecret(this.user.home);
    for (const name of KEYS) {
      keygen('-t', 'ed25519', '-N', name === 'locked' ? 'open sesame' : '', '-f', this.key(name));
    }
    for (const type of ['ecdsa', 'rsa']) keygen('-t', type, '-N', '', '-f', this.key(`id_${type}`));
    const keys = ['id', 'locked', 'loose', 'id_ecdsa', 'id_rsa'].map((name) => readFileSync(this.key(`${name}.pub`)));
    for (const one of this.#users) one.write('.ssh/authorized_keys', keys.join(''));
    chmodSync(this.key('loose'), 0o644);
    keygen('-s', this.key('ca'), '-I', 'a user', '-n', this.user.name, this.key('stranger.pub'));
    keygen('-t', 'ecdsa', '-N', '', '-f', this.key('host'));
    keygen('-s', this.key('ca'), '-h', '-I', 'a host', '-n', '127.0.0.1', this.key('host.pub'));
  }

  get #users(): readonly SystemUser[] {
    return [this.user, this.fish, this.tcsh, this.noisy];
  }

  /** Starts a server, by which `on` knows it from then on. */
  async start(name: string): Promise<void> {
    this.#servers.set(name, await startSshd({ home: 'own', ...this.#optionsOf(name) }));
  }

  #optionsOf(name: string): SshdOptions {
    const code = { kind: 'code', secret: this.secret } as const;
    const restricted = (...lines: string[]): SshdOptions => ({ config: [OWN_KEYS, ...lines], hostKeyTypes: ['rsa'] });
    switch (name) {
      case 'keys':
        return { config: [OWN_KEYS, 'AuthenticationMethods publickey', 'AcceptEnv FOO*'] };
      case 'password':
        return { config: ['PasswordAuthentication yes'], pam: [PASSWORD] };
      case 'two factors':
        return { pam: [PASSWORD, code] };
      case 'key and code':
        return { config: [OWN_KEYS, 'AuthenticationMethods publickey,keyboard-interactive'], pam: [code] };
      case 'certificates':
        return { config: [`TrustedUserCAKeys ${this.key('ca.pub')}`, 'AuthorizedKeysFile none'] };
      case 'a certified host':
        return restricted(`HostKey ${this.key('host')}`, `HostCertificate ${this.key('host-cert.pub')}`);
      case 'one of each':
        return restricted(
          'KexAlgorithms ecdh-sha2-nistp521',
          'Ciphers aes256-ctr',
          'MACs hmac-sha2-512-etm@openssh.com',
          'HostKeyAlgorithms rsa-sha2-256',
        );
      case 'after the quantum computer':
        return restricted('KexAlgorithms sntrup761x25519-sha512@openssh.com');
      case 'two tries':
        return { config: [OWN_KEYS, 'MaxAuthTries 2'] };
      case 'a forced command':
        return { config: [OWN_KEYS, 'ForceCommand echo forced: $SSH_ORIGINAL_COMMAND; exit 5'] };
      case 'files only':
        return { config: [OWN_KEYS, 'Subsystem sftp internal-sftp', 'ForceCommand internal-sftp'] };
      default:
        throw new Error(`nobody knows how ${name} is set up`);
    }
  }

  /** A server that was started. */
  on(name: string): Sshd {
    const sshd = this.#servers.get(name);
    if (sshd === undefined) throw new Error(`there is no server ${name}`);
    return sshd;
  }

  /** Starts an agent at `agent`, full of keys that no server takes, and with one that all do at the end. */
  async startAgent(): Promise<void> {
    const agent = spawn('ssh-agent', ['-D', '-a', this.key('agent')], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#agent = agent;
    await new Promise((resolve) => agent.stdout.once('data', resolve));
    const keys = ['other', 'ca', 'stranger', 'id'].map((name) => this.key(name));
    execFileSync('ssh-add', ['-q', ...keys], { env: { ...process.env, SSH_AUTH_SOCK: this.key('agent') } });
  }

  /** The path of a key or of something beside it. */
  key(name: string): string {
    return join(this.#folder, name);
  }

  /** As ssh-keygen shows it. */
  fingerprint(sshd: Sshd): string {
    const file = this.key(`host-${this.#fields++}.pub`);
    writeFileSync(file, `${hostKey(sshd)}\n`);
    return keygen('-l', '-f', file).split(' ')[1] ?? '';
  }

  /** Runs a field. The server of keys is a hop, too: `gate`, or `closed` with a key that it does not take. */
  async run(program: Program, field: Field): Promise<FieldOutcome> {
    const { sshd, config = [], words = ['peer', COMMAND], known } = field;
    const place = this.key(`field-${this.#fields++}`);
    const gate = this.on('keys');
    writeFileSync(
      `${place}.known`,
      known ?? `${readFileSync(sshd.knownHosts, 'utf8')}${readFileSync(gate.knownHosts, 'utf8')}`,
    );
    const hops = ['gate', 'closed'].flatMap((name) => [
      `Host ${name}`,
      `HostName ${gate.address}`,
      `Port ${gate.port}`,
      `User ${this.user.name}`,
      `IdentityFile ${this.key(name === 'gate' ? 'id' : 'stranger')}`,
      'IdentitiesOnly yes',
      `UserKnownHostsFile ${place}.known`,
    ]);
    // The keys that the fixture makes are root's.
    const peer = readFileSync(sshd.configFile, 'utf8').replace(/^(?:IdentityFile|User) .*\n/gm, '');
    const lines = [
      ...hops,
      'Host peer',
      ...config,
      `User ${this.user.name}`,
      `UserKnownHostsFile ${place}.known`,
      peer,
    ];
    writeFileSync(`${place}.config`, lines.join('\n'));
    const outcome = await attempt(program, {
      configFile: `${place}.config`,
      words: words.map((word) => word.replace('CONFIG', `${place}.config`)),
      answers: field.answers,
      typed: field.typed,
      env: field.env,
    });
    const after = existsSync(`${place}.known`) ? readFileSync(`${place}.known`, 'utf8') : '';
    return {
      ...outcome,
      known: after
        .split('\n')
        .filter((line) => line !== '')
        .toSorted(),
    };
  }

  async stop(): Promise<void> {
    this.#agent?.kill();
    for (const sshd of this.#servers.values()) await sshd.stop();
    for (const one of this.#users) one.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A server's host key, type and base64. */
export function hostKey(sshd: Sshd): string {
  return sshd.hostKeys[0]?.split(' ').slice(0, 2).join(' ') ?? '';
}

function keygen(...words: readonly string[]): string {
  const quiet = words[0] === '-l' ? [] : ['-q'];
  return execFileSync('ssh-keygen', [...quiet, ...words], { encoding: 'utf8' });
}
