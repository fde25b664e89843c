/** Select Graphic Rendition (ECMA-48 §8.3.117, xterm's extensions): the shortest sequence from one pen to another. */

import {
  BLINK,
  BOLD,
  COLOR_DEFAULT,
  COLOR_KIND_MASK,
  COLOR_MASK,
  COLOR_PALETTE,
  FAINT,
  INVERSE,
  INVISIBLE,
  ITALIC,
  OVERLINE,
  STRIKE,
  UNDERLINE_MASK,
  UNDERLINE_SHIFT,
} from '../screen/cell.ts';

const COLOR = COLOR_MASK | COLOR_KIND_MASK;
const SINGLE = 1;
const DOUBLE = 2;

/** The `CSI … m` that turns the pen of words `fromFg`, `fromBg` (cell.ts) into `fg`, `bg`; empty if they are equal. */
export function rendition(fromFg: number, fromBg: number, fg: number, bg: number): string {
  if (fromFg === fg && fromBg === bg) return '';
  if (fg === 0 && bg === 0) return '\x1b[m';
  const change = changes(fromFg, fromBg, fg, bg);
  // An empty first parameter is 0, the reset, after which all is set afresh.
  const afresh = fromFg === 0 && fromBg === 0 ? change : changes(0, 0, fg, bg);
  return afresh.length < change.length ? `\x1b[${afresh}m` : `\x1b[${change.slice(1)}m`;
}

/** The parameters, a semicolon before each. */
function changes(fromFg: number, fromBg: number, fg: number, bg: number): string {
  let parameters = '';
  const off = fromFg & ~fg;
  let on = fg & ~fromFg;
  if ((off & (BOLD | FAINT)) !== 0) {
    // 22 ends both.
    parameters += ';22';
    on |= fg & (BOLD | FAINT);
  }
  if ((off & ITALIC) !== 0) parameters += ';23';
  if ((off & BLINK) !== 0) parameters += ';25';
  if ((off & INVERSE) !== 0) parameters += ';27';
  if ((off & INVISIBLE) !== 0) parameters += ';28';
  if ((on & BOLD) !== 0) parameters += ';1';
  if ((on & FAINT) !== 0) parameters += ';2';
  if ((on & ITALIC) !== 0) parameters += ';3';
  if ((on & BLINK) !== 0) parameters += ';5';
  if ((on & INVERSE) !== 0) parameters += ';7';
  if ((on & INVISIBLE) !== 0) parameters += ';8';
  if ((bg & UNDERLINE_MASK) !== (fromBg & UNDERLINE_MASK)) parameters += `;${underline(bg)}`;
  if ((bg & STRIKE) !== (fromBg & STRIKE)) parameters += (bg & STRIKE) === 0 ? ';29' : ';9';
  if ((bg & OVERLINE) !== (fromBg & OVERLINE)) parameters += (bg & OVERLINE) === 0 ? ';55' : ';53';
  if ((fg & COLOR) !== (fromFg & COLOR)) parameters += `;${color(fg, 30, 90)}`;
  if ((bg & COLOR) !== (fromBg & COLOR)) parameters += `;${color(bg, 40, 100)}`;
  return parameters;
}

function underline(bg: number): number | string {
  const style = (bg & UNDERLINE_MASK) >> UNDERLINE_SHIFT;
  if (style === 0) return 24;
  if (style === SINGLE) return 4;
  // 21 is older than 4:2 and understood by more.
  return style === DOUBLE ? 21 : `4:${style}`;
}

function color(word: number, base: number, bright: number): number | string {
  const kind = word & COLOR_KIND_MASK;
  const value = word & COLOR_MASK;
  if (kind === COLOR_DEFAULT) return base + 9;
  if (kind !== COLOR_PALETTE) return `${base + 8};2;${value >> 16};${(value >> 8) & 0xff};${value & 0xff}`;
  if (value < 8) return base + value;
  return value < 16 ? bright + value - 8 : `${base + 8};5;${value}`;
}
