/**
 * Keeps one session's descriptors out of the next session's programs.
 *
 * Node opens everything close-on-exec, but the pty addon's forkpty does not, and Node has no fcntl. Without this, the second
 * program would inherit the first one's terminal, could read what is typed there, and would hold it open for ever. The call is
 * made just before another program is started.
 */

import { libc } from './libc.ts';

const F_SETFD = 2;
const FD_CLOEXEC = 1;

const inheritable = new Set<number>();

/** Notes that a program started from now on would inherit `fd`. */
export function noteInheritable(fd: number): void {
  inheritable.add(fd);
}

/** To be called when `fd` is closed, before its number is used again. */
export function forgetInheritable(fd: number): void {
  inheritable.delete(fd);
}

/** To be called before a program is started. Throws where koffi can't be loaded. */
export function closeInheritableOnExec(): void {
  if (inheritable.size === 0) return;
  const { fcntl } = libc();
  for (const fd of inheritable) fcntl(fd, F_SETFD, 'int', FD_CLOEXEC);
  inheritable.clear();
}
