/**
 * A real OpenSSH server for tests: its own configuration, host keys and user key in a directory of its own, on a loopback port, run as
 * the user that runs the tests. Whoever starts one stops it.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Debian and most others have it here; sshd wants to be called by an absolute path. */
const SSHD = '/usr/sbin/sshd';

/** Why tests with a real sshd are skipped here; undefined if they can run. */
export const noSshd: string | undefined = existsSync(SSHD)
  ? undefined
  : `${SSHD} is not installed (Debian: openssh-server)`;

/** A running sshd. */
export interface Sshd {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Holds everything of it, and is removed with it: a place for a test's own files. */
  readonly directory: string;
  /** Path of a private key that it accepts; `.pub` is beside it. */
  readonly userKey: string;
  /** Public host keys as they stand in a `.pub` file: "type base64 comment". */
  readonly hostKeys: readonly string[];
  /** A known_hosts file with them, for `address` and `port`. */
  readonly knownHosts: string;
  /** An ssh_config for `ssh -F` and `rove -F`: key, port, user and known hosts for the host `peer`. */
  readonly configFile: string;
  /** What it has logged so far. */
  log(): string;
  stop(): Promise<void>;
}

/** How it is to be; every member may be left out. */
export interface SshdOptions {
  readonly address?: string;
  /** Default: one that is free now. */
  readonly port?: number;
  /** Types of host keys for ssh-keygen; ed25519 alone by default. */
  readonly hostKeyTypes?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
  /** Further lines of sshd_config, which win over the ones here. */
  readonly config?: readonly string[];
  /** HOME of the sessions; by default `directory`. */
  readonly home?: string;
  /** Put first on the PATH of the sessions. */
  readonly path?: string;
  /** Words to start sshd behind, such as `ip netns exec NAME`. */
  readonly behind?: readonly string[];
}

/** Starts one and returns when it listens. Throws if it does not. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const directory = mkdtempSync(join(tmpdir(), 'rove-sshd-'));
  const address = options.address ?? '127.0.0.1';
  const port = options.port ?? (await freePort(address));
  const user = userInfo().username;
  const userKey = join(directory, 'user_key');
  makeKey(userKey, 'ed25519');
  const hostKeyFiles = (options.hostKeyTypes ?? ['ed25519']).map((type) => {
    const file = join(directory, `host_${type}`);
    makeKey(file, type);
    return file;
  });
  const hostKeys = hostKeyFiles.map((file) => readFileSync(`${file}.pub`, 'utf8').trim());
  writeFileSync(join(directory, 'authorized_keys'), readFileSync(`${userKey}.pub`));
  const knownHosts = join(directory, 'known_hosts');
  writeFileSync(knownHosts, hostKeys.map((key) => `[${address}]:${port} ${key}\n`).join(''));
  const configFile = join(directory, 'ssh_config');
  writeFileSync(
    configFile,
    [
      'Host peer',
      `HostName ${address}`,
      `Port ${port}`,
      `User ${user}`,
      `IdentityFile ${userKey}`,
      'IdentitiesOnly yes',
      'IdentityAgent none',
      `UserKnownHostsFile ${knownHosts}`,
      'GlobalKnownHostsFile /dev/null',
      'StrictHostKeyChecking yes',
      '',
    ].join('\n'),
  );
  const serverConfig = join(directory, 'sshd_config');
  const path = `${options.path === undefined ? '' : `${options.path}:`}/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
  writeFileSync(
    serverConfig,
    [
      // The first value of a keyword wins.
      ...(options.config ?? []),
      `ListenAddress ${address}`,
      `Port ${port}`,
      ...hostKeyFiles.map((file) => `HostKey ${file}`),
      `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`,
      'StrictModes no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'PidFile none',
      'PrintMotd no',
      'LogLevel VERBOSE',
      // A home of its own, so that the user's startup files have no say in a test.
      `SetEnv "PATH=${path}" "HOME=${options.home ?? directory}"`,
      '',
    ].join('\n'),
  );
  // Where sshd confines its unprivileged half; the package's service makes it at boot, which may never have come.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });

  const [program = SSHD, ...words] = [...(options.behind ?? []), SSHD, '-D', '-e', '-f', serverConfig];
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`sshd did not start: ${log.trim()}`)));
      child.stderr.on('data', (bytes: Buffer) => {
        log = (log + bytes.toString()).slice(-65_536);
        if (log.includes('Server listening on')) resolve();
      });
    });
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  const stop = async (): Promise<void> => {
    if (running(child)) child.kill();
    // The sessions hold the log's pipe for longer than the listener lives.
    child.stderr.destroy();
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  return { address, port, user, directory, userKey, hostKeys, knownHosts, configFile, log: () => log, stop };
}

/** Makes a key without a passphrase, or with one, in OpenSSH's format or in PEM. */
export function makeKey(file: string, type: string, passphrase = '', format: 'RFC4716' | 'PEM' = 'RFC4716'): void {
  // The smallest that is allowed: larger ones take seconds to make.
  const size = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync('ssh-keygen', [
    '-q',
    '-t',
    type,
    ...size,
    '-m',
    format,
    '-N',
    passphrase,
    '-C',
    'rove test key',
    '-f',
    file,
  ]);
}

function running(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, address, () => {
      const bound = probe.address();
      probe.close(() => {
        if (typeof bound === 'object' && bound !== null) resolve(bound.port);
        else reject(new Error('the probe has no port'));
      });
    });
  });
}
