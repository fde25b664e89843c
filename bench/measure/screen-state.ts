/**
 * What stands on a screen at a moment: the text of every cell and the place of the cursor. No colours: a program may mark what it
 * only guesses, and the user reads it all the same.
 */

import type { ScreenTerminal } from '../lab/screen-terminal.ts';

export interface ScreenRow {
  /** The cells joined: equal for rows that hold the same. */
  readonly text: string;
  /** As many as the screen has columns. A blank is a space; a wide character is in the first of its two cells, the second is empty. */
  readonly cells: readonly string[];
}

export interface ScreenState {
  readonly rows: readonly ScreenRow[];
  /** Counted from 0; never beyond the last column, where terminals differ about the cursor that waits to wrap. */
  readonly cursorRow: number;
  readonly cursorCol: number;
}

export interface CellPlace {
  readonly row: number;
  readonly col: number;
}

/** The screen of a terminal. Rows that are what they were in `previous` are the same objects: cheap to make and to compare. */
export function readScreen(terminal: ScreenTerminal, previous?: ScreenState): ScreenState {
  const { cols, rows: count } = terminal.size;
  const rows: ScreenRow[] = [];
  for (let row = 0; row < count; row++) {
    const text = terminal.rowText(row);
    const before = previous?.rows[row];
    rows.push(before?.text === text ? before : { text, cells: terminal.rowCells(row) });
  }
  const { x, y } = terminal.cursor;
  return { rows, cursorRow: y, cursorCol: Math.min(x, cols - 1) };
}

/** The cells that hold another text in `b` than in `a`, which has the same size. */
export function difference(a: ScreenState, b: ScreenState): readonly CellPlace[] {
  const places: CellPlace[] = [];
  for (const [row, { text, cells }] of b.rows.entries()) {
    const before = a.rows[row];
    if (before === undefined || before.text === text) continue;
    for (const [col, held] of cells.entries()) if (before.cells[col] !== held) places.push({ row, col });
  }
  return places;
}

/** Whether both have the same text and the cursor in the same place. */
export function isSameScreen(a: ScreenState, b: ScreenState): boolean {
  return isSameCursor(a, b) && differingRow(a, b) === undefined;
}

export function isSameCursor(a: ScreenState, b: ScreenState): boolean {
  return a.cursorRow === b.cursorRow && a.cursorCol === b.cursorCol;
}

/** The first row that differs; undefined when the text is the same. */
export function differingRow(a: ScreenState, b: ScreenState): number | undefined {
  if (a.rows.length !== b.rows.length) return Math.min(a.rows.length, b.rows.length);
  const row = a.rows.findIndex(({ text }, index) => text !== b.rows[index]?.text);
  return row === -1 ? undefined : row;
}

/** How two screens differ, in words for a message: `row 3 is "a" instead of "b"`; undefined when they don't. */
export function describeDifference(found: ScreenState, expected: ScreenState): string | undefined {
  const row = differingRow(found, expected);
  if (row !== undefined) return `row ${row + 1} is ${rowWords(found, row)} instead of ${rowWords(expected, row)}`;
  if (isSameCursor(found, expected)) return undefined;
  return `the cursor is at ${cursorWords(found)} instead of ${cursorWords(expected)} (row, column)`;
}

function rowWords(screen: ScreenState, row: number): string {
  return JSON.stringify((screen.rows[row]?.text ?? '').trimEnd());
}

function cursorWords({ cursorRow, cursorCol }: ScreenState): string {
  return `${cursorRow + 1}, ${cursorCol + 1}`;
}
