/** Round-trip estimation as RFC 9002 §5, in ms. */

import { GRANULARITY_MS, INITIAL_RTT_MS, MAX_ACK_DELAY_MS } from '../constants.ts';

/** How long a minimum counts: a route that became longer is believed after two of these at most. */
const MINIMUM_EPOCH_MS = 15_000;
/** A sample may not be under this: equal clocks readings make zero. */
const SHORTEST_MS = 0.01;

/** However slow the link seems: asking once too often is cheap, and the guess may be wrong. */
const MAX_PROBE_TIMEOUT_MS = 5_000;

export class RttEstimator {
  #smoothed = INITIAL_RTT_MS;
  #variation = INITIAL_RTT_MS / 2;
  #latest = INITIAL_RTT_MS;
  #sampled = false;
  #minimum = Number.POSITIVE_INFINITY;
  #previousMinimum = Number.POSITIVE_INFINITY;
  #epochStartedAt = Number.NEGATIVE_INFINITY;

  /** SRTT. */
  get smoothed(): number {
    return this.#smoothed;
  }

  /** RTTVAR. */
  get variation(): number {
    return this.#variation;
  }

  get latest(): number {
    return this.#latest;
  }

  /** Whether there was a sample on this path. */
  get sampled(): boolean {
    return this.#sampled;
  }

  /** Shortest of the last 15 to 30 s; the initial guess while there is none. */
  get minimum(): number {
    const shortest = Math.min(this.#minimum, this.#previousMinimum);
    return shortest === Number.POSITIVE_INFINITY ? this.#smoothed : shortest;
  }

  /** After how long without an acknowledgement to probe: RFC 9002 §6.2.1. */
  get probeTimeout(): number {
    const timeout = this.#smoothed + Math.max(4 * this.#variation, GRANULARITY_MS) + MAX_ACK_DELAY_MS;
    return Math.min(timeout, MAX_PROBE_TIMEOUT_MS);
  }

  /** `sample` from sending to the acknowledgement, of which the peer held it back `ackDelay`. */
  update(now: number, sample: number, ackDelay: number): void {
    // The whole of the delay, not only what the peer promised at most: after a loss an acknowledgement is repeated much later.
    const adjusted = Math.max(SHORTEST_MS, sample - ackDelay);
    if (now - this.#epochStartedAt > MINIMUM_EPOCH_MS) {
      this.#previousMinimum = this.#minimum;
      this.#minimum = adjusted;
      this.#epochStartedAt = now;
    }
    this.#minimum = Math.min(this.#minimum, adjusted);
    this.#latest = adjusted;
    if (!this.#sampled) {
      this.#sampled = true;
      this.#smoothed = adjusted;
      this.#variation = adjusted / 2;
      return;
    }
    this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - adjusted);
    this.#smoothed = 0.875 * this.#smoothed + 0.125 * adjusted;
  }

  /** The path is another one: what was learnt is a guess again (RFC 9000 §9.4). */
  reset(): void {
    this.#sampled = false;
    this.#variation = Math.max(this.#variation, this.#smoothed / 2);
    this.#minimum = Number.POSITIVE_INFINITY;
    this.#previousMinimum = Number.POSITIVE_INFINITY;
  }
}
