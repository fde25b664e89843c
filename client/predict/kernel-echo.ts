/**
 * The echo of the line discipline, which may end at any moment: what was seen of it, and which programs have been seen to end it, to ask for
 * a password.
 */

import type { EchoState } from '../../protocol/session/shell-state.ts';
import { ProgramSet } from './confidence.ts';
import { isEnter, type PendingKey } from './pending-key.ts';
import type { Situation } from './situation.ts';

export class KernelEcho {
  readonly #askers = new ProgramSet();
  /** The offset after the first letter of the line that was seen. */
  #seen: number | undefined;

  /** Another line, or nothing is known of it. */
  forget(): void {
    this.#seen = undefined;
  }

  /** A letter was echoed; `offset` is of the input stream, after it. */
  saw(offset: number): void {
    this.#seen ??= offset;
  }

  /** The program reads, and the kernel does not echo. */
  hides(program: number): void {
    this.#askers.add(program);
  }

  /** Whether the program has been seen to ask for a password. */
  isAsker(program: number): boolean {
    return this.#askers.has(program);
  }

  /** Echo is believed when it was on for a whole line, and still is, of a program that has never asked for a password. */
  believes(state: EchoState | undefined, { secret }: Situation, answered: readonly PendingKey[]): boolean {
    const { tty, echoed = 0 } = state ?? {};
    if (secret || this.#seen === undefined || this.#seen > echoed || tty?.canonical !== true || !tty.echo) return false;
    return !this.#askers.has(tty.program) && answered.some(isEnter);
  }
}
