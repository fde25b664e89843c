/**
 * What the user sees: the server's screen, fitted to the terminal, under what the client has to say. While the terminal has not
 * taken the last frame, frames are skipped, not queued: the next one drawn leads to the newest screen, whatever was between.
 */

import { render } from '../protocol/render/ansi.ts';
import type { Screen } from '../protocol/screen/screen.ts';
import { fitScreen } from './fit.ts';
import { chooseEdge, type Edge, overlay } from './notice.ts';
import type { TerminalSize } from './tty.ts';

/** What was asked to be shown last. */
interface Wish {
  readonly screen: Screen;
  readonly lines: readonly string[];
  readonly size: TerminalSize;
}

export class Display {
  readonly #write: (bytes: Uint8Array) => boolean;
  #ready = true;
  #shown: Screen | undefined;
  #granted: Wish | undefined;
  /** Where the lines over the screen are. */
  #edge: Edge | undefined;
  /** The terminal has changed its size, and no screen made for it has been drawn since. */
  #resized = false;

  /** `write` answers false while the terminal has not taken everything; then `drained` is to be called when it has. */
  constructor(write: (bytes: Uint8Array) => boolean) {
    this.#write = write;
  }

  /** Shows `screen` with `lines` over its first rows or its last on a terminal of `size`; nothing if the terminal isn't ready or shows it already. */
  draw(screen: Screen, lines: readonly string[], size: TerminalSize): void {
    const last = this.#granted;
    if (!this.#ready) return;
    if (last !== undefined && !sameSize(last.size, size)) this.#resized = true;
    if (this.#resized && sameSize(size, { cols: screen.cols, rows: screen.rows.length })) {
      // What a terminal does to its contents when it is resized, and when, is its own affair.
      this.#resized = false;
      this.#shown = undefined;
    } else if (last !== undefined && this.#shown !== undefined && isSame(last, { screen, lines, size })) {
      return;
    }
    const wanted = this.#withLines(fitScreen(screen, size.cols, size.rows), lines);
    const bytes = render(this.#shown, wanted);
    this.#shown = wanted;
    this.#granted = { screen, lines, size };
    if (bytes.length > 0) this.#ready = this.#write(bytes);
  }

  #withLines(screen: Screen, lines: readonly string[]): Screen {
    this.#edge = lines.length === 0 ? undefined : chooseEdge(screen, lines.length, this.#edge);
    return this.#edge === undefined ? screen : overlay(screen, lines, this.#edge);
  }

  /** The same for what is to be seen last, which does not wait for a terminal that isn't ready: what it has is finished first. */
  drawLast(screen: Screen, size: TerminalSize): void {
    this.#ready = true;
    this.draw(screen, [], size);
  }

  /** The terminal has taken all it was given. */
  drained(): void {
    this.#ready = true;
  }

  /** Nothing is known of what the terminal shows: the next drawing is a whole one. */
  invalidate(): void {
    this.#shown = undefined;
    this.#ready = true;
  }
}

function isSame(a: Wish, b: Wish): boolean {
  return (
    a.screen === b.screen &&
    sameSize(a.size, b.size) &&
    a.lines.length === b.lines.length &&
    a.lines.every((line, i) => line === b.lines[i])
  );
}

function sameSize(a: TerminalSize, b: TerminalSize): boolean {
  return a.cols === b.cols && a.rows === b.rows;
}
