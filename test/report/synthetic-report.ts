/**
 * Reports that nobody measured, drawn from a seed: shells that predict and shells that don't, on links near and far, with losses,
 * time-outs, wrong letters and failures, in the shape of the real ones.
 */

import { type Dice, diceFrom } from '../../bench/link/random.ts';
import { FORMAT, type KeyReport, type LinkReport, type Report, type Turn } from '../../bench/measure/result.ts';
import type { StrokeKind } from '../../bench/work/stroke.ts';

export interface Synthetic {
  readonly seed: number;
  readonly shells?: readonly string[];
  readonly links?: readonly string[];
  readonly repetitions?: number;
  readonly keysPerWork?: number;
  /** How many times slower every shell but the first is. */
  readonly slower?: number;
}

/** Round trip in ms and share of keys that time out, of links by name; any other name is one of 50 ms. */
const LINKS = new Map<string, readonly [rttMs: number, lost: number]>([
  ['lan', [1, 0]],
  ['lte', [80, 0.001]],
  ['singapore', [273, 0]],
  ['lossy-29', [100, 0.06]],
  ['satellite', [600, 0]],
]);
const WORKS = ['shell', 'vim', 'password'];

/** A report for the seed: the same one for the same options. */
export function syntheticReport(options: Synthetic): Report {
  const { seed, shells = ['rove', 'ssh', 'mosh'], links = ['lan', 'singapore', 'lossy-29'] } = options;
  const dice = diceFrom(seed);
  return {
    format: FORMAT,
    startedAt: '2026-11-22T18:30:12.000Z',
    endedAt: '2026-11-22T19:12:55.000Z',
    command: ['--repetitions=3'],
    complete: true,
    seed,
    machine: {
      cpu: 'Example CPU 9000 @ 3.20GHz',
      cores: 4,
      memoryBytes: 8 * 2 ** 30,
      system: 'Linux 6.1.0 x64',
      node: 'v22.0.0',
      load: 0.42,
    },
    shells: shells.map((name) => ({ name, version: `${name} 1.2.3`, command: `${name} lab` })),
    baseline: shells.includes('ssh') ? 'ssh' : (shells[0] ?? ''),
    links: links.map((name) => linkReport(name, shells, options, dice)),
    leftOut: [`nano: it is not installed`],
  };
}

function linkReport(name: string, shells: readonly string[], options: Synthetic, dice: Dice): LinkReport {
  const { repetitions = 3 } = options;
  const [rttMs, lost] = LINKS.get(name) ?? [50, 0];
  return {
    name,
    title: `${rttMs} ms round trip`,
    source: 'an example',
    asked: { rttMs, lossUp: lost },
    proof: {
      sent: 40,
      received: 40,
      rttMinMs: rttMs + 0.1,
      rttMedianMs: rttMs + 0.3,
      rttMaxMs: rttMs + 2,
      loss: 0,
    },
    turns: Array.from({ length: repetitions }, (_, repetition) =>
      shells.map((shell, index) => turn(shell, index, repetition, options, dice, rttMs, lost)),
    ).flat(),
  };
}

function turn(
  shell: string,
  index: number,
  repetition: number,
  { seed, keysPerWork = 60, slower = 1 }: Synthetic,
  dice: Dice,
  rttMs: number,
  lost: number,
): Turn {
  const predicts = shell === 'mosh' || shell === 'rove';
  const factor = index === 0 ? 1 : slower;
  const typed = WORKS.map((work) => {
    const keys = Array.from({ length: keysPerWork }, (_, at) => key(at, work, predicts, factor, dice, rttMs, lost));
    const traffic = { upPackets: 80, upBytes: 9000, downPackets: 90, downBytes: 21_000 };
    return { work, keys, measures: {}, traffic, durationMs: keysPerWork * 150 };
  });
  const gone = shell === 'ssh' && dice.next() < 0.7;
  return {
    shell,
    repetition,
    seed: seed + repetition,
    startedMs: repetition * 90_000 + index * 30_000,
    promptMs: dice.next() < lost ? null : 250 + rttMs * (shell === 'mosh' ? 7 : 5) + 20 * dice.next(),
    works: [
      ...typed,
      { work: 'paste', keys: [], measures: { pasteMs: rttMs * 2 + 30 * dice.next() }, durationMs: 900 },
      {
        work: 'move',
        keys: [],
        measures: { recoverMs: gone ? null : rttMs * 2 + 500 * dice.next() },
        durationMs: 12_000,
        ...(gone ? { failure: 'the session is gone: <client_loop> "Broken pipe" & more' } : {}),
      },
      { work: 'top', keys: [], measures: { framesPerSecond: dice.next() < lost ? null : 3 }, durationMs: 9000 },
    ],
    client: { cpuSeconds: 0.3 + dice.next() * 0.1, peakMemoryBytes: shell === 'rove' ? 61e6 : 8e6 },
    server: { cpuSeconds: 0.2 + dice.next() * 0.1, peakMemoryBytes: shell === 'rove' ? 55e6 : 9e6 },
  };
}

function key(
  at: number,
  work: string,
  predicts: boolean,
  factor: number,
  dice: Dice,
  rttMs: number,
  lost: number,
): KeyReport {
  const kind: StrokeKind = work === 'password' ? 'silent' : at % 10 === 9 ? 'enter' : at % 7 === 6 ? 'edit' : 'letter';
  const keys = kind === 'enter' ? '\r' : kind === 'edit' ? '\x7f' : 'abcdef'[at % 6];
  const written = { kind, keys: keys ?? '', atMs: at * 140 };
  if (kind === 'silent') return written;
  if (dice.next() < lost) return { ...written, shownMs: null };
  const resent = dice.next() < lost * 4 ? rttMs * 4 * dice.next() + 200 : 0;
  const remote = (rttMs + 2 + 3 * dice.next() + resent) * factor;
  const atOnce = predicts && kind !== 'enter' && rttMs > 20 && dice.next() < 0.85;
  const shownMs = atOnce ? (0.9 + 2 * dice.next()) * factor : remote;
  return dice.next() < 0.01 && predicts ? { ...written, shownMs, wrongMs: rttMs } : { ...written, shownMs };
}
