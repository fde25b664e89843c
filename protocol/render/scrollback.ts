/**
 * Gives lines to a terminal's own scrollback: they are put onto the top rows of its main screen, if they do not stand there already, and
 * line feeds at the bottom scroll them off. Nothing else that all terminals have puts anything there.
 */

import { Writer } from '../bytes.ts';
import { frozenBlank } from '../screen/diff-format.ts';
import { equalRows, type Row } from '../screen/row.ts';
import type { Screen } from '../screen/screen.ts';
import type { Capabilities } from './capabilities.ts';
import { Pencil } from './pencil.ts';
import { drawRow, drawSeam, endsWrap, eraseRow } from './row-drawing.ts';

// Made in one synchronous call, so all share their buffer.
const out = new Writer();
const pencil = new Pencil(out);

export interface Pushed {
  readonly bytes: Uint8Array;
  /** What the terminal shows after them. */
  readonly screen: Screen;
}

/**
 * The bytes after which the terminal's main screen, which shows `shown`, has `lines` in its scrollback: at most as many as it has rows, as
 * wide. `next` is the row after them: if it goes on from the last of them, it is drawn below that one, since a terminal can be told so only
 * while it has both on its screen.
 */
export function pushLines(
  shown: Screen,
  lines: readonly Row[],
  capabilities: Capabilities,
  next: Row | undefined,
): Pushed {
  const drawn = withRest(shown, lines, next);
  const blank = frozenBlank(shown.cols);
  out.clear();
  pencil.place(shown.cols, shown.cursorRow, shown.cursorCol, capabilities);
  pencil.rows = [...drawn, ...shown.rows.slice(drawn.length)];
  let isAboveErased = false;
  for (const [i, line] of drawn.entries()) {
    const old = shown.rows[i];
    if (old === undefined) continue;
    const isErased = endsWrap(old, line, shown.rows[i + 1], drawn[i + 1] ?? shown.rows[i + 1]);
    if (isErased) eraseRow(pencil, i);
    const isNew = isErased || !equalRows(old, line);
    if (isNew) drawRow(pencil, i, isErased ? blank : old, line);
    const above = drawn[i - 1];
    if (line.wrapped && above !== undefined && (isNew || isAboveErased)) drawSeam(pencil, i, above, line);
    isAboveErased = isErased;
  }
  pencil.pen(0, 0, undefined);
  const bottom = shown.rows.length - 1;
  pencil.move(bottom, 0);
  pencil.ascii('\n'.repeat(lines.length));
  const rows = [...drawn.slice(lines.length), ...shown.rows.slice(drawn.length), ...lines.map(() => blank)];
  return { bytes: out.finish(), screen: { ...shown, rows, cursorRow: bottom, cursorCol: 0 } };
}

/** The lines, the row that goes on from them, and the one below, if that went on from a row that is no longer there. */
function withRest(shown: Screen, lines: readonly Row[], next: Row | undefined): readonly Row[] {
  const isSplit = next?.wrapped === true && lines.length < shown.rows.length;
  const drawn = isSplit ? [...lines, next] : lines;
  const [last, old, below] = [drawn.at(-1), shown.rows[drawn.length - 1], shown.rows[drawn.length]];
  if (below?.wrapped !== true || last === undefined || old === undefined || equalRows(last, old)) return drawn;
  const unwrapped = below.thaw();
  unwrapped.wrapped = false;
  unwrapped.frozen = true;
  return [...drawn, unwrapped];
}
