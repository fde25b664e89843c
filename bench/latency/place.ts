/**
 * Where shells are measured: in a lab of this machine's own (lab-place.ts) or on a real path to a host (real-path.ts). A place
 * starts the shells, brings each to the same prompt in the same directory, and says what they cost.
 */

import type { ScreenTerminal } from '../lab/screen-terminal.ts';
import type { LabShell } from '../lab/shells.ts';
import type { LearnOptions } from '../measure/reference.ts';
import type { Traffic, Usage } from '../measure/result.ts';

/** Every terminal of a place has this size. */
export const COLS = 80;
export const ROWS = 24;
/** From the start of a client to its prompt, at most: some resend their first packet after 1, 3, 7, 15 and 31 s. */
export const PROMPT_TIMEOUT_MS = 60_000;

export interface Place {
  /** One line for people: where it is. */
  readonly title: string;
  /** What can be seen and done of the network; absent on a real path. */
  readonly network?: PlaceNetwork;
  /**
   * Starts a shell's client as its users start it, and brings the session to the prompt `lab$ ` in the working directory. Throws
   * one line, with the end of its screen in it, when there is no prompt in time or the client ends.
   */
  open(shell: LabShell): Promise<PlaceSession>;
  /** How long a screen of `reference` must be at rest to be final, where that is not the usual; on a real path it takes its way. */
  readonly settling?: LearnOptions;
  /** A session of the same size and environment, without a shell under test or an emulated link before it. */
  reference(): Promise<PlaceSession>;
  /** Before a turn: the link's dice fall as they did for every shell with this seed, and its client is at home again. */
  reseed(seed: number): Promise<void>;
  /** Begins the account of a turn; the answer gives it, when the turn's sessions are closed. */
  usage(shell: LabShell): () => Promise<TurnUsage>;
  /** Puts files, names to contents, into the working directory over there. */
  putFiles(files: Readonly<Record<string, string>>): Promise<void>;
  /** Whether a program is to be found over there. */
  has(program: string): Promise<boolean>;
  /** Ends every session, and leaves nothing here or there. */
  close(): Promise<void>;
}

/** A session at its prompt. */
export interface PlaceSession {
  readonly terminal: ScreenTerminal;
  /** From the start of the client to its first prompt. */
  readonly promptMs: number;
  /** Ends it, and what it left on the other side; resolves when both are gone. */
  close(): Promise<void>;
}

export interface PlaceNetwork {
  /** The client gets another address; resolves when it has it. */
  move(): Promise<void>;
  /** No packet passes until it is mended. */
  setOutage(on: boolean): Promise<void>;
  /** Totals since the link was made. */
  traffic(): Promise<Traffic>;
}

/** What the processes of a turn took, on the sides that are in sight. */
export interface TurnUsage {
  readonly client?: Usage;
  readonly server?: Usage;
}
