/** What stays on the terminal when a command has ended: the text of its last screen, since the alternate screen takes it away. */

import { CELL_WORDS, CLUSTER, CODE_POINT_MASK, TAIL } from '../protocol/screen/cell.ts';
import { ALTERNATE_SCREEN } from '../protocol/screen/modes.ts';
import type { Row } from '../protocol/screen/row.ts';
import type { Screen } from '../protocol/screen/screen.ts';

/** The lines of `screen` without colours and without the empty ones at the end; none of a full-screen program's. */
export function partingText(screen: Screen): string {
  if ((screen.modes & ALTERNATE_SCREEN) !== 0) return '';
  let text = '';
  for (const [index, row] of screen.rows.entries()) {
    text += rowText(row);
    // The row below goes on with this one's text.
    if (screen.rows[index + 1]?.wrapped !== true) text = `${text.replace(/ +$/, '')}\n`;
  }
  return text.replace(/\n+$/, '\n').replace(/^\n$/, '');
}

function rowText(row: Row): string {
  let text = '';
  for (let col = 0; col < row.cols; col++) {
    const content = row.cells[col * CELL_WORDS] ?? 0;
    if ((content & TAIL) !== 0) continue;
    const cluster = (content & CLUSTER) === 0 ? undefined : row.clusters?.get(col);
    text += cluster ?? String.fromCodePoint(content & CODE_POINT_MASK || 0x20);
  }
  return text;
}
