/**
 * Finds the one scroll that spares a redraw most: rows that are the same objects, somewhere else. Terminals move rows much faster
 * than they draw them, and a scroll of the region costs some ten bytes.
 */

import { frozenBlank } from '../screen/diff-format.ts';
import type { Row } from '../screen/row.ts';

/** The rows `top` to `bottom`, both included, move up by `by` rows (down if it is negative). */
export interface Scroll {
  readonly top: number;
  readonly bottom: number;
  readonly by: number;
}

/** Fewest rows that a scroll has to bring to their place. */
const MIN_GAIN = 2;

interface Vote {
  rows: number;
  readonly first: number;
  last: number;
}

/** The best scroll on the way from the rows `from` to as many rows `to`, if there is one. */
export function findScroll(from: readonly Row[], to: readonly Row[]): Scroll | undefined {
  const places = new Map<Row, number>();
  // A row that is there twice (an empty one, mostly) says nothing about where it went.
  for (const [i, row] of from.entries()) places.set(row, places.has(row) ? -1 : i);
  const votes = new Map<number, Vote>();
  for (const [i, row] of to.entries()) {
    const place = row === from[i] ? -1 : (places.get(row) ?? -1);
    if (place < 0) continue;
    const vote = votes.get(place - i);
    if (vote === undefined) {
      votes.set(place - i, { rows: 1, first: i, last: i });
    } else {
      vote.rows++;
      vote.last = i;
    }
  }
  let best: Scroll | undefined;
  let most = MIN_GAIN - 1;
  for (const [by, vote] of votes) {
    const scroll = { by, top: Math.min(vote.first, vote.first + by), bottom: Math.max(vote.last, vote.last + by) };
    const gain = vote.rows - spoiled(scroll, from, to);
    if (gain > most) {
      best = scroll;
      most = gain;
    }
  }
  return best;
}

/** How many rows that are right now the scroll would move away. */
function spoiled({ top, bottom, by }: Scroll, from: readonly Row[], to: readonly Row[]): number {
  let rows = 0;
  for (let i = top; i <= bottom; i++) if (to[i] === from[i] && to[i] !== from[i + by]) rows++;
  return rows;
}

/** The rows after the scroll, with empty ones where none moved in. */
export function scrolled(rows: readonly Row[], { top, bottom, by }: Scroll, cols: number): Row[] {
  const blank = frozenBlank(cols);
  return rows.map((row, i) => {
    if (i < top || i > bottom) return row;
    const source = i + by;
    return source < top || source > bottom ? blank : (rows[source] ?? blank);
  });
}
