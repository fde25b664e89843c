/** What erases, inserts, deletes and shifts what stands on the page: sequences that work around the cursor. */

import { CELL_WORDS } from '../screen/cell.ts';
import { type Region, scrollColumns } from './column-scroll.ts';
import type { Page } from './page.ts';

export function insertLines(page: Page, count: number): void {
  page.settle();
  if (!page.withinMargins || !page.withinColumns) return;
  const { grid, pen, y } = page;
  if (page.hasColumnMargins) scrollColumns(grid, { ...region(page), top: y }, -count, pen.erased);
  else grid.scrollDown(y, grid.bottom, count, pen.erased);
  page.x = grid.left;
}

export function deleteLines(page: Page, count: number): void {
  page.settle();
  if (!page.withinMargins || !page.withinColumns) return;
  const { grid, pen, y } = page;
  // Not `scrollUp` of the screen: what a program deletes is not history.
  if (page.hasColumnMargins) scrollColumns(grid, { ...region(page), top: y }, count, pen.erased);
  else grid.deleteRows(y, grid.bottom, count, pen.erased);
  page.x = grid.left;
}

/** ED: 0 from the cursor on, 1 up to the cursor, 2 all; 3 what has scrolled off, and not the screen. */
export function eraseDisplay(page: Page, part: number): void {
  page.settle(page.cols);
  const background = page.pen.erased;
  if (part === 0) {
    eraseLine(page, 0);
    for (let y = page.y + 1; y < page.height; y++) page.grid.clear(y, background);
  } else if (part === 1) {
    for (let y = 0; y < page.y; y++) page.grid.clear(y, background);
    eraseLine(page, 1);
    page.grid.setWrapped(page.y, false);
    if (page.x >= page.cols - 1 && page.y + 1 < page.height) page.grid.setWrapped(page.y + 1, false);
  } else if (part === 2) {
    for (let y = 0; y < page.height; y++) page.grid.clear(y, background);
  } else if (part === 3) {
    page.scrollback?.clear();
  }
}

/** EL: 0 from the cursor on, 1 up to the cursor, 2 all. */
export function eraseLine(page: Page, part: number): void {
  page.settle(page.cols);
  const { cols, grid, x, y } = page;
  const background = page.pen.erased;
  if (part === 2 || (part === 0 && x === 0)) {
    // A shell that draws its line anew has marked it before.
    const { mark } = grid.row(y);
    grid.clear(y, background);
    if (mark !== 0) grid.draft(y).mark = mark;
  } else if (part === 0) grid.erase(y, x, cols, background);
  else if (part === 1) grid.erase(y, 0, Math.min(x + 1, cols), background);
}

/** ECH. */
export function eraseCells(page: Page, count: number): void {
  page.settle();
  page.grid.erase(page.y, page.x, Math.min(page.x + count, page.cols), page.pen.erased);
}

/** ICH. */
export function insertCells(page: Page, count: number): void {
  page.settle();
  if (page.withinColumns) page.grid.insertCells(page.y, page.x, count, 0, page.pen.erased);
}

/** DCH. */
export function deleteCells(page: Page, count: number): void {
  page.settle();
  if (page.withinColumns) page.grid.deleteCells(page.y, page.x, count, page.pen.erased);
}

/** SL, SR, DECIC, DECDC: shifts the rows between the margins from column `col` on, right if `count` is positive. */
export function shiftColumns(page: Page, col: number, count: number): void {
  if (!page.withinMargins || !page.withinColumns) return;
  const background = page.pen.erased;
  for (let y = page.grid.top; y <= page.grid.bottom; y++) {
    if (count > 0) page.grid.insertCells(y, col, count, 0, background);
    else page.grid.deleteCells(y, col, -count, background);
    page.grid.setWrapped(y, false);
  }
}

/** DECBI: one column left; at the left margin, everything right. */
export function columnBack(page: Page): void {
  page.settle();
  if (page.x === page.grid.left) shiftColumns(page, page.x, 1);
  else if (page.x > 0) page.x--;
}

/** DECFI: one column right; at the right margin, everything left. */
export function columnForward(page: Page): void {
  page.settle();
  if (page.x === page.grid.right) shiftColumns(page, page.grid.left, -1);
  else if (page.x < page.cols - 1) page.x++;
}

/** Where the page scrolls. */
function region({ grid: { top, bottom, left, right } }: Page): Region {
  return { top, bottom, left, right };
}

/** DECALN: a screen of E, for adjusting the tube. */
export function align(page: Page): void {
  page.widenMargins();
  page.grid.top = 0;
  page.grid.bottom = page.height - 1;
  for (let y = 0; y < page.height; y++) {
    page.grid.clear(y, 0);
    const { cells } = page.grid.draft(y);
    for (let i = 0; i < cells.length; i += CELL_WORDS) cells[i] = 0x45;
    page.grid.touch(y, page.cols);
  }
  page.moveTo(0, 0);
}
