/**
 * A line that was entered while its letters were overdue. The server counts a key as answered a fixed time after it was written, and a busy
 * machine takes longer: that is no reason to think ill of the prompt. What comes of Enter decides: if the line is on the screen then, as
 * it was guessed, it was late and nothing else; if it is not, the program does not echo.
 */

import type { Screen } from '../../protocol/screen/screen.ts';
import { textAt } from './draft.ts';
import type { Run } from './run.ts';

export class LateLine {
  readonly #run: Run;
  readonly #text: string;
  readonly #lowest: number;

  /** `run`: all that was typed into the line. */
  constructor(run: Run) {
    const { row, col } = run.steps.at(-1) ?? run.anchor;
    this.#run = run;
    this.#text = textOf(run.show(run.base, run.steps.length, false), row, col);
    this.#lowest = row;
  }

  get run(): Run {
    return this.#run;
  }

  /** Whether the line is on the screen; undefined as long as the program has not come to it. */
  isEchoed(screen: Screen): boolean | undefined {
    for (let row = Math.min(this.#lowest, screen.rows.length - 1); row >= 0; row--) {
      if (textOf(screen, row, this.#text.length) === this.#text) return true;
    }
    return this.#run.findMatch(screen, 0, true) === undefined ? false : undefined;
  }
}

/** A row's text up to a column, a unit for each cell. */
function textOf(screen: Screen, row: number, cols: number): string {
  let text = '';
  for (let col = 0; col < cols; col++) text += textAt(screen.rows[row], col).slice(0, 1) || '\0';
  return text;
}
