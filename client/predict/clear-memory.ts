/**
 * What Ctrl-L does at a prompt: a line editor clears the screen and draws its prompt, of so many rows, at the top. Learnt where it was seen, and
 * guessed from then on, so that what is typed next need not wait for it.
 */

import type { Screen } from '../../protocol/screen/screen.ts';
import { glyphOf, sameGlyph } from './draft.ts';
import { promptKey } from './prompt.ts';
import type { Run } from './run.ts';
import type { Situation } from './situation.ts';

/** Prompts that are kept. */
const MEMORY_MAX = 64;

export class ClearMemory {
  readonly #rowsAbove = new Map<string, number>();
  /** Of a clearing whose outcome is awaited: the screen before, the row of the line, and at which prompt. */
  #awaited:
    | { readonly key: string; readonly before: Screen; readonly row: number; readonly offset: number }
    | undefined;

  /** How many rows of the prompt stand above the line, if that has been seen. */
  rowsAbove(situation: Situation): number | undefined {
    return this.#rowsAbove.get(keyOf(situation));
  }

  /** A shell is at its prompt: all of them clear the screen, and a prompt in the first row has no rows above. */
  met(situation: Situation): void {
    if (situation.announced && situation.home?.row === 0) this.#remember(keyOf(situation), 0);
  }

  /** Ctrl-L was typed after the run; `offset` is of the input stream, after it. */
  typed(run: Run, offset: number): void {
    const { situation, steps, anchor, base } = run;
    if (!situation.announced || situation.home === undefined) return;
    const { row } = steps.at(-1) ?? anchor;
    this.#awaited = { key: keyOf(situation), before: run.show(base, steps.length, false), row, offset };
  }

  /** A newer screen, on which what was typed up to `echoed` has been answered. */
  learn(screen: Screen, echoed: number): void {
    if (this.#awaited === undefined) return;
    const { key, before, row, offset } = this.#awaited;
    if (isCleared(before, row, screen)) this.#remember(key, screen.cursorRow);
    else if (echoed < offset) return;
    this.#awaited = undefined;
  }

  #remember(key: string, rows: number): void {
    this.#rowsAbove.delete(key);
    this.#rowsAbove.set(key, rows);
    const [oldest] = this.#rowsAbove.keys();
    if (this.#rowsAbove.size > MEMORY_MAX && oldest !== undefined) this.#rowsAbove.delete(oldest);
  }
}

function keyOf({ program, prompt }: Situation): string {
  return `${program} ${promptKey(prompt ?? '')}`;
}

/** Whether the line has gone up, with what is above it, and nothing stands below. */
function isCleared(before: Screen, row: number, screen: Screen): boolean {
  const at = screen.cursorRow;
  if (at >= row || screen.cols !== before.cols) return false;
  for (let index = 0; index < screen.rows.length; index++) {
    for (let col = 0; col < screen.cols; col++) {
      const was = index <= at ? before.rows[row - at + index] : undefined;
      if (!sameGlyph(glyphOf(screen.rows[index], col), glyphOf(was, col))) return false;
    }
  }
  return true;
}
