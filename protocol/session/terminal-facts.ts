/**
 * What the user's terminal is, as the client found out by asking it: told to the server once, in the input stream, so that the
 * server's emulator answers programs as this terminal would, without a round trip, and claims nothing that it can't show.
 */

import { DEFAULT_WIDTH_RULES, type WidthRules } from '../terminal/width-rules.ts';

export interface TerminalFacts {
  readonly widths: WidthRules;
  /** Its own colours, 0xRRGGBB; undefined where it did not say. */
  readonly foreground: number | undefined;
  readonly background: number | undefined;
  readonly cursor: number | undefined;
  /** Of the palette's first 16, by index. */
  readonly palette: readonly (number | undefined)[];
  /** Of one cell, in pixels, 1 to 255; 0 unknown. */
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** It understands kitty's keyboard protocol. */
  readonly keyboard: boolean;
  /** It understands modifyOtherKeys. */
  readonly otherKeys: boolean;
  /** The user allows programs to read the clipboard (OSC 52). */
  readonly clipboardReading: boolean;
}

/** Of a terminal that said nothing. */
export const UNKNOWN_TERMINAL: TerminalFacts = {
  widths: DEFAULT_WIDTH_RULES,
  foreground: undefined,
  background: undefined,
  cursor: undefined,
  palette: [],
  cellWidth: 0,
  cellHeight: 0,
  keyboard: false,
  otherKeys: false,
  clipboardReading: false,
};
