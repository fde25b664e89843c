/**
 * The lines that were entered at prompts, by program: what the arrow up brings back. Only what stood on the screen is kept, so no
 * password is; a line of which that is not known leaves a gap, beyond which nothing is guessed.
 */

/** Lines of a program, and programs, that are kept. */
const LINES_MAX = 64;
const PROGRAMS_MAX = 16;

export class CommandMemory {
  /** The last used comes last. */
  readonly #lines = new Map<string, (string | undefined)[]>();

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
