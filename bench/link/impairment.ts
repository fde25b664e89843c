/**
 * One direction of an emulated link, as pure code: a packet's size and the moment it enters go in, the moments at which it
 * leaves (none, one or two) come out. No clock, no packet bytes, dice from a seed, so the same offers give the same answers.
 *
 * A packet meets, in this order: an outage; loss (independent, and in bursts after Gilbert's two-state model, in whose bad
 * state everything is lost); a queue of limited length in front of a wire of limited rate, or of a recorded trace of
 * opportunities (delivery-trace.ts); the propagation delay with jitter, which keeps the order, as real paths do; and then, for a share of them, being overtaken or doubled.
 */

import { checkDeliveryTrace, type DeliveryTrace, TraceWire } from './delivery-trace.ts';
import type { Dice } from './random.ts';

/** What one direction does to packets. All zero or absent: a perfect wire. */
export interface ImpairmentOptions {
  /** One way, propagation only. */
  readonly delayMs?: number;
  /** Up to this much more, evenly spread. A packet never overtakes another by it. */
  readonly jitterMs?: number;
  /** The share of packets lost, each for itself: 0 to 1. */
  readonly loss?: number;
  /** Loss in bursts: the chance, at each packet, to enter and to leave the state in which every packet is lost. */
  readonly burst?: { readonly enter: number; readonly leave: number };
  /** Bits of IP packets a second; absent: no limit. */
  readonly rateBps?: number;
  /** Instead of a rate: the opportunities for bytes to pass, from the first packet on. */
  readonly trace?: DeliveryTrace;
  /** What may wait; a packet that does not fit is dropped (drop-tail). Only with a rate or a trace; absent: 256 KB. */
  readonly queueBytes?: number;
  /** The share of packets that are held back by `reorderMs`, so that later ones overtake them. */
  readonly reorder?: number;
  readonly reorderMs?: number;
  /** The share of packets that arrive twice. */
  readonly duplicate?: number;
}

/** Why a packet did not come out. */
export type Loss = 'outage' | 'loss' | 'queue';

/** What becomes of one packet: when each copy leaves (in ms, like `now`), or why none does. */
export type Verdict =
  | { readonly kind: 'deliver'; readonly at: readonly number[] }
  | { readonly kind: 'drop'; readonly why: Loss };

const QUEUE_BYTES_DEFAULT = 256 * 1024;
const REORDER_MS_DEFAULT = 10;
/** A copy follows its original by this much: together in time, apart in order. */
const DUPLICATE_LAG_MS = 0.1;

export class Impairment {
  #dice: Dice;
  #options: ImpairmentOptions;
  #outage = false;
  #bad = false;
  /** When the wire will have sent all that it has accepted. */
  #wireFreeAt = Number.NEGATIVE_INFINITY;
  /** Made at the first packet that meets the trace: that is the trace's zero. */
  #traceWire: TraceWire | undefined;
  /** No packet in order leaves before this. */
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(options: ImpairmentOptions, dice: Dice) {
    this.#options = checkImpairment(options);
    this.#dice = dice;
  }

  /** From now on; packets already accepted keep their times. Throws RangeError on values that make no sense. */
  change(options: ImpairmentOptions): void {
    this.#options = checkImpairment(options);
    this.#traceWire = undefined;
  }

  /**
   * Other dice from now on, and with them what chance has led to: bursts of loss are over, and a trace begins anew. What
   * waits in the queue stays there: it is packets under way, which have their times.
   */
  reseed(dice: Dice): void {
    this.#dice = dice;
    this.#bad = false;
    this.#traceWire = undefined;
  }

  /** While on, nothing that enters comes out. */
  setOutage(on: boolean): void {
    this.#outage = on;
  }

  get outage(): boolean {
    return this.#outage;
  }

  /** A packet of `size` bytes enters at `now`, which must not run backwards. */
  offer(now: number, size: number): Verdict {
    const { delayMs = 0, jitterMs = 0, reorder = 0, duplicate = 0 } = this.#options;
    if (this.#outage) return { kind: 'drop', why: 'outage' };
    if (this.#isLost()) return { kind: 'drop', why: 'loss' };
    const sentAt = this.#send(now, size);
    if (sentAt === undefined) return { kind: 'drop', why: 'queue' };

    const jitter = jitterMs > 0 ? this.#dice.next() * jitterMs : 0;
    const inOrderAt = Math.max(sentAt + delayMs + jitter, this.#lastAt);
    const isOvertaken = reorder > 0 && this.#dice.next() < reorder;
    if (!isOvertaken) this.#lastAt = inOrderAt;
    const at = isOvertaken ? inOrderAt + (this.#options.reorderMs ?? REORDER_MS_DEFAULT) : inOrderAt;
    if (duplicate > 0 && this.#dice.next() < duplicate) return { kind: 'deliver', at: [at, at + DUPLICATE_LAG_MS] };
    return { kind: 'deliver', at: [at] };
  }

  #isLost(): boolean {
    const { loss = 0, burst } = this.#options;
    if (burst !== undefined) {
      const turn = this.#dice.next();
      this.#bad = this.#bad ? turn >= burst.leave : turn < burst.enter;
      if (this.#bad) return true;
    }
    return loss > 0 && this.#dice.next() < loss;
  }

  /** When the last bit is on the wire, or undefined when the queue has no room for it. */
  #send(now: number, size: number): number | undefined {
    const { rateBps, trace, queueBytes = QUEUE_BYTES_DEFAULT } = this.#options;
    if (trace !== undefined) return this.#sendByTrace(trace, queueBytes, now, size);
    if (rateBps === undefined) return now;
    const waitMs = Math.max(0, this.#wireFreeAt - now);
    const waitingBytes = (waitMs * rateBps) / 8000;
    if (waitingBytes > 0 && waitingBytes + size > queueBytes) return undefined;
    this.#wireFreeAt = now + waitMs + (size * 8000) / rateBps;
    return this.#wireFreeAt;
  }

  #sendByTrace(trace: DeliveryTrace, queueBytes: number, now: number, size: number): number | undefined {
    // What was accepted before has its time: the trace goes on behind it.
    this.#traceWire ??= new TraceWire(trace, Math.max(now, this.#wireFreeAt));
    const waitingBytes = this.#traceWire.waitingBytes(now);
    if (waitingBytes > 0 && waitingBytes + size > queueBytes) return undefined;
    this.#wireFreeAt = this.#traceWire.send(now, size);
    return this.#wireFreeAt;
  }
}

/** The options themselves, if they make sense; a RangeError that names the first that does not. */
export function checkImpairment(options: ImpairmentOptions): ImpairmentOptions {
  const { delayMs = 0, jitterMs = 0, reorderMs = 0, rateBps, queueBytes } = options;
  const shares = { ...options.burst, loss: options.loss, reorder: options.reorder, duplicate: options.duplicate };
  for (const [name, share] of Object.entries(shares)) {
    if (share !== undefined && !(share >= 0 && share <= 1))
      throw new RangeError(`${name} must lie within 0 and 1: ${share}`);
  }
  for (const [name, ms] of Object.entries({ delayMs, jitterMs, reorderMs })) {
    if (!(ms >= 0 && ms <= 3_600_000)) throw new RangeError(`${name} must lie within 0 and an hour: ${ms}`);
  }
  if (rateBps !== undefined && !(rateBps >= 1000)) throw new RangeError(`rateBps must be 1000 or more: ${rateBps}`);
  if (options.trace !== undefined) {
    if (rateBps !== undefined) throw new RangeError('a link has a rate or a trace, not both: leave one out');
    checkDeliveryTrace(options.trace);
  }
  if (queueBytes !== undefined && !(queueBytes >= 0))
    throw new RangeError(`queueBytes must be 0 or more: ${queueBytes}`);
  return options;
}
