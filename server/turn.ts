/**
 * How long one turn of the event loop may go on with output: so that a flood in one session, or in many, delays the echo of
 * another by no more than a few milliseconds.
 */

/** The emulator's share of a turn. Between turns, datagrams are received and sent. */
const TURN_MS_MAX = 2;

/** One for the whole daemon: all sessions share the turn. */
export class Turn {
  #endsAt: number | undefined;

  /** Whether the turn's share is used up. The first call begins the share, the end of the turn renews it. */
  over(): boolean {
    const now = performance.now();
    if (this.#endsAt === undefined) {
      this.#endsAt = now + TURN_MS_MAX;
      setImmediate(() => {
        this.#endsAt = undefined;
      });
    }
    return now >= this.#endsAt;
  }
}
