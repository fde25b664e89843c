/**
 * What processes cost, from /proc (Linux): CPU seconds and resident memory.
 */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Namespace } from '../link/namespace.ts';

export interface RunningProcess {
  readonly pid: number;
  /** Its arguments, joined by spaces. */
  readonly commandLine: string;
}

/** One process at one moment. */
export interface ProcessState {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks from the machine's start to its own: with the pid, no other process ever has the same. */
  readonly startedTicks: number;
  /** It belongs to a terminal's session, as what a user runs does and what serves the user does not. */
  readonly hasTerminal: boolean;
  /** User and system time so far, of all its threads. To 10 ms. */
  readonly ownSeconds: number;
  /** The same of its children that have ended and been waited for, and of theirs. */
  readonly childrenSeconds: number;
}

/** USER_HZ, which Linux fixes for what it tells programs. */
const TICKS_PER_SECOND = 100;

/** Every process in a namespace. */
export function runningProcesses(namespace: Namespace): readonly RunningProcess[] {
  return processIds(namespace).flatMap((pid) => {
    const commandLine = commandLineOf(pid);
    return commandLine === '' ? [] : [{ pid, commandLine }];
  });
}

/** The ids of the processes in a namespace. */
export function processIds(namespace: Namespace): readonly number[] {
  const listed = execFileSync('ip', ['netns', 'pids', namespace.name], { encoding: 'utf8' });
  return listed.split('\n').filter(Boolean).map(Number);
}

/** Its arguments, joined by spaces; empty when it has gone, or is the kernel's. */
export function commandLineOf(pid: number): string {
  return readOrNothing(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() ?? '';
}

/** Undefined when it has gone, or has ended and only waits to be waited for. */
export function processState(pid: number): ProcessState | undefined {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in parentheses may hold anything, so count from its end; proc(5) counts from 1, and state is the third.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3] ?? 0);
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return {
    pid,
    parent: field(4),
    startedTicks: field(22),
    hasTerminal: field(7) !== 0,
    ownSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
    childrenSeconds: (field(16) + field(17)) / TICKS_PER_SECOND,
  };
}

/** A process and all that descend from it, as they are now. Whoever has left its parent is not among them. */
export function processTree(root: number): readonly ProcessState[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processState(Number(name)) ?? []);
  const found = all.filter(({ pid }) => pid === root);
  // What is found is looked through as it grows; nobody is found twice, since everybody has one parent.
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

/** User and system time so far, of all its threads; 0 when it has gone. To 10 ms. */
export function cpuSeconds(pid: number): number {
  return processState(pid)?.ownSeconds ?? 0;
}

/** Resident memory in bytes; 0 when it has gone. */
export function residentBytes(pid: number): number {
  return statusBytes(pid, /^VmRSS:\s+(\d+) kB$/m);
}

/** The most that it ever had resident, since its program was loaded; 0 when it has gone. */
export function peakBytes(pid: number): number {
  return statusBytes(pid, /^VmHWM:\s+(\d+) kB$/m);
}

function statusBytes(pid: number, pattern: RegExp): number {
  return Number(pattern.exec(readOrNothing(`/proc/${pid}/status`) ?? '')?.[1] ?? 0) * 1024;
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
