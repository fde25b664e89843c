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
import { drawRow, drawSeam } from './row-drawing.ts';

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
  const isSplit = next?.wrapped === true && lines.length < shown.rows.length;
  const drawn = isSplit ? [...lines, next] : lines;
  out.clear();
  pencil.place(shown.cols, shown.cursorRow, shown.cursorCol, capabilities);
  pencil.rows = [...drawn, ...shown.rows.slice(drawn.length)];
  for (const [i, line] of drawn.entries()) {
    const old = shown.rows[i];
    if (old === undefined || equalRows(old, line)) continue;
    drawRow(pencil, i, old, line);
    const above = drawn[i - 1];
    if (line.wrapped && above !== undefined) drawSeam(pencil, i, above, line);
  }
  pencil.pen(0, 0, undefined);
  const bottom = shown.rows.length - 1;
  pencil.move(bottom, 0);
  pencil.ascii('\n'.repeat(lines.length));
  const blank = frozenBlank(shown.cols);
  const rows = [...drawn.slice(lines.length), ...shown.rows.slice(drawn.length), ...lines.map(() => blank)];
  return { bytes: out.finish(), screen: { ...shown, rows, cursorRow: bottom, cursorCol: 0 } };
}
