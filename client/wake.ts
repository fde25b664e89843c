/**
 * Notices that the program has not been running for a while: it was stopped, or the machine slept. The network may be another one
 * then, and the server is asked at once.
 */

/** Lateness in ms that no busy machine explains. */
const ASLEEP_MS = 2_000;

export class WakeDetector {
  #dueAt = Number.POSITIVE_INFINITY;
  #clockDifference: number | undefined;

  /** When the program next means to run. */
  expect(dueAt: number): void {
    this.#dueAt = dueAt;
  }

  /**
   * Whether the program has been asleep until now. `now` is the monotonic clock, which stands still while the machine sleeps
   * (Linux) or goes on (others), `wall` is the time of day; both in ms. A clock that was set looks like sleep: a question too many.
   */
  check(now: number, wall: number): boolean {
    const late = now - this.#dueAt > ASLEEP_MS;
    const difference = wall - now;
    const jumped = this.#clockDifference !== undefined && Math.abs(difference - this.#clockDifference) > ASLEEP_MS;
    this.#clockDifference = difference;
    return late || jumped;
  }
}
