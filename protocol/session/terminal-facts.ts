/**
 * What the user's terminal is, as the client found out by asking it: told to the server once, in the input stream, so that the
 * server's emulator answers programs as this terminal would, without a round trip, and claims nothing that it can't show.
 *
 * On the wire (SPEC.md §7):
 *
 * ```
 * u8   flags: 1 graphemes, 2 emojiPresentation, 4 ambiguousWide, 8 keyboard, 16 otherKeys, 32 clipboardReading
 * u8   cell width, u8 cell height
 * u32  colours that follow: bit i for the palette's i-th, 16 foreground, 17 background, 18 cursor
 * 3 bytes for each of them, in that order: red, green, blue
 * ```
 */

import { DecodeError, Reader, Writer } from '../bytes.ts';
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

/** Longest encoding, in bytes; a reader takes longer ones as far as this length, and refuses them then. */
export const MAX_FACTS_BYTES = 1_024;

/** Colours of the palette that are told. */
export const FACTS_PALETTE = 16;
const FACTS_COLORS = FACTS_PALETTE + 3;
const FLAGS_MASK = 63;

/** The bytes of the wire. What is out of range counts as unknown. */
export function encodeFacts(facts: TerminalFacts): Uint8Array {
  const writer = new Writer();
  const { widths } = facts;
  const flags = [
    widths.graphemes,
    widths.emojiPresentation,
    widths.ambiguousWide,
    facts.keyboard,
    facts.otherKeys,
    facts.clipboardReading,
  ];
  writer.u8(flags.reduce((bits, flag, i) => bits | (flag ? 1 << i : 0), 0));
  writer.u8(pixels(facts.cellWidth));
  writer.u8(pixels(facts.cellHeight));
  const colors = colorsOf(facts);
  writer.u32(colors.reduce<number>((bits, color, i) => (color === undefined ? bits : bits | (1 << i)), 0));
  for (const color of colors) {
    if (color === undefined) continue;
    writer.u8((color >> 16) & 0xff);
    writer.u16(color & 0xffff);
  }
  return writer.finish();
}

/** Throws `DecodeError` unless the bytes are exactly one encoding. */
export function decodeFacts(bytes: Uint8Array): TerminalFacts {
  const reader = new Reader(bytes);
  const flags = reader.u8();
  if ((flags & ~FLAGS_MASK) !== 0)
    throw new DecodeError(`Cannot read a terminal's facts: ${flags} is not of its flags`);
  const cellWidth = reader.u8();
  const cellHeight = reader.u8();
  const present = reader.u32();
  if (present >= 2 ** FACTS_COLORS) throw new DecodeError("Cannot read a terminal's facts: there is no such colour");
  const colors: (number | undefined)[] = [];
  for (let i = 0; i < FACTS_COLORS; i++) {
    colors.push((present & (1 << i)) === 0 ? undefined : reader.u8() * 0x1_0000 + reader.u16());
  }
  reader.end("a terminal's facts");
  return {
    widths: {
      graphemes: (flags & 1) !== 0,
      emojiPresentation: (flags & 2) !== 0,
      ambiguousWide: (flags & 4) !== 0,
    },
    keyboard: (flags & 8) !== 0,
    otherKeys: (flags & 16) !== 0,
    clipboardReading: (flags & 32) !== 0,
    cellWidth,
    cellHeight,
    palette: colors.slice(0, FACTS_PALETTE),
    foreground: colors[FACTS_PALETTE],
    background: colors[FACTS_PALETTE + 1],
    cursor: colors[FACTS_PALETTE + 2],
  };
}

/** Those of the palette, then foreground, background and cursor. */
function colorsOf(facts: TerminalFacts): (number | undefined)[] {
  const colors = Array.from({ length: FACTS_PALETTE }, (_, i) => facts.palette[i]);
  colors.push(facts.foreground, facts.background, facts.cursor);
  return colors;
}

function pixels(side: number): number {
  return Number.isInteger(side) && side > 0 && side <= 0xff ? side : 0;
}
