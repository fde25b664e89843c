/** The end of a session as packets carry it (SPEC.md §10): sent until it is acknowledged, by whichever end ends it. */

import { MAX_REASON_BYTES } from '../constants.ts';
import type { Carried, Content, Room } from '../transport/content.ts';
import { type CloseFrame, encodeFrame, type Frame } from '../transport/frames.ts';

/** Bytes of a CLOSE frame without its reason, at most. */
const FRAME_OVERHEAD = 1 + 1 + 8 + 2;

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

  get outstanding(): number {
    return this.pending ? FRAME_OVERHEAD + (this.#ours?.reason.length ?? 0) : 0;
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
    if (this.#ours === undefined || finalState === undefined || room.left < FRAME_OVERHEAD) return undefined;
    const longest = Math.min(MAX_REASON_BYTES, room.left - FRAME_OVERHEAD);
    encodeFrame(room.writer, {
      kind: 'close',
      status: this.#ours.status,
      finalState,
      reason: cut(this.#ours.reason, longest),
    });
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

/** As much of `text` as fits into so many bytes of UTF-8. */
function cut(text: string, bytes: number): string {
  const encoded = new TextEncoder().encode(text);
  return encoded.length <= bytes ? text : new TextDecoder().decode(encoded.subarray(0, bytes)).replace(/\ufffd$/, '');
}
