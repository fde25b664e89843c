/**
 * What of a screen is not cells: the modes that the local terminal has to have for its keys, mouse and cursor to be those that
 * the remote program asked for, and titles. The names are xterm's control sequences ("ctlseqs").
 */

import {
  ALTERNATE_SCREEN,
  ALTERNATE_SCROLL,
  APPLICATION_CURSOR,
  APPLICATION_KEYPAD,
  BRACKETED_PASTE,
  COLOR_SCHEME_REPORTS,
  FOCUS_EVENTS,
  KEYBOARD_MASK,
  KEYBOARD_SHIFT,
  MOUSE_ENCODING_MASK,
  MOUSE_ENCODING_SHIFT,
  MOUSE_TRACKING_MASK,
  MOUSE_TRACKING_SHIFT,
  OTHER_KEYS_MASK,
  OTHER_KEYS_SHIFT,
  REVERSE_VIDEO,
} from '../screen/modes.ts';
import { withoutControls } from '../screen/printable.ts';
import type { Screen } from '../screen/screen.ts';
import type { Capabilities } from './capabilities.ts';

/** DEC private modes of the flags that are one. */
const PRIVATE_MODES: readonly (readonly [flag: number, mode: number])[] = [
  [APPLICATION_CURSOR, 1],
  [REVERSE_VIDEO, 5],
  [BRACKETED_PASTE, 2004],
  [FOCUS_EVENTS, 1004],
  [ALTERNATE_SCROLL, 1007],
];
const FLAGS =
  PRIVATE_MODES.reduce((flags, [flag]) => flags | flag, APPLICATION_KEYPAD) | MOUSE_TRACKING_MASK | MOUSE_ENCODING_MASK;
/** By the value of the field of modes.ts; 0 is off. */
const MOUSE_TRACKING_MODES = [0, 9, 1000, 1002, 1003] as const;
const MOUSE_ENCODING_MODES = [0, 1005, 1006, 1015, 1016] as const;

/**
 * All modes of terminal-modes.ts off, pen and margins reset, text in UTF-8 as it comes, no wrapping at the right edge. A drawing terminal
 * never wraps: where the last column's cursor goes is where terminals differ most.
 */
const RESET =
  '\x1b[m\x1b[r\x1b[?6l\x1b[4l\x1b(B\x0f\x1b[?7l' +
  '\x1b[?1l\x1b>\x1b[?5l\x1b[?2004l\x1b[?1004l\x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l';

/** What puts a terminal of which nothing is known into the state that `modeChanges` begins at. */
export function reset({ colorSchemeReports, keyboard, otherKeys }: Capabilities): string {
  const more = `${colorSchemeReports ? '\x1b[?2031l' : ''}${keyboard ? '\x1b[=0u' : ''}${otherKeys ? '\x1b[>4m' : ''}`;
  return `${RESET}\x1b[?1007r${more}`;
}

/** What a terminal is to get once before the first `render`: keeps what `restored` gives back. */
export function saved(capabilities: Capabilities): string {
  return `${capabilities.titles ? '\x1b[22;0t' : ''}\x1b[?1007s`;
}

/** Restores what `saved` has kept of titles, and keeps it again. */
const OWN_TITLES = '\x1b[23;0t\x1b[22;0t';

/** What kitty's keyboard protocol needs before it is used: an entry of our own on the main screen's stack. `restored` takes it away. */
export const KEYBOARD_SAVED = '\x1b[>0u';

/**
 * What puts a terminal back to what a shell expects, whatever was on it: no mouse, paste or focus reports, normal keys, wrapping,
 * the cursor shown in its own shape, default pen, and what `saved` kept. The cursor goes home.
 */
export function restored(capabilities: Capabilities): string {
  const { colorSchemeReports, cursorShapes, keyboard, otherKeys, synchronized, titles } = capabilities;
  return (
    `${synchronized ? '\x1b[?2026l' : ''}${RESET}\x1b[?7h\x1b[?1007r${cursorShapes ? '\x1b[0 q' : ''}\x1b[?25h` +
    `${colorSchemeReports ? '\x1b[?2031l' : ''}${keyboard ? '\x1b[<u' : ''}${otherKeys ? '\x1b[>4m' : ''}` +
    `${titles ? '\x1b[23;0t' : ''}`
  );
}

/** The modes that the terminal is to have for `screen`, as flags of modes.ts. */
function wanted({ modes }: Screen, capabilities: Capabilities): number {
  let flags = FLAGS;
  if (capabilities.keyboard) flags |= KEYBOARD_MASK;
  if (capabilities.otherKeys) flags |= OTHER_KEYS_MASK;
  if (capabilities.colorSchemeReports) flags |= COLOR_SCHEME_REPORTS;
  // It concerns the alternate screen alone.
  if ((modes & ALTERNATE_SCREEN) === 0) flags &= ~ALTERNATE_SCROLL;
  return modes & flags;
}

/** From the modes of `from` (undefined: all off) to those of `to`. */
export function modeChanges(from: Screen | undefined, to: Screen, capabilities: Capabilities): string {
  const before = from === undefined ? 0 : wanted(from, capabilities);
  const after = wanted(to, capabilities);
  if (before === after) return '';
  let out = '';
  const changed = before ^ after;
  for (const [flag, mode] of PRIVATE_MODES) {
    if ((changed & flag) !== 0) out += `\x1b[?${mode}${(after & flag) === 0 ? 'l' : 'h'}`;
  }
  if ((changed & APPLICATION_KEYPAD) !== 0) out += (after & APPLICATION_KEYPAD) === 0 ? '\x1b>' : '\x1b=';
  if ((changed & COLOR_SCHEME_REPORTS) !== 0) out += `\x1b[?2031${(after & COLOR_SCHEME_REPORTS) === 0 ? 'l' : 'h'}`;
  if ((changed & KEYBOARD_MASK) !== 0) out += `\x1b[=${(after & KEYBOARD_MASK) >> KEYBOARD_SHIFT};1u`;
  if ((changed & OTHER_KEYS_MASK) !== 0) out += `\x1b[>4;${(after & OTHER_KEYS_MASK) >> OTHER_KEYS_SHIFT}m`;
  out += mouseChange(before, after, MOUSE_TRACKING_MASK, MOUSE_TRACKING_SHIFT, MOUSE_TRACKING_MODES);
  out += mouseChange(before, after, MOUSE_ENCODING_MASK, MOUSE_ENCODING_SHIFT, MOUSE_ENCODING_MODES);
  return out;
}

function mouseChange(before: number, after: number, mask: number, shift: number, modes: readonly number[]): string {
  const old = modes[(before & mask) >> shift] ?? 0;
  const next = modes[(after & mask) >> shift] ?? 0;
  if (old === next) return '';
  // The old one first: on some terminals ending any of them ends all.
  return (old === 0 ? '' : `\x1b[?${old}l`) + (next === 0 ? '' : `\x1b[?${next}h`);
}

/**
 * Sets the titles that changed. Those of a new session stay what the terminal has until the program sets one, and when there is none any
 * more the terminal gets its own back, which `saved` has put aside.
 */
export function titleChanges(from: Screen | undefined, to: Screen): string {
  let title = to.title !== (from?.title ?? '');
  let icon = to.iconTitle !== (from?.iconTitle ?? '');
  let out = '';
  if ((title && to.title === '') || (icon && to.iconTitle === '')) {
    out = OWN_TITLES;
    title = to.title !== '';
    icon = to.iconTitle !== '';
  }
  if (title && icon && to.title === to.iconTitle) return out + osc(0, to.title);
  return out + (title ? osc(2, to.title) : '') + (icon ? osc(1, to.iconTitle) : '');
}

function osc(command: number, text: string): string {
  return `\x1b]${command};${withoutControls(text)}\x07`;
}
