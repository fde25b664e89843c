/**
 * Up to where the program has had time to answer (SPEC.md §8, `echoed`). A terminal has no way to ask a program whether it is done with
 * a key; so a key counts as answered a fixed time after it was written, as with mosh's echo acknowledgements.
 */

import { assert } from '../assert.ts';
import { ECHO_MS, MAX_ECHOES } from '../constants.ts';

export class EchoClock {
  /** Written, and not yet long enough ago; oldest first. */
  #waiting: { readonly offset: number; readonly dueAt: number }[] = [];
  #written = 0;
  #echoed = 0;

  /** All input below this offset was written at least `ECHO_MS` ago, as of the last `advance`. */
  get echoed(): number {
    return this.#echoed;
  }

  /** All input below this offset was written. */
  get written(): number {
    return this.#written;
  }

  /** When to call `advance`; Infinity when nothing waits. */
  get nextAt(): number {
    return this.#waiting[0]?.dueAt ?? Number.POSITIVE_INFINITY;
  }

  /** All input below `offset` has been written to the pty by now. */
  write(now: number, offset: number): void {
    assert(offset >= this.#written, 'input is not taken back');
    if (offset === this.#written) return;
    this.#written = offset;
    // With more than can be told apart the last ones count as one, written when the newest was: late is right, early would be wrong.
    if (this.#waiting.length === MAX_ECHOES) this.#waiting.pop();
    this.#waiting.push({ offset, dueAt: now + ECHO_MS });
  }

  /** Notes what has had its time; says whether `echoed` has grown. */
  advance(now: number): boolean {
    const before = this.#echoed;
    while (this.nextAt <= now) this.#echoed = this.#waiting.shift()?.offset ?? this.#echoed;
    return this.#echoed > before;
  }

  /** The program is gone: all that was written has had its time. */
  finish(): void {
    this.#waiting = [];
    this.#echoed = this.#written;
  }
}
