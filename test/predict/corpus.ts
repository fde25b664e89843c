/**
 * The corpus as a whole: how the engine does on all recordings over one link, by program.
 */

import { type Recording, readRecordings } from './recording.ts';
import { type ReplayOptions, type ReplayResult, replay } from './replay.ts';
import { Truth } from './truth.ts';

export interface Score {
  readonly letters: number;
  readonly atOnce: number;
  readonly whole: number;
  readonly wrong: number;
  readonly keys: number;
}

export interface CorpusScore {
  readonly byProgram: ReadonlyMap<string, Score>;
  readonly all: Score;
  readonly results: ReadonlyMap<string, ReplayResult>;
}

const NONE: Score = { letters: 0, atOnce: 0, whole: 0, wrong: 0, keys: 0 };

export class Corpus {
  readonly #recordings: readonly { readonly recording: Recording; readonly truth: Truth }[];

  /** The recordings that are held out, or those that are not. */
  constructor(heldOut: boolean) {
    this.#recordings = readRecordings()
      .filter(({ head }) => head.heldOut === heldOut)
      .map((recording) => ({ recording, truth: new Truth(recording) }));
  }

  /** Plays those of the programs, or all. */
  score(options: ReplayOptions, programs?: readonly string[]): CorpusScore {
    const byProgram = new Map<string, Score>();
    const results = new Map<string, ReplayResult>();
    let all = NONE;
    for (const { recording, truth } of this.#recordings) {
      const { program } = recording.head;
      if (programs !== undefined && !programs.includes(program)) continue;
      const result = replay(recording, options, truth);
      results.set(recording.name, result);
      byProgram.set(program, sum(byProgram.get(program) ?? NONE, result));
      all = sum(all, result);
    }
    return { byProgram, all, results };
  }
}

function sum(a: Score, b: Score): Score {
  return {
    letters: a.letters + b.letters,
    atOnce: a.atOnce + b.atOnce,
    whole: a.whole + b.whole,
    wrong: a.wrong + b.wrong,
    keys: a.keys + b.keys,
  };
}
