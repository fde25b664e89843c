/**
 * The sending half of state synchronisation (SPEC.md §8; SSP of Winstein & Balakrishnan 2012). States are numbered; each is sent as
 * a diff from one that the receiver has, or is assumed to have. What the link can't carry in time is skipped, not queued: the next
 * diff leads to the newest state, whatever was between.
 *
 * - A small diff is made from the newest *acknowledged* state, so that each packet repairs the loss of all before it.
 * - When that would be large, it is made from the newest state that is not known to be lost.
 * - A diff of several packets is a transfer: its lost parts are sent again, and the next frame waits until all parts are out.
 */

import {
  ANSWER_INTERVAL_MS,
  ANSWER_MS,
  FRAME_BURST,
  FRAME_INTERVAL_MS,
  MAX_PROBED_STATES,
  MAX_SENT_STATES,
  RIDE_BYTES,
} from '../constants.ts';
import type { Carried, Content, Room } from '../transport/content.ts';
import { encodeFrame, type Frame } from '../transport/frames.ts';
import { compress } from './compression.ts';
import { addRange, type Range, removeRange } from './ranges.ts';
import type { SyncCodec } from './sync-state.ts';

interface SentState<State> {
  readonly number: number;
  readonly state: State;
  /** A packet of it was lost since it was last sent. */
  lost: boolean;
}

interface Transfer {
  readonly number: number;
  readonly base: number;
  readonly bytes: Uint8Array;
  /** To be sent, or sent again. */
  missing: Range[];
  /** Acknowledged. */
  arrived: Range[];
}

/** Bytes of a STATE_PART frame besides its bytes, at most. */
const FRAME_OVERHEAD = 1 + 8 + 2 + 2 + 4 + 4 + 2;
/** Room for less than this isn't worth a part. With the overhead it is under what any packet has (`LEAST_ROOM` in connection.ts). */
const LEAST_PART = 16;
/** Diffs of several packets that may be under way together: enough to fill a long path, few enough to be repaired soon. */
const MAX_TRANSFERS = 8;

export class StateSender<State> implements Content {
  readonly ridesWithAck = false;
  readonly #codec: SyncCodec<State>;
  readonly #snapshot: () => State;
  #acked: SentState<State>;
  /** Newer than `#acked`, oldest first. */
  #sent: SentState<State>[] = [];
  #transfers: Transfer[] = [];
  /** When a change that is not sent yet wants to leave; Infinity when there is none. */
  #changedAt = Number.POSITIVE_INFINITY;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #repair = false;
  /** Bytes of the diff that was sent last. */
  #frameBytes = 0;
  /** When the frames sent so far will have been paid for (a token bucket as one moment). */
  #paidAt = Number.NEGATIVE_INFINITY;
  /** Until when frames are answers to something the user did. */
  #answeringUntil = Number.NEGATIVE_INFINITY;

  /** `initial` is state 0, which both ends have; `snapshot` gives the state of the moment, the same object if nothing changed. */
  constructor(codec: SyncCodec<State>, initial: State, snapshot: () => State) {
    this.#codec = codec;
    this.#snapshot = snapshot;
    this.#acked = { number: 0, state: initial, lost: false };
  }

  /** The number of the newest state sent. */
  get newest(): number {
    return this.#newest.number;
  }

  /** Whether the receiver has the state of the moment, as far as is known here. */
  get settled(): boolean {
    return this.flushed && this.#sent.length === 0;
  }

  /** When a frame was sent last; minus infinity before the first. */
  get lastSentAt(): number {
    return this.#lastSentAt;
  }

  /** Whether the state of the moment has been sent, so that `newest` is its number. */
  get flushed(): boolean {
    return this.#changedAt === Number.POSITIVE_INFINITY;
  }

  get pending(): boolean {
    return this.#sent.length > 0;
  }

  get outstanding(): number {
    if (!this.pending) return 0;
    return this.#transfers.length > 0 ? Number.POSITIVE_INFINITY : this.#frameBytes;
  }

  /** One small frame goes out whatever is in flight: it is the echo that somebody waits for. */
  get urgent(): boolean {
    return this.#transfers.length === 0 && this.#sent.length <= 1;
  }

  get sendAt(): number {
    if (this.#repair || this.#transfers.some((transfer) => transfer.missing.length > 0))
      return Number.NEGATIVE_INFINITY;
    const full = this.#transfers.length >= MAX_TRANSFERS || this.#sent.length >= MAX_SENT_STATES;
    if (full) return Number.POSITIVE_INFINITY;
    return Math.max(this.#changedAt, this.#paidAt - (FRAME_BURST - 1) * FRAME_INTERVAL_MS);
  }

  /** The state may have changed. The change leaves with whatever leaves first, and by itself from the moment `at` on. */
  touch(at: number = Number.NEGATIVE_INFINITY): void {
    this.#changedAt = Math.min(this.#changedAt, at);
  }

  /** The user did something: frames follow each other closely for a moment, so that its effect doesn't wait behind a flood's turn. */
  quicken(now: number): void {
    this.#answeringUntil = now + ANSWER_MS;
    this.#paidAt = Math.min(this.#paidAt, now + ANSWER_INTERVAL_MS + (FRAME_BURST - 1) * FRAME_INTERVAL_MS);
  }

  /** The next frame need not wait for its turn: it is the last. */
  hurry(): void {
    this.#paidAt = Number.NEGATIVE_INFINITY;
  }

  write(now: number, room: Room): Carried | undefined {
    if (room.left < FRAME_OVERHEAD + LEAST_PART) return undefined;
    const transfer = this.#transfers.find((one) => one.missing.length > 0);
    if (transfer !== undefined) return this.#writePart(transfer, room);
    const unfinished = this.#transfers.at(-1);
    if (room.probe && unfinished !== undefined) {
      unfinished.missing = removeAll([{ from: 0, to: unfinished.bytes.length }], unfinished.arrived);
      return this.#writePart(unfinished, room);
    }
    return this.#writeFrame(now, room);
  }

  receive(_now: number, frame: Frame): boolean {
    if (frame.kind !== 'state-ack') return false;
    const index = this.#sent.findIndex((sent) => sent.number === frame.number);
    const acked = this.#sent[index];
    if (acked === undefined) return true;
    this.#acked = acked;
    this.#sent = this.#sent.slice(index + 1);
    this.#transfers = this.#transfers.filter((transfer) => transfer.number > acked.number);
    if (this.#sent.length === 0) this.#repair = false;
    return true;
  }

  get #newest(): SentState<State> {
    return this.#sent.at(-1) ?? this.#acked;
  }

  #writeFrame(now: number, room: Room): Carried | undefined {
    this.#repair = false;
    this.#lastSentAt = now;
    const full = this.#sent.length >= MAX_PROBED_STATES;
    const state = full ? this.#newest.state : this.#snapshot();
    if (!full) this.#changedAt = Number.POSITIVE_INFINITY;
    if (state === this.#newest.state) {
      if (this.#sent.length === 0) return undefined;
      this.#newest.lost = false;
    } else {
      const number = this.#newest.number + 1;
      this.#paidAt = this.#payment(now);
      this.#sent.push({ number, state, lost: false });
    }
    const { number } = this.#newest;
    const { base, bytes } = this.#shortest(state, number);
    this.#frameBytes = bytes.length;
    if (bytes.length + FRAME_OVERHEAD <= room.left) {
      encodeFrame(room.writer, {
        kind: 'state',
        number,
        base,
        oldest: this.#acked.number,
        total: bytes.length,
        offset: 0,
        bytes,
      });
      return { acked: () => this.#onArrived(number), lost: () => this.#onLost(number) };
    }
    const transfer: Transfer = { number, base, bytes, missing: [{ from: 0, to: bytes.length }], arrived: [] };
    this.#transfers = [...this.#transfers.filter((other) => other.number !== number), transfer];
    return this.#writePart(transfer, room);
  }

  /** When a frame sent at `now` will have been paid for. */
  #payment(now: number): number {
    if (now >= this.#answeringUntil) return Math.max(now, this.#paidAt) + FRAME_INTERVAL_MS;
    const owed = now + ANSWER_INTERVAL_MS + (FRAME_BURST - 1) * FRAME_INTERVAL_MS;
    return Math.min(Math.max(now, this.#paidAt) + FRAME_INTERVAL_MS, owed);
  }

  /** The diff to send for `state`, and the number of the state that it starts from. */
  #shortest(state: State, number: number): { readonly base: number; readonly bytes: Uint8Array } {
    const safe = { base: this.#acked.number, bytes: this.#codec.diff(this.#acked.state, state) };
    const assumed = this.#sent.findLast((sent) => sent.number < number && !sent.lost);
    if (safe.bytes.length <= RIDE_BYTES || assumed === undefined || this.#sent.some((sent) => sent.lost)) {
      return { base: safe.base, bytes: compress(safe.bytes) };
    }
    const hopeful = this.#codec.diff(assumed.state, state);
    if (2 * hopeful.length > safe.bytes.length) return { base: safe.base, bytes: compress(safe.bytes) };
    return { base: assumed.number, bytes: compress(hopeful) };
  }

  #writePart(transfer: Transfer, room: Room): Carried | undefined {
    const next = transfer.missing[0];
    if (next === undefined) return undefined;
    const part = { from: next.from, to: Math.min(next.to, next.from + room.left - FRAME_OVERHEAD) };
    transfer.missing = removeRange(transfer.missing, part);
    encodeFrame(room.writer, {
      kind: 'state',
      number: transfer.number,
      base: transfer.base,
      oldest: Math.min(transfer.base, this.#acked.number),
      total: transfer.bytes.length,
      offset: part.from,
      bytes: transfer.bytes.subarray(part.from, part.to),
    });
    return { acked: () => this.#onPartArrived(transfer, part), lost: () => this.#onPartLost(transfer, part) };
  }

  /** The packet has arrived. If the state has not, the receiver lacked its base. */
  #onArrived(number: number): void {
    if (number > this.#acked.number) this.#onLost(number);
  }

  #onLost(number: number): void {
    const sent = this.#sent.find((one) => one.number === number);
    if (sent === undefined) return;
    sent.lost = true;
    this.#repair = true;
  }

  #onPartArrived(transfer: Transfer, part: Range): void {
    if (!this.#transfers.includes(transfer)) return;
    transfer.arrived = addRange(transfer.arrived, part);
    transfer.missing = removeRange(transfer.missing, part);
    const [first] = transfer.arrived;
    if (first === undefined || first.from > 0 || first.to < transfer.bytes.length) return;
    this.#transfers = this.#transfers.filter((other) => other !== transfer);
    this.#onArrived(transfer.number);
  }

  #onPartLost(transfer: Transfer, part: Range): void {
    if (!this.#transfers.includes(transfer)) return;
    transfer.missing = removeAll(addRange(transfer.missing, part), transfer.arrived);
  }
}

function removeAll(ranges: readonly Range[], others: readonly Range[]): Range[] {
  return others.reduce<Range[]>((left, other) => removeRange(left, other), [...ranges]);
}
