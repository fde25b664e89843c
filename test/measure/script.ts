/**
 * A remote program made up for the judge: a line that is typed into, as screens and as the reference that would be learnt of them.
 * And a network: when the screen after each stroke arrives.
 */

import fc from 'fast-check';
import type { Reference } from '../../bench/measure/reference.ts';
import type { ScreenState } from '../../bench/measure/screen-state.ts';
import type { Stroke, StrokeKind } from '../../bench/work/stroke.ts';

const COLS = 12;
const ROWS = 3;

/** A screen with these rows and the cursor in (row, column); one character a cell. */
export function screenOf(texts: readonly string[], cursorRow = 0, cursorCol = 0): ScreenState {
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const text = (texts[row] ?? '').padEnd(COLS).slice(0, COLS);
    return { text, cells: [...text] };
  });
  return { rows, cursorRow, cursorCol };
}

/** The same screen with one cell holding something else. */
export function withCell(screen: ScreenState, row: number, col: number, text: string): ScreenState {
  return {
    ...screen,
    rows: screen.rows.map((held, index) => {
      if (index !== row) return held;
      const cells = held.cells.map((cell, at) => (at === col ? text : cell));
      return { text: cells.join(''), cells };
    }),
  };
}

/** A reference that has seen these states and nothing between them. */
export function referenceOf(kinds: readonly StrokeKind[], states: readonly ScreenState[]): Reference {
  const strokes = kinds.map((kind): Stroke => ({ kind, keys: 'k', gapMs: 50, awaited: false, measured: true }));
  const everHeld = (row: number, col: number, text: string): boolean =>
    states.some((state) => state.rows[row]?.cells[col] === text);
  return { strokes, states, everHeld };
}

/** A line editor: a letter, `<` deletes one, `{` and `}` move the cursor, `\r` begins the next line, `*` shows nothing. */
export function play(keys: readonly string[]): Reference {
  let line = '';
  let at = 0;
  let lines: string[] = [];
  const show = (): ScreenState => screenOf([...lines, `$ ${line}`], lines.length, 2 + at);
  const states = [show()];
  for (const key of keys) {
    if (key === '<') {
      line = line.slice(0, Math.max(0, at - 1)) + line.slice(at);
      at = Math.max(0, at - 1);
    } else if (key === '{') at = Math.max(0, at - 1);
    else if (key === '}') at = Math.min(line.length, at + 1);
    else if (key === '\r') {
      lines = [...lines, `$ ${line}`].slice(1 - ROWS);
      [line, at] = ['', 0];
    } else if (key !== '*' && line.length < COLS - 3) {
      line = line.slice(0, at) + key + line.slice(at);
      at++;
    }
    states.push(show());
  }
  return referenceOf(
    keys.map((key) => (key === '*' ? 'silent' : 'letter')),
    states,
  );
}

/** Keys of a short session; letters from few, so that screens come again. */
export const anyKeys = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('a', 'b', ' ') },
    { weight: 3, arbitrary: fc.constantFrom('<', '{', '}') },
    { weight: 1, arbitrary: fc.constantFrom('\r', '*') },
  ),
  { minLength: 1, maxLength: 40 },
);

/** When each of so many strokes is typed, and when the screen after it is drawn: later, and never before that of the one before. */
export interface Timing {
  readonly typedAt: readonly number[];
  readonly drawnAt: readonly number[];
}

/** `grain`: screens are drawn at multiples of it only, so that some are never seen. */
export function timingOf(gaps: readonly number[], lags: readonly number[], grain: number): Timing {
  const typedAt: number[] = [];
  const drawnAt: number[] = [];
  let now = 0;
  let drawn = 0;
  for (const [index, gap] of gaps.entries()) {
    now += gap;
    drawn = Math.max(drawn, Math.ceil((now + (lags[index] ?? 0)) / grain) * grain);
    typedAt.push(now);
    drawnAt.push(drawn);
  }
  return { typedAt, drawnAt };
}
