/**
 * The packets on their way through one direction of the link, in order of the moment they leave. Nearly all come in order
 * already, so an insertion from the tail costs one comparison. It owns its packet buffers and uses them again.
 */

export interface Delivery {
  readonly at: number;
  /** Larger than the packet; its first `length` bytes are it. */
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** No more packets than this are under way at a time: 1 Gbit/s for half a second. */
const DELIVERIES_MAX = 65_536;
const SPARE_BUFFERS_MAX = 1024;

export class DeliveryQueue {
  readonly #bufferBytes: number;
  #deliveries: Delivery[] = [];
  #head = 0;
  readonly #spare: Uint8Array[] = [];

  constructor(bufferBytes: number) {
    this.#bufferBytes = bufferBytes;
  }

  get length(): number {
    return this.#deliveries.length - this.#head;
  }

  /** When the next one leaves; Infinity when there is none. */
  get nextAt(): number {
    return this.#deliveries[this.#head]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Takes a copy of the packet. False when there are too many already. */
  add(at: number, packet: Uint8Array): boolean {
    if (this.length >= DELIVERIES_MAX) return false;
    const bytes = this.#spare.pop() ?? new Uint8Array(this.#bufferBytes);
    bytes.set(packet);
    let place = this.#deliveries.length;
    while (place > this.#head && (this.#deliveries[place - 1]?.at ?? 0) > at) place--;
    const delivery = { at, bytes, length: packet.length };
    if (place === this.#deliveries.length) this.#deliveries.push(delivery);
    else this.#deliveries.splice(place, 0, delivery);
    return true;
  }

  /** The next one due at `now`, which is used up by `deliver`; undefined when none is. */
  takeDue(now: number, deliver: (delivery: Delivery) => void): boolean {
    const delivery = this.#deliveries[this.#head];
    if (delivery === undefined || delivery.at > now) return false;
    this.#head++;
    if (this.#head > 1024 && this.#head * 2 > this.#deliveries.length) {
      this.#deliveries = this.#deliveries.slice(this.#head);
      this.#head = 0;
    }
    deliver(delivery);
    if (this.#spare.length < SPARE_BUFFERS_MAX) this.#spare.push(delivery.bytes);
    return true;
  }
}
