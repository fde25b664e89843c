/**
 * How many datagrams get lost, each way (SPEC.md §11): of what this end sends, by what the peer acknowledges; of what comes, by the
 * gaps in the peer's packet numbers. Counted over the last 64 packets, which holds steady enough to act on a loss of 3 % and forgets
 * a bad minute after a few lines of typing. What only came late is counted as arrived, as soon as that is known.
 */

import { LOSS_PACKETS, REORDERING_PACKETS } from '../constants.ts';

/** With fewer packets than this the share would be a guess: one lost of the first three is not a third. */
const LEAST_PACKETS = 20;
/** Numbers missing in a row that no random loss explains (0.29 ^ 16): the path was down, which is no loss rate. */
const OUTAGE_PACKETS = 16;

/** The fate of what this end has sent. */
export class SendLoss {
  /** Whether each of the last packets was lost, oldest first. */
  readonly #lost = new Map<number, boolean>();
  #count = 0;

  /** Share lost, 0 to 1. */
  get rate(): number {
    return this.#count / Math.max(this.#lost.size, LEAST_PACKETS);
  }

  /** A packet has arrived, or is taken for lost; also one that arrived after it was. */
  settle(packetNumber: number, lost: boolean): void {
    const before = this.#lost.get(packetNumber);
    if (before === true) this.#count--;
    if (lost) this.#count++;
    this.#lost.set(packetNumber, lost);
    if (this.#lost.size <= LOSS_PACKETS) return;
    const [oldest] = this.#lost;
    if (oldest === undefined) return;
    if (oldest[1]) this.#count--;
    this.#lost.delete(oldest[0]);
  }

  /** The packet has turned up, though it was taken for lost; forgotten if it is too old to count. */
  settleLate(packetNumber: number): void {
    if (this.#lost.has(packetNumber)) this.settle(packetNumber, false);
  }
}

/** What is missing of what the peer has sent. */
export class ReceiveLoss {
  readonly #arrived = new Set<number>();
  #newest = -1;
  /** Counting began here. */
  #first = 0;

  /** Share lost, 0 to 1. The newest few may still be on their way. */
  get rate(): number {
    const end = this.#newest - REORDERING_PACKETS;
    const begin = Math.max(this.#first, end - LOSS_PACKETS);
    if (end <= begin) return 0;
    let missing = 0;
    for (let packetNumber = begin; packetNumber < end; packetNumber++) {
      if (!this.#arrived.has(packetNumber)) missing++;
    }
    return missing / Math.max(end - begin, LEAST_PACKETS);
  }

  /** A packet has come. */
  onReceived(packetNumber: number): void {
    if (packetNumber > this.#newest + OUTAGE_PACKETS) this.#forget(packetNumber);
    this.#newest = Math.max(this.#newest, packetNumber);
    this.#arrived.add(packetNumber);
    if (this.#arrived.size <= 2 * LOSS_PACKETS) return;
    for (const old of this.#arrived) {
      if (old < this.#newest - REORDERING_PACKETS - LOSS_PACKETS) this.#arrived.delete(old);
    }
  }

  #forget(packetNumber: number): void {
    this.#arrived.clear();
    this.#first = packetNumber;
  }
}
