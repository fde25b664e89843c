/**
 * A real OpenSSH server for tests: its own configuration, host keys and user key in a directory of its own, on a loopback port, run as
 * the user that runs the tests. Whoever starts one stops it.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { sshdMissing, startSshd as startLabSshd } from '../../bench/lab/sshd.ts';

/** Why tests with a real sshd are skipped here; undefined if they can run. */
export const noSshd: string | undefined = sshdMissing();

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
  /** Types of host keys for ssh-keygen; ed25519 alone by default. */
  readonly hostKeyTypes?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
  /** Further lines of sshd_config, which win over the ones here. */
  readonly config?: readonly string[];
  /** HOME of the sessions; by default `directory`. */
  readonly home?: string;
  /** Put first on the PATH of the sessions. */
  readonly path?: string;
}

/** Starts one and returns when it listens. Throws if it does not. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const directory = mkdtempSync(join(tmpdir(), 'rove-sshd-'));
  const address = '127.0.0.1';
  const port = await freePort(address);
  const path = `${options.path === undefined ? '' : `${options.path}:`}/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
  try {
    const sshd = await startLabSshd({
      folder: directory,
      port,
      listen: [address],
      // A home of its own, so that the user's startup files have no say in a test.
      environment: { PATH: path, HOME: options.home ?? directory },
      hostKeyTypes: options.hostKeyTypes ?? ['ed25519'],
      config: options.config ?? [],
    });
    const knownHosts = join(directory, 'known_hosts');
    writeFileSync(knownHosts, sshd.hostKeys.map((key) => `[${address}]:${port} ${key}\n`).join(''));
    const user = userInfo().username;
    const configFile = join(directory, 'ssh_config');
    writeFileSync(configFile, clientConfig({ address, port, user, userKey: sshd.userKeyFile, knownHosts }));
    return {
      address,
      port,
      user,
      directory,
      userKey: sshd.userKeyFile,
      hostKeys: sshd.hostKeys,
      knownHosts,
      configFile,
      log: sshd.log,
      async stop() {
        await sshd.stop();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

function clientConfig(peer: Pick<Sshd, 'address' | 'port' | 'user' | 'userKey' | 'knownHosts'>): string {
  const lines = [
    'Host peer',
    `HostName ${peer.address}`,
    `Port ${peer.port}`,
    `User ${peer.user}`,
    `IdentityFile ${peer.userKey}`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `UserKnownHostsFile ${peer.knownHosts}`,
    'GlobalKnownHostsFile /dev/null',
    'StrictHostKeyChecking yes',
  ];
  return `${lines.join('\n')}\n`;
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
