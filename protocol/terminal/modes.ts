/**
 * The modes that a screen carries to the other end (screen/modes.ts), as programs set them: DECSET, DECRST and DECRQM by
 * number. The modes that steer writing are the page's.
 */

import {
  ALTERNATE_SCROLL,
  APPLICATION_CURSOR,
  APPLICATION_KEYPAD,
  BRACKETED_PASTE,
  COLOR_SCHEME_REPORTS,
  CURSOR_VISIBLE,
  FOCUS_EVENTS,
  MOUSE_ENCODING_MASK,
  MOUSE_ENCODING_SHIFT,
  MOUSE_TRACKING_MASK,
  MOUSE_TRACKING_SHIFT,
  REVERSE_VIDEO,
} from '../screen/modes.ts';

const FLAGS: ReadonlyMap<number, number> = new Map([
  [1, APPLICATION_CURSOR],
  [5, REVERSE_VIDEO],
  [25, CURSOR_VISIBLE],
  [66, APPLICATION_KEYPAD],
  [1004, FOCUS_EVENTS],
  [1007, ALTERNATE_SCROLL],
  [2004, BRACKETED_PASTE],
  [2031, COLOR_SCHEME_REPORTS],
]);
const TRACKING: ReadonlyMap<number, number> = new Map([
  [9, 1],
  [1000, 2],
  [1002, 3],
  [1003, 4],
]);
const ENCODING: ReadonlyMap<number, number> = new Map([
  [1005, 1],
  [1006, 2],
  [1015, 3],
  [1016, 4],
]);

/** What DECSTR leaves alone: the mouse, the screen's colours, how the wheel scrolls. */
const HARD = MOUSE_TRACKING_MASK | MOUSE_ENCODING_MASK | REVERSE_VIDEO | ALTERNATE_SCROLL;

export class Modes {
  /** Bits of screen/modes.ts. */
  bits = CURSOR_VISIBLE;

  /** Sets a private mode on or off, if it is one of these. */
  set(mode: number, on: boolean): void {
    const flag = FLAGS.get(mode);
    if (flag !== undefined) this.bits = on ? this.bits | flag : this.bits & ~flag;
    const tracking = TRACKING.get(mode);
    // Any of them off is all off, as in xterm.
    if (tracking !== undefined) this.#field(MOUSE_TRACKING_MASK, MOUSE_TRACKING_SHIFT, on ? tracking : 0);
    const encoding = ENCODING.get(mode);
    if (encoding !== undefined && (on || this.is(mode))) {
      this.#field(MOUSE_ENCODING_MASK, MOUSE_ENCODING_SHIFT, on ? encoding : 0);
    }
  }

  /** Whether a private mode is on; undefined if it is none of these. */
  is(mode: number): boolean | undefined {
    const flag = FLAGS.get(mode);
    if (flag !== undefined) return (this.bits & flag) !== 0;
    const tracking = TRACKING.get(mode);
    if (tracking !== undefined) return (this.bits & MOUSE_TRACKING_MASK) >> MOUSE_TRACKING_SHIFT === tracking;
    const encoding = ENCODING.get(mode);
    if (encoding !== undefined) return (this.bits & MOUSE_ENCODING_MASK) >> MOUSE_ENCODING_SHIFT === encoding;
    return undefined;
  }

  /** RIS. */
  reset(): void {
    this.bits = CURSOR_VISIBLE;
  }

  /** DECSTR. */
  softReset(): void {
    this.bits = (this.bits & HARD) | CURSOR_VISIBLE;
  }

  #field(mask: number, shift: number, value: number): void {
    this.bits = (this.bits & ~mask) | (value << shift);
  }
}
