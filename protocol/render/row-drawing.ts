/**
 * Draws one row over another with a pencil, by about the fewest bytes: what differs is written, short gaps are written again rather than
 * jumped over, what is to be empty is erased where that is shorter. Nothing is erased in a colour (spaces are written instead), because
 * terminals differ in what they erase with.
 */

import { CELL_WORDS, CLUSTER, CODE_POINT_MASK, EXTENDED, TAIL, WIDE } from '../screen/cell.ts';
import { CONTINUATION_MARK, OUTPUT_MARK, PROMPT_MARK, STATUS_MARK } from '../screen/mark.ts';
import type { Row } from '../screen/row.ts';
import { firstDifference, lastDifference, sameCell } from '../screen/row-difference.ts';
import type { Pencil } from './pencil.ts';

const SPACE = 0x20;
const WRAP_ON = '\x1b[?7h';
const WRAP_OFF = '\x1b[?7l';

/** Cells to the right that are written again rather than jumped over, if they can be: a jump is 3 bytes or more. */
const REWRITE_MAX = 3;
/** Erased cells before the end of the text that are erased (and jumped over) rather than written as spaces. */
const ERASE_MIN = 9;
/** Erased cells at the end of a row that are erased rather than written as spaces: CSI K is 3 bytes. */
const ERASE_REST_MIN = 3;

/** Makes the terminal's row `index`, which shows `old`, show `row`. */
export function drawRow(pencil: Pencil, index: number, old: Row, row: Row): void {
  if (row.mark !== old.mark && row.mark !== 0) drawMark(pencil, index, row.mark);
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
      pencil.pen(0, 0, undefined);
      pencil.move(index, col);
      pencil.ascii('\x1b[K');
      return;
    }
    const erased = blankRun(old, row, col, last);
    approach(pencil, row, index, col);
    if (erased >= ERASE_MIN) {
      pencil.pen(0, 0, undefined);
      pencil.ascii(`\x1b[${erased}X`);
      col += erased;
    } else {
      col += drawCell(pencil, row, col);
    }
  }
}

/**
 * Lets the terminal know that row `index` goes on from the row above, which shows `above`: by writing over the seam once more, with
 * wrapping on. So it copies the two as one line, and wraps them anew when it is resized.
 */
export function drawSeam(pencil: Pencil, index: number, above: Row, row: Row): void {
  const lastContent = above.cells[(above.cols - 1) * CELL_WORDS] ?? 0;
  const col = lastContent === TAIL ? above.cols - 2 : above.cols - 1;
  const [left, right] = [above.cells[col * CELL_WORDS] ?? 0, row.cells[0] ?? 0];
  // What takes several code points is not written again: terminals differ in what they join at the edge.
  if (left === 0 || right === 0 || ((left | right) & CLUSTER) !== 0) return;
  pencil.move(index - 1, col);
  pencil.ascii(WRAP_ON);
  drawCell(pencil, above, col);
  pencil.wrapTo(index);
  drawCell(pencil, row, 0);
  pencil.ascii(WRAP_OFF);
}

/**
 * Whether row `row` over `old` ends a line that the terminal takes for one, above it or below. Terminals keep that with the one row or with
 * the other, and forget it when they erase the row from its start: so both are erased and drawn anew.
 */
export function endsWrap(old: Row, row: Row, oldBelow: Row | undefined, below: Row | undefined): boolean {
  return (old.wrapped && !row.wrapped) || (oldBelow?.wrapped === true && below?.wrapped !== true);
}

/** Erases row `index`. */
export function eraseRow(pencil: Pencil, index: number): void {
  pencil.pen(0, 0, undefined);
  pencil.move(index, 0);
  pencil.ascii('\x1b[K');
}

/** The column after the last cell that is not empty in default colours. */
export function textEnd(row: Row): number {
  const { cells } = row;
  let i = cells.length - CELL_WORDS;
  while (i >= 0 && isBlank(cells, i)) i -= CELL_WORDS;
  return i / CELL_WORDS + 1;
}

/** Says what a shell said of the row (OSC 133), at its start. */
function drawMark(pencil: Pencil, index: number, mark: number): void {
  if (!pencil.capabilities.marks) return;
  pencil.move(index, 0);
  if (mark === OUTPUT_MARK) pencil.ascii('\x1b]133;C\x1b\\');
  else if (mark === CONTINUATION_MARK) pencil.ascii('\x1b]133;A;k=s\x1b\\');
  else if (mark === PROMPT_MARK) pencil.ascii('\x1b]133;A\x1b\\');
  else pencil.ascii(`\x1b]133;D;${mark - STATUS_MARK}\x1b\\\x1b]133;A\x1b\\`);
}

/** Goes to a cell; by writing the few cells before it again where that is shorter. */
function approach(pencil: Pencil, row: Row, index: number, col: number): void {
  const gap = col - pencil.col;
  if (
    pencil.row === index &&
    pencil.col >= 0 &&
    gap > 0 &&
    gap <= REWRITE_MAX &&
    isPlain(pencil, row, pencil.col, col)
  ) {
    while (pencil.col < col) drawCell(pencil, row, pencil.col);
  } else {
    pencil.move(index, col);
  }
}

/** Whether the cells from `start` to before `end` are a byte each in the present pen. */
function isPlain(pencil: Pencil, row: Row, start: number, end: number): boolean {
  for (let col = start; col < end; col++) {
    const i = col * CELL_WORDS;
    const content = row.cells[i] ?? 0;
    if (content !== 0 && (content < SPACE || content > 0x7e)) return false;
    if (!pencil.hasPen(row.cells[i + 1] ?? 0, row.cells[i + 2] ?? 0, extraOf(row, col))) return false;
  }
  return true;
}

function extraOf(row: Row, col: number): ReturnType<NonNullable<Row['extras']>['get']> {
  return ((row.cells[col * CELL_WORDS + 2] ?? 0) & EXTENDED) === 0 ? undefined : row.extras?.get(col);
}

/** Draws the cell at the cursor. Returns its width. */
function drawCell(pencil: Pencil, row: Row, col: number): number {
  const i = col * CELL_WORDS;
  const content = row.cells[i] ?? 0;
  pencil.pen(row.cells[i + 1] ?? 0, row.cells[i + 2] ?? 0, extraOf(row, col));
  const width = (content & WIDE) === 0 ? 1 : 2;
  const text = (content & CLUSTER) === 0 ? undefined : row.clusters?.get(col);
  if (text !== undefined) pencil.cluster(text, width);
  else pencil.character(content === 0 || content === TAIL ? SPACE : content & CODE_POINT_MASK, width);
  return width;
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
  if (before !== SPACE || after !== SPACE || old.cells[i + 1] !== row.cells[i + 1]) return false;
  return old.cells[i + 2] === row.cells[i + 2] && ((row.cells[i + 2] ?? 0) & EXTENDED) === 0;
}
