/**
 * Turns what a terminal shows into another screen, by about the fewest bytes that any terminal like xterm understands. A pure
 * function of the two screens: between two calls the pen is the default one, the margins are those of the screen, the terminal does
 * not wrap, and the cursor stands where the screen says.
 *
 * Terminals differ in what they erase with and at the right edge. So nothing is erased in a colour (spaces are written instead), and
 * nothing depends on where the cursor is after the last column. The alternate screen is left to the caller: all is drawn on one.
 */

import { Writer } from '../bytes.ts';
import { CELL_WORDS, CLUSTER, CODE_POINT_MASK, TAIL, WIDE } from '../screen/cell.ts';
import { frozenBlank } from '../screen/diff-format.ts';
import { CURSOR_VISIBLE } from '../screen/modes.ts';
import type { Row } from '../screen/row.ts';
import { firstDifference, lastDifference, sameCell } from '../screen/row-difference.ts';
import type { Screen } from '../screen/screen.ts';
import { Pencil } from './pencil.ts';
import { findScroll, type Scroll, scrolled } from './scroll.ts';
import { modeChanges, RESET, titleChanges } from './terminal-modes.ts';

const SPACE = 0x20;
const BELL = '\x07';
const BEGIN_UPDATE = '\x1b[?2026h';
const END_UPDATE = '\x1b[?2026l';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR = '\x1b[H\x1b[2J';

/** From this many changed rows on, the terminal is asked to show them at once, and hides the cursor meanwhile. */
const LARGE_UPDATE_ROWS = 4;
/** Cells to the right that are written again rather than jumped over, if they can be: a jump is 3 bytes or more. */
const REWRITE_MAX = 3;
/** Erased cells before the end of the text that are erased (and jumped over) rather than written as spaces. */
const ERASE_MIN = 9;
/** Erased cells at the end of a row that are erased rather than written as spaces: CSI K is 3 bytes. */
const ERASE_REST_MIN = 3;

// An update is made in one synchronous call, so all of them share their buffer.
const out = new Writer();
const pencil = new Pencil(out);
const encoder = new TextEncoder();

/**
 * The bytes after which a terminal that shows `from` shows `to`. With `from` undefined, or of another size, nothing is assumed of
 * the terminal: it is reset and drawn afresh. `to` should have the size of the terminal.
 */
export function render(from: Screen | undefined, to: Screen): Uint8Array {
  out.clear();
  const known = from !== undefined && from.cols === to.cols && from.rows.length === to.rows.length ? from : undefined;
  const changed = known === undefined ? to.rows.length : countChanged(known.rows, to.rows);
  const large = known === undefined || changed >= LARGE_UPDATE_ROWS;
  const wasVisible = known === undefined || (known.modes & CURSOR_VISIBLE) !== 0;
  const visible = (to.modes & CURSOR_VISIBLE) !== 0;
  const hide = wasVisible && (large || !visible);

  if (large) pencil.ascii(BEGIN_UPDATE);
  if (hide) pencil.ascii(HIDE_CURSOR);
  if (known === undefined) {
    pencil.ascii(RESET);
    pencil.ascii(CLEAR);
    pencil.place(to.cols, 0, 0);
  } else {
    pencil.place(to.cols, known.cursorRow, known.cursorCol);
  }
  if (known === undefined || known.modes !== to.modes) pencil.ascii(modeChanges(known, to));
  if (from === undefined || from.title !== to.title || from.iconTitle !== to.iconTitle) {
    out.bytes(encoder.encode(titleChanges(from, to)));
  }
  if (changed > 0) drawRows(known, to, changed);
  pencil.pen(0, 0);
  if (known === undefined || known.cursorShape !== to.cursorShape) pencil.ascii(`\x1b[${to.cursorShape} q`);
  pencil.move(to.cursorRow, to.cursorCol);
  if (visible && (hide || !wasVisible)) pencil.ascii(SHOW_CURSOR);
  if (from !== undefined && from.bells !== to.bells) pencil.ascii(BELL);
  if (large) pencil.ascii(END_UPDATE);
  return out.finish();
}

function countChanged(from: readonly Row[], to: readonly Row[]): number {
  let changed = 0;
  for (let i = 0; i < to.length; i++) if (from[i] !== to[i]) changed++;
  return changed;
}

function drawRows(known: Screen | undefined, to: Screen, changed: number): void {
  const blank = known === undefined ? frozenBlank(to.cols) : undefined;
  let shown = known?.rows;
  if (shown !== undefined && changed > 1) {
    const scroll = findScroll(shown, to.rows);
    if (scroll !== undefined) {
      drawScroll(scroll, to.rows.length);
      shown = scrolled(shown, scroll, to.cols);
    }
  }
  const end = shown === undefined || changed < 2 ? to.rows.length : drawnBefore(shown, to.rows);
  for (let i = 0; i < end; i++) {
    const row = to.rows[i];
    const old = shown === undefined ? blank : shown[i];
    if (row !== undefined && old !== undefined && row !== old) drawRow(i, old, row);
  }
  if (end < to.rows.length) {
    pencil.pen(0, 0);
    pencil.move(end, 0);
    pencil.ascii('\x1b[J');
  }
}

/** The row from which on it is shorter to erase the rest of the screen; the height if that is not so. */
function drawnBefore(shown: readonly Row[], rows: readonly Row[]): number {
  let end = rows.length;
  let dirty = 0;
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i];
    if (row === undefined || textEnd(row) > 0) break;
    const old = shown[i];
    if (old === undefined || old === row || textEnd(old) === 0) continue;
    dirty++;
    end = i;
  }
  return dirty > 1 ? end : rows.length;
}

function drawScroll({ top, bottom, by }: Scroll, height: number): void {
  const margins = bottom < height - 1;
  if (margins) {
    pencil.ascii(`\x1b[${top + 1};${bottom + 1}r`);
    pencil.row = 0;
    pencil.col = 0;
  }
  pencil.move(top, 0);
  const lines = Math.abs(by);
  pencil.ascii(`\x1b[${lines === 1 ? '' : lines}${by > 0 ? 'M' : 'L'}`);
  if (margins) {
    pencil.ascii('\x1b[r');
    pencil.row = 0;
    pencil.col = 0;
  }
}

function drawRow(index: number, old: Row, row: Row): void {
  const last = lastDifference(old, row);
  // Where the empty rest of the row begins, if anything in it is to be erased.
  const end = last >= 0 && isBlank(row.cells, last * CELL_WORDS) ? textEnd(row) : row.cols;
  let col = firstDifference(old, row);
  while (col <= last) {
    if (looksSame(old, row, col)) {
      col++;
      continue;
    }
    if (col >= end && last - col >= ERASE_REST_MIN - 1) {
      pencil.pen(0, 0);
      pencil.move(index, col);
      pencil.ascii('\x1b[K');
      return;
    }
    const erased = blankRun(old, row, col, last);
    approach(row, index, col);
    if (erased >= ERASE_MIN) {
      pencil.pen(0, 0);
      pencil.ascii(`\x1b[${erased}X`);
      col += erased;
    } else {
      col += drawCell(row, col);
    }
  }
}

/** Goes to a cell; by writing the few cells before it again where that is shorter. */
function approach(row: Row, index: number, col: number): void {
  const gap = col - pencil.col;
  if (pencil.row === index && pencil.col >= 0 && gap > 0 && gap <= REWRITE_MAX && isPlain(row, pencil.col, col)) {
    while (pencil.col < col) drawCell(row, pencil.col);
  } else {
    pencil.move(index, col);
  }
}

/** Whether the cells from `start` to before `end` are a byte each in the present pen. */
function isPlain(row: Row, start: number, end: number): boolean {
  for (let i = start * CELL_WORDS; i < end * CELL_WORDS; i += CELL_WORDS) {
    const content = row.cells[i] ?? 0;
    if (content !== 0 && (content < SPACE || content > 0x7e)) return false;
    if (!pencil.hasPen(row.cells[i + 1] ?? 0, row.cells[i + 2] ?? 0)) return false;
  }
  return true;
}

/** Draws the cell at the cursor. Returns its width. */
function drawCell(row: Row, col: number): number {
  const i = col * CELL_WORDS;
  const content = row.cells[i] ?? 0;
  pencil.pen(row.cells[i + 1] ?? 0, row.cells[i + 2] ?? 0);
  const width = (content & WIDE) === 0 ? 1 : 2;
  const text = (content & CLUSTER) === 0 ? undefined : row.clusters?.get(col);
  if (text !== undefined) pencil.cluster(text, width);
  else pencil.character(content === 0 || content === TAIL ? SPACE : content & CODE_POINT_MASK, width);
  return width;
}

/** The column after the last cell that is not empty in default colours. */
function textEnd(row: Row): number {
  const { cells } = row;
  let i = cells.length - CELL_WORDS;
  while (i >= 0 && isBlank(cells, i)) i -= CELL_WORDS;
  return i / CELL_WORDS + 1;
}

/** How many cells from `col` on are empty in default colours, up to the last of them that looks different. */
function blankRun(old: Row, row: Row, col: number, last: number): number {
  let end = col;
  for (let at = col; at <= last && isBlank(row.cells, at * CELL_WORDS); at++)
    if (!looksSame(old, row, at)) end = at + 1;
  return end - col;
}

function isBlank(cells: Uint32Array, i: number): boolean {
  const content = cells[i];
  return (content === 0 || content === SPACE) && cells[i + 1] === 0 && cells[i + 2] === 0;
}

/** Whether two cells look alike: an erased one looks like a space. */
function looksSame(old: Row, row: Row, col: number): boolean {
  if (sameCell(old, row, col)) return true;
  const i = col * CELL_WORDS;
  const before = old.cells[i] || SPACE;
  const after = row.cells[i] || SPACE;
  return (
    before === SPACE &&
    after === SPACE &&
    old.cells[i + 1] === row.cells[i + 1] &&
    old.cells[i + 2] === row.cells[i + 2]
  );
}
