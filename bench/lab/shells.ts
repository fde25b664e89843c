/**
 * The remote shells that can be put on a link, each started as its users start it.
 */

import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { builtProgram, isBuilt } from '../installation.ts';
import { HOST, type Lab } from './lab.ts';

export interface Shell {
  readonly name: string;
  /** The command line that opens a session in the lab; `command` runs instead of the login shell if there is one. */
  commandLine(lab: Lab, command?: string): readonly string[];
  /** Whether the command line of a process on the server's side is of its server. */
  isServer(processCommandLine: string): boolean;
  /** The same of its client. */
  isClient(processCommandLine: string): boolean;
}

export const SSH: Shell = {
  name: 'ssh',
  commandLine: (lab, command) => [
    'ssh',
    '-F',
    lab.sshConfig,
    ...(command === undefined ? [HOST] : ['-t', HOST, command]),
  ],
  isServer: (line) => line.startsWith('sshd: root'),
  isClient: (line) => line.startsWith('ssh '),
};

export const MOSH: Shell = {
  name: 'mosh',
  commandLine: (lab, command) => [
    'mosh',
    `--ssh=ssh -F ${lab.sshConfig}`,
    HOST,
    ...(command === undefined ? [] : ['--', 'sh', '-c', command]),
  ],
  isServer: (line) => line.startsWith('mosh-server'),
  isClient: (line) => line.startsWith('mosh-client'),
};

export const ROVE: Shell = {
  name: 'rove',
  commandLine: (lab, command) => [
    process.execPath,
    builtProgram('rove'),
    '-F',
    lab.sshConfig,
    `--server=${process.execPath} ${builtProgram('rove-server')}`,
    HOST,
    ...(command === undefined ? [] : [command]),
  ],
  isServer: (line) => line.endsWith('rove-server.mjs connect'),
  isClient: (line) => /^\S+ \S*rove\.mjs( |$)/.test(line),
};

/** Those of the three that this machine has, and why not of the others. */
export function findShells(): { readonly shells: readonly Shell[]; readonly missing: readonly string[] } {
  const shells: Shell[] = [];
  const missing: string[] = [];
  for (const shell of [SSH, MOSH]) {
    if (spawnSync(shell.name, ['-V']).error === undefined) shells.push(shell);
    else
      missing.push(`${shell.name} is not installed (Debian: apt install ${shell === SSH ? 'openssh-client' : 'mosh'})`);
  }
  if (isBuilt('rove') && isBuilt('rove-server')) shells.push(ROVE);
  else missing.push('rove is not built: run node build/ensure.mjs');
  return { shells, missing };
}
