/** Screens as text, for tests by example. */

import { CELL_WORDS, CLUSTER, CODE_POINT_MASK, TAIL } from '../../protocol/screen/cell.ts';
import type { Row } from '../../protocol/screen/row.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import { type TerminalFacts, UNKNOWN_TERMINAL } from '../../protocol/session/terminal-facts.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** An emulator that has been written to. */
export function emulate(output: string, cols = 10, rows = 4): Emulator {
  const emulator = new Emulator({ cols, rows });
  write(emulator, output);
  return emulator;
}

export function write(emulator: Emulator, output: string): void {
  emulator.write(encoder.encode(output));
}

/** What it answers. */
export function replies(emulator: Emulator): string {
  return decoder.decode(emulator.takeReplies());
}

/** An emulator for a terminal of which so much is known. */
export function knowing(facts: Partial<TerminalFacts>): Emulator {
  const emulator = new Emulator({ cols: 10, rows: 4 });
  emulator.setFacts({ ...UNKNOWN_TERMINAL, ...facts });
  return emulator;
}

/** The text of a row; erased cells are spaces, those at the end left out. */
export function rowText(row: Row | undefined): string {
  let text = '';
  for (let x = 0; row !== undefined && x < row.cols; x++) {
    const content = row.cells[x * CELL_WORDS] ?? 0;
    if (content & TAIL) continue;
    const code = content & CODE_POINT_MASK;
    text += content & CLUSTER ? (row.clusters?.get(x) ?? '') : code === 0 ? ' ' : String.fromCodePoint(code);
  }
  return text.trimEnd();
}

/** The rows' texts, without blank ones at the end. */
export function screenText(screen: Screen): string[] {
  const texts = screen.rows.map(rowText);
  while (texts.at(-1) === '') texts.pop();
  return texts;
}

/** The same of what `output` leaves. */
export function shown(output: string, cols?: number, rows?: number): string[] {
  return screenText(emulate(output, cols, rows).snapshot());
}

/** The lines of the text: wrapped rows put together. */
export function lineTexts(screen: Screen): string[] {
  const lines: string[] = [];
  for (const row of screen.rows) {
    const text = rowText(row);
    if (row.wrapped && lines.length > 0) lines.push(`${lines.pop() ?? ''}${text}`);
    else lines.push(text);
  }
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The three words of the cell at a place. */
export function cellAt(
  screen: Screen,
  row: number,
  col: number,
): [content: number, foreground: number, background: number] {
  const cells = screen.rows[row]?.cells ?? [];
  return [cells[col * CELL_WORDS] ?? 0, cells[col * CELL_WORDS + 1] ?? 0, cells[col * CELL_WORDS + 2] ?? 0];
}
