/**
 * What processes cost, from /proc (Linux): CPU seconds and resident memory.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Namespace } from '../link/namespace.ts';

export interface RunningProcess {
  readonly pid: number;
  /** Its arguments, joined by spaces. */
  readonly commandLine: string;
}

/** USER_HZ, which Linux fixes for what it tells programs. */
const TICKS_PER_SECOND = 100;

/** Every process in a namespace. */
export function runningProcesses(namespace: Namespace): readonly RunningProcess[] {
  const listed = execFileSync('ip', ['netns', 'pids', namespace.name], { encoding: 'utf8' });
  return listed
    .split('\n')
    .filter(Boolean)
    .flatMap((name) => {
      const commandLine = readOrNothing(`/proc/${name}/cmdline`)?.replaceAll('\0', ' ').trim();
      return commandLine === undefined || commandLine === '' ? [] : [{ pid: Number(name), commandLine }];
    });
}

/** User and system time so far, of all its threads; 0 when it has gone. To 10 ms. */
export function cpuSeconds(pid: number): number {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything, so count from its end: utime and stime are fields 14 and 15.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
}

/** Resident memory in bytes; 0 when it has gone. */
export function residentBytes(pid: number): number {
  const status = readOrNothing(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status ?? '')?.[1] ?? 0) * 1024;
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
