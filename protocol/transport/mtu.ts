/**
 * How large a datagram may be (SPEC.md §6). It starts at 1,200 bytes and only goes down: when the socket refuses a size, or when
 * large packets vanish while small ones arrive (a black hole, RFC 8899 §4.4). A new path starts anew.
 */

import { BLACK_HOLE_LOSSES, DATAGRAM_LADDER, MAX_DATAGRAM } from '../constants.ts';

const SMALLEST: number = DATAGRAM_LADDER[DATAGRAM_LADDER.length - 1] ?? MAX_DATAGRAM;

export class DatagramSize {
  #limit: number = MAX_DATAGRAM;
  #largeLost = 0;

  /** Largest datagram to send, in bytes of UDP payload. */
  get limit(): number {
    return this.#limit;
  }

  /** The socket refused `size` bytes (EMSGSIZE); true when smaller datagrams are sent from now on. */
  refused(size: number): boolean {
    if (size > this.#limit || this.#limit === SMALLEST) return false;
    this.#stepBelow(size);
    return true;
  }

  onAcked(size: number): void {
    if (size > SMALLEST) this.#largeLost = 0;
  }

  /** A packet of `size` bytes was lost, while a later one arrived. */
  onLost(size: number): void {
    // One from before the last step says nothing of the step.
    if (size <= SMALLEST || size > this.#limit) return;
    this.#largeLost++;
    if (this.#largeLost >= BLACK_HOLE_LOSSES) this.#stepBelow(size);
  }

  reset(): void {
    this.#limit = MAX_DATAGRAM;
    this.#largeLost = 0;
  }

  #stepBelow(size: number): void {
    this.#limit = DATAGRAM_LADDER.find((step) => step < size) ?? SMALLEST;
    this.#largeLost = 0;
  }
}
