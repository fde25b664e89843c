/**
 * The remote shells that can be put on a link, each started as its users start it: rove, ssh and mosh, and any other by a command
 * line.
 */

import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { printable } from '../../client/printable.ts';
import { builtProgram, isBuilt } from '../installation.ts';
import { HOST } from './lab.ts';

/** Where a shell is to go. A Lab is one; a real path has a host of its own. */
export interface ShellTarget {
  /** `host` or `user@host`; absent: the lab's. */
  readonly host?: string;
  readonly port?: number;
  /** The configuration for `ssh -F`; absent: the user's own. */
  readonly sshConfig?: string;
}

/** Any shell under test. */
export interface LabShell {
  readonly name: string;
  /** The command line that opens a session. */
  commandLine(target: ShellTarget): readonly string[];
  /** The first line of what it says of its version. */
  version(): string;
  /** Whether a process on the server's side, by its command line, is meant to outlive the sessions. */
  isDaemon(processCommandLine: string): boolean;
}

/** One of those whose processes are known. */
export interface Shell extends LabShell {
  /** `command` runs instead of the login shell if there is one. */
  commandLine(target: ShellTarget, command?: string): readonly string[];
  /** Whether the command line of a process on the server's side is of its server. */
  isServer(processCommandLine: string): boolean;
  /** The same of its client. */
  isClient(processCommandLine: string): boolean;
}

export const SSH: Shell = {
  name: 'ssh',
  commandLine: (target, command) => [
    ...sshWords(target),
    ...(command === undefined ? [hostOf(target)] : ['-t', hostOf(target), command]),
  ],
  version: () => versionOf('ssh'),
  isDaemon: () => false,
  isServer: (line) => line.startsWith('sshd: root'),
  isClient: (line) => line.startsWith('ssh '),
};

export const MOSH: Shell = {
  name: 'mosh',
  commandLine: (target, command) => moshWords(target, [], command),
  version: () => versionOf('mosh'),
  isDaemon: () => false,
  isServer: (line) => line.startsWith('mosh-server'),
  isClient: (line) => line.startsWith('mosh-client'),
};

export const ROVE: Shell = {
  name: 'rove',
  commandLine: (target, command) => roveWords(target, [], command),
  version: () => versionOf(process.execPath, builtProgram('rove')),
  isDaemon: (line) => line.endsWith('rove-server.mjs connect'),
  isServer: (line) => line.endsWith('rove-server.mjs connect'),
  isClient: (line) => /^\S+ \S*rove\.mjs( |$)/.test(line),
};

/** The same shell with nothing shown before the server has: for figures that were taken so. It keeps its name. */
export function withoutPrediction(shell: LabShell): LabShell {
  const option = ['--predict=never'];
  switch (shell.name) {
    case MOSH.name:
      return { ...shell, commandLine: (target) => moshWords(target, option) };
    case ROVE.name:
      return { ...shell, commandLine: (target) => roveWords(target, option) };
    default:
      return shell;
  }
}

/**
 * A shell by the command line that its users type, run by `sh -c`. In it `{host}` stands for the host, `{ssh}` for an ssh that
 * reaches it with the host to follow (`{ssh} {host}`), and `{config}` for an ssh configuration file that knows it.
 */
export function customShell(name: string, command: string): LabShell {
  return {
    name,
    commandLine: (target) => ['sh', '-c', filledIn(command, target)],
    version: () => versionOf('sh', '-c', 'exec "$0" "$@"', programOf(command)),
    isDaemon: () => false,
  };
}

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

/** Why a custom shell cannot be started here, in one line; undefined when its program is there. */
export function customShellMissing(name: string, command: string): string | undefined {
  const program = programOf(command);
  const found = spawnSync('sh', ['-c', 'command -v -- "$0"', program], {
    stdio: 'ignore',
    timeout: VERSION_TIMEOUT_MS,
  });
  return found.status === 0
    ? undefined
    : `${name} is not there: its command line begins with ${program}, which is no program`;
}

const VERSION_TIMEOUT_MS = 2000;
const VERSION_LENGTH_MAX = 100;

/** The first line of `--version`, or of `-V` where that is refused; `unknown` when it says neither in time. */
function versionOf(...command: readonly [string, ...string[]]): string {
  const [file, ...args] = command;
  for (const option of ['--version', '-V']) {
    const { status, stdout, stderr } = spawnSync(file, [...args, option], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: VERSION_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    const line = `${stdout ?? ''}\n${stderr ?? ''}`.split('\n').find((text) => text.trim() !== '');
    if (status === 0 && line !== undefined) return printable(line.trim(), { lengthMax: VERSION_LENGTH_MAX });
  }
  return 'unknown';
}

/** The program that a command line starts: its first word that sets no variable. */
function programOf(command: string): string {
  const words = filledIn(command, {}).trim().split(/\s+/);
  return words.find((word) => !/^\w+=/.test(word)) ?? '';
}

function filledIn(command: string, target: ShellTarget): string {
  const values: Readonly<Record<string, string>> = {
    host: hostOf(target),
    ssh: sshWords(target).map(quoted).join(' '),
    config: target.sshConfig ?? join(homedir(), '.ssh', 'config'),
  };
  return command.replace(/\{(host|ssh|config)\}/g, (text, name: string) => values[name] ?? text);
}

function roveWords(target: ShellTarget, options: readonly string[], command?: string): readonly string[] {
  return [
    process.execPath,
    builtProgram('rove'),
    ...configWords(target),
    ...options,
    // A lab's server is this machine; on a real one rove-server is where its users have it.
    ...(target.host === undefined ? [`--server=${process.execPath} ${builtProgram('rove-server')}`] : []),
    ...(command === undefined ? [hostOf(target)] : ['-t', hostOf(target), command]),
  ];
}

function moshWords(target: ShellTarget, options: readonly string[], command?: string): readonly string[] {
  return [
    'mosh',
    `--ssh=${sshWords(target).map(quoted).join(' ')}`,
    ...options,
    hostOf(target),
    ...(command === undefined ? [] : ['--', 'sh', '-c', command]),
  ];
}

function sshWords(target: ShellTarget): readonly string[] {
  return ['ssh', ...configWords(target)];
}

/** How ssh and rove are told of a configuration file and a port. */
function configWords({ sshConfig, port }: ShellTarget): readonly string[] {
  return [...(sshConfig === undefined ? [] : ['-F', sshConfig]), ...(port === undefined ? [] : ['-p', `${port}`])];
}

function hostOf(target: ShellTarget): string {
  return target.host ?? HOST;
}

/** A word as a POSIX shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
