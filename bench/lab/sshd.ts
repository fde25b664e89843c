/**
 * A real OpenSSH server of our own: its keys, its one authorized key and its configuration in a scratch folder, on a port of
 * loopback or inside a namespace. Nothing of the machine's own ssh is read or changed.
 */

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** Debian and most others have it here; sshd wants to be called by an absolute path. */
export const SSHD = '/usr/sbin/sshd';
/** Where sshd's unprivileged half lives; it will not start without. */
const PRIVILEGE_SEPARATION = '/run/sshd';
/** Characters of its log that are kept, from the end. */
const LOG_LENGTH = 65_536;

export interface SshdOptions {
  /** An empty folder for its files; `authorized_keys` in it may be changed while it runs. */
  readonly folder: string;
  readonly port: number;
  /** Literal addresses to listen on. */
  readonly listen: readonly string[];
  /** Kinds of host keys for ssh-keygen; ed25519 alone by default. */
  readonly hostKeyTypes?: readonly string[];
  /** The command line to put in front, a namespace's `prefix`. */
  readonly prefix?: readonly string[];
  /** Set for each session. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Further lines of sshd_config, which win over the ones here. */
  readonly config?: readonly string[];
  /** The absolute path that sshd is called by, whose last part is the name of its PAM service; where it is by default. */
  readonly program?: string;
}

export interface Sshd {
  /** Public host keys as they stand in a `.pub` file: `ssh-ed25519 AAAA… comment`. */
  readonly hostKeys: readonly string[];
  /** The private key that it lets in; `.pub` is beside it. */
  readonly userKeyFile: string;
  /** What it has logged of late. */
  log(): string;
  stop(): Promise<void>;
}

/** Why this machine has no sshd to start, in a few words; undefined when it has. */
export function sshdMissing(): string | undefined {
  return existsSync(SSHD) ? undefined : `${SSHD} is not installed (Debian: openssh-server)`;
}

/** Starts one and returns when it listens. Throws if it does not, with what it said. */
export async function startSshd(options: SshdOptions): Promise<Sshd> {
  if (process.getuid?.() === 0) mkdirSync(PRIVILEGE_SEPARATION, { recursive: true, mode: 0o755 });
  const at = (name: string): string => join(options.folder, name);
  const hostKeyFiles = (options.hostKeyTypes ?? ['ed25519']).map((type) => {
    makeKey(at(`host_${type}`), type);
    return at(`host_${type}`);
  });
  makeKey(at('user_key'), 'ed25519');
  writeFileSync(at('authorized_keys'), readFileSync(at('user_key.pub')));
  writeFileSync(at('sshd_config'), sshdConfig(options, hostKeyFiles));

  const [command = '', ...rest] = [
    ...(options.prefix ?? []),
    options.program ?? SSHD,
    '-D',
    '-e',
    '-f',
    at('sshd_config'),
  ];
  // In a namespace, which ends all that is in it, a Ctrl-C at the terminal need not: whoever is measuring ends in order.
  const detached = (options.prefix ?? []).length > 0;
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'], detached });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`sshd ended as it started: ${log.trim()}`)));
    child.stderr.on('data', (bytes: Buffer) => {
      log = (log + bytes.toString()).slice(-LOG_LENGTH);
      if (log.split('Server listening on').length > options.listen.length) resolve();
    });
  });
  return {
    hostKeys: hostKeyFiles.map((file) => readFileSync(`${file}.pub`, 'utf8').trim()),
    userKeyFile: at('user_key'),
    log: () => log,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill();
      // The sessions hold the log's pipe for longer than the listener lives.
      child.stderr.destroy();
      await closed;
    },
  };
}

/** Makes a key without a passphrase, or with one, in OpenSSH's format or in PEM. */
export function makeKey(file: string, type: string, passphrase = '', format: 'RFC4716' | 'PEM' = 'RFC4716'): void {
  // The smallest that is allowed: larger ones take seconds to make.
  const size = type === 'rsa' ? ['-b', '2048'] : [];
  const words = ['-q', '-t', type, ...size, '-m', format, '-N', passphrase, '-C', 'rove test key', '-f', file];
  execFileSync('ssh-keygen', words);
}

function sshdConfig(options: SshdOptions, hostKeyFiles: readonly string[]): string {
  const environment = Object.entries(options.environment ?? {}).map(([name, value]) => `"${name}=${value}"`);
  const lines = [
    // The first value of a keyword wins.
    ...(options.config ?? []),
    ...options.listen.map(
      (address) => `ListenAddress ${address.includes(':') ? `[${address}]` : address}:${options.port}`,
    ),
    ...hostKeyFiles.map((file) => `HostKey ${file}`),
    `AuthorizedKeysFile ${join(options.folder, 'authorized_keys')}`,
    'AuthenticationMethods publickey',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'StrictModes no',
    'PidFile none',
    'PrintMotd no',
    'PrintLastLog no',
    'UseDNS no',
    'MaxStartups 200',
    'MaxSessions 200',
    'AcceptEnv LANG LC_* COLORTERM',
    'LogLevel VERBOSE',
    ...(environment.length > 0 ? [`SetEnv ${environment.join(' ')}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
