/**
 * A screen: what a terminal shows at one moment, immutable. The emulator takes one (`Emulator.snapshot`), the sync sends the
 * difference of two, the renderer turns one into another on a real terminal.
 */

import { CURSOR_VISIBLE } from './modes.ts';
import { BLANK_PROPERTIES, equalProperties, type Properties } from './properties.ts';
import { blankRow, equalRows, type Row } from './row.ts';

/** The largest side of a screen, in cells. */
export const MAX_SIDE = 1_000;
/** Longest window or icon title, in UTF-16 code units; longer ones are cut by the emulator, and refused by the decoder. */
export const MAX_TITLE = 1_024;
/** Longest text of one cell, in UTF-16 code units: a base with its combining marks. Further marks are left out. */
export const MAX_CLUSTER = 32;

export interface Screen {
  /** Width in cells, 1 to MAX_SIDE. Every row has it. */
  readonly cols: number;
  /** Top to bottom, 1 to MAX_SIDE of them, all frozen. */
  readonly rows: readonly Row[];
  readonly cursorRow: number;
  /** 0 to cols - 1; a cursor waiting to wrap stands on the last column. */
  readonly cursorCol: number;
  /** DECSCUSR's parameter, 0 to 6; 0 is the terminal's own default. */
  readonly cursorShape: number;
  /** Bits of modes.ts. */
  readonly modes: number;
  /** Window title (OSC 0 and 2), without control characters. */
  readonly title: string;
  /** Icon title (OSC 0 and 1), without control characters. */
  readonly iconTitle: string;
  /** How often the bell has rung since the start, modulo 2^32. */
  readonly bells: number;
  /** Colours, clipboard and the like. */
  readonly properties: Properties;
}

/** The empty screen that both ends hold as state 0. Its rows are one shared, frozen row. */
export function blankScreen(cols: number, rows: number): Screen {
  const row = blankRow(cols);
  row.frozen = true;
  return {
    cols,
    rows: new Array<Row>(rows).fill(row),
    cursorRow: 0,
    cursorCol: 0,
    cursorShape: 0,
    modes: CURSOR_VISIBLE,
    title: '',
    iconTitle: '',
    bells: 0,
    properties: BLANK_PROPERTIES,
  };
}

/** Whether two screens are the same, cell for cell, cursor, modes and titles included. */
export function equalScreens(a: Screen, b: Screen): boolean {
  return (
    a.cols === b.cols &&
    a.rows.length === b.rows.length &&
    a.cursorRow === b.cursorRow &&
    a.cursorCol === b.cursorCol &&
    a.cursorShape === b.cursorShape &&
    a.modes === b.modes &&
    a.title === b.title &&
    a.iconTitle === b.iconTitle &&
    a.bells === b.bells &&
    equalProperties(a.properties, b.properties) &&
    a.rows.every((row, i) => {
      const other = b.rows[i];
      return other !== undefined && equalRows(row, other);
    })
  );
}
