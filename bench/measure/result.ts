/**
 * What one run of the lab measured, as it stands in the JSON file: every single key. report/SCHEMA.md describes it for those
 * who read the file with other tools; change both together, and `FORMAT` when an old reader would misread a new file.
 *
 * Times are in milliseconds; `null` stands for what was tried and never came, an absent field for what was not measured.
 */

import type { StrokeKind } from '../work/stroke.ts';

export const FORMAT = 'rove-bench/1';

/** The `failure` of a work or turn that the user cut short: nothing that the shell did. */
export const INTERRUPTED = 'interrupted';

export interface Report {
  readonly format: typeof FORMAT;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** The arguments that gave it. */
  readonly command: readonly string[];
  /** False when it was interrupted or ran out of time before every shell had the same number of turns. */
  readonly complete: boolean;
  readonly seed: number;
  readonly machine: Machine;
  readonly shells: readonly ShellReport[];
  /** The shell that the ratios are to: ssh, or the first one. */
  readonly baseline: string;
  readonly links: readonly LinkReport[];
  /** What was left out, and why: lines for people. */
  readonly leftOut: readonly string[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** `Linux 6.1.0 x64`. */
  readonly system: string;
  readonly node: string;
  /** Mean load of one minute before the run: another program's work is in the figures. */
  readonly load: number;
}

export interface ShellReport {
  readonly name: string;
  /** The first line of what it says of its version. */
  readonly version: string;
  /** The command line, as it was started. */
  readonly command: string;
}

/** One link, and the turns on it in the order in which they were taken. */
export interface LinkReport {
  readonly name: string;
  /** One line: `273 ms round trip`. */
  readonly title: string;
  /** Where its figures come from. */
  readonly source: string;
  /** What was asked for, for people and for machines: `{ rttMs: 273, lossUp: 0.01 }`. */
  readonly asked: Readonly<Record<string, number>>;
  /** What ping saw before the run; absent on a real path without ping. */
  readonly proof?: LinkProof;
  readonly turns: readonly Turn[];
}

export interface LinkProof {
  readonly sent: number;
  readonly received: number;
  readonly rttMinMs: number;
  readonly rttMedianMs: number;
  readonly rttMaxMs: number;
  /** Share of the pings without an answer, 0 to 1. */
  readonly loss: number;
}

/** One shell's turn: a session from its start to its end. */
export interface Turn {
  readonly shell: string;
  /** 0, 1, 2 …: the shells of one repetition have the same seed, keys and dice. */
  readonly repetition: number;
  readonly seed: number;
  /** Since the start of the run. */
  readonly startedMs: number;
  /** From the command to the prompt; null: there was none in time. */
  readonly promptMs: number | null;
  readonly works: readonly WorkReport[];
  readonly client?: Usage;
  readonly server?: Usage;
  /** What ended the turn before its time. */
  readonly failure?: string;
}

export interface WorkReport {
  readonly work: string;
  readonly keys: readonly KeyReport[];
  /** Further figures of this work by name, such as `interruptMs` of a flood: see `MEASURES`. */
  readonly measures: Readonly<Partial<Record<Measure, number | null>>>;
  /** What passed the link meanwhile; absent on a real path. */
  readonly traffic?: Traffic;
  readonly durationMs: number;
  /** Why it was given up. The keys until then stand. */
  readonly failure?: string;
}

/** The figures of works that are not one per key. */
export const MEASURES = {
  pasteMs: 'from the paste of 10 kB to its end on the screen, ms',
  interruptMs: 'from Ctrl-C under a flood to ^C on the screen, ms',
  promptAfterInterruptMs: 'from Ctrl-C under a flood to the prompt, ms',
  framesPerSecond: 'screens a second while watching top',
  recoverMs: 'from the return of the network to the first key that stands on the screen, ms',
  idlePacketsPerMinute: 'packets a minute both ways, when idle',
  idleBytesPerMinute: 'bytes of IP a minute both ways, when idle',
} as const;
export type Measure = keyof typeof MEASURES;

export interface KeyReport {
  readonly kind: StrokeKind;
  readonly keys: string;
  /** Since the beginning of the work. */
  readonly atMs: number;
  /** From the write to the moment it stood on the screen; null: never in time. Absent for silent keys. */
  readonly shownMs?: number | null;
  /** How long cells that appeared after this key and before the next held what the remote screen never had there. Absent: none did. */
  readonly wrongMs?: number;
}

/** IP packets and their bytes that entered the link. */
export interface Traffic {
  readonly upPackets: number;
  readonly upBytes: number;
  readonly downPackets: number;
  readonly downBytes: number;
}

/** What the processes of one side took, over the turn. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
}
