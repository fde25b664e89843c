/**
 * The receiving half of state synchronisation (SPEC.md §8). A diff is applied only to the exact state that it was made from, so
 * duplicates, reordering and replays change nothing. States that may still serve as a base are held until the sender says that
 * they won't.
 */

import { DecodeError } from '../bytes.ts';
import { MAX_DIFF_BYTES, MAX_HELD_BYTES, MAX_HELD_STATES, MAX_SENT_PACKETS } from '../constants.ts';
import type { Content, Room } from '../transport/content.ts';
import { encodeFrame, type Frame, type StateFrame } from '../transport/frames.ts';
import { expand } from './compression.ts';
import { addRange, type Range } from './ranges.ts';
import type { SyncCodec } from './sync-state.ts';

/** A diff of which parts have arrived. */
interface Assembly<State> {
  readonly base: State;
  readonly baseNumber: number;
  readonly bytes: Uint8Array;
  arrived: Range[];
}

/** Bytes of a STATE_ACK frame at most. */
const FRAME_BYTES = 1 + 8;
/** Diffs that may be incomplete at a time: twice what a sender of ours has under way. */
const MAX_ASSEMBLIES = 16;
/** Gaps between the parts of one diff: no sender of ours has so many packets under way. */
const MAX_GAPS = MAX_SENT_PACKETS;

export class StateReceiver<State> implements Content {
  readonly ridesWithAck = true;
  readonly pending = false;
  readonly outstanding = 0;
  readonly urgent = false;
  readonly sendAt = Number.POSITIVE_INFINITY;
  readonly #codec: SyncCodec<State>;
  readonly #held = new Map<number, State>();
  readonly #assemblies = new Map<number, Assembly<State>>();
  readonly #onNewest: ((state: State) => void) | undefined;
  #newest = 0;
  #state: State;

  /** `onNewest` is told of each state as it becomes the newest. */
  constructor(codec: SyncCodec<State>, initial: State, onNewest?: (state: State) => void) {
    this.#codec = codec;
    this.#state = initial;
    this.#onNewest = onNewest;
    this.#held.set(0, initial);
  }

  /** The newest state. */
  get state(): State {
    return this.#state;
  }

  /** Its number; 0 before the first. */
  get number(): number {
    return this.#newest;
  }

  /** The acknowledgement of the newest state goes with that of packets. */
  write(_now: number, room: Room): undefined {
    if (this.#newest > 0 && room.left >= FRAME_BYTES)
      encodeFrame(room.writer, { kind: 'state-ack', number: this.#newest });
  }

  receive(_now: number, frame: Frame): boolean {
    if (frame.kind !== 'state') return false;
    // Older than what is shown: of no use.
    if (frame.number <= this.#newest) return true;
    if (frame.bytes.length === frame.total) {
      const base = this.#held.get(frame.base);
      // Without its base it can't be applied: the sender will see that this state was not acknowledged.
      if (base !== undefined) this.#apply(frame.number, frame.oldest, base, frame.bytes);
      return true;
    }
    const assembly = this.#assembly(frame);
    if (assembly !== undefined) this.#assemble(frame, assembly);
    return true;
  }

  #assemble(frame: StateFrame, assembly: Assembly<State>): void {
    if (assembly.arrived.length >= MAX_GAPS)
      throw new DecodeError('Cannot take a part of a diff: too many are missing');
    assembly.bytes.set(frame.bytes, frame.offset);
    assembly.arrived = addRange(assembly.arrived, { from: frame.offset, to: frame.offset + frame.bytes.length });
    const [first] = assembly.arrived;
    if (first === undefined || first.from > 0 || first.to < frame.total) return;
    this.#assemblies.delete(frame.number);
    this.#apply(frame.number, frame.oldest, assembly.base, assembly.bytes);
  }

  /** The diff that `frame` is a part of: the one at hand, or a new one when the sender began anew from another base. */
  #assembly(frame: StateFrame): Assembly<State> | undefined {
    const atHand = this.#assemblies.get(frame.number);
    if (atHand?.bytes.length === frame.total && atHand.baseNumber === frame.base) return atHand;
    this.#assemblies.delete(frame.number);
    const base = this.#held.get(frame.base);
    return base === undefined ? undefined : this.#startAssembly(frame, base);
  }

  /** Undefined when as much is being assembled as may be: the sender will see that the state does not arrive. */
  #startAssembly(frame: StateFrame, base: State): Assembly<State> | undefined {
    let bytes = frame.total;
    for (const other of this.#assemblies.values()) bytes += other.bytes.length;
    if (this.#assemblies.size >= MAX_ASSEMBLIES || bytes > 2 * MAX_DIFF_BYTES) return undefined;
    const assembly: Assembly<State> = { base, baseNumber: frame.base, bytes: new Uint8Array(frame.total), arrived: [] };
    this.#assemblies.set(frame.number, assembly);
    return assembly;
  }

  #apply(number: number, oldest: number, base: State, bytes: Uint8Array): void {
    for (const held of this.#held.keys()) if (held < oldest) this.#held.delete(held);
    if (this.#held.size >= MAX_HELD_STATES) throw new DecodeError('Cannot take a state: too many are held');
    const state = this.#codec.patch(base, expand(bytes));
    let size = this.#codec.size(state);
    for (const held of this.#held.values()) size += this.#codec.size(held);
    if (size > MAX_HELD_BYTES) throw new DecodeError('Cannot take a state: those that are held are too large');
    this.#state = state;
    this.#newest = number;
    this.#held.set(number, this.#state);
    this.#onNewest?.(state);
    for (const pending of this.#assemblies.keys()) if (pending <= number) this.#assemblies.delete(pending);
  }
}
