/** The end of a session as packets carry it (SPEC.md §10): sent until it is acknowledged, by whichever end ends it. */

import { MAX_REASON_BYTES } from '../constants.ts';
import type { Carried, Content, Room } from '../transport/content.ts';
import { type CloseFrame, encodeFrame, type Frame } from '../transport/frames.ts';

const FRAME_BYTES = 1 + 1 + 8 + 2 + MAX_REASON_BYTES;

export class CloseContent implements Content {
  readonly ridesWithAck = false;
  readonly urgent = true;
  readonly #finalState: () => number | undefined;
  #ours: { readonly status: number; readonly reason: string } | undefined;
  #theirs: CloseFrame | undefined;
  #progress: 'none' | 'due' | 'flying' | 'delivered' = 'none';

  /** `finalState` gives the number of the last state, undefined while it has not been sent: the end comes behind it. */
  constructor(finalState: () => number | undefined) {
    this.#finalState = finalState;
  }

  /** What the peer said, if it ended the session. */
  get theirs(): CloseFrame | undefined {
    return this.#theirs;
  }

  /** Whether this end has ended the session. */
  get closing(): boolean {
    return this.#ours !== undefined;
  }

  /** Whether the peer has confirmed our end. */
  get delivered(): boolean {
    return this.#progress === 'delivered';
  }

  get pending(): boolean {
    return this.#progress === 'flying';
  }

  get sendAt(): number {
    return this.#progress === 'due' && this.#finalState() !== undefined
      ? Number.NEGATIVE_INFINITY
      : Number.POSITIVE_INFINITY;
  }

  /** Ends the session; the first end counts. */
  close(status: number, reason: string): void {
    if (this.#ours !== undefined) return;
    this.#ours = { status, reason };
    this.#progress = 'due';
  }

  write(_now: number, room: Room): Carried | undefined {
    const finalState = this.#finalState();
    if (this.#ours === undefined || finalState === undefined || room.left < FRAME_BYTES) return undefined;
    encodeFrame(room.writer, { kind: 'close', ...this.#ours, finalState });
    this.#progress = 'flying';
    return {
      acked: () => {
        this.#progress = 'delivered';
      },
      lost: () => {
        if (this.#progress === 'flying') this.#progress = 'due';
      },
    };
  }

  receive(_now: number, frame: Frame): boolean {
    if (frame.kind !== 'close') return false;
    this.#theirs ??= frame;
    return true;
  }
}
