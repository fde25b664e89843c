/**
 * The syntax of terminal output as one table: Paul Williams' state machine for DEC's ANSI-compatible parsers
 * (vt100.net/emu/dec_ansi_parser), with UTF-8's code points instead of bytes and with `:` in parameters. For each state and
 * each code point, what to do and which state follows. Code points from A0 on share one column.
 */

export const GROUND = 0;
export const ESCAPE = 1;
export const ESCAPE_INTERMEDIATE = 2;
export const CSI_ENTRY = 3;
export const CSI_PARAM = 4;
export const CSI_INTERMEDIATE = 5;
export const CSI_IGNORE = 6;
export const DCS_ENTRY = 7;
export const DCS_PARAM = 8;
export const DCS_INTERMEDIATE = 9;
export const DCS_IGNORE = 10;
export const DCS_STRING = 11;
export const OSC_STRING = 12;
/** SOS, PM and APC: nothing of them is used. */
export const OTHER_STRING = 13;
const STATES = 14;

export const NONE = 0;
export const PRINT = 1;
export const EXECUTE = 2;
export const CLEAR = 3;
export const COLLECT = 4;
export const PARAM = 5;
export const ESCAPE_DISPATCH = 6;
export const CSI_DISPATCH = 7;
export const STRING_START = 8;
export const STRING_PUT = 9;
/** The string is whole. The ESC of its ST then begins an escape sequence, `ESC \`, that does nothing. */
export const STRING_END = 10;

/** The column of all code points from A0 on. */
export const BEYOND = 0xa0;
/** Columns of a state, a power of two: `TRANSITIONS[(state << COLUMN_BITS) | column]`. */
export const COLUMN_BITS = 8;

/** `(action << 4) | next state`. */
export const TRANSITIONS = build();

function build(): Uint8Array {
  const table = new Uint8Array(STATES << COLUMN_BITS);
  const on = (state: number, first: number, last: number, action: number, next: number): void => {
    table.fill((action << 4) | next, (state << COLUMN_BITS) | first, ((state << COLUMN_BITS) | last) + 1);
  };
  const controls = (state: number, action: number): void => {
    on(state, 0x00, 0x17, action, state);
    on(state, 0x19, 0x19, action, state);
    on(state, 0x1c, 0x1f, action, state);
  };

  // What fits nowhere ends the sequence and is dropped.
  for (let state = 0; state < STATES; state++) on(state, 0x00, BEYOND, NONE, GROUND);

  controls(GROUND, EXECUTE);
  on(GROUND, 0x20, 0x7e, PRINT, GROUND);
  on(GROUND, BEYOND, BEYOND, PRINT, GROUND);

  controls(ESCAPE, EXECUTE);
  on(ESCAPE, 0x20, 0x2f, COLLECT, ESCAPE_INTERMEDIATE);
  on(ESCAPE, 0x30, 0x7e, ESCAPE_DISPATCH, GROUND);
  on(ESCAPE, 0x5b, 0x5b, CLEAR, CSI_ENTRY);
  on(ESCAPE, 0x50, 0x50, CLEAR, DCS_ENTRY);
  on(ESCAPE, 0x5d, 0x5d, STRING_START, OSC_STRING);
  on(ESCAPE, 0x58, 0x58, NONE, OTHER_STRING);
  on(ESCAPE, 0x5e, 0x5f, NONE, OTHER_STRING);
  on(ESCAPE, 0x7f, 0x7f, NONE, ESCAPE);

  controls(ESCAPE_INTERMEDIATE, EXECUTE);
  on(ESCAPE_INTERMEDIATE, 0x20, 0x2f, COLLECT, ESCAPE_INTERMEDIATE);
  on(ESCAPE_INTERMEDIATE, 0x30, 0x7e, ESCAPE_DISPATCH, GROUND);
  on(ESCAPE_INTERMEDIATE, 0x7f, 0x7f, NONE, ESCAPE_INTERMEDIATE);

  for (const state of [CSI_ENTRY, CSI_PARAM, CSI_INTERMEDIATE]) {
    controls(state, EXECUTE);
    on(state, 0x20, 0x2f, COLLECT, CSI_INTERMEDIATE);
    on(state, 0x30, 0x3b, PARAM, CSI_PARAM);
    on(state, 0x3c, 0x3f, NONE, CSI_IGNORE);
    on(state, 0x40, 0x7e, CSI_DISPATCH, GROUND);
    on(state, 0x7f, 0x7f, NONE, state);
  }
  on(CSI_ENTRY, 0x3c, 0x3f, COLLECT, CSI_PARAM);
  on(CSI_INTERMEDIATE, 0x30, 0x3f, NONE, CSI_IGNORE);
  controls(CSI_IGNORE, EXECUTE);
  on(CSI_IGNORE, 0x20, 0x3f, NONE, CSI_IGNORE);
  on(CSI_IGNORE, 0x7f, 0x7f, NONE, CSI_IGNORE);
  on(CSI_IGNORE, BEYOND, BEYOND, NONE, CSI_IGNORE);

  for (const state of [DCS_ENTRY, DCS_PARAM, DCS_INTERMEDIATE]) {
    controls(state, NONE);
    on(state, 0x20, 0x2f, COLLECT, DCS_INTERMEDIATE);
    on(state, 0x30, 0x3b, PARAM, DCS_PARAM);
    on(state, 0x3c, 0x3f, NONE, DCS_IGNORE);
    on(state, 0x40, 0x7e, STRING_START, DCS_STRING);
    on(state, 0x7f, 0x7f, NONE, state);
    on(state, BEYOND, BEYOND, NONE, DCS_IGNORE);
  }
  on(DCS_ENTRY, 0x3c, 0x3f, COLLECT, DCS_PARAM);
  on(DCS_INTERMEDIATE, 0x30, 0x3f, NONE, DCS_IGNORE);
  controls(DCS_IGNORE, NONE);
  on(DCS_IGNORE, 0x20, 0x7f, NONE, DCS_IGNORE);
  on(DCS_IGNORE, BEYOND, BEYOND, NONE, DCS_IGNORE);

  controls(DCS_STRING, STRING_PUT);
  on(DCS_STRING, 0x20, 0x7e, STRING_PUT, DCS_STRING);
  on(DCS_STRING, 0x7f, 0x7f, NONE, DCS_STRING);
  on(DCS_STRING, BEYOND, BEYOND, STRING_PUT, DCS_STRING);

  controls(OSC_STRING, NONE);
  on(OSC_STRING, 0x07, 0x07, STRING_END, GROUND);
  on(OSC_STRING, 0x20, 0x7f, STRING_PUT, OSC_STRING);
  on(OSC_STRING, BEYOND, BEYOND, STRING_PUT, OSC_STRING);

  controls(OTHER_STRING, NONE);
  on(OTHER_STRING, 0x20, 0x7f, NONE, OTHER_STRING);
  on(OTHER_STRING, BEYOND, BEYOND, NONE, OTHER_STRING);

  // From anywhere: CAN and SUB give up, ESC and the C1 controls begin anew.
  for (let state = 0; state < STATES; state++) {
    const inString = state === DCS_STRING || state === OSC_STRING;
    on(state, 0x18, 0x18, EXECUTE, GROUND);
    on(state, 0x1a, 0x1a, EXECUTE, GROUND);
    on(state, 0x1b, 0x1b, inString ? STRING_END : CLEAR, ESCAPE);
    on(state, 0x80, 0x9a, EXECUTE, GROUND);
    on(state, 0x90, 0x90, CLEAR, DCS_ENTRY);
    on(state, 0x98, 0x98, NONE, OTHER_STRING);
    on(state, 0x9b, 0x9b, CLEAR, CSI_ENTRY);
    on(state, 0x9c, 0x9c, inString ? STRING_END : NONE, GROUND);
    on(state, 0x9d, 0x9d, STRING_START, OSC_STRING);
    on(state, 0x9e, 0x9f, NONE, OTHER_STRING);
  }
  return table;
}
