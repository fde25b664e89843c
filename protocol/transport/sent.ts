/**
 * The packets under way, and which of them are lost: RFC 9002 §6.1, by packet and by time threshold. A packet that turns up after
 * it was taken for lost raises the packet threshold, so that a link which reorders is not answered with a storm of repairs.
 */

import { GRANULARITY_MS, MAX_REORDERING_PACKETS, MAX_SENT_PACKETS, REORDERING_PACKETS } from '../constants.ts';
import type { Carried } from './content.ts';
import type { AckFrame } from './frames.ts';
import { SendLoss } from './loss.ts';
import type { PathId } from './paths.ts';
import type { RttEstimator } from './rtt.ts';

/** Time threshold, as a share of the round trip. RFC 9002 recommends 9/8. */
const TIME_THRESHOLD = 9 / 8;
/** How long a lost packet is remembered, in round trips, to notice that it was only late. */
const LATE_ROUND_TRIPS = 4;

export interface SentPacket {
  readonly packetNumber: number;
  readonly sentAt: number;
  readonly size: number;
  readonly ackEliciting: boolean;
  readonly path: PathId;
  readonly carried: readonly Carried[];
  /** The newest packet that it acknowledged, -1 if none. */
  readonly acknowledges: number;
  /** Sent early, for fear that another was lost. */
  readonly repeats: boolean;
}

interface MissingPacket {
  readonly packet: SentPacket;
  /** Until when it is remembered. */
  readonly until: number;
  /** Not taken for lost on the evidence of others that arrived. */
  readonly abandoned: boolean;
}

export interface AckOutcome {
  readonly acked: readonly SentPacket[];
  readonly lost: readonly SentPacket[];
  /** Acknowledged after all: they had been taken for lost, or were given up. */
  readonly late: readonly SentPacket[];
  /** A round trip in ms, when the newest acknowledged packet was new and asked for it. */
  readonly sample: number | undefined;
}

export class SentPackets {
  /** How many are lost: of those that others have overtaken, not of those abandoned. */
  readonly loss = new SendLoss();
  readonly #rtt: RttEstimator;
  /** By packet number, oldest first. */
  readonly #flying = new Map<number, SentPacket>();
  /** Taken for lost, and kept for a while. */
  readonly #missing = new Map<number, MissingPacket>();
  #reorderingPackets = REORDERING_PACKETS;
  #newestAcked = -1;
  #bytes = 0;
  #eliciting = 0;
  #lossAt = Number.POSITIVE_INFINITY;

  constructor(rtt: RttEstimator) {
    this.#rtt = rtt;
  }

  /** Bytes in flight. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Packets in flight that ask for an acknowledgement. */
  get eliciting(): number {
    return this.#eliciting;
  }

  /** When `detectLost` will find something. */
  get lossAt(): number {
    return this.#lossAt;
  }

  add(packet: SentPacket): readonly SentPacket[] {
    if (!packet.ackEliciting) return [];
    this.#flying.set(packet.packetNumber, packet);
    this.#bytes += packet.size;
    this.#eliciting++;
    if (this.#flying.size <= MAX_SENT_PACKETS) return [];
    const [oldest] = this.#flying.values();
    if (oldest === undefined) return [];
    this.#remove(oldest);
    return [oldest];
  }

  /** Settles what `ack` names. Ranges beyond what was sent name nothing and cost nothing. With `wasDown` what they leave out is not taken for lost by it. */
  onAck(now: number, ack: AckFrame, wasDown = false): AckOutcome {
    const acked: SentPacket[] = [];
    const newest = ack.ranges[0]?.last ?? -1;
    // Also of a packet that was given up: the acknowledgement says that it was only slow, and how slow.
    const newestSentAt = this.#flying.get(newest)?.sentAt ?? this.#missing.get(newest)?.packet.sentAt;
    for (const packet of this.#flying.values()) {
      if (packet.packetNumber > newest) break;
      if (covers(ack, packet.packetNumber)) acked.push(packet);
    }
    for (const packet of acked) {
      this.#remove(packet);
      this.#newestAcked = Math.max(this.#newestAcked, packet.packetNumber);
      this.loss.settle(packet.packetNumber, false);
    }
    const late = this.#noticeLate(ack);
    const sample = newestSentAt !== undefined ? now - newestSentAt : undefined;
    return { acked, lost: acked.length > 0 && !wasDown ? this.detectLost(now) : [], late, sample };
  }

  /** Takes for lost what is, by packets or by time. */
  detectLost(now: number): readonly SentPacket[] {
    this.#lossAt = Number.POSITIVE_INFINITY;
    const wait = Math.max(
      TIME_THRESHOLD * Math.max(this.#rtt.smoothed, this.#rtt.latest) +
        (this.#reorderingPackets > REORDERING_PACKETS ? this.#rtt.variation : 0),
      GRANULARITY_MS,
    );
    const lost: SentPacket[] = [];
    for (const packet of this.#flying.values()) {
      if (packet.packetNumber > this.#newestAcked) break;
      if (packet.packetNumber + this.#reorderingPackets <= this.#newestAcked || packet.sentAt + wait <= now)
        lost.push(packet);
      else this.#lossAt = Math.min(this.#lossAt, packet.sentAt + wait);
    }
    this.#miss(now, lost, false);
    for (const packet of lost) this.loss.settle(packet.packetNumber, true);
    return lost;
  }

  /** Gives up on what was sent before `sentBefore`: the path is another one, or was dead. */
  abandon(now: number, sentBefore: number): readonly SentPacket[] {
    const lost = [...this.#flying.values()].filter((packet) => packet.sentAt < sentBefore);
    this.#miss(now, lost, true);
    return lost;
  }

  #miss(now: number, lost: readonly SentPacket[], abandoned: boolean): void {
    for (const packet of lost) {
      this.#remove(packet);
      const until = now + LATE_ROUND_TRIPS * Math.max(this.#rtt.smoothed, now - packet.sentAt);
      this.#missing.set(packet.packetNumber, { packet, until, abandoned });
    }
    for (const [packetNumber, { until }] of this.#missing) {
      if (until > now && this.#missing.size < MAX_SENT_PACKETS) break;
      this.#missing.delete(packetNumber);
    }
  }

  #remove(packet: SentPacket): void {
    this.#flying.delete(packet.packetNumber);
    this.#bytes -= packet.size;
    this.#eliciting--;
  }

  #noticeLate(ack: AckFrame): readonly SentPacket[] {
    const late: SentPacket[] = [];
    for (const [packetNumber, { packet, abandoned }] of this.#missing) {
      if (!covers(ack, packetNumber)) continue;
      this.#missing.delete(packetNumber);
      late.push(packet);
      if (abandoned) continue;
      this.loss.settleLate(packetNumber);
      const distance = this.#newestAcked - packetNumber + 1;
      this.#reorderingPackets = Math.min(MAX_REORDERING_PACKETS, Math.max(this.#reorderingPackets, distance));
    }
    return late;
  }
}

function covers(ack: AckFrame, packetNumber: number): boolean {
  for (const range of ack.ranges) {
    if (packetNumber > range.last) return false;
    if (packetNumber >= range.first) return true;
  }
  return false;
}
