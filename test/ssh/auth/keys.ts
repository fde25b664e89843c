/** Keys, certificates and agents for the tests of logins: those of OpenSSH's own programs, in a directory of the test. */

import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Why tests with OpenSSH's tools are skipped here; undefined if they can run. */
export const noTools: string | undefined = existsSync('/usr/bin/ssh-keygen')
  ? undefined
  : 'ssh-keygen is not installed';

/** Makes a key; gives the path of its private half. RSA keys are of the smallest size that is allowed. */
export function makeKey(file: string, type: string, options: { bits?: number; passphrase?: string } = {}): string {
  const bits = options.bits ?? (type === 'rsa' ? 2048 : undefined);
  const size = bits === undefined ? [] : ['-b', String(bits)];
  execFileSync('ssh-keygen', [
    '-q',
    '-t',
    type,
    ...size,
    '-N',
    options.passphrase ?? '',
    '-C',
    'a test key',
    '-f',
    file,
  ]);
  return file;
}

/** A copy of a key without a passphrase, in another format or with a passphrase. */
export function convertKey(from: string, to: string, format: 'RFC4716' | 'PEM' | 'PKCS8', passphrase = ''): string {
  copyFileSync(from, to);
  copyFileSync(`${from}.pub`, `${to}.pub`);
  const rounds = format === 'RFC4716' ? ['-a', '1'] : [];
  execFileSync('ssh-keygen', ['-q', '-p', '-m', format, ...rounds, '-P', '', '-N', passphrase, '-f', to], {
    stdio: 'ignore',
  });
  return to;
}

/** Has `authority` certify a key for `principals`; gives the path of the certificate, which stands beside the key. */
export function certify(key: string, authority: string, principals: string, options: readonly string[] = []): string {
  const words = ['-q', '-s', authority, '-I', 'a test', '-n', principals, ...options, `${key}.pub`];
  execFileSync('ssh-keygen', words, { stdio: 'ignore' });
  return `${key}-cert.pub`;
}

/** The second word of a `.pub` file. */
export function blobOf(publicFile: string): Buffer {
  return Buffer.from(readFileSync(publicFile, 'utf8').split(' ')[1] ?? '', 'base64');
}

/** A running ssh-agent. */
export interface TestAgent {
  readonly socket: string;
  /** Runs `ssh-add` with these words; gives what it says. */
  add(...words: readonly string[]): string;
  stop(): void;
}

/** Starts an agent with its socket in `directory`. */
export async function startAgent(directory: string, env: Readonly<Record<string, string>> = {}): Promise<TestAgent> {
  const socket = join(directory, 'agent');
  const child = spawn('ssh-agent', ['-D', '-a', socket], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, ...env },
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('ssh-agent has ended')));
    child.stdout.once('data', () => resolve());
  });
  return {
    socket,
    add: (...words) =>
      execFileSync('ssh-add', words, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env.PATH, SSH_AUTH_SOCK: socket },
      }),
    stop: () => void child.kill(),
  };
}
