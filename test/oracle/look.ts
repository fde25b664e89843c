/**
 * What is seen of a screen, so that two terminals can be compared, and the differences in words. Known not to be the same, and so not
 * looked at:
 *
 * - erased cells and spaces: a renderer writes whichever is shorter, and a terminal shows the same
 * - a joiner with nothing after it: whatever is written next to it would be joined, so the renderer leaves it out
 * - the colour of an underline that is not there
 * - whether a row goes on from the one above: the renderer says so where it can
 * - what a shell has said of a row before it wrote something else there: no sequence takes that back
 * - bells, notices and copies, which happen and are not seen
 */

import {
  CELL_WORDS,
  CLUSTER,
  CODE_POINT_MASK,
  EXTENDED,
  TAIL,
  UNDERLINE_MASK,
  WIDE,
} from '../../protocol/screen/cell.ts';
import { type Extra, equalExtra } from '../../protocol/screen/extra.ts';
import type { Row } from '../../protocol/screen/row.ts';
import type { Screen } from '../../protocol/screen/screen.ts';

const SPACE = 0x20;
const JOINERS = /\u200d+$/;

/** Every difference in what is seen, one line each; empty if there is none. `here` names the first, `there` the second. */
export function lookDifferences(wanted: Screen, seen: Screen): string[] {
  const found: string[] = [];
  const differ = (what: string, a: unknown, b: unknown): void => {
    const [there, here] = [JSON.stringify(a), JSON.stringify(b)];
    if (there !== here) found.push(`${what}: ${there} there, ${here} here`);
  };
  differ('size', [wanted.cols, wanted.rows.length], [seen.cols, seen.rows.length]);
  differ('cursor', [wanted.cursorRow, wanted.cursorCol], [seen.cursorRow, seen.cursorCol]);
  differ('cursor shape', wanted.cursorShape, seen.cursorShape);
  differ('modes', wanted.modes.toString(2), seen.modes.toString(2));
  differ('title', wanted.title, seen.title);
  differ('icon title', wanted.iconTitle, seen.iconTitle);
  const [there, here] = [wanted.properties, seen.properties];
  differ('directory', there.directory, here.directory);
  differ('progress', there.progress, here.progress);
  differ('palette', sorted(there.colors.palette), sorted(here.colors.palette));
  for (const name of ['foreground', 'background', 'cursor'] as const) {
    differ(`${name} colour`, there.colors[name], here.colors[name]);
  }
  found.push(...rowDifferences(wanted.rows, seen.rows));
  return found;
}

/** The same of rows alone, of a screen or of a scrollback. */
export function rowDifferences(wanted: readonly Row[], seen: readonly Row[]): string[] {
  const found: string[] = [];
  for (let y = 0; y < Math.max(wanted.length, seen.length); y++) {
    const [there, here] = [wanted[y], seen[y]];
    if (there === undefined || here === undefined) {
      found.push(`row ${y}: ${there ? rowLook(there) : 'none'} there, ${here ? rowLook(here) : 'none'} here`);
      continue;
    }
    if (there.mark !== 0 && there.mark !== here.mark)
      found.push(`row ${y}: mark ${there.mark} there, ${here.mark} here`);
    for (let x = 0; x < Math.max(there.cols, here.cols); x++) {
      if (looksSame(there, here, x)) continue;
      found.push(`row ${y} column ${x}: ${cellLook(there, x)} there, ${cellLook(here, x)} here`);
    }
  }
  return found;
}

function sorted(palette: ReadonlyMap<number, number>): readonly (readonly [number, number])[] {
  return [...palette].sort(([a], [b]) => a - b);
}

/** The text of a row, and nothing else of it. */
export function rowLook(row: Row): string {
  let text = '';
  for (let col = 0; col < row.cols; col++) text += textOf(row, col);
  return JSON.stringify(text.trimEnd());
}

function looksSame(a: Row, b: Row, col: number): boolean {
  const i = col * CELL_WORDS;
  const [content = 0, other = 0] = [a.cells[i], b.cells[i]];
  if (a.cells[i + 1] !== b.cells[i + 1]) return false;
  const isPlain = ((content | other) & CLUSTER) === 0;
  if (
    isPlain
      ? (content || SPACE) !== (other || SPACE)
      : (content ^ other) & ~CLUSTER || textOf(a, col) !== textOf(b, col)
  )
    return false;
  return backgroundOf(a, col) === backgroundOf(b, col) && equalExtra(extraOf(a, col), extraOf(b, col));
}

/** The background word without EXTENDED, which says where to look only. */
function backgroundOf(row: Row, col: number): number {
  return (row.cells[col * CELL_WORDS + 2] ?? 0) & ~EXTENDED;
}

/** The rest of a cell's pen that is seen: the colour of an underline that is not there is not. */
function extraOf(row: Row, col: number): Extra | undefined {
  const background = row.cells[col * CELL_WORDS + 2] ?? 0;
  const extra = (background & EXTENDED) === 0 ? undefined : row.extras?.get(col);
  if (extra === undefined || (background & UNDERLINE_MASK) !== 0) return extra;
  return extra.link === undefined ? undefined : { underlineColor: 0, link: extra.link };
}

function textOf(row: Row, col: number): string {
  const content = row.cells[col * CELL_WORDS] ?? 0;
  if ((content & TAIL) !== 0) return '';
  if ((content & CLUSTER) !== 0) return (row.clusters?.get(col) ?? 'lost').replace(JOINERS, '');
  return String.fromCodePoint(content & CODE_POINT_MASK || SPACE);
}

function cellLook(row: Row, col: number): string {
  const i = col * CELL_WORDS;
  const content = row.cells[i] ?? 0;
  const shape = (content & WIDE) !== 0 ? 'wide ' : (content & TAIL) !== 0 ? 'tail ' : '';
  const words = [row.cells[i + 1] ?? 0, backgroundOf(row, col) >>> 0].map((word) => word.toString(16)).join(' ');
  const extra = extraOf(row, col);
  return `${shape}${JSON.stringify(textOf(row, col))} ${words}${extra === undefined ? '' : ` ${JSON.stringify(extra)}`}`;
}
