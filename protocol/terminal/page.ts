/**
 * The page: the canvas with its two grids, main and alternate, of which one is shown, and the cursors that programs keep. What
 * happens to all of it when the terminal gets another size.
 */

import type { Extra } from '../screen/extra.ts';
import { Canvas } from './canvas.ts';
import { Charsets } from './charset.ts';
import { Grid, type Scrollback } from './grid.ts';
import { type Place, resizeGrid } from './resize.ts';

/** What DECSC keeps. */
interface Saved {
  readonly x: number;
  readonly y: number;
  /** The next character wraps. */
  readonly waits: boolean;
  readonly foreground: number;
  readonly background: number;
  readonly extra: Extra | undefined;
  readonly charsets: Charsets;
  readonly origin: boolean;
}

export class Page extends Canvas {
  /** The grid that is not shown, with its cursor: the main one while the alternate is. */
  #main: { readonly grid: Grid; readonly cursor: Place } | undefined;
  #saved: Saved | undefined;
  /** What DECSC kept on the screen that is not shown. */
  #otherSaved: Saved | undefined;

  /** `scrollback` takes what scrolls off the main screen. */
  constructor(cols: number, height: number, scrollback: Scrollback | undefined) {
    super(new Grid(cols, height));
    this.grid.scrollback = scrollback;
  }

  /** Of the main screen, whichever is shown. */
  get scrollback(): Scrollback | undefined {
    return (this.#main?.grid ?? this.grid).scrollback;
  }

  get alternate(): boolean {
    return this.#main !== undefined;
  }

  /** DECSC. */
  save(): void {
    const { x, y, pen, charsets, origin } = this;
    this.#saved = {
      x,
      y,
      waits: x >= this.end,
      foreground: pen.foreground,
      background: pen.background,
      extra: pen.extra,
      charsets: charsets.copy(),
      origin,
    };
  }

  /** DECRC. */
  restore(): void {
    const saved = this.#saved;
    this.pen.foreground = saved?.foreground ?? 0;
    this.pen.background = saved?.background ?? 0;
    this.pen.extra = saved?.extra;
    this.setCharsets(saved?.charsets.copy() ?? new Charsets());
    this.origin = saved?.origin ?? false;
    this.x = saved?.x ?? 0;
    this.y = saved?.y ?? 0;
    this.settle(this.cols);
    if (saved?.waits && this.x === this.grid.right + 1) this.advance(this.x);
  }

  /** DECSTR's part here: the cursor stays, what steers writing is as at the start. */
  softReset(): void {
    this.columnMargins = false;
    this.grid.top = 0;
    this.grid.bottom = this.height - 1;
    this.pen.reset();
    this.setCharsets(new Charsets());
    this.insert = false;
    this.autowrap = true;
    this.origin = false;
    this.reverseWrap = false;
    this.#saved = undefined;
  }

  /** Shows the alternate screen, blank, or goes back to the main one as it was. The cursor's position stays. */
  showAlternate(alternate: boolean): void {
    if (alternate === this.alternate) return;
    this.standAtMargin();
    [this.#saved, this.#otherSaved] = [this.#otherSaved, this.#saved];
    if (this.#main !== undefined) {
      this.grid = this.#main.grid;
      this.#main = undefined;
      // They may have ended while the other screen was shown.
      if (!this.columnMargins) this.widenMargins();
      return;
    }
    this.#main = { grid: this.grid, cursor: { x: this.x, y: this.y } };
    this.grid = new Grid(this.cols, this.height);
    const background = this.pen.erased;
    if (background !== 0) for (let y = 0; y < this.height; y++) this.grid.clear(y, background);
  }

  /** Another size. See resize.ts for what stays. */
  resize(cols: number, height: number): void {
    if (cols === this.cols && height === this.height) return;
    this.standAtMargin();
    const cursor = { x: this.x, y: this.y };
    const shown = resizeGrid(this.grid, cols, height, [cursor, this.#saved ?? cursor], !this.alternate);
    this.grid = shown.grid;
    this.x = shown.places[0].x;
    this.y = shown.places[0].y;
    this.#saved &&= { ...this.#saved, ...shown.places[1] };
    if (this.#main !== undefined) {
      const { grid, cursor } = this.#main;
      const main = resizeGrid(grid, cols, height, [cursor, this.#otherSaved ?? cursor], true);
      this.#main = { grid: main.grid, cursor: main.places[0] };
      this.#otherSaved &&= { ...this.#otherSaved, ...main.places[1] };
    }
    this.settle(cols);
  }
}
