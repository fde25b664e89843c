/**
 * How many bytes may be in flight. The window follows delay, as TCP Vegas (Brakmo & Peterson 1995) does: it grows while the link
 * answers in its shortest round trip and shrinks when a queue builds, so that a flood of frames never fills a bloated buffer in
 * front of the next key. Loss by itself says little on a radio link and shrinks it only when it comes with a full buffer's share.
 */

import { INITIAL_WINDOW, MAX_DATAGRAM, MAX_WINDOW, MIN_WINDOW } from '../constants.ts';
import type { RttEstimator } from './rtt.ts';

/** Bytes that may queue at the bottleneck before the window stops growing, and from which it shrinks. */
const QUEUE_LOW = 2 * MAX_DATAGRAM;
const QUEUE_HIGH = 5 * MAX_DATAGRAM;
/** Slow start ends when the round trip is so much over the shortest: ms, and share. */
const SLOW_START_SLACK_MS = 4;
const SLOW_START_SLACK = 0.125;
/** A round with more than this share lost means a full buffer or a policer: random loss on links people work on is under it. */
const HEAVY_LOSS = 0.4;
const MIN_PACKETS_TO_JUDGE = 10;
const BACK_OFF = 0.7;

export class CongestionWindow {
  readonly #rtt: RttEstimator;
  #window = INITIAL_WINDOW;
  #beforeCollapse = 0;
  #slowStart = true;
  #roundEndsAt = 0;
  #roundShortest = Number.POSITIVE_INFINITY;
  #roundAcked = 0;
  #roundLost = 0;
  #limited = false;

  constructor(rtt: RttEstimator) {
    this.#rtt = rtt;
  }

  /** Bytes that may be in flight. */
  get window(): number {
    return this.#window;
  }

  /** Notes that the window, not a lack of content, kept something from being sent. */
  markLimited(): void {
    this.#limited = true;
  }

  onAck(now: number, packets: number, sample: number | undefined): void {
    this.#roundAcked += packets;
    if (sample !== undefined) this.#roundShortest = Math.min(this.#roundShortest, this.#rtt.latest);
    if (now >= this.#roundEndsAt) this.#endRound(now);
  }

  onLost(packets: number): void {
    this.#roundLost += packets;
  }

  /** Nothing came back for several probes: begin again from the bottom (RFC 9002 §7.6). */
  collapse(): void {
    this.#beforeCollapse = Math.max(this.#beforeCollapse, this.#window);
    this.#window = MIN_WINDOW;
    this.#slowStart = true;
  }

  /** The peer is back: what was under way is gone, no queue of ours is left, and a screen may go at once, as at the beginning. */
  recover(): void {
    this.#window = Math.min(Math.max(this.#window, this.#beforeCollapse), INITIAL_WINDOW);
    this.#beforeCollapse = 0;
    this.#slowStart = true;
    this.#startRound(0);
  }

  /** The path is another one, or was idle for long. */
  reset(): void {
    this.#window = Math.min(this.#window, INITIAL_WINDOW);
    this.#slowStart = true;
    this.#startRound(0);
  }

  #startRound(endsAt: number): void {
    this.#roundEndsAt = endsAt;
    this.#roundShortest = Number.POSITIVE_INFINITY;
    this.#roundAcked = 0;
    this.#roundLost = 0;
    this.#limited = false;
  }

  #endRound(now: number): void {
    if (this.#roundShortest !== Number.POSITIVE_INFINITY) this.#adjust();
    this.#startRound(now + this.#rtt.smoothed);
  }

  #adjust(): void {
    const base = this.#rtt.minimum;
    const delay = this.#roundShortest - base;
    const judged = this.#roundAcked + this.#roundLost;
    if (judged >= MIN_PACKETS_TO_JUDGE && this.#roundLost > HEAVY_LOSS * judged) {
      this.#set(this.#window * BACK_OFF);
      this.#slowStart = false;
      return;
    }
    const queued = (this.#window * delay) / Math.max(this.#roundShortest, 1);
    if (this.#slowStart) {
      if (delay <= Math.max(SLOW_START_SLACK_MS, SLOW_START_SLACK * base)) {
        if (this.#limited) this.#set(this.#window * 2);
        return;
      }
      this.#slowStart = false;
      this.#set(this.#window * BACK_OFF);
    } else if (queued > QUEUE_HIGH) {
      this.#set(this.#window - Math.max(MAX_DATAGRAM, (queued - QUEUE_HIGH) / 2));
    } else if (queued < QUEUE_LOW && this.#limited) {
      this.#set(this.#window + MAX_DATAGRAM);
    }
  }

  #set(window: number): void {
    this.#window = Math.min(MAX_WINDOW, Math.max(MIN_WINDOW, window));
  }
}
