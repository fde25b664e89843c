/**
 * A work that is more than typing: a paste, a flood, an address change. It drives the session itself and gives the figures
 * that `MEASURES` names.
 */

import type { ScreenTerminal } from '../lab/screen-terminal.ts';
import type { Dice } from '../link/random.ts';
import type { Measure, Traffic } from '../measure/result.ts';

/** Where it plays: a session at its prompt, which it must leave at its prompt. */
export interface Stage {
  readonly terminal: ScreenTerminal;
  readonly dice: Dice;
  /** What can be done to the network; absent on a real path. */
  readonly network?: {
    /** The client gets another address; resolves when it has it. */
    move(): Promise<void>;
    /** No packet passes until it is mended. */
    setOutage(on: boolean): Promise<void>;
    /** Totals since the link was made. */
    traffic(): Promise<Traffic>;
  };
}

export interface Act {
  readonly name: string;
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly programs: readonly string[];
  /** It needs `stage.network`. */
  readonly needsNetwork: boolean;
  /** A session that does not roam fails it and is gone afterwards: it comes last, and its failure is a result. */
  readonly endsSessions: boolean;
  /** A figure that could not be had in time is null. Throws when the session is beyond use. */
  play(stage: Stage): Promise<Readonly<Partial<Record<Measure, number | null>>>>;
}
