/**
 * Datagrams as sealed packets (SPEC.md §3): numbers and seals what leaves, opens what comes, and drops what is not the peer's, twice
 * there or forged, before any of it has had an effect. It sees all packet numbers, so it also counts those that are missing.
 */

import { equalBytes } from '../bytes.ts';
import type { KeyPhases } from '../crypto/key-phases.ts';
import { ReplayWindow } from '../crypto/replay-window.ts';
import { ReceiveLoss } from './loss.ts';
import { decodeHeader, encodeHeader } from './packet.ts';

/** Why a datagram was dropped. */
export type DropReason = 'malformed' | 'connection-id' | 'replayed' | 'forged' | 'bad-frames';

/** A datagram of the peer's, opened. */
export interface Opened {
  readonly packetNumber: number;
  readonly plaintext: Uint8Array;
  /** How many numbers have been left out between the newest before and this one; -1 if it is not the newest. */
  readonly missing: number;
}

export class Envelope {
  readonly #id: Uint8Array;
  readonly #keys: KeyPhases;
  readonly #replays = new ReplayWindow();
  /** What is missing of what the peer has sent. */
  readonly loss = new ReceiveLoss();
  #next = 0;
  #newest = -1;

  constructor(connectionId: Uint8Array, keys: KeyPhases) {
    this.#id = connectionId;
    this.#keys = keys;
  }

  /** Seals frames as the next packet. */
  seal(frames: Uint8Array): { readonly packetNumber: number; readonly datagram: Uint8Array } {
    const packetNumber = this.#next++;
    const header = encodeHeader(this.#keys.sendPhase, this.#id, packetNumber);
    const sealed = this.#keys.seal(packetNumber, header, frames);
    const datagram = new Uint8Array(header.length + sealed.length);
    datagram.set(header);
    datagram.set(sealed, header.length);
    return { packetNumber, datagram };
  }

  /** Opens a datagram, which is borrowed; says why if it is to be dropped. */
  open(now: number, datagram: Uint8Array): Opened | DropReason {
    const header = decodeHeader(datagram);
    if (header === undefined) return 'malformed';
    if (!equalBytes(header.connectionId, this.#id)) return 'connection-id';
    const { packetNumber } = header;
    if (!this.#replays.check(packetNumber)) return 'replayed';
    const opened = this.#keys.open(now, header.phaseBits, packetNumber, header.bytes, header.sealed);
    if (opened === undefined) return 'forged';
    this.#replays.accept(packetNumber);
    this.loss.onReceived(packetNumber);
    const missing = Math.max(-1, packetNumber - this.#newest - 1);
    this.#newest = Math.max(this.#newest, packetNumber);
    return { packetNumber, plaintext: opened.plaintext, missing };
  }
}
