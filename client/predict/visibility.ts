/**
 * Whether guesses are shown, and whether marked as such: never or always as asked, or as the link is. mosh's idea, its modes and the
 * round trips at which they change: on a fast link the server's answer is as good as a guess and always right.
 */

/** `--predict`. */
export const PREDICT_MODES = ['adaptive', 'always', 'never'] as const;
export type PredictMode = (typeof PREDICT_MODES)[number];

/** Round trips, smoothed, in ms, from which on and below which guesses are shown. Two of them, so that nothing flickers. */
const SHOW_FROM_MS = 30;
const SHOW_UNTIL_MS = 20;
/** The same for the underline: from here on it takes so long that one should know. */
const MARK_FROM_MS = 120;
const MARK_UNTIL_MS = 80;
/** A guess that waits for so long shows that the link is slow just now, whatever its round trip was … */
const GLITCH_MS = 150;
/** … and one that waits for so long is marked. */
const GLITCH_MARKED_MS = 1_000;
/** After a glitch, guesses are shown until so long has passed without another. */
const GLITCH_REMEMBERED_MS = 2_000;

export class Visibility {
  readonly #mode: PredictMode;
  #slow = false;
  #marked = false;
  #glitchAt = Number.NEGATIVE_INFINITY;

  constructor(mode: PredictMode) {
    this.#mode = mode;
  }

  /** The connection has a new idea of its round trip. `idle`: no guess is shown, so that none disappears by it. */
  measured(smoothedRtt: number, idle: boolean): void {
    if (smoothedRtt >= SHOW_FROM_MS) this.#slow = true;
    else if (smoothedRtt < SHOW_UNTIL_MS && idle) this.#slow = false;
    if (smoothedRtt >= MARK_FROM_MS) this.#marked = true;
    else if (smoothedRtt < MARK_UNTIL_MS) this.#marked = false;
  }

  /** Whether guesses are shown, the oldest of which was made at `oldestAt`; Infinity if there is none. */
  isShown(now: number, oldestAt: number): boolean {
    if (this.#mode !== 'adaptive') return this.#mode === 'always';
    if (now - oldestAt >= GLITCH_MS) this.#glitchAt = now;
    return this.#slow || now - this.#glitchAt < GLITCH_REMEMBERED_MS;
  }

  isMarked(now: number, oldestAt: number): boolean {
    return this.#marked || now - oldestAt >= GLITCH_MARKED_MS;
  }

  /** When one of the two may become true by time alone. */
  nextTimeout(now: number, oldestAt: number): number {
    if (this.#mode === 'never' || oldestAt === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    const times = [];
    if (!this.isShown(now, oldestAt)) times.push(oldestAt + GLITCH_MS);
    if (!this.isMarked(now, oldestAt)) times.push(oldestAt + GLITCH_MARKED_MS);
    return Math.min(Number.POSITIVE_INFINITY, ...times);
  }
}
