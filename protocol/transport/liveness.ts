/**
 * Whether the peer is there: when it was heard, since when it owes an answer, when to ask again and when to stay quiet (SPEC.md §11).
 * Radios cost battery and NATs forget: the client asks often while somebody works, seldom when nobody does; the server never asks, and
 * says nothing at all to a client that has gone.
 */

import { assert } from '../assert.ts';
import {
  ACTIVE_KEEPALIVE_MS,
  ACTIVE_MS,
  IDLE_KEEPALIVE_MS,
  LATER_PROBE_MS,
  LATER_PROBES_MS,
  LIGHT_PROBE_MS,
  LIGHT_PROBES_MS,
  MAX_DATAGRAM,
  PROBE_IDLE_MS,
  PROBE_MS,
  SERVER_LIGHT_PROBES_MS,
  SERVER_SILENCE_MS,
} from '../constants.ts';
import type { Purpose } from './probing.ts';
import type { RttEstimator } from './rtt.ts';

/** The first probes, half a timeout apart, are for lost packets and are whole; after them silence is silence. */
const FIRST_PROBES = 3;
/** Silence in probe timeouts after which what is under way is not late or lost but went into a hole. */
const DEAD_TIMEOUTS = 4;
/** Of so many probes between whole ones, one brings what is small and not only what is tiny: 200 bytes every 180 ms at most. */
const AMPLE_PROBES = 4;
/** So many of a client's first probes are of full size. */
const PADDED_FIRST_PROBES = 2;
/** Size of a padded probe in bytes: three times it holds a screen's usual change. */
const PADDED_PROBE = 500;
/** Content this recent counts as use of the session. */
const IN_USE_MS = 1_000;

export class Liveness {
  readonly #role: 'client' | 'server';
  readonly #rtt: RttEstimator;
  #lastHeardAt: number;
  #heard = false;
  /** When something was sent that asks for an answer. */
  #lastAskedAt: number;
  #lastContentAt: number;
  #unansweredSince: number | undefined;
  #probes = 0;
  #lastProbeAt = Number.NEGATIVE_INFINITY;
  #lastWholeProbeAt = Number.NEGATIVE_INFINITY;
  #keepaliveMs: number | undefined;

  constructor(role: 'client' | 'server', now: number, rtt: RttEstimator) {
    this.#role = role;
    this.#rtt = rtt;
    this.#lastHeardAt = now;
    this.#lastAskedAt = now;
    this.#lastContentAt = now;
  }

  /** When the last authentic datagram came; the start before the first. */
  get lastHeardAt(): number {
    return this.#lastHeardAt;
  }

  /** Whether an authentic datagram has come yet. */
  get heard(): boolean {
    return this.#heard;
  }

  /** Since when something is asked without any answer; undefined while the peer answers. */
  get unansweredSince(): number | undefined {
    return this.#unansweredSince;
  }

  /** Probe timeouts since the peer was heard. */
  get probes(): number {
    return this.#probes;
  }

  /** An authentic datagram has come. Returns how many probes had gone unanswered before. */
  onHeard(now: number): number {
    const probes = this.#probes;
    this.#heard = true;
    this.#lastHeardAt = now;
    this.#unansweredSince = undefined;
    this.#probes = 0;
    return probes;
  }

  /** Something was sent that asks for an answer. */
  onAsked(now: number): void {
    this.#lastAskedAt = now;
    this.#unansweredSince ??= now;
  }

  /** Content was sent or received: somebody works. */
  onContent(now: number): void {
    this.#lastContentAt = now;
  }

  /** It is time for a probe: a whole one, with all that is unacknowledged, or a light one that asks and brings little. */
  onProbe(now: number): 'whole' | 'ample' | 'light' {
    this.#lastProbeAt = now;
    const whole = this.#probes < FIRST_PROBES || now - this.#lastWholeProbeAt >= this.#wholeInterval(now);
    this.#probes++;
    if (whole) this.#lastWholeProbeAt = now;
    if (whole) return 'whole';
    return this.#probes % AMPLE_PROBES === 0 ? 'ample' : 'light';
  }

  /**
   * Bytes that a probe is to have at least. The first packets, and those of a client that hears nothing, give the server room to answer
   * a new address (RFC 9000 §8.1), but never quickly one after the other: a link that is full must not be filled by asking whether it is there.
   */
  probeSize(now: number, purpose: Purpose): number {
    if (this.#role === 'server' || purpose === 'light' || purpose === 'ample') return 0;
    if (!this.#heard) return this.#probes <= PADDED_FIRST_PROBES ? MAX_DATAGRAM : 0;
    if (purpose === 'asked') return MAX_DATAGRAM;
    return this.isDead(now) ? PADDED_PROBE : 0;
  }

  /** Whether the peer has been silent for so long that the path must have been down. */
  isDead(now: number): boolean {
    const since = this.#unansweredSince;
    return this.#probes >= FIRST_PROBES && since !== undefined && now - since >= DEAD_TIMEOUTS * this.#rtt.probeTimeout;
  }

  /** Whether content was sent or received just now. */
  isInUse(now: number): boolean {
    return now - this.#lastContentAt < IN_USE_MS;
  }

  /** Whether this is a server whose client has gone: it sends nothing. */
  isMute(now: number): boolean {
    return this.#role === 'server' && now - this.#lastHeardAt > SERVER_SILENCE_MS;
  }

  /** When to ask again for what is under way: counted from the first question without an answer, whatever was sent since. */
  probeAt(now: number): number {
    const timeout = this.#rtt.probeTimeout;
    if (this.#probes === 0) return (this.#unansweredSince ?? this.#lastAskedAt) + timeout;
    if (this.#probes < FIRST_PROBES) return this.#lastProbeAt + timeout / 2;
    return this.#lastProbeAt + this.#probeInterval(now);
  }

  /** When to ask with nothing under way; never on a server. */
  keepaliveAt(now: number): number {
    if (this.#role === 'server') return Number.POSITIVE_INFINITY;
    const rhythm = now - this.#lastContentAt < ACTIVE_MS ? ACTIVE_KEEPALIVE_MS : IDLE_KEEPALIVE_MS;
    return Math.max(this.#lastHeardAt, this.#lastAskedAt) + (this.#keepaliveMs ?? rhythm);
  }

  /** A rhythm of the user's own in ms, Infinity for none; undefined for the protocol's. */
  setKeepalive(intervalMs: number | undefined): void {
    assert(intervalMs === undefined || intervalMs > 0, 'a rhythm has an interval');
    this.#keepaliveMs = intervalMs;
  }

  /** Between two probes in a silence. */
  #probeInterval(now: number): number {
    const silentSince = this.#unansweredSince ?? now;
    if (this.#role === 'server') {
      return now - silentSince < SERVER_LIGHT_PROBES_MS ? LIGHT_PROBE_MS : this.#wholeInterval(now);
    }
    if (!this.#heard) return this.#wholeInterval(now);
    // Somebody waits who worked before the silence began, or has typed since.
    if (this.#lastContentAt < silentSince - ACTIVE_MS) return this.#wholeInterval(now);
    const waiting = now - Math.max(silentSince, this.#lastContentAt);
    if (waiting < LIGHT_PROBES_MS) return LIGHT_PROBE_MS;
    return waiting < LATER_PROBES_MS ? LATER_PROBE_MS : this.#wholeInterval(now);
  }

  #wholeInterval(now: number): number {
    const interval = now - this.#lastHeardAt < ACTIVE_MS ? PROBE_MS : PROBE_IDLE_MS;
    return Math.max(interval, this.#rtt.probeTimeout);
  }
}
