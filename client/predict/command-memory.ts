/**
 * The lines that were entered at prompts, by program: what the arrow up brings back. Only what stood on the screen is kept, so no
 * password is; a line of which that is not known leaves a gap, beyond which nothing is guessed.
 */

import type { TtyState } from '../../protocol/session/shell-state.ts';
import type { Run } from './run.ts';

/** Lines of a program, and programs, that are kept. */
const LINES_MAX = 64;
const PROGRAMS_MAX = 16;

export class CommandMemory {
  /** The last used comes last. */
  readonly #lines = new Map<string, (string | undefined)[]>();

  /**
   * Enter is being typed, with so many keys before it on their way, of which so many are shown: what stands in the line, as far as it is
   * shown, is what the arrow up brings back later.
   */
  entered(run: Run | undefined, tty: TtyState | undefined, waiting: number, shown: number): void {
    if (run === undefined || run.situation.kind !== 'line' || run.situation.secret) {
      if (waiting > 0 || run === undefined) this.add(`${tty?.program ?? 0}`, undefined);
    } else this.add(run.situation.program, run.visible && waiting === shown ? run.lineText : undefined);
  }

  /** A line was entered; undefined if nobody knows which. */
  add(program: string, line: string | undefined): void {
    const lines = this.#lines.get(program) ?? [];
    // Shells leave out what is empty or what was there before; what begins with a blank some do and some don't.
    const kept = line?.startsWith(' ') === true ? undefined : line?.trimEnd();
    if (kept !== '' && (kept === undefined || kept !== lines.at(-1))) lines.push(kept);
    if (lines.length > LINES_MAX) lines.shift();
    this.#lines.delete(program);
    this.#lines.set(program, lines);
    const [oldest] = this.#lines.keys();
    if (this.#lines.size > PROGRAMS_MAX && oldest !== undefined) this.#lines.delete(oldest);
  }

  /** The line so many before the one at hand. */
  recall(program: string, back: number): string | undefined {
    return this.#lines.get(program)?.at(-back);
  }
}
