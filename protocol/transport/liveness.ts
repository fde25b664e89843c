/**
 * Whether the peer is there: when it was heard, since when it owes an answer, when to ask again and when to stay quiet (SPEC.md §11).
 * Radios cost battery and NATs forget: the client asks often while somebody works, seldom when nobody does; the server never asks, and
 * says nothing at all to a client that has gone.
 */

import {
  ACTIVE_KEEPALIVE_MS,
  ACTIVE_MS,
  IDLE_KEEPALIVE_MS,
  PROBE_IDLE_MAX_MS,
  PROBE_MAX_MS,
  SERVER_SILENCE_MS,
} from '../constants.ts';
import type { RttEstimator } from './rtt.ts';

/** Doublings of the probe timeout: far beyond its longest. */
const MAX_DOUBLINGS = 16;
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

  /** A probe timeout has passed. Returns how many have by now. */
  onProbe(now: number): number {
    this.#lastProbeAt = now;
    return ++this.#probes;
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
    const longest = now - this.#lastHeardAt < ACTIVE_MS ? PROBE_MAX_MS : PROBE_IDLE_MAX_MS;
    const backedOff = timeout * 2 ** Math.min(this.#probes, MAX_DOUBLINGS);
    const askedAt = this.#probes > 0 ? this.#lastProbeAt : (this.#unansweredSince ?? this.#lastAskedAt);
    return askedAt + Math.min(backedOff, Math.max(timeout, longest));
  }

  /** When to ask with nothing under way; never on a server. */
  keepaliveAt(now: number): number {
    if (this.#role === 'server') return Number.POSITIVE_INFINITY;
    const rhythm = now - this.#lastContentAt < ACTIVE_MS ? ACTIVE_KEEPALIVE_MS : IDLE_KEEPALIVE_MS;
    return Math.max(this.#lastHeardAt, this.#lastAskedAt) + (this.#keepaliveMs ?? rhythm);
  }

  /** A rhythm of the user's own in ms; undefined for the protocol's. */
  setKeepalive(intervalMs: number | undefined): void {
    this.#keepaliveMs = intervalMs;
  }
}
