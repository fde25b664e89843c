/**
 * A real OpenSSH server of our own: its keys, its one authorized key and its configuration in a scratch folder, on a port of
 * loopback or inside a namespace. Nothing of the machine's own ssh is read or changed.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';

const SSHD = '/usr/sbin/sshd';
/** Where sshd's unprivileged half lives; it will not start without. */
const PRIVILEGE_SEPARATION = '/run/sshd';

export interface SshdOptions {
  /** An empty folder for its files. */
  readonly folder: string;
  readonly port: number;
  /** Literal addresses to listen on. */
  readonly listen: readonly string[];
  /** The command line to put in front, a namespace's `prefix`. */
  readonly prefix?: readonly string[];
  /** Set for each session; values without spaces. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Sshd {
  /** `ssh-ed25519 AAAA…`, for a known_hosts file. */
  readonly hostKey: string;
  /** The private key that it lets in. */
  readonly userKeyFile: string;
  stop(): Promise<void>;
}

/** Why this machine has no sshd to start, in a few words; undefined when it has. */
export function sshdMissing(): string | undefined {
  if (!existsSync(SSHD)) return 'sshd is not installed (Debian: apt install openssh-server)';
  // As another user it could let in only that user, and has no /run/sshd.
  return process.getuid?.() === 0 ? undefined : 'an sshd of our own needs root';
}

export async function startSshd(options: SshdOptions): Promise<Sshd> {
  mkdirSync(PRIVILEGE_SEPARATION, { recursive: true, mode: 0o755 });
  const at = (name: string): string => join(options.folder, name);
  for (const name of ['host_key', 'user_key']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', at(name)]);
  }
  writeFileSync(at('authorized_keys'), readFileSync(at('user_key.pub')));
  const environment = Object.entries(options.environment ?? {}).map(([name, value]) => `${name}=${value}`);
  const lines = [
    ...options.listen.map(
      (address) => `ListenAddress ${address.includes(':') ? `[${address}]` : address}:${options.port}`,
    ),
    `HostKey ${at('host_key')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    'AuthenticationMethods publickey',
    'PermitRootLogin yes',
    'UsePAM no',
    'StrictModes no',
    'PidFile none',
    'PrintMotd no',
    'PrintLastLog no',
    'UseDNS no',
    'MaxStartups 200',
    'MaxSessions 200',
    'AcceptEnv LANG LC_* COLORTERM',
    'LogLevel INFO',
    ...(environment.length > 0 ? [`SetEnv ${environment.join(' ')}`] : []),
  ];
  writeFileSync(at('sshd_config'), `${lines.join('\n')}\n`);

  const [command = '', ...rest] = [...(options.prefix ?? []), SSHD, '-D', '-e', '-f', at('sshd_config')];
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  await untilListening(child, options.listen.length);
  const hostKey = readFileSync(at('host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  return {
    hostKey,
    userKeyFile: at('user_key'),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}

/** Resolves when it has said of each address that it listens there; rejects with what it said if it ends. */
async function untilListening(child: ChildProcess, count: number): Promise<void> {
  const { stderr } = child;
  if (stderr === null) return;
  const said: string[] = [];
  let listening = 0;
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: stderr }).on('line', (line) => {
      if (said.length < 100) said.push(line);
      if (line.startsWith('Server listening') && ++listening === count) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`sshd ended as it started: ${said.join('; ')}`)));
  });
}
