/**
 * Which probes are to be sent, and by which paths (SPEC.md §6, §11): what a timer or the program has asked for waits here until packets
 * are polled. A client asks by all its paths, the current one last, so that the server stays with it if all arrive.
 */

import { LIGHT_PROBE_BYTES, RIDE_BYTES } from '../constants.ts';
import type { PathId, Paths } from './paths.ts';

/**
 * Why a packet is made. content: something is new. repeat: what is small and unacknowledged goes once more, early. light: a question, with what
 * is tiny; ample: with what is small. whole: a question with all that is unacknowledged. asked: the same, and the path may be a new one, so with room for the answer.
 */
export type Purpose = 'content' | 'repeat' | 'light' | 'ample' | 'whole' | 'asked';

/** Unacknowledged contents of at most so many bytes are sent again in a packet made for this. */
export const MOST_REPEATED: Readonly<Record<Purpose, number>> = {
  content: Number.POSITIVE_INFINITY,
  repeat: RIDE_BYTES,
  light: LIGHT_PROBE_BYTES,
  ample: RIDE_BYTES,
  whole: Number.POSITIVE_INFINITY,
  asked: Number.POSITIVE_INFINITY,
};

/** A probe to be sent. */
export interface Probe {
  readonly path: PathId;
  readonly purpose: Purpose;
}

export class Probing {
  readonly #paths: Paths;
  #due: Purpose | undefined;
  #others: PathId[] = [];
  readonly #unreachable = new Set<PathId>();

  constructor(paths: Paths) {
    this.#paths = paths;
  }

  /** A probe by the current path is due; with `everywhere` by the others too. One that was asked for stays that. */
  ask(purpose: 'light' | 'ample' | 'whole' | 'asked', everywhere = false): void {
    if (this.#due !== 'asked') this.#due = purpose;
    if (everywhere) this.#others = this.#paths.known.filter((path) => path !== this.#paths.current);
  }

  /** The next probe; what is taken is no longer due. */
  take(): Probe | undefined {
    const other = this.#others.shift();
    if (other !== undefined) return { path: other, purpose: 'whole' };
    const { current } = this.#paths;
    const purpose = this.#due;
    this.#due = undefined;
    return purpose === undefined || current === undefined ? undefined : { path: current, purpose };
  }

  /** A path is gone. */
  remove(path: PathId): void {
    this.#others = this.#others.filter((other) => other !== path);
  }

  /** There is no way by `path`, says the socket. True when it was the current one and another, not known to be without a way, has taken its place. */
  leave(path: PathId): boolean {
    this.#unreachable.add(path);
    if (path !== this.#paths.current) return false;
    if (!this.#paths.known.some((other) => other !== path && !this.#unreachable.has(other))) return false;
    do this.#paths.rotate();
    while (this.#unreachable.has(this.#paths.current ?? path));
    return true;
  }

  /** What is known of ways that were not there is old. */
  forgive(): void {
    this.#unreachable.clear();
  }
}
