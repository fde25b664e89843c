/**
 * Keeps one session's descriptors out of the next session's programs.
 *
 * Node opens everything close-on-exec, but the pty addon's forkpty does not, and Node has no fcntl. Without this, the second
 * program would inherit the first one's terminal, could read what is typed there, and would hold it open for ever. The call is
 * made just before another program is started.
 */

import { existsSync } from 'node:fs';
import { type Libc, libc } from './libc.ts';

const F_SETFD = 2;
const FD_CLOEXEC = 1;

/** Shells that know descriptors of several digits; `-p` keeps them from reading $BASH_ENV or $ENV. */
const SHELLS = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash'];

const inheritable = new Set<number>();

/** Notes that a program started from now on would inherit `fd`. */
export function noteInheritable(fd: number): void {
  inheritable.add(fd);
}

/** To be called when `fd` is closed, before its number is used again. */
export function forgetInheritable(fd: number): void {
  inheritable.delete(fd);
}

/** A program and its arguments. */
export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
}

/** To be called before a program is started: returns what to start, so that it inherits none of them. */
export function closeInheritableOnExec(program: CommandLine): CommandLine {
  if (inheritable.size === 0) return program;
  let fcntl: Libc['fcntl'];
  try {
    ({ fcntl } = libc());
  } catch {
    return closedByShell(program, [...inheritable]);
  }
  for (const fd of inheritable) fcntl(fd, F_SETFD, 'int', FD_CLOEXEC);
  inheritable.clear();
  return program;
}

/** `program`, started by a shell that closes `fds` first: for hosts where koffi can't be loaded. */
export function closedByShell({ file, args }: CommandLine, fds: readonly number[]): CommandLine {
  const shell = SHELLS.find((path) => existsSync(path));
  if (shell === undefined) return { file, args };
  const closing = fds.map((fd) => `${fd}>&-`).join(' ');
  return { file: shell, args: ['-p', '-c', `exec ${closing}; exec "$0" "$@"`, file, ...args] };
}
