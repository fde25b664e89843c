/** Whether a key was echoed as anybody would guess (SPEC.md §8): then nobody waits for the news that it was answered. */

import { CELL_WORDS } from '../screen/cell.ts';
import type { Screen } from '../screen/screen.ts';

/** Whether the last byte that was typed is a printable ASCII letter and stands left of the cursor. */
export function isPlainEcho({ rows, cursorRow, cursorCol }: Screen, byte: number | undefined): boolean {
  if (byte === undefined || byte <= 0x20 || byte >= 0x7f || cursorCol === 0) return false;
  return rows[cursorRow]?.cells[(cursorCol - 1) * CELL_WORDS] === byte;
}
