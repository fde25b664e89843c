/** The two clocks of the client, as an argument: the programs read the machine's, tests have their own. */

/** Milliseconds, both. */
export interface Clock {
  /** Monotonic. */
  readonly now: () => number;
  /** The time of day. */
  readonly wall: () => number;
}
