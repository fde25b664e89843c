/**
 * Someone who types numbered lines at a steady pace, whatever the network does, and knows afterwards what they were.
 */

import type { ScreenTerminal } from '../../bench/lab/screen-terminal.ts';

/** As quick as a good typist's keys. */
const INTERVAL_MS = 40;

export class Typist {
  readonly #terminal: ScreenTerminal;
  readonly #timer: NodeJS.Timeout;
  #count = 0;

  /** Begins at once. */
  constructor(terminal: ScreenTerminal) {
    this.#terminal = terminal;
    this.#timer = setInterval(() => this.#typeLine(), INTERVAL_MS);
  }

  /** Resolves when that many more lines have been typed. */
  async lines(count: number): Promise<void> {
    const until = this.#count + count;
    while (this.#count < until) await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }

  /** Stops, and gives everything that was typed, as a file of lines. */
  stop(): string {
    clearInterval(this.#timer);
    return Array.from({ length: this.#count }, (_, index) => `${numbered(index)}\n`).join('');
  }

  #typeLine(): void {
    this.#terminal.type(`${numbered(this.#count)}\r`);
    this.#count++;
  }
}

function numbered(index: number): string {
  return `line ${String(index).padStart(5, '0')}`;
}
