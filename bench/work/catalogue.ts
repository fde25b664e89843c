/**
 * All works by name, in the order of a turn: first what is typed, then the acts, and last of all what a session may not survive.
 */

import type { Act } from './act.ts';
import { ADDRESS_CHANGE } from './address-change.ts';
import { editorWork } from './editor.ts';
import { FLOOD } from './flood.ts';
import { idleAct } from './idle.ts';
import { lessWork } from './less.ts';
import { OUTAGE } from './outage.ts';
import { passwordWork } from './password.ts';
import { PASTE } from './paste.ts';
import { pythonWork } from './python.ts';
import { shellWork } from './shell.ts';
import type { TypedWork } from './stroke.ts';
import { TOP } from './top.ts';
import { unpredictableWork } from './unpredictable.ts';
import { vimWork } from './vim.ts';

/** Draws a work: its keys and so its screens from `seed`, the gaps between the keys from `gapSeed`. */
type Draw = (seed: number, gapSeed?: number) => TypedWork;

/** A work that can be asked for. */
export type CatalogueEntry =
  | { readonly kind: 'typed'; readonly name: string; readonly title: string; readonly draw: Draw }
  | { readonly kind: 'act'; readonly name: string; readonly title: string; readonly act: Act };

export const ACTS: readonly Act[] = [PASTE, FLOOD, TOP, OUTAGE, idleAct(), ADDRESS_CHANGE];

const DRAWS: readonly Draw[] = [shellWork, unpredictableWork, vimWork, lessWork, editorWork, pythonWork, passwordWork];

export const CATALOGUE: readonly CatalogueEntry[] = [
  ...DRAWS.map((draw) => {
    const { name, title } = draw(0);
    return { kind: 'typed', name, title, draw } as const;
  }),
  ...ACTS.map((act) => ({ kind: 'act', name: act.name, title: act.title, act }) as const),
];

export const WORK_NAMES: readonly string[] = CATALOGUE.map(({ name }) => name);

/** The work of that name. Throws a line that names those there are. */
export function findWork(name: string): CatalogueEntry {
  const entry = CATALOGUE.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`there is no work "${name}": choose of ${WORK_NAMES.join(', ')}`);
  return entry;
}

/** Everything that is typed, in the order of a turn. The screens are the same for every `gapSeed`. */
export function typedWorks(seed: number, gapSeed = seed): readonly TypedWork[] {
  return DRAWS.map((draw) => draw(seed, gapSeed));
}
