/** A terminal without a tty: our own emulator shows what a session draws, and a test plays the user. */

import type { Terminal, TerminalEvents, TerminalSize } from '../../client/tty.ts';
import { CELL_WORDS, CODE_POINT_MASK } from '../../protocol/screen/cell.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';

export class VirtualTerminal implements Terminal {
  size: TerminalSize;
  events: TerminalEvents | undefined;
  paused = false;
  /** Whether it takes what it is given; a slow one keeps it until `drain`. */
  slow = false;
  /** How often `write` was called. */
  writes = 0;
  /** How often it was taken over, and given back. */
  opened = 0;
  closed = 0;
  #emulator: Emulator;

  constructor(cols: number, rows: number) {
    this.size = { cols, rows };
    this.#emulator = new Emulator(this.size);
  }

  open(events: TerminalEvents): void {
    this.events = events;
    this.opened++;
  }

  write(bytes: Uint8Array): boolean {
    const taken = this.show(bytes);
    const replies = this.#emulator.takeReplies();
    if (replies.length > 0) setImmediate(() => this.events?.onInput(replies));
    return taken;
  }

  /** Shows bytes, and keeps its answers to itself. */
  protected show(bytes: Uint8Array): boolean {
    this.writes++;
    this.#emulator.write(bytes);
    return !this.slow;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  close(): void {
    if (this.events === undefined) return;
    this.events = undefined;
    this.closed++;
  }

  /** The user types. */
  type(text: string): void {
    this.events?.onInput(new TextEncoder().encode(text));
  }

  /** The user changes the window's size. */
  resize(cols: number, rows: number): void {
    this.size = { cols, rows };
    this.#emulator.resize(cols, rows);
    this.events?.onResize();
  }

  drain(): void {
    this.slow = false;
    this.events?.onDrain();
  }

  /** The window's title and the icon's. */
  get titles(): string[] {
    const { title, iconTitle } = this.#emulator.snapshot();
    return [title, iconTitle];
  }

  /** What the user sees, without the blanks at the ends of lines. */
  get lines(): string[] {
    return linesOf(this.#emulator.snapshot());
  }
}

/** The text of a screen, without the blanks at the ends of lines. */
export function linesOf(screen: Screen): string[] {
  return screen.rows.map((row) => {
    let line = '';
    for (let i = 0; i < row.cells.length; i += CELL_WORDS) {
      line += String.fromCodePoint((row.cells[i] ?? 0) & CODE_POINT_MASK || 0x20);
    }
    return line.trimEnd();
  });
}
