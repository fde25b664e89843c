/**
 * Turns what a terminal shows into another screen, by about the fewest bytes that any terminal like xterm understands. A pure
 * function of the two screens: between two calls the pen is the default one, the margins are those of the screen, the terminal does
 * not wrap, and the cursor stands where the screen says.
 *
 * Terminals differ in what they erase with and at the right edge. So nothing is erased in a colour (spaces are written instead), and
 * nothing depends on where the cursor is after the last column. Which of the terminal's two screens is shown is the caller's matter.
 */

import { Writer } from '../bytes.ts';
import { frozenBlank } from '../screen/diff-format.ts';
import { ALTERNATE_SCREEN, CURSOR_VISIBLE } from '../screen/modes.ts';
import type { Row } from '../screen/row.ts';
import { sameCell } from '../screen/row-difference.ts';
import type { Screen } from '../screen/screen.ts';
import { type Capabilities, FULL_TERMINAL } from './capabilities.ts';
import { Pencil } from './pencil.ts';
import { propertyChanges } from './property-changes.ts';
import { drawRow, drawSeam, endsWrap, eraseRow, textEnd } from './row-drawing.ts';
import { findScroll, type Scroll, scrolled } from './scroll.ts';
import { modeChanges, reset, titleChanges } from './terminal-modes.ts';

const BELL = '\x07';
const BEGIN_UPDATE = '\x1b[?2026h';
const END_UPDATE = '\x1b[?2026l';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

/** From this many changed rows on, the terminal is asked to show them at once, and hides the cursor meanwhile. */
const LARGE_UPDATE_ROWS = 4;
// An update is made in one synchronous call, so all of them share their buffer.
const out = new Writer();
const pencil = new Pencil(out);
const encoder = new TextEncoder();

/**
 * The bytes after which a terminal that shows `from` shows `to`. With `from` undefined, or of another size, nothing is assumed of
 * the terminal: it is reset and drawn afresh. `to` should have the size of the terminal.
 */
export function render(from: Screen | undefined, to: Screen, capabilities: Capabilities = FULL_TERMINAL): Uint8Array {
  out.clear();
  const known = from !== undefined && from.cols === to.cols && from.rows.length === to.rows.length ? from : undefined;
  const changed = known === undefined ? to.rows.length : countChanged(known.rows, to.rows);
  const large = known === undefined || changed >= LARGE_UPDATE_ROWS;
  const wasVisible = known === undefined || (known.modes & CURSOR_VISIBLE) !== 0;
  const visible = (to.modes & CURSOR_VISIBLE) !== 0;
  const hide = wasVisible && (large || !visible);

  const synchronized = large && capabilities.synchronized;
  if (synchronized) pencil.ascii(BEGIN_UPDATE);
  if (hide) pencil.ascii(HIDE_CURSOR);
  pencil.rows = to.rows;
  if (known === undefined) {
    pencil.ascii(reset(capabilities));
    pencil.ascii('\x1b[H');
    pencil.place(to.cols, 0, 0, capabilities);
    eraseAll(to.rows.length);
  } else {
    pencil.place(to.cols, known.cursorRow, known.cursorCol, capabilities);
  }
  if (known === undefined || known.modes !== to.modes) pencil.ascii(modeChanges(known, to, capabilities));
  if (capabilities.titles && (from === undefined || from.title !== to.title || from.iconTitle !== to.iconTitle)) {
    out.bytes(encoder.encode(titleChanges(from, to)));
  }
  if (from?.properties !== to.properties) {
    out.bytes(encoder.encode(propertyChanges(from?.properties, to.properties, capabilities)));
  }
  if (changed > 0) drawRows(known, to, changed);
  pencil.pen(0, 0, undefined);
  if (capabilities.cursorShapes && (known === undefined || known.cursorShape !== to.cursorShape))
    pencil.ascii(`\x1b[${to.cursorShape} q`);
  pencil.move(to.cursorRow, to.cursorCol);
  if (visible && (hide || !wasVisible)) pencil.ascii(SHOW_CURSOR);
  if (from !== undefined && from.bells !== to.bells) pencil.ascii(BELL);
  if (synchronized) pencil.ascii(END_UPDATE);
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
  // Programs draw what is on the alternate screen themselves, whatever its size.
  const keepsLines = shown !== undefined && (to.modes & ALTERNATE_SCREEN) === 0;
  let isAboveErased = false;
  for (let i = 0; i < end; i++) {
    const row = to.rows[i];
    const old = shown === undefined ? blank : shown[i];
    if (row === undefined || old === undefined) continue;
    const isErased = keepsLines && endsWrap(old, row, shown?.[i + 1], to.rows[i + 1]);
    if (isErased) eraseRow(pencil, i);
    if (isErased || row !== old) drawRow(pencil, i, isErased ? frozenBlank(to.cols) : old, row);
    const above = to.rows[i - 1];
    const isSeamNew = row !== old && (!old.wrapped || !sameCell(old, row, 0));
    if (row.wrapped && above !== undefined && (isSeamNew || isErased || isAboveErased)) drawSeam(pencil, i, above, row);
    isAboveErased = isErased;
  }
  if (end < to.rows.length) {
    pencil.pen(0, 0, undefined);
    pencil.move(end, 0);
    pencil.ascii('\x1b[J');
  }
}

/** Empties the rows one by one: many terminals move a screen that is erased as a whole into their scrollback. */
function eraseAll(height: number): void {
  for (let i = 0; i < height; i++) {
    pencil.move(i, 0);
    pencil.ascii('\x1b[K');
  }
  pencil.move(0, 0);
}

/** The row from which on it is shorter to erase the rest of the screen; the height if that is not so. */
function drawnBefore(shown: readonly Row[], rows: readonly Row[]): number {
  let end = rows.length;
  let dirty = 0;
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i];
    if (row === undefined || textEnd(row) > 0 || row.mark !== 0) break;
    const old = shown[i];
    if (old === undefined || old === row || textEnd(old) === 0) continue;
    dirty++;
    end = i;
  }
  // From the first row on it would be the whole screen, see `eraseAll`.
  return dirty > 1 ? Math.max(end, 1) : rows.length;
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
