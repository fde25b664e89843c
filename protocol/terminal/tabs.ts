/** The tab stops of one of the two screens: every eighth column until the program says otherwise (HTS, TBC). */

import { MAX_SIDE } from '../screen/screen.ts';

const INTERVAL = 8;

export class TabStops {
  /** 1 at each stop, for any width, so that a resize leaves them alone. */
  readonly #stops = new Uint8Array(MAX_SIDE);

  constructor() {
    for (let col = 0; col < MAX_SIDE; col += INTERVAL) this.#stops[col] = 1;
  }

  set(col: number): void {
    if (col < MAX_SIDE) this.#stops[col] = 1;
  }

  clear(col: number): void {
    if (col < MAX_SIDE) this.#stops[col] = 0;
  }

  clearAll(): void {
    this.#stops.fill(0);
  }

  /** The next stop right of `col`, or the last column. */
  next(col: number, cols: number): number {
    let at = col + 1;
    while (at < cols - 1 && this.#stops[at] === 0) at++;
    return Math.min(at, cols - 1);
  }

  /** The next stop left of `col`, or the first column. */
  previous(col: number): number {
    let at = col - 1;
    while (at > 0 && this.#stops[at] === 0) at--;
    return Math.max(at, 0);
  }
}
