/**
 * A real OpenSSH server for tests: its own configuration, host keys and user key in a directory of its own, on a loopback port, run as
 * the user that runs the tests. Whoever starts one stops it. For what differs by user and by password there are `system-user.ts` and
 * `pam.ts`.
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { SSHD, sshdMissing, startSshd as startLabSshd } from '../../bench/lab/sshd.ts';
import { makePamService, type PamQuestion } from './pam.ts';

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
  /** HOME of the sessions; by default `directory`. `own`: each user's, as the system has it, which other users than this one need. */
  readonly home?: string;
  /** Put first on the PATH of the sessions. */
  readonly path?: string;
  /** Asked by PAM (UsePAM yes, a service of this server's own), by keyboard-interactive if `config` says no more; needs root. */
  readonly pam?: readonly PamQuestion[];
  /** The literal address to listen on; 127.0.0.1 by default. */
  readonly address?: string;
  /** By default one that is free on this machine. */
  readonly port?: number;
  /** The command line to put in front, a namespace's. */
  readonly prefix?: readonly string[];
}

/** Starts one and returns when it listens. Throws if it does not. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const directory = mkdtempSync(join(tmpdir(), 'rove-sshd-'));
  const address = options.address ?? '127.0.0.1';
  const port = options.port ?? (await freePort(address));
  const path = `${options.path === undefined ? '' : `${options.path}:`}/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
  // Another user's sshd reads authorized_keys here; what is secret has a mode of its own.
  chmodSync(directory, 0o711);
  const config = options.config ?? [];
  const service = options.pam && makePamService(options.pam);
  const removeAll = (): void => {
    service?.remove();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const program = join(directory, service?.name ?? 'sshd');
    symlinkSync(SSHD, program);
    const sshd = await startLabSshd({
      folder: directory,
      port,
      listen: [address],
      program,
      ...(options.prefix === undefined ? {} : { prefix: options.prefix }),
      // A home of its own, so that the user's startup files have no say in a test.
      environment: { PATH: path, ...(options.home === 'own' ? {} : { HOME: options.home ?? directory }) },
      hostKeyTypes: options.hostKeyTypes ?? ['ed25519'],
      config: [...config, ...(service === undefined ? [] : pamConfig(service.name, config))],
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
        removeAll();
      },
    };
  } catch (error) {
    removeAll();
    throw error;
  }
}

/** An sshd's PAM service is named as the program is, until OpenSSH 9.8; from then on by a line of its own. `config` comes before. */
function pamConfig(service: string, config: readonly string[]): string[] {
  const line = `PAMServiceName ${service}`;
  const known = !spawnSync(SSHD, ['-T', '-f', '/dev/null', '-o', line], { encoding: 'utf8' }).stderr.includes('Bad');
  // The word `any` bears no other line beside it.
  const methods = config.some((one) => /^AuthenticationMethods\b/i.test(one)) ? [] : ['AuthenticationMethods any'];
  const lines = ['UsePAM yes', 'KbdInteractiveAuthentication yes', ...methods];
  return known ? [line, ...lines] : lines;
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
