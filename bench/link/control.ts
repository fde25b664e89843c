/**
 * What the measuring process and the link's process say to each other: lines of JSON, the setup and then an order a line
 * on the link's standard input, one answer a line on its standard output, in the same order.
 */

import type { ImpairmentOptions, Loss } from './impairment.ts';

/** From the client to the server, and back. */
export const DIRECTIONS = ['up', 'down'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** The first line: what to open. */
export interface LinkSetup {
  /** Names of the TUN devices to make, of at most 15 letters. */
  readonly clientDevice: string;
  readonly serverDevice: string;
  readonly up: ImpairmentOptions;
  readonly down: ImpairmentOptions;
  readonly seed: number;
  /** Whether UDP from the client passes a NAT (nat.ts). */
  readonly nat: boolean;
}

/** Every later line. */
export type Order =
  | { readonly kind: 'impair'; readonly direction: Direction; readonly options: ImpairmentOptions }
  | { readonly kind: 'outage'; readonly direction: Direction; readonly on: boolean }
  | { readonly kind: 'reseed'; readonly seed: number }
  | { readonly kind: 'firewall'; readonly on: boolean }
  | { readonly kind: 'rebind' }
  | { readonly kind: 'count' };

/** What one direction has seen since the start. */
export interface DirectionCounts {
  /** IP packets and their bytes that entered: what a sender has paid for, lost or not. */
  readonly packets: number;
  readonly bytes: number;
  /** Those of them that were UDP. */
  readonly udpPackets: number;
  readonly udpBytes: number;
  /** Copies that came out. */
  readonly delivered: number;
  readonly dropped: Readonly<Record<Loss | 'unmapped' | 'firewall' | 'overflow' | 'refused', number>>;
  /** How much later than asked a packet came out: the worst so far, and the mean. */
  readonly latenessMsMax: number;
  readonly latenessMsMean: number;
}

export type LinkCounts = Readonly<Record<Direction, DirectionCounts>>;

export type Answer =
  | { readonly kind: 'done' }
  | { readonly kind: 'counts'; readonly counts: LinkCounts }
  | { readonly kind: 'error'; readonly message: string };
