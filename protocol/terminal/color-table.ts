/**
 * The colours that programs have changed, as they change: a program may set all of them one by one, so the immutable copy for a screen
 * (screen/properties.ts) is made only when one is taken.
 */

import { type Colors, NO_COLORS } from '../screen/properties.ts';

/** The colours outside the palette: OSC 10, 11 and 12. */
export type DynamicColor = 'foreground' | 'background' | 'cursor';

export class ColorTable {
  readonly #palette = new Map<number, number>();
  readonly #dynamic = new Map<DynamicColor, number>();
  /** The copy that is as the table is; undefined once that has changed. */
  #taken: Colors | undefined = NO_COLORS;

  /** 0xRRGGBB; undefined where no program has set it. */
  ofPalette(index: number): number | undefined {
    return this.#palette.get(index);
  }

  ofDynamic(name: DynamicColor): number | undefined {
    return this.#dynamic.get(name);
  }

  setPalette(index: number, color: number): void {
    if (this.#palette.get(index) === color) return;
    this.#palette.set(index, color);
    this.#taken = undefined;
  }

  setDynamic(name: DynamicColor, color: number): void {
    if (this.#dynamic.get(name) === color) return;
    this.#dynamic.set(name, color);
    this.#taken = undefined;
  }

  resetPalette(index: number): void {
    if (this.#palette.delete(index)) this.#taken = undefined;
  }

  resetDynamic(name: DynamicColor): void {
    if (this.#dynamic.delete(name)) this.#taken = undefined;
  }

  reset(): void {
    this.resetWholePalette();
    for (const name of this.#dynamic.keys()) this.resetDynamic(name);
  }

  resetWholePalette(): void {
    if (this.#palette.size > 0) this.#taken = undefined;
    this.#palette.clear();
  }

  /** An immutable copy: the same object while nothing changes, and NO_COLORS where nothing is set. */
  take(): Colors {
    if (this.#palette.size === 0 && this.#dynamic.size === 0) this.#taken = NO_COLORS;
    this.#taken ??= {
      palette: new Map(this.#palette),
      foreground: this.#dynamic.get('foreground'),
      background: this.#dynamic.get('background'),
      cursor: this.#dynamic.get('cursor'),
    };
    return this.#taken;
  }
}
