/**
 * What text does that is right of where one types, by program and colour: the rest of a command makes room, a suggestion of the shell's
 * is written over. Learnt from every insertion whose outcome is seen.
 */

import type { Screen } from '../../protocol/screen/screen.ts';
import { widthOf } from '../../protocol/terminal/width.ts';
import { BLANK, Draft, glyphOf, sameGlyph } from './draft.ts';
import type { KeyAction } from './key-parser.ts';
import { type TailHabit, textEnd } from './line-edit.ts';
import type { Run } from './run.ts';
import { tailKey } from './situation.ts';

/** Colours of programs that are remembered. */
const MEMORY_MAX = 256;

export class TailMemory {
  readonly #habits = new Map<string, TailHabit>();

  habitOf(key: string): TailHabit | undefined {
    return this.#habits.get(key);
  }

  /** `screen` shows the effect of the run's first keys, which are these. */
  learn(run: Run, screen: Screen, keys: readonly { readonly action: KeyAction }[]): void {
    const { base, anchor } = run;
    let width = 0;
    for (const { action } of keys) {
      if (action.kind !== 'letter') return;
      width += widthOf(action.code);
    }
    if (width === 0 || anchor.col + width >= base.cols || screen.cursorRow !== anchor.row) return;
    const before = new Draft(base, anchor);
    if (sameGlyph(before.glyph(anchor.row, anchor.col), BLANK)) return;
    const habit = observed(before, screen, anchor.row, anchor.col, width);
    if (habit === undefined) return;
    const key = tailKey(run.situation.program, before.style(anchor.row, anchor.col)[0]);
    this.#habits.delete(key);
    this.#habits.set(key, habit);
    const [oldest] = this.#habits.keys();
    if (this.#habits.size > MEMORY_MAX && oldest !== undefined) this.#habits.delete(oldest);
  }
}

/** What became of the text at `col` when so many cells were typed there; undefined when that can't be told. */
function observed(before: Draft, screen: Screen, row: number, col: number, width: number): TailHabit | undefined {
  const end = textEnd(before, row, col);
  let shifted = true;
  let stayed = true;
  for (let at = col; at < end && at + width < before.cols; at++) {
    const after = glyphOf(screen.rows[row], at + width);
    shifted &&= sameGlyph(after, before.glyph(row, at));
    stayed &&= sameGlyph(after, before.glyph(row, at + width));
  }
  return shifted === stayed ? undefined : shifted ? 'shift' : 'stay';
}
