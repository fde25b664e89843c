/** The frames of a key renewal as a content of packets: sent until the other end shows that it has them (SPEC.md §5). */

import type { KeyPhases, PendingKeyFrame } from '../crypto/key-phases.ts';
import type { Carried, Content, Room } from './content.ts';
import { encodeFrame, type Frame } from './frames.ts';

/** Bytes of a KEY_OFFER or KEY_ANSWER frame, at most. */
const FRAME_BYTES = 1 + 8 + 32;

export class KeyRenewal implements Content {
  readonly ridesWithAck = false;
  readonly urgent = true;
  readonly #keys: KeyPhases;
  /** Under way. */
  #flying: PendingKeyFrame | undefined;

  constructor(keys: KeyPhases) {
    this.#keys = keys;
  }

  get pending(): boolean {
    return this.#keys.pendingFrame() !== undefined;
  }

  get outstanding(): number {
    return this.pending ? FRAME_BYTES : 0;
  }

  get sendAt(): number {
    const frame = this.#keys.pendingFrame();
    return frame === undefined || this.#isFlying(frame) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** Client: begins a renewal when the keys are old or used enough. To be asked while the session is in use. */
  startIfDue(now: number): void {
    if (this.#keys.renewalDue(now)) this.#keys.startRenewal(now);
  }

  write(_now: number, room: Room): Carried | undefined {
    const frame = this.#keys.pendingFrame();
    if (frame === undefined || room.left < FRAME_BYTES) return undefined;
    this.#flying = frame;
    encodeFrame(room.writer, frame);
    return {
      acked: () => undefined,
      lost: () => {
        if (this.#flying === frame) this.#flying = undefined;
      },
    };
  }

  receive(now: number, frame: Frame): boolean {
    if (frame.kind === 'key-offer') this.#keys.onOffer(now, frame.phase, frame.publicKey.slice());
    else if (frame.kind === 'key-answer') this.#keys.onAnswer(now, frame.phase, frame.publicKey.slice());
    else return false;
    return true;
  }

  #isFlying(frame: PendingKeyFrame): boolean {
    return this.#flying?.kind === frame.kind && this.#flying.phase === frame.phase;
  }
}
