/**
 * The keys of a session over its life: which phase seals, which phases open, and the renewal that leads to the next one.
 *
 *     client                                             server
 *     offers n+1, seals n        ── KEY_OFFER (n) ──>    derives n+1, opens n and n+1, still seals n
 *     derives n+1, seals n+1     <── KEY_ANSWER (n) ──   (repeats the answer until …)
 *     opens n and n+1            ── anything (n+1) ──>   first datagram that opens under n+1: seals n+1
 *     first one under n+1        <── anything (n+1) ──   forgets n after the grace
 *     forgets n after the grace
 *
 * The client alone begins, so two offers never cross. A side seals under a phase only when it knows that the other can
 * open it, and forgets the old phase only after the other has been seen under the new one: a frame that is lost, late,
 * doubled or out of order costs time, never the session, however long an outage lasts. Pure: time and randomness are
 * arguments, the frames travel by whoever calls. See "Keys" in SPEC.md.
 */

import { assert } from '../assert.ts';
import type { ExchangeKeys } from './exchange.ts';
import {
  agreeRenewal,
  createRenewal,
  directionKey,
  nextSecret,
  renewalTranscript,
  type Sender,
} from './key-schedule.ts';
import type { Random } from './random.ts';
import { type DirectionKey, open, seal } from './seal.ts';
import { wipe } from './wipe.ts';

/** Age at which the client renews a phase, in ms: what a thief of the memory can read ahead of the theft and after. As WireGuard's REKEY_AFTER_TIME. */
export const RENEW_AFTER_MS = 120_000;

/** Datagrams, sent and received together, after which the client renews a phase even when it is young. */
export const RENEW_AFTER_DATAGRAMS = 2 ** 20;

/** How long the previous phase still opens after the peer was seen under the new one, in ms: for datagrams that overtook each other. */
export const OLD_PHASE_GRACE_MS = 3_000;

/** Distinct values of the phase bits in a datagram's first byte. At most three phases live at once, so two bits tell them apart. */
const PHASE_VALUES = 4;

/** What a side has to tell the other until the renewal is through. */
export interface PendingKeyFrame {
  readonly kind: 'key-offer' | 'key-answer';
  /** The phase that begins with it. */
  readonly phase: number;
  /** X25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** The keys of one phase, both directions. */
interface Phase {
  readonly number: number;
  readonly sealing: DirectionKey;
  readonly opening: DirectionKey;
}

/** Where the renewal is: the client's offer waits for its answer, or the server's answer for the client's first datagram. */
type Renewal =
  | { readonly kind: 'none' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'offered'; readonly frame: PendingKeyFrame; readonly keys: ExchangeKeys }
  | { readonly kind: 'answered'; readonly frame: PendingKeyFrame; readonly next: Phase };

/** One side's keys. Owns every secret it is given or makes, and overwrites it after its last use. */
export class KeyPhases {
  readonly #role: Sender;
  readonly #random: Random;
  readonly #renewAfterDatagrams: number;
  /** Of the newest phase, from which the next one is derived. */
  #secret: Uint8Array;
  /** Seals, and opens. */
  #current: Phase;
  /** Only opens; until `#forgetAt`, which is Infinity as long as the peer was not seen under the current phase. */
  #previous: Phase | undefined;
  #forgetAt = Number.POSITIVE_INFINITY;
  #renewal: Renewal = { kind: 'none' };
  #startedAt: number;
  #datagrams = 0;
  #lastSealed = -1;

  /**
   * Takes over `secret`, the root secret of the key agreement: it is overwritten when the session moves on.
   * `renewAfterDatagrams` is RENEW_AFTER_DATAGRAMS unless something else is given.
   */
  constructor(options: {
    readonly role: Sender;
    readonly secret: Uint8Array;
    readonly random: Random;
    readonly now: number;
    readonly renewAfterDatagrams?: number;
  }) {
    this.#role = options.role;
    this.#random = options.random;
    this.#renewAfterDatagrams = options.renewAfterDatagrams ?? RENEW_AFTER_DATAGRAMS;
    this.#secret = options.secret;
    this.#current = this.#phase(0);
    this.#startedAt = options.now;
  }

  /** Number of the phase that seals now. Changes in `open` (server) and `onAnswer` (client). */
  get sendPhase(): number {
    return this.#current.number;
  }

  /** Seals one datagram's frames under `sendPhase`. Packet numbers only grow, over all phases, so that no nonce comes twice. */
  seal(packetNumber: number, header: Uint8Array, plaintext: Uint8Array): Uint8Array {
    assert(this.#renewal.kind !== 'closed', 'the keys are gone');
    assert(packetNumber > this.#lastSealed, 'packet numbers only grow');
    this.#lastSealed = packetNumber;
    this.#datagrams++;
    return seal(this.#current.sealing, packetNumber, header, plaintext);
  }

  /**
   * Opens a datagram whose first byte carries `phaseBits` (phase mod 4), under whichever living phase that is; undefined
   * when there is none or the datagram is not authentic, which changes nothing here. The plaintext is the caller's.
   */
  open(
    now: number,
    phaseBits: number,
    packetNumber: number,
    header: Uint8Array,
    sealed: Uint8Array,
  ): { plaintext: Uint8Array; phase: number } | undefined {
    const phase = this.#living(phaseBits);
    if (phase === undefined) return undefined;
    const plaintext = open(phase.opening, packetNumber, header, sealed);
    if (plaintext === undefined) return undefined;
    if (this.#renewal.kind === 'answered' && phase === this.#renewal.next) this.#switchTo(now, phase);
    if (phase === this.#current) {
      this.#datagrams++;
      // The peer seals under the new phase: what is still to come of the old one was only overtaken.
      if (this.#previous !== undefined) this.#forgetAt = Math.min(this.#forgetAt, now + OLD_PHASE_GRACE_MS);
    }
    return { plaintext, phase: phase.number };
  }

  /** Client: whether the phase is old or used up, and the last renewal over. To be asked when there is something to send. */
  renewalDue(now: number): boolean {
    if (this.#role !== 'client' || this.#renewal.kind !== 'none' || this.#previous !== undefined) return false;
    return now - this.#startedAt >= RENEW_AFTER_MS || this.#datagrams >= this.#renewAfterDatagrams;
  }

  /** Client: makes the key pair of the next phase; from now on `pendingFrame` is the offer. Nothing while a renewal is under way. */
  startRenewal(_now: number): void {
    assert(this.#role === 'client', 'only the client begins a renewal');
    if (this.#renewal.kind !== 'none' || this.#previous !== undefined) return;
    const keys = createRenewal(this.#random);
    const frame: PendingKeyFrame = { kind: 'key-offer', phase: this.#current.number + 1, publicKey: keys.publicKey };
    this.#renewal = { kind: 'offered', frame, keys };
  }

  /**
   * What belongs into the next packets, and again when they may be lost, until it is undefined: the client's offer while it
   * is not answered, the server's answer until a datagram opens under the new phase. The same object as long as it stays.
   */
  pendingFrame(): PendingKeyFrame | undefined {
    return 'frame' in this.#renewal ? this.#renewal.frame : undefined;
  }

  /** Server: a KEY_OFFER arrived. Another copy of the offer, or one for any phase but the next, changes nothing. Never throws. */
  onOffer(_now: number, phase: number, publicKey: Uint8Array): void {
    if (this.#role !== 'server' || this.#renewal.kind !== 'none' || phase !== this.#current.number + 1) return;
    const keys = createRenewal(this.#random);
    const next = this.#derive(phase, keys, publicKey, publicKey, keys.publicKey);
    if (next === undefined) return;
    const frame: PendingKeyFrame = { kind: 'key-answer', phase, publicKey: keys.publicKey };
    this.#renewal = { kind: 'answered', frame, next };
  }

  /** Client: a KEY_ANSWER arrived. Seals under the new phase at once. Anything but the awaited answer changes nothing. Never throws. */
  onAnswer(now: number, phase: number, publicKey: Uint8Array): void {
    if (this.#renewal.kind !== 'offered' || phase !== this.#renewal.frame.phase) return;
    const { keys } = this.#renewal;
    const next = this.#derive(phase, keys, publicKey, keys.publicKey, publicKey);
    if (next !== undefined) this.#switchTo(now, next);
  }

  /** When the old keys are to be forgotten; Infinity if there is nothing to do. May change after `open`, `onAnswer` and `tick`. */
  nextTimeout(): number {
    return this.#forgetAt;
  }

  /** Forgets the previous phase when its time has come. */
  tick(now: number): void {
    if (now >= this.#forgetAt) this.#forgetPrevious();
  }

  /** Overwrites every key; nothing seals or opens afterwards. */
  close(): void {
    this.#forgetPrevious();
    if (this.#renewal.kind === 'offered') wipe(this.#renewal.keys.privateKey);
    if (this.#renewal.kind === 'answered') wipePhase(this.#renewal.next);
    wipePhase(this.#current);
    wipe(this.#secret);
    this.#renewal = { kind: 'closed' };
  }

  #living(phaseBits: number): Phase | undefined {
    if (this.#renewal.kind === 'closed') return undefined;
    if (this.#current.number % PHASE_VALUES === phaseBits) return this.#current;
    if (this.#previous !== undefined && this.#previous.number % PHASE_VALUES === phaseBits) return this.#previous;
    if (this.#renewal.kind === 'answered' && this.#renewal.next.number % PHASE_VALUES === phaseBits) {
      return this.#renewal.next;
    }
    return undefined;
  }

  /** Moves the secret on to `phase`, wiping the old one and the private key; undefined, and nothing moved, on an unusable public key. */
  #derive(
    phase: number,
    keys: ExchangeKeys,
    peerPublic: Uint8Array,
    clientPublic: Uint8Array,
    serverPublic: Uint8Array,
  ): Phase | undefined {
    const shared = agreeRenewal(keys.privateKey, peerPublic);
    if (shared === undefined) return undefined;
    const next = nextSecret(this.#secret, shared, renewalTranscript(phase, clientPublic, serverPublic));
    wipe(shared, this.#secret, keys.privateKey);
    this.#secret = next;
    return this.#phase(phase);
  }

  /** The keys of phase `number`, whose secret is the newest one. */
  #phase(number: number): Phase {
    const client = directionKey(this.#secret, 'client');
    const server = directionKey(this.#secret, 'server');
    return this.#role === 'client'
      ? { number, sealing: client, opening: server }
      : { number, sealing: server, opening: client };
  }

  /** Seals under `phase` from now on; the current one still opens. */
  #switchTo(now: number, phase: Phase): void {
    this.#forgetPrevious();
    this.#previous = this.#current;
    this.#current = phase;
    this.#renewal = { kind: 'none' };
    this.#startedAt = now;
    this.#datagrams = 0;
  }

  #forgetPrevious(): void {
    if (this.#previous !== undefined) wipePhase(this.#previous);
    this.#previous = undefined;
    this.#forgetAt = Number.POSITIVE_INFINITY;
  }
}

function wipePhase(phase: Phase): void {
  wipe(phase.sealing.key, phase.sealing.iv, phase.opening.key, phase.opening.iv);
}
