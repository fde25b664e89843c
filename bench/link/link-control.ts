/**
 * What can be done to a link between two namespaces, whoever moves its packets: this project's own process (link.ts) or
 * the kernel (netem.ts).
 */

import type { Direction, LinkCounts } from './control.ts';
import type { ImpairmentOptions } from './impairment.ts';

/** What a link does; each absent part is perfect. */
export interface LinkOptions {
  /** Client to server. */
  readonly up?: ImpairmentOptions;
  readonly down?: ImpairmentOptions;
  readonly seed?: number;
  readonly nat?: boolean;
}

export interface LinkControl {
  /** Packets that enter from now on meet these. */
  impair(options: LinkOptions): Promise<void>;
  /** The dice fall from now on as they would on a new link with this seed. */
  reseed(seed: number): Promise<void>;
  /** A cut or mended cable. */
  setOutage(on: boolean, directions?: readonly Direction[]): Promise<void>;
  /** A firewall that lets no UDP through, as in some hotels; TCP passes. */
  setFirewall(on: boolean): Promise<void>;
  /** The NAT forgets the client's ports (only with `nat`). */
  rebind(): Promise<void>;
  counts(): Promise<LinkCounts>;
  /** Ends it; the devices go with it. */
  close(): Promise<void>;
}
