/** Select Graphic Rendition (ECMA-48 §8.3.117, xterm's extensions): the shortest sequence from one pen to another. */

import {
  BLINK,
  BOLD,
  COLOR_DEFAULT,
  COLOR_KIND_MASK,
  COLOR_MASK,
  COLOR_PALETTE,
  EXTENDED,
  FAINT,
  INVERSE,
  INVISIBLE,
  ITALIC,
  OVERLINE,
  STRIKE,
  UNDERLINE_MASK,
  UNDERLINE_SHIFT,
} from '../screen/cell.ts';
import type { Extra } from '../screen/extra.ts';
import type { Capabilities } from './capabilities.ts';
import { fitColor } from './palette.ts';

const COLOR = COLOR_MASK | COLOR_KIND_MASK;
const SINGLE = 1;
const DOUBLE = 2;
const PLAIN_PEN: FittedPen = { fg: 0, bg: 0, underlineColor: 0 };

/** A pen: the two words of a cell, and the rest of it. */
export interface FullPen {
  readonly fg: number;
  readonly bg: number;
  readonly extra: Extra | undefined;
}

/** A pen as a terminal has it: its words, without EXTENDED, and the colour of the underline. */
export interface FittedPen {
  readonly fg: number;
  readonly bg: number;
  readonly underlineColor: number;
}

/** The nearest pen that a terminal has. */
export function fitPen({ fg, bg, extra }: FullPen, capabilities: Capabilities): FittedPen {
  let background = (fitColor(bg, capabilities.colors) & ~EXTENDED) >>> 0;
  if (!capabilities.underlineStyles && (bg & UNDERLINE_MASK) !== 0) {
    background = (background & ~UNDERLINE_MASK) | (SINGLE << UNDERLINE_SHIFT);
  }
  if (!capabilities.overline) background &= ~OVERLINE;
  const underlineColor = capabilities.underlineColors ? (extra?.underlineColor ?? 0) : 0;
  return {
    fg: fitColor(fg, capabilities.colors),
    bg: background >>> 0,
    underlineColor: fitColor(underlineColor, capabilities.colors),
  };
}

/** The `CSI … m` that turns one pen into another; empty if they are equal. */
export function rendition(from: FittedPen, to: FittedPen): string {
  if (from.fg === to.fg && from.bg === to.bg && from.underlineColor === to.underlineColor) return '';
  if (to.fg === 0 && to.bg === 0 && to.underlineColor === 0) return '\x1b[m';
  const change = changes(from, to);
  // An empty first parameter is 0, the reset, after which all is set afresh.
  const isPlain = from.fg === 0 && from.bg === 0 && from.underlineColor === 0;
  const afresh = isPlain ? change : changes(PLAIN_PEN, to);
  return afresh.length < change.length ? `\x1b[${afresh}m` : `\x1b[${change.slice(1)}m`;
}

/** The parameters, a semicolon before each. */
function changes(
  { fg: fromFg, bg: fromBg, underlineColor: from }: FittedPen,
  { fg, bg, underlineColor }: FittedPen,
): string {
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
  if (underlineColor !== from) parameters += underlineColor === 0 ? ';59' : `;${lineColor(underlineColor)}`;
  return parameters;
}

/** SGR 58, in the form with colons, which no terminal takes for several codes. */
function lineColor(word: number): string {
  const value = word & COLOR_MASK;
  if ((word & COLOR_KIND_MASK) === COLOR_PALETTE) return `58:5:${value}`;
  return `58:2::${value >> 16}:${(value >> 8) & 0xff}:${value & 0xff}`;
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
