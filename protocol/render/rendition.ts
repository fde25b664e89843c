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
  const afresh = `;${changes(0, 0, fg, bg)}`;
  return `\x1b[${change.length <= afresh.length ? change : afresh}m`;
}

/** The parameters, without a reset. An empty first parameter is 0, the reset. */
function changes(fromFg: number, fromBg: number, fg: number, bg: number): string {
  const parameters: (number | string)[] = [];
  const off = fromFg & ~fg;
  let on = fg & ~fromFg;
  if ((off & (BOLD | FAINT)) !== 0) {
    // 22 ends both.
    parameters.push(22);
    on |= fg & (BOLD | FAINT);
  }
  if ((off & ITALIC) !== 0) parameters.push(23);
  if ((off & BLINK) !== 0) parameters.push(25);
  if ((off & INVERSE) !== 0) parameters.push(27);
  if ((off & INVISIBLE) !== 0) parameters.push(28);
  if ((on & BOLD) !== 0) parameters.push(1);
  if ((on & FAINT) !== 0) parameters.push(2);
  if ((on & ITALIC) !== 0) parameters.push(3);
  if ((on & BLINK) !== 0) parameters.push(5);
  if ((on & INVERSE) !== 0) parameters.push(7);
  if ((on & INVISIBLE) !== 0) parameters.push(8);
  if ((bg & UNDERLINE_MASK) !== (fromBg & UNDERLINE_MASK)) parameters.push(underline(bg));
  if ((bg & STRIKE) !== (fromBg & STRIKE)) parameters.push((bg & STRIKE) === 0 ? 29 : 9);
  if ((bg & OVERLINE) !== (fromBg & OVERLINE)) parameters.push((bg & OVERLINE) === 0 ? 55 : 53);
  if ((fg & COLOR) !== (fromFg & COLOR)) parameters.push(color(fg, 30, 90));
  if ((bg & COLOR) !== (fromBg & COLOR)) parameters.push(color(bg, 40, 100));
  return parameters.join(';');
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
