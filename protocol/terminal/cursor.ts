/**
 * The cursor, and what bounds it: the screen and the margins, top and bottom (DECSTBM), left and right (DECSLRM, under DECLRMM), as
 * xterm has them.
 *
 * `x` behind the last column that the cursor may write, see `end`, means that this column has been written and the next character wraps
 * (xterm's pending wrap). At the right margin that is also a column of its own: there `#waits` tells the one from the other.
 */

import type { Grid } from './grid.ts';

export class Cursor {
  /** The rows of the screen that is shown, and its margins. */
  grid: Grid;
  y = 0;
  /** DECOM: positions count from the margins, and stay within them. */
  origin = false;
  #x = 0;
  #waits = false;
  #columnMargins = false;

  constructor(grid: Grid) {
    this.grid = grid;
  }

  get x(): number {
    return this.#x;
  }

  set x(x: number) {
    this.#x = x;
    this.#waits = false;
  }

  get cols(): number {
    return this.grid.cols;
  }

  get height(): number {
    return this.grid.height;
  }

  /** The column where the cursor is shown. */
  get column(): number {
    return this.#waits ? this.grid.right : Math.min(this.#x, this.cols - 1);
  }

  /** Up to which column, exclusively, text goes on from the cursor: the right margin, for one that is not beyond it. */
  get end(): number {
    const { right, cols } = this.grid;
    return this.#x <= right || this.#waits ? right + 1 : cols;
  }

  /** To column `x`, when all left of it has been written. */
  advance(x: number): void {
    this.#x = x;
    this.#waits = x === this.grid.right + 1;
  }

  /** Whether a left or a right margin is inside the screen. */
  get hasColumnMargins(): boolean {
    const { left, right, cols } = this.grid;
    return left > 0 || right < cols - 1;
  }

  /** A cursor that waits at a right margin inside the screen stands on it again. */
  standAtMargin(): void {
    if (this.#waits && this.hasColumnMargins) this.x = this.grid.right;
  }

  /** Puts the cursor on the screen, or within the margins (DECOM). `limit` is the largest `x` that is allowed. */
  settle(limit = this.cols - 1): void {
    const { top, bottom, left, right, cols } = this.grid;
    this.standAtMargin();
    if (this.origin) {
      this.x = Math.max(left, Math.min(this.#x, right < cols - 1 ? right : limit));
      this.y = Math.max(top, Math.min(this.y, bottom));
    } else {
      this.x = Math.max(0, Math.min(this.#x, limit));
      this.y = Math.max(0, Math.min(this.y, this.height - 1));
    }
  }

  /** To a position as programs count it, from 0, from the margins under DECOM. */
  moveTo(x: number, y: number): void {
    this.x = this.origin ? x + this.grid.left : x;
    this.y = this.origin ? y + this.grid.top : y;
    this.settle();
  }

  /** DECSTBM, counted from 0; empty or senseless margins are ignored. */
  setMargins(top: number, bottom: number): void {
    if (top >= bottom) return;
    this.grid.top = top;
    this.grid.bottom = bottom;
    this.moveTo(0, 0);
  }

  /** DECLRMM: there may be left and right margins. At first and at last they are the edges of the screen. */
  get columnMargins(): boolean {
    return this.#columnMargins;
  }

  set columnMargins(on: boolean) {
    this.#columnMargins = on;
    if (!on) this.widenMargins();
  }

  /** The left and the right margin are the edges of the screen. */
  widenMargins(): void {
    this.standAtMargin();
    this.grid.left = 0;
    this.grid.right = this.cols - 1;
  }

  /** DECSLRM, likewise. */
  setColumnMargins(left: number, right: number): void {
    if (left >= right) return;
    this.grid.left = left;
    this.grid.right = right;
    this.moveTo(0, 0);
  }

  /** Whether the cursor is in a row that scrolls. */
  get withinMargins(): boolean {
    return this.y >= this.grid.top && this.y <= this.grid.bottom;
  }

  /** And in a column that does. */
  get withinColumns(): boolean {
    const { column } = this;
    return column >= this.grid.left && column <= this.grid.right;
  }

  /** The column where rows begin for the cursor: the left margin, unless it is left of that. */
  get start(): number {
    const { left } = this.grid;
    return this.origin || this.#x >= left ? left : 0;
  }
}
