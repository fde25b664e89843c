/**
 * What the server keeps in step with the client (SPEC.md §8): the screen, and what predictions are judged by. With the screen alone
 * a client could not tell an echo that is late from one that will not come, nor a password prompt from any other.
 */

import type { Row } from '../screen/row.ts';
import { blankScreen, type Screen } from '../screen/screen.ts';

/** What predictions are judged by. */
export interface EchoState {
  readonly screen: Screen;
  /**
   * Offset in the input stream (SPEC.md §7) up to which the program has had time to answer: written to its pty at least `ECHO_MS`
   * ago, or all that was, when the program is gone.
   */
  readonly echoed: number;
  /** The pty's line discipline and its reader; undefined where the server cannot tell. */
  readonly tty: TtyState | undefined;
}

/** One state of a shell session. A new object whenever something in it is another. */
export interface ShellState extends EchoState {
  readonly scrolled: Scrolled;
}

/** What has scrolled off the top of the main screen (SPEC.md §8). */
export interface Scrolled {
  /** How many lines have: the absolute number of the main screen's top row. */
  readonly end: number;
  /** From line `first` on, what of it is known here: with the client, the rows of the base that were these lines. */
  readonly first: number;
  readonly rows: readonly Row[];
  /** With the server, the row that left as a line, while a client may still have it on its screen. */
  readonly shared?: (line: number) => Row | undefined;
}

export const NOTHING_SCROLLED: Scrolled = { end: 0, first: 0, rows: [] };

/** How the kernel treats what is typed, and who reads it. */
export interface TtyState {
  /** ECHO: what is typed is shown by the kernel. */
  readonly echo: boolean;
  /** ICANON: line mode. With it and without `echo` it is a password prompt; without both, an editor of lines or screens. */
  readonly canonical: boolean;
  /** 32-bit hash of the name of the foreground program: the same for the same program, 0 for unknown. */
  readonly program: number;
}

/** State 0, which both ends hold from the start. */
export function blankState(cols: number, rows: number): ShellState {
  return { screen: blankScreen(cols, rows), echoed: 0, tty: undefined, scrolled: NOTHING_SCROLLED };
}

/** Whether two are the same, or both unknown. */
export function equalTty(a: TtyState | undefined, b: TtyState | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && a.echo === b?.echo && a.canonical === b.canonical && a.program === b.program;
}
