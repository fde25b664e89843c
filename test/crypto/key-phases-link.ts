/**
 * Two KeyPhases with a link between them, for tests: by hand (`KeyPair`), or a whole session over a bad link under virtual
 * time (`runSession`), in which everything is drawn from one seed and the invariants are checked as it goes.
 */

import { expect } from 'vitest';
import { KeyPhases, type PendingKeyFrame } from '../../protocol/crypto/key-phases.ts';
import type { Sender } from '../../protocol/crypto/key-schedule.ts';
import { seededRandom } from './random.ts';

/** What travels: the clear header and the sealed frame. */
export interface Datagram {
  readonly phaseBits: number;
  readonly packetNumber: number;
  readonly header: Uint8Array;
  readonly sealed: Uint8Array;
}

const PEER = { client: 'server', server: 'client' } as const;

/** Both ends of a session, fresh from one agreement. Frames travel inside of the datagrams that `seal` makes. */
export class KeyPair {
  readonly client: KeyPhases;
  readonly server: KeyPhases;
  readonly #next = { client: 0, server: 0 };

  constructor({ seed = 1, ...limits }: { readonly seed?: number; readonly renewAfterDatagrams?: number } = {}) {
    const secret = seededRandom(seed)(32);
    const common = { now: 0, ...limits };
    this.client = new KeyPhases({ ...common, role: 'client', secret: secret.slice(), random: seededRandom(seed + 1) });
    this.server = new KeyPhases({ ...common, role: 'server', secret: secret.slice(), random: seededRandom(seed + 2) });
  }

  /** A datagram with whatever frame is pending. */
  seal(from: Sender): Datagram {
    const keys = this[from];
    const packetNumber = this.#next[from]++;
    const phaseBits = keys.sendPhase % 4;
    const header = Uint8Array.of(0x40 | phaseBits, packetNumber >> 8, packetNumber & 0xff);
    const sealed = keys.seal(packetNumber, header, encodeFrame(keys.pendingFrame()));
    return { phaseBits, packetNumber, header, sealed };
  }

  /** Opens a datagram at `to` and handles the frame in it; the phase it was sealed under, or undefined when it is refused. */
  arrive(to: Sender, datagram: Datagram, now: number): { phase: number } | undefined {
    const keys = this[to];
    const opened = keys.open(now, datagram.phaseBits, datagram.packetNumber, datagram.header, datagram.sealed);
    if (opened === undefined) return undefined;
    const frame = decodeFrame(opened.plaintext);
    if (frame?.kind === 'key-offer') keys.onOffer(now, frame.phase, frame.publicKey);
    if (frame?.kind === 'key-answer') keys.onAnswer(now, frame.phase, frame.publicKey);
    return { phase: opened.phase };
  }

  /** One datagram from one end straight to the other. */
  deliver(from: Sender, now: number): { phase: number } | undefined {
    return this.arrive(PEER[from], this.seal(from), now);
  }

  /** A whole renewal without any delay. */
  renew(now: number): void {
    this.client.startRenewal(now);
    for (let turn = 0; turn < 2; turn++) {
      this.deliver('client', now);
      this.deliver('server', now);
    }
  }

  tick(now: number): void {
    this.client.tick(now);
    this.server.tick(now);
  }
}

/** What a run showed. */
export interface Outcome {
  /** Datagrams that arrived for the first time and did not open. */
  readonly refused: readonly string[];
  /** Phases that both ends had reached at the end. */
  readonly phases: number;
}

const SESSION_MS = 900_000;
const HEALTHY_TAIL_MS = 300_000;

/** A session of 15 minutes. The last five are healthy, and both ends must have agreed on one phase by then. */
export function runSession(options: {
  readonly seed: number;
  readonly delayMsMax: number;
  readonly lossPercent: number;
  readonly outages: boolean;
}): Outcome {
  const draw = mulberry(options.seed);
  const pair = new KeyPair({ seed: options.seed });
  const refused: string[] = [];
  const nonces = new Set<string>();
  const flights: { at: number; to: Sender; datagram: Datagram; first: boolean; sentAt: number }[] = [];
  const nextSend = { client: 0, server: 0 };
  let outageUntil = 0;
  let now = 0;

  while (now < SESSION_MS) {
    const healthy = now >= SESSION_MS - HEALTHY_TAIL_MS;
    if (options.outages && !healthy && now >= outageUntil && draw() < 0.002) outageUntil = now + draw() * 200_000;

    for (const side of ['client', 'server'] as const) {
      pair[side].tick(now);
      if (now < nextSend[side]) continue;
      nextSend[side] = now + 100 + draw() * 3_000;
      if (pair[side].renewalDue(now)) pair[side].startRenewal(now);
      const datagram = pair.seal(side);
      const nonce = `${side} ${pair[side].sendPhase} ${datagram.packetNumber}`;
      expect(nonces.has(nonce), `nonce ${nonce} twice`).toBe(false);
      nonces.add(nonce);
      const lost = !healthy && (now < outageUntil || draw() * 100 < options.lossPercent);
      const copies = lost ? 0 : draw() < 0.2 ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        // A copy may come minutes later: someone recorded and replays it.
        const delayMs = copy === 0 ? draw() * (healthy ? 500 : options.delayMsMax) : draw() * 300_000;
        flights.push({ at: now + delayMs, to: PEER[side], datagram, first: copy === 0, sentAt: now });
      }
    }

    flights.sort((a, b) => b.at - a.at);
    for (let flight = flights.at(-1); flight !== undefined && flight.at <= now; flight = flights.at(-1)) {
      flights.pop();
      pair[flight.to].tick(flight.at);
      const opened = pair.arrive(flight.to, flight.datagram, flight.at);
      if (opened === undefined && flight.first) refused.push(`${flight.to}: sent ${flight.sentAt}, came ${flight.at}`);
      expect(Math.abs(pair.client.sendPhase - pair.server.sendPhase)).toBeLessThanOrEqual(1);
    }
    now = Math.min(nextSend.client, nextSend.server, flights.at(-1)?.at ?? SESSION_MS, ...timeouts(pair, now));
  }
  // The two may be apart only for the moment of a renewal under way.
  expect(pair.client.sendPhase - pair.server.sendPhase).toBeGreaterThanOrEqual(0);
  return { refused, phases: pair.server.sendPhase };
}

/** The deadlines of both ends; never in the past, because both were ticked. */
function timeouts(pair: KeyPair, now: number): number[] {
  return [pair.client.nextTimeout(), pair.server.nextTimeout()].map((at) => Math.max(at, now));
}

function encodeFrame(frame: PendingKeyFrame | undefined): Uint8Array {
  if (frame === undefined) return new Uint8Array(0);
  return new Uint8Array([frame.kind === 'key-offer' ? 5 : 6, frame.phase, ...frame.publicKey]);
}

function decodeFrame(bytes: Uint8Array): PendingKeyFrame | undefined {
  const [type, phase] = bytes;
  if (type === undefined || phase === undefined) return undefined;
  return { kind: type === 5 ? 'key-offer' : 'key-answer', phase, publicKey: bytes.subarray(2) };
}

/** A small generator of numbers from 0 to 1 (mulberry32). */
function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
