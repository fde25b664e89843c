/**
 * Two contents over a bad link without a connection around them: packets are written, lost, doubled, reordered, delivered, and their
 * fate is told to the sender, in an order that a property draws. What the transport does with time, a test does here with choices.
 */

import { Writer } from '../../protocol/bytes.ts';
import type { Carried, Content } from '../../protocol/transport/content.ts';
import { decodeFrames } from '../../protocol/transport/frames.ts';

interface Packet {
  readonly plaintext: Uint8Array;
  readonly carried: Carried | undefined;
}

/** One direction: what `sender` writes, `receiver` gets. */
export class ContentLink {
  readonly #sender: Content;
  readonly #receiver: Content;
  /** Under way, oldest first. */
  #packets: Packet[] = [];
  readonly #writer = new Writer();
  /** Delivered, but the sender does not know yet. */
  #unconfirmed: Packet[] = [];
  /** Bytes of all packets. */
  bytes = 0;

  constructor(sender: Content, receiver: Content) {
    this.#sender = sender;
    this.#receiver = receiver;
  }

  /** Packets under way. */
  get flying(): number {
    return this.#packets.length;
  }

  /** Writes one packet of at most `room` bytes, if the sender has something to send; true if it did. */
  send(now: number, room: number, probe = false): boolean {
    if (this.#sender.sendAt > now && !(probe && this.#sender.pending)) return false;
    this.#writer.clear();
    const carried = this.#sender.write(now, { writer: this.#writer, left: room, probe });
    if (this.#writer.length === 0) return false;
    if (this.#writer.length > room) throw new Error(`${this.#writer.length} bytes written into room for ${room}`);
    this.bytes += this.#writer.length;
    this.#packets.push({ plaintext: this.#writer.finish(), carried });
    return true;
  }

  /** Delivers the packet at `index` (modulo their number), and once more if it is to be doubled; false when there is none. */
  deliver(now: number, index: number, doubled = false): boolean {
    const [packet] = this.#packets.splice(index % Math.max(1, this.#packets.length), 1);
    if (packet === undefined) return false;
    for (let times = doubled ? 2 : 1; times > 0; times--) this.#take(now, packet.plaintext);
    this.#unconfirmed.push(packet);
    return true;
  }

  /** Loses the packet at `index`, and tells the sender. */
  lose(now: number, index: number): void {
    const [packet] = this.#packets.splice(index % Math.max(1, this.#packets.length), 1);
    packet?.carried?.lost(now);
  }

  /** The sender takes a packet for lost that arrives later. */
  misjudge(now: number, index: number): void {
    this.#packets[index % Math.max(1, this.#packets.length)]?.carried?.lost(now);
  }

  /** The acknowledgements of all that was delivered arrive. */
  confirm(now: number): void {
    const packets = this.#unconfirmed;
    this.#unconfirmed = [];
    for (const packet of packets) packet.carried?.acked(now);
  }

  /** The acknowledgements are lost, and all that was delivered is taken for lost. */
  forget(now: number): void {
    const packets = this.#unconfirmed;
    this.#unconfirmed = [];
    for (const packet of packets) packet.carried?.lost(now);
  }

  /** What the receiver writes into a packet with an acknowledgement. */
  ride(now: number): Uint8Array {
    this.#writer.clear();
    this.#receiver.write(now, { writer: this.#writer, left: 100, probe: false });
    return this.#writer.finish();
  }

  /** Gives the sender what the receiver wrote. */
  hand(now: number, plaintext: Uint8Array): void {
    for (const frame of decodeFrames(plaintext)) this.#sender.receive(now, frame);
  }

  #take(now: number, plaintext: Uint8Array): void {
    for (const frame of decodeFrames(plaintext)) {
      if (!this.#receiver.receive(now, frame)) throw new Error(`The receiver knows no ${frame.kind}`);
    }
  }
}
