/**
 * Which packets have arrived, and when to say so (RFC 9000 §13.2). An acknowledgement is held back a moment, because most answers
 * are about to be sent anyway and it can ride on them; not for a second large packet or one after a gap, because the sender of a flood
 * waits for room and repairs. Small ones wait for nothing, and on links that lose and reorder every second one comes after a gap.
 */

import { MAX_ACK_DELAY_MS, MAX_ACK_RANGES, SMALL_PACKET } from '../constants.ts';
import type { AckFrame, PacketRange } from './frames.ts';

export class ReceivedPackets {
  /** Oldest first. */
  #ranges: { first: number; last: number }[] = [];
  #newestAt = 0;
  #unacknowledged = 0;
  #ackAt = Number.POSITIVE_INFINITY;

  /** When an acknowledgement is due; Infinity when none is owed. */
  get ackAt(): number {
    return this.#ackAt;
  }

  /** Notes a packet of `size` bytes, which the replay window has let through. */
  add(now: number, packetNumber: number, size: number, ackEliciting: boolean): void {
    const newest = this.#ranges.at(-1);
    const expected = newest === undefined ? packetNumber : newest.last + 1;
    this.#insert(packetNumber);
    if (packetNumber >= expected) this.#newestAt = now;
    if (!ackEliciting) return;
    this.#unacknowledged++;
    const atOnce = size > SMALL_PACKET && (this.#unacknowledged >= 2 || packetNumber !== expected);
    this.#ackAt = Math.min(this.#ackAt, atOnce ? now : now + MAX_ACK_DELAY_MS);
  }

  /** Makes the acknowledgement due now, if there is something to acknowledge. */
  hurry(now: number): void {
    if (this.#ranges.length > 0) this.#ackAt = Math.min(this.#ackAt, now);
  }

  /** The frame for what has arrived; undefined before the first packet. */
  frame(now: number): AckFrame | undefined {
    if (this.#ranges.length === 0) return undefined;
    const ranges: PacketRange[] = this.#ranges.map((range) => ({ ...range })).reverse();
    return { kind: 'ack', ranges, delayMs: Math.max(0, now - this.#newestAt) };
  }

  /** The frame has been sent: nothing is owed. */
  settle(): void {
    this.#unacknowledged = 0;
    this.#ackAt = Number.POSITIVE_INFINITY;
  }

  /** The peer knows of everything below `packetNumber`: no need to repeat it. */
  forgetBelow(packetNumber: number): void {
    while (this.#ranges.length > 1 && (this.#ranges[0]?.last ?? packetNumber) < packetNumber) this.#ranges.shift();
  }

  #insert(packetNumber: number): void {
    let index = this.#ranges.length;
    while (index > 0 && (this.#ranges[index - 1]?.first ?? 0) > packetNumber) index--;
    const before = this.#ranges[index - 1];
    const after = this.#ranges[index];
    if (before !== undefined && packetNumber <= before.last) return;
    const joinsBefore = before !== undefined && before.last + 1 === packetNumber;
    const joinsAfter = after !== undefined && after.first - 1 === packetNumber;
    if (joinsBefore && joinsAfter) {
      before.last = after.last;
      this.#ranges.splice(index, 1);
    } else if (joinsBefore) {
      before.last = packetNumber;
    } else if (joinsAfter) {
      after.first = packetNumber;
    } else {
      this.#ranges.splice(index, 0, { first: packetNumber, last: packetNumber });
    }
    if (this.#ranges.length > MAX_ACK_RANGES) this.#ranges.shift();
  }
}
