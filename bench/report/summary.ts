/**
 * What a report comes to: for each link, work and shell the figures that the table and the page show. Pure. Nothing that was tried is
 * left out: a key that never came is in every percentile, and every failure is listed.
 */

import {
  INTERRUPTED,
  type KeyReport,
  type LinkReport,
  type Measure,
  type Report,
  type Turn,
} from '../measure/result.ts';
import { orInfinity } from '../measure/statistics.ts';
import type { StrokeKind } from '../work/stroke.ts';
import { type Distribution, distribution } from './distribution.ts';

export interface Summary {
  /** Names, in the report's order. */
  readonly shells: readonly string[];
  readonly baseline: string;
  readonly links: readonly LinkSummary[];
  readonly failures: readonly Failure[];
  /** What an interrupt cut short: no failure of the shell's. */
  readonly interrupted: readonly Failure[];
}

export interface LinkSummary {
  readonly link: LinkReport;
  /** All that was typed, then one by one each work in which something was. */
  readonly works: readonly WorkSummary[];
  /** What is not one per key: start, paste, packets when idle, memory. */
  readonly figures: readonly FigureSummary[];
}

export interface WorkSummary {
  /** `ALL_TYPED` or the work's name. */
  readonly work: string;
  /** One a shell that had a turn on the link, in the report's order. */
  readonly rows: readonly WorkRow[];
}

export interface WorkRow {
  readonly shell: string;
  /** Letters, corrections and commands: what a prediction may show. */
  readonly keys: Distribution;
  readonly letters: Distribution;
  /** What nobody can predict. */
  readonly enters: Distribution;
  /** Every measured key, those that show nothing included … */
  readonly typed: number;
  /** … and after how many of them a cell held what the remote screen never had there. */
  readonly wrong: number;
}

/** One value a turn, by shell. */
export interface FigureSummary {
  /** With its unit: `command to prompt, ms`. */
  readonly label: string;
  /** In a word or two, for the head of a column; absent when it is not among the first things to know. */
  readonly brief?: string;
  readonly shells: readonly { readonly shell: string; readonly values: Distribution }[];
}

export interface Failure {
  readonly link: string;
  readonly shell: string;
  /** Absent: the whole turn. */
  readonly work?: string;
  readonly what: string;
  /** How many times. */
  readonly times: number;
}

/** The name of the rows over all that was typed. */
export const ALL_TYPED = 'all typed';

/** What `MEASURES` describes, short enough for a table: for the head of a row, and where it is for that of a column. */
const LABELS: Readonly<Record<Measure, readonly [label: string, brief?: string]>> = {
  pasteMs: ['paste of 10 kB, ms', 'paste'],
  interruptMs: ['Ctrl-C in a flood to ^C, ms', '^C'],
  promptAfterInterruptMs: ['Ctrl-C in a flood to prompt, ms'],
  framesPerSecond: ['screens of top a second', 'top/s'],
  recoverMs: ['recovery, ms'],
  idlePacketsPerMinute: ['packets a minute when idle', 'idle pkt/min'],
  idleBytesPerMinute: ['bytes of IP a minute when idle'],
};

const PREDICTABLE: readonly StrokeKind[] = ['letter', 'edit', 'command'];
const MEGABYTE = 1e6;
const ACT_NAME_MAX = 16;

/** Sums a report up. */
export function summarize(report: Report): Summary {
  const shells = report.shells.map(({ name }) => name);
  const stopped = report.links.flatMap(failuresOf);
  return {
    shells,
    baseline: report.baseline,
    links: report.links.map((link) => summarizeLink(link, shells, report.baseline)),
    failures: stopped.filter(({ what }) => what !== INTERRUPTED),
    interrupted: stopped.filter(({ what }) => what === INTERRUPTED),
  };
}

/** The times of the keys of some kinds, by what they are counted as: infinite when they never came. */
export function timesOf(keys: readonly KeyReport[], kinds: readonly StrokeKind[]): readonly number[] {
  return keys.flatMap(({ kind, shownMs }) =>
    shownMs !== undefined && kinds.includes(kind) ? [orInfinity(shownMs)] : [],
  );
}

function summarizeLink(link: LinkReport, allShells: readonly string[], baseline: string): LinkSummary {
  const shells = allShells.filter((name) => link.turns.some(({ shell }) => shell === name));
  const typed = namesOf(link.turns, ({ keys }) => keys.length > 0);
  return {
    link,
    works:
      typed.length === 0 ? [] : [undefined, ...typed].map((work) => summarizeWork(link.turns, work, shells, baseline)),
    figures: figuresOf(link.turns).flatMap(({ of, ...named }) => {
      const values = new Map(
        shells.map((name) => [name, link.turns.filter(({ shell }) => shell === name).flatMap((turn) => of(turn))]),
      );
      if ([...values.values()].every((list) => list.length === 0)) return [];
      return [{ ...named, shells: compared(shells, baseline, (shell) => values.get(shell) ?? []) }];
    }),
  };
}

/** The names of the works for which something holds, in the order in which they were first played. */
function namesOf(turns: readonly Turn[], holds: (work: Turn['works'][number]) => boolean): readonly string[] {
  return [...new Set(turns.flatMap(({ works }) => works.filter(holds).map(({ work }) => work)))];
}

function summarizeWork(
  turns: readonly Turn[],
  work: string | undefined,
  shells: readonly string[],
  baseline: string,
): WorkSummary {
  const keysOf = new Map(
    shells.map((name) => [
      name,
      turns
        .filter(({ shell }) => shell === name)
        .flatMap(({ works }) => works.flatMap((played) => ((work ?? played.work) === played.work ? played.keys : []))),
    ]),
  );
  const times = (kinds: readonly StrokeKind[]) =>
    compared(shells, baseline, (shell) => timesOf(keysOf.get(shell) ?? [], kinds));
  const [keys, letters, enters] = [times(PREDICTABLE), times(['letter']), times(['enter'])];
  return {
    work: work ?? ALL_TYPED,
    rows: shells.flatMap((shell, index) => {
      const [a, b, c] = [keys[index], letters[index], enters[index]];
      if (a === undefined || b === undefined || c === undefined) return [];
      const all = keysOf.get(shell) ?? [];
      const wrong = all.filter(({ wrongMs }) => wrongMs !== undefined && wrongMs > 0).length;
      return [{ shell, keys: a.values, letters: b.values, enters: c.values, typed: all.length, wrong }];
    }),
  };
}

/** Each shell's values beside the baseline's. */
function compared(
  shells: readonly string[],
  baseline: string,
  valuesOf: (shell: string) => readonly number[],
): readonly { readonly shell: string; readonly values: Distribution }[] {
  const base = shells.includes(baseline) ? valuesOf(baseline) : [];
  return shells.map((shell) => ({
    shell,
    values: distribution(shell === baseline ? base : valuesOf(shell), base),
  }));
}

/** A figure of a turn, and how it is had from it. */
interface TurnFigure {
  readonly label: string;
  readonly brief?: string;
  readonly of: (turn: Turn) => readonly number[];
}

/** What there is of turns beside their keys. */
function figuresOf(turns: readonly Turn[]): readonly TurnFigure[] {
  return [
    { label: 'command to prompt, ms', brief: 'prompt', of: promptOf },
    ...(Object.keys(LABELS) as Measure[]).flatMap((measure) => measureFigures(turns, measure)),
    ...(['up', 'down'] as const).flatMap((way) => [
      { label: `packets ${way} a key`, of: (turn: Turn) => perKey(turn, `${way}Packets`) },
      { label: `bytes of IP ${way} a key`, of: (turn: Turn) => perKey(turn, `${way}Bytes`) },
    ]),
    ...(['client', 'server'] as const).flatMap((side) => [
      { label: `CPU of the ${side}, s a turn`, of: (turn: Turn) => listed(turn[side]?.cpuSeconds) },
      {
        label: `peak memory of the ${side}, MB`,
        of: (turn: Turn) => listed(turn[side]?.peakMemoryBytes).map((bytes) => bytes / MEGABYTE),
      },
    ]),
  ];
}

/** A measure of each act that has it: an outage and an address change both need a recovery. */
function measureFigures(turns: readonly Turn[], measure: Measure): readonly TurnFigure[] {
  const acts = namesOf(turns, ({ measures }) => measures[measure] !== undefined);
  const [name, brief] = LABELS[measure];
  return acts.map((act) => {
    const of = (turn: Turn): readonly number[] =>
      turn.works
        .filter(({ work }) => work === act)
        .flatMap(({ measures }) => listed(measures[measure]).map((value) => value ?? worst(measure)));
    if (measure === 'recoverMs') return { label: `recovery after ${cut(act)}, ms`, brief: cut(act), of };
    return {
      label: acts.length > 1 ? `${name} (${cut(act)})` : name,
      ...(brief === undefined ? {} : { brief }),
      of,
    };
  });
}

/** Names come from files: the label of a row is for reading. */
function cut(act: string): string {
  return act.length > ACT_NAME_MAX ? `${act.slice(0, ACT_NAME_MAX - 1)}…` : act;
}

/** None when the turn was interrupted before it could begin. */
function promptOf({ promptMs, works, failure }: Turn): readonly number[] {
  return promptMs === null && works.length === 0 && failure === INTERRUPTED ? [] : [orInfinity(promptMs)];
}

function listed<Value>(value: Value | undefined): readonly Value[] {
  return value === undefined ? [] : [value];
}

/** What a figure that could not be had counts as: the more frames the better, the less of all others. */
function worst(measure: Measure): number {
  return measure === 'framesPerSecond' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Over the works in which something was typed, by the keys that were measured. */
function perKey(turn: Turn, figure: 'upPackets' | 'upBytes' | 'downPackets' | 'downBytes'): readonly number[] {
  let total = 0;
  let keys = 0;
  for (const work of turn.works) {
    if (work.traffic === undefined || work.keys.length === 0) continue;
    total += work.traffic[figure];
    keys += work.keys.length;
  }
  return keys === 0 ? [] : [total / keys];
}

function failuresOf({ name: link, turns }: LinkReport): readonly Failure[] {
  const failures = new Map<string, Failure>();
  const add = (shell: string, work: string | undefined, what: string): void => {
    const id = JSON.stringify([shell, work, what]);
    const times = (failures.get(id)?.times ?? 0) + 1;
    failures.set(id, { link, shell, ...(work === undefined ? {} : { work }), what, times });
  };
  for (const { shell, works, failure } of turns) {
    for (const work of works) if (work.failure !== undefined) add(shell, work.work, work.failure);
    if (failure !== undefined) add(shell, undefined, failure);
  }
  return [...failures.values()];
}
