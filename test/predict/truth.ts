/**
 * What the program showed in a recorded session, without any network: the screen before and after each key, and every text that each cell
 * has ever held. It is what guesses are judged by.
 */

import { textAt } from '../../client/predict/draft.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import type { Recording } from './recording.ts';

export interface CellText {
  readonly row: number;
  readonly col: number;
  readonly text: string;
}

export interface TruthOfKey {
  /** The cells that hold another text after the key than before it. */
  readonly changes: readonly CellText[];
  /** Of a letter that is echoed: the cell that it stands in. */
  readonly letter: CellText | undefined;
}

export class Truth {
  readonly keys: readonly TruthOfKey[];
  readonly last: Screen;
  readonly #held = new Set<string>();

  constructor({ head, events }: Recording) {
    const emulator = new Emulator(head);
    const encode = (text: string): Uint8Array => Buffer.from(text, 'latin1');
    let screen = emulator.snapshot();
    let before = screen;
    let typed: string | undefined;
    const keys: TruthOfKey[] = [];
    const finish = (): void => {
      if (typed !== undefined) keys.push(truthOf(before, screen, typed));
      before = screen;
    };
    for (const event of events) {
      if ('keys' in event) {
        finish();
        typed = event.letter === true ? Buffer.from(event.keys, 'latin1').toString('utf8') : '';
      } else if ('output' in event) {
        emulator.write(encode(event.output));
        const next = emulator.snapshot();
        this.#hold(screen, next);
        screen = next;
      }
    }
    finish();
    this.keys = keys;
    this.last = screen;
  }

  everHeld(row: number, col: number, text: string): boolean {
    return this.#held.has(`${row} ${col} ${text}`);
  }

  #hold(before: Screen, after: Screen): void {
    for (const [row, cells] of after.rows.entries()) {
      if (cells === before.rows[row]) continue;
      for (let col = 0; col < after.cols; col++) this.#held.add(`${row} ${col} ${textAt(cells, col)}`);
    }
  }
}

function truthOf(before: Screen, after: Screen, typed: string): TruthOfKey {
  const changes: CellText[] = [];
  for (const [row, cells] of after.rows.entries()) {
    const old = before.rows[row];
    if (cells === old) continue;
    for (let col = 0; col < after.cols; col++) {
      const text = textAt(cells, col);
      if (text !== textAt(old, col)) changes.push({ row, col, text });
    }
  }
  if (typed === '') return { changes, letter: undefined };
  const wraps = after.cursorCol === 0 && after.cursorRow > 0;
  const row = wraps ? after.cursorRow - 1 : after.cursorRow;
  let col = (wraps ? after.cols : after.cursorCol) - 1;
  if (col > 0 && textAt(after.rows[row], col) === '') col--;
  const text = textAt(after.rows[row], col);
  const isLetter = text.normalize().endsWith(typed.normalize()) && typed !== ' ';
  const changed = changes.some((cell) => cell.row === row && cell.col === col);
  return { changes, letter: isLetter && changed ? { row, col, text } : undefined };
}
