/**
 * What one side of a turn took, when nobody says which processes it consists of: those that a list shows, told apart by when they came.
 * A process that was there before is charged only for what it takes from then on, and only if it is this shell's. What a process has
 * used when it ends goes to whoever waits for it, as the kernel has it, and stays in the account if nobody in sight does.
 *
 * It runs no timer: the peak of memory is the kernel's own (VmHWM), so it is enough to look between works, where no key is timed.
 */

import { writeFileSync } from 'node:fs';
import type { Usage } from '../measure/result.ts';
import { type ProcessState, peakBytes } from './process-usage.ts';

export interface UsageAccountOptions {
  /** The processes of this side, now. */
  readonly list: () => readonly ProcessState[];
  /** Whether one that is there at the beginning is charged for what it takes from now on. Nobody, if absent. */
  readonly isCharged?: (process: ProcessState) => boolean;
  /** Processes whose ended children are charged, and they for what they do, but not for their memory: a listener's. */
  readonly collectors?: readonly number[];
}

interface Entry {
  readonly pid: number;
  parent: number;
  /** What it has cost in this account. */
  seconds: number;
  /** What it had used before. */
  readonly ownBefore: number;
  readonly childrenBefore: number;
  /** Whether the time of its ended children is charged: those of an old daemon may be of earlier sessions. */
  readonly withChildren: boolean;
}

export class UsageAccount {
  readonly #list: () => readonly ProcessState[];
  readonly #collectors: ReadonlySet<number>;
  /** Those that are charged, by `identity`, until they end. */
  readonly #entries = new Map<string, Entry>();
  /** Those that are not. */
  readonly #strangers = new Set<string>();
  readonly #newcomers = new Set<string>();
  /** Of processes that ended without a heir. */
  #settledSeconds = 0;
  #cpuSeconds = 0;
  #peakMemoryBytes = 0;

  /** Begins. */
  constructor(options: UsageAccountOptions) {
    this.#list = options.list;
    this.#collectors = new Set(options.collectors);
    for (const process of this.#list()) {
      const isCollector = this.#collectors.has(process.pid);
      if (!isCollector && options.isCharged?.(process) !== true) {
        this.#strangers.add(identity(process));
        continue;
      }
      this.#entries.set(identity(process), {
        pid: process.pid,
        parent: process.parent,
        seconds: 0,
        ownBefore: process.ownSeconds,
        childrenBefore: process.childrenSeconds,
        withChildren: isCollector,
      });
      if (!isCollector) forgetPeak(process.pid);
    }
  }

  /** Looks at what runs. What comes and goes between two looks is charged only through those that waited for it. */
  sample(): void {
    const alive = this.#list().filter((process) => !this.#strangers.has(identity(process)));
    const charged = new Set([...this.#entries.values()].map(({ pid }) => pid));
    for (const process of alive) this.#note(process);
    const present = new Set(alive.map(identity));
    for (const [key, entry] of this.#entries) {
      if (present.has(key)) continue;
      this.#entries.delete(key);
      if (!charged.has(entry.parent)) this.#settledSeconds += entry.seconds;
    }
    let seconds = this.#settledSeconds;
    let bytes = 0;
    for (const { pid, seconds: own } of this.#entries.values()) {
      seconds += own;
      if (!this.#collectors.has(pid)) bytes += peakBytes(pid);
    }
    // Time that a parent did not ask for is lost to the kernel, but not to us.
    this.#cpuSeconds = Math.max(this.#cpuSeconds, seconds);
    this.#peakMemoryBytes = Math.max(this.#peakMemoryBytes, bytes);
  }

  /** As of the last sample. Memory that processes share counts for each. */
  get usage(): Usage {
    // The kernel counts in hundredths; the rest is what binary fractions leave.
    return { cpuSeconds: Math.round(this.#cpuSeconds * 100) / 100, peakMemoryBytes: this.#peakMemoryBytes };
  }

  /** The identities of all that came since the beginning, as of the last sample. */
  get newcomers(): ReadonlySet<string> {
    return this.#newcomers;
  }

  #note(process: ProcessState): void {
    const key = identity(process);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const { pid, parent } = process;
      entry = { pid, parent, seconds: 0, ownBefore: 0, childrenBefore: 0, withChildren: true };
      this.#entries.set(key, entry);
      this.#newcomers.add(key);
    }
    entry.parent = process.parent;
    entry.seconds = process.ownSeconds - entry.ownBefore;
    if (entry.withChildren) entry.seconds += process.childrenSeconds - entry.childrenBefore;
  }
}

/** No other process ever has the same. */
export function identity(process: ProcessState): string {
  return `${process.pid}:${process.startedTicks}`;
}

/** Has the kernel begin anew with the peak of a process's memory (proc(5), clear_refs). Where it refuses, the old peak stays. */
function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // It is somebody else's, or has gone: no reason not to measure the rest.
  }
}
