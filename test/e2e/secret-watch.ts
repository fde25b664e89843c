/**
 * Looks at every frame of a session for the letters of a secret, between the steps of a frame too. What the server's screen shows is
 * no fault of the client's: a kernel that still echoes when the letters arrive has told the secret itself, and its screen still has
 * them when the program is over. So a letter is a leak when it was seen before it could have come back from the server, and when it is
 * nowhere on the screen in the end.
 */

import { performance } from 'node:perf_hooks';
import type { ScreenTerminal } from '../../bench/lab/screen-terminal.ts';

/** Typed before the question and while it stands: letters that nothing else has on the screen, each of them once. */
export const AHEAD = 'YJzG';
export const STANDING = 'ZjVK';
const SECRET = AHEAD + STANDING;

export class SecretWatch {
  readonly #terminal: ScreenTerminal;
  /** No answer of the server comes sooner. */
  readonly #roundTripMs: number;
  readonly #stop: () => void;
  #typedAt = new Map<string, number>();
  /** Letters that were seen, with the first row that had each. */
  #seen = new Map<string, string>();
  #early = new Map<string, string>();
  /** The rows of the screen before: where a cleared screen was guessed and is not there yet, they may be seen again. */
  #before: ReadonlySet<string> = new Set();
  /** Steps of frames that were looked at. */
  looks = 0;

  /** Begins at once. */
  constructor(terminal: ScreenTerminal, roundTripMs: number) {
    this.#terminal = terminal;
    this.#roundTripMs = roundTripMs;
    this.#stop = terminal.onFrame((at) => this.#look(at), 'step');
  }

  /** Forgets what was typed and seen: a new question, on a screen that has none of the letters. */
  begin(): void {
    this.#typedAt = new Map();
    this.#seen = new Map();
    this.#early = new Map();
  }

  /** Types one letter of the secret. */
  type(letter: string): void {
    this.#typedAt.set(letter, performance.now());
    this.#terminal.type(letter);
  }

  /** What was seen that should not have been, a line each, when the screen stands as the server has it. */
  leaks(): readonly string[] {
    const final = this.#terminal.screenText();
    this.#before = new Set(final.split('\n').map((row) => row.trimEnd()));
    const guessed = [...this.#seen]
      .filter(([letter]) => !final.includes(letter))
      .map(([letter, row]) => `"${letter}" in "${row}", which the server never had`);
    return [...this.#early.values(), ...guessed];
  }

  stop(): void {
    this.#stop();
  }

  #look(at: number): void {
    this.looks++;
    for (let index = 0; index < this.#terminal.size.rows; index++) {
      const text = this.#terminal.rowText(index);
      for (const letter of SECRET) {
        const row = text.trimEnd();
        if (!text.includes(letter) || this.#before.has(row)) continue;
        if (!this.#seen.has(letter)) this.#seen.set(letter, row);
        this.#noteEarly(letter, at, row);
      }
    }
  }

  #noteEarly(letter: string, at: number, row: string): void {
    const after = at - (this.#typedAt.get(letter) ?? Number.POSITIVE_INFINITY);
    if (after >= this.#roundTripMs || this.#early.has(letter)) return;
    this.#early.set(letter, `"${letter}" in "${row}" ${after.toFixed(1)} ms after it was typed`);
  }
}
