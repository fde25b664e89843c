/**
 * From what was asked to what is to be done: which shells, on which links, with which works; and what has to be left out, with
 * the reason. Nothing is measured here yet.
 */

import { labMissing } from '../lab/lab.ts';
import { customShell, customShellMissing, findShells, type LabShell, withoutPrediction } from '../lab/shells.ts';
import { customLink } from '../link/custom-link.ts';
import { findPreset, PRESETS } from '../link/presets.ts';
import { ACTS, typedWorks } from '../work/catalogue.ts';
import { emulatedLink } from './emulated-link.ts';
import { BenchUsageError, type RunOptions } from './options.ts';
import { PAPER_CONDITIONS } from './paper.ts';
import type { ProgressEvent } from './progress.ts';
import { RealPath } from './real-path.ts';
import type { LinkPlan, RunPlan } from './run.ts';

const BASELINE = 'ssh';
/** What a first look and the paper's table need: letters, and output that nobody can predict. */
const QUICK_WORKS = ['shell', 'unpredictable'];
const REPETITIONS = { min: 2, max: 7 };
const SEED_MAX = 2 ** 32;

/** Throws one line that says what to do when nothing can be measured. */
export async function planRun(
  options: RunOptions,
  command: readonly string[],
  onProgress: (event: ProgressEvent) => void,
  signal: AbortSignal,
): Promise<RunPlan> {
  if (options.target === undefined) {
    const why = labMissing();
    if (why !== undefined) {
      throw new BenchUsageError(`${why}: run it as root on Linux, or name a host to measure the real path: user@host`);
    }
  }
  const { shells, leftOut } = chooseShells(options);
  const names = options.works ?? (options.quick || options.paper ? QUICK_WORKS : undefined);
  const isChosen = ({ name }: { readonly name: string }): boolean => names?.includes(name) ?? true;
  const seed = options.seed ?? Math.floor(Math.random() * SEED_MAX);
  const first = shells[0]?.name ?? '';
  return {
    command,
    links: chooseLinks(options, seed),
    shells,
    baseline: options.baseline ?? (shells.some(({ name }) => name === BASELINE) ? BASELINE : first),
    typed: (gapSeed) => typedWorks(seed, gapSeed).filter(isChosen),
    acts: ACTS.filter(isChosen),
    repetitionsMin: options.repetitions ?? (options.quick ? 1 : REPETITIONS.min),
    repetitionsMax: options.quick ? (options.repetitions ?? 1) : Math.max(options.repetitions ?? 0, REPETITIONS.max),
    timeMs: options.timeMs,
    seed,
    leftOut,
    onProgress,
    signal,
  };
}

function chooseShells(options: RunOptions): { shells: readonly LabShell[]; leftOut: readonly string[] } {
  const { shells: found, missing } = findShells();
  const custom = options.customShells.map(({ name, command }) => {
    const why = customShellMissing(name, command);
    if (why !== undefined) throw new BenchUsageError(why);
    return customShell(name, command);
  });
  const there = [...found, ...custom];
  if (options.shells === undefined) {
    if (there.length === 0) throw new BenchUsageError(`there is no shell to measure: ${missing.join('; ')}`);
    return { shells: there, leftOut: missing };
  }
  const wanted = [...options.shells, ...custom.map(({ name }) => name)];
  for (const name of wanted) {
    if (there.some((shell) => shell.name === name)) continue;
    throw new BenchUsageError(missing.find((why) => why.startsWith(name)) ?? `there is no shell ${name}`);
  }
  const shells = [...new Set(wanted)].flatMap((name) => there.filter((shell) => shell.name === name));
  return { shells, leftOut: [] };
}

function chooseLinks(options: RunOptions, seed: number): readonly LinkPlan[] {
  const emulation = { netem: options.netem, seed };
  const { target } = options;
  if (target !== undefined) {
    const source = 'a real path, as it was during the run';
    return [
      {
        name: target.word,
        title: `the path to ${target.word}`,
        source,
        asked: {},
        open: async () => RealPath.open(target.destination),
      },
    ];
  }
  if (options.paper) {
    return PAPER_CONDITIONS.map(({ link, predictions }) => ({
      ...emulatedLink(link, emulation),
      ...(predictions ? {} : { shell: withoutPrediction }),
    }));
  }
  const named = options.links?.map(findPreset) ?? (options.customLinks.length > 0 ? [] : PRESETS);
  try {
    return [...named, ...options.customLinks.map((text) => customLink(text))].map((preset) =>
      emulatedLink(preset, emulation),
    );
  } catch (error) {
    throw error instanceof RangeError ? new BenchUsageError(error.message, { cause: error }) : error;
  }
}
