/** What moves the cursor: controls and sequences, with xterm's rules for margins, edges and a cursor that waits to wrap. */

import { CELL_WORDS } from '../screen/cell.ts';
import type { Page } from './page.ts';

/** LF, VT, FF. */
export function lineFeed(page: Page): void {
  const { grid } = page;
  if (page.y === grid.bottom) {
    // The most frequent thing of all, so without a look at columns where there are none to look at.
    if (!page.hasColumnMargins) grid.scrollUp(grid.top, grid.bottom, 1, page.pen.erased);
    else if (page.withinColumns) page.scrollUp(1);
  } else if (page.y < grid.height - 1) {
    page.y++;
    // A line that the program starts by itself does not go on from the one above.
    grid.setWrapped(page.y, false);
  }
  if (page.newLine) carriageReturn(page);
  else if (page.x >= page.end) page.x = page.end - 1;
}

export function carriageReturn(page: Page): void {
  page.x = page.start;
}

/** IND: down, and scroll at the bottom margin. */
export function index(page: Page): void {
  page.settle();
  if (page.y !== page.grid.bottom) page.y = Math.min(page.y + 1, page.height - 1);
  else if (page.withinColumns) page.scrollUp(1);
  page.settle();
}

/** RI: up, and scroll at the top margin. */
export function reverseIndex(page: Page): void {
  page.settle();
  if (page.y !== page.grid.top) page.y--;
  else if (page.withinColumns) page.scrollDown(1);
  page.settle();
}

export function backspace(page: Page): void {
  if (!page.reverseWrap) {
    page.settle();
    if (page.x > page.start) page.x--;
    return;
  }
  // In this mode the cursor may stand behind the last column, so that a backspace reaches it.
  page.settle(page.cols);
  if (page.x > page.start) {
    page.x--;
  } else if (page.y > page.grid.top && page.y <= page.grid.bottom && page.grid.row(page.y).wrapped) {
    page.grid.setWrapped(page.y, false);
    page.y--;
    page.x = page.grid.right;
    // A wide character did not fit there and left the cell empty.
    const content = page.grid.row(page.y).cells[page.x * CELL_WORDS] as number;
    if (content === 0 && page.x > 0) page.x--;
  }
  page.settle();
}

export function tab(page: Page, count: number): void {
  if (page.x >= page.end) return;
  const { end } = page;
  for (let i = Math.min(count, end); i > 0; i--) page.x = page.grid.tabs.next(page.x, end);
}

export function backTab(page: Page, count: number): void {
  if (page.x >= page.cols) return;
  page.x = page.column;
  for (let i = Math.min(count, page.cols); i > 0; i--) page.x = page.grid.tabs.previous(page.x);
}

export function moveBy(page: Page, dx: number, dy: number): void {
  page.settle();
  page.x += dx;
  page.y += dy;
  page.settle();
}

/** CUF: stops at the right margin, if it is not right of it already. */
export function right(page: Page, count: number): void {
  page.settle();
  page.x = Math.min(page.x + count, page.end - 1);
}

/** CUB: likewise at the left margin. */
export function left(page: Page, count: number): void {
  page.settle();
  page.x = Math.max(page.x - count, page.start);
}

/** CUU, and CPL with `column` the first: stops at the top margin, if it is not above it already. */
export function up(page: Page, count: number, column = page.column): void {
  const room = page.y - page.grid.top;
  moveBy(page, 0, -(room >= 0 ? Math.min(count, room) : count));
  page.x = column;
}

/** CUD, and CNL: likewise at the bottom margin. */
export function down(page: Page, count: number, column = page.column): void {
  const room = page.grid.bottom - page.y;
  moveBy(page, 0, room >= 0 ? Math.min(count, room) : count);
  page.x = column;
}

/** CHA and HPA. */
export function toColumn(page: Page, x: number): void {
  page.x = page.origin ? page.grid.left + x : x;
  page.settle();
}

/** VPA. */
export function toRow(page: Page, y: number): void {
  page.y = page.origin ? page.grid.top + y : y;
  page.settle();
}

/** NEL. */
export function nextLine(page: Page): void {
  index(page);
  carriageReturn(page);
}
