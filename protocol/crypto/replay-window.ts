/**
 * Which packet numbers were already received: the ring of bits of RFC 6479, as in WireGuard.
 *
 * A number is kept in word `number / 32` of an endless bitmap, of which the ring holds the newest 256 words. Moving
 * forward clears the words passed over, all of them at most, so that a jump of any length costs the same. Numbers have 48
 * bits: divisions, no shifts, which end at 32. See "Keys" in SPEC.md.
 */

import { assert } from '../assert.ts';
import { PACKET_NUMBER_LIMIT } from '../constants.ts';

const WORD_BITS = 32;
const WORDS = 256;

/** How far behind the newest a packet may come and still be accepted: the ring's 8,192 bits less 64, as in WireGuard. */
export const REPLAY_WINDOW_PACKETS = WORDS * WORD_BITS - 64;

/** Remembers the received packet numbers of one direction. */
export class ReplayWindow {
  readonly #words = new Uint32Array(WORDS);
  #newest = -1;

  /** The largest number accepted so far; -1 before the first. */
  get newest(): number {
    return this.#newest;
  }

  /** Whether `packetNumber` is neither a repetition nor too old. Changes nothing: ask before opening, `accept` after. */
  check(packetNumber: number): boolean {
    if (packetNumber > this.#newest) return packetNumber < PACKET_NUMBER_LIMIT;
    if (packetNumber < 0 || this.#newest - packetNumber >= REPLAY_WINDOW_PACKETS) return false;
    return ((this.#words[wordOf(packetNumber)] ?? 0) & bitOf(packetNumber)) === 0;
  }

  /** Marks a number whose datagram proved authentic. It must pass `check`. */
  accept(packetNumber: number): void {
    assert(Number.isInteger(packetNumber) && this.check(packetNumber), 'only a fresh packet number is accepted');
    if (packetNumber > this.#newest) this.#advance(packetNumber);
    const word = wordOf(packetNumber);
    this.#words[word] = (this.#words[word] ?? 0) | bitOf(packetNumber);
  }

  /** Clears the words that come into the ring between the newest number and `packetNumber`. */
  #advance(packetNumber: number): void {
    const from = Math.floor(this.#newest / WORD_BITS);
    const steps = Math.min(Math.floor(packetNumber / WORD_BITS) - from, WORDS);
    for (let step = 1; step <= steps; step++) this.#words[(from + step) % WORDS] = 0;
    this.#newest = packetNumber;
  }
}

function wordOf(packetNumber: number): number {
  return Math.floor(packetNumber / WORD_BITS) % WORDS;
}

function bitOf(packetNumber: number): number {
  return 1 << (packetNumber % WORD_BITS);
}
