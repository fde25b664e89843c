/**
 * Colours for terminals that have fewer: the nearest of xterm's 256 (a cube of 6x6x6 and 24 greys), and of the first 16, which users
 * choose themselves, so that these are met by their usual values.
 */

import { COLOR_KIND_MASK, COLOR_MASK, COLOR_PALETTE, COLOR_RGB } from '../screen/cell.ts';
import type { Capabilities } from './capabilities.ts';

const COLOR = COLOR_MASK | COLOR_KIND_MASK;
const LEVELS = [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff] as const;
const CUBE = 16;
const GREYS = 232;
const GREY_COUNT = 24;
/** xterm's defaults. */
const NAMED = [
  0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00,
  0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
] as const;

/** The word of a cell with a colour that the terminal has. */
export function fitColor(word: number, colors: Capabilities['colors']): number {
  const kind = word & COLOR_KIND_MASK;
  if (colors === 'rgb' || (kind !== COLOR_RGB && colors === 256)) return word;
  if (kind === COLOR_RGB) {
    const color = word & COLOR_MASK;
    const index = colors === 256 ? nearestOf256(color) : nearestNamed(color);
    return ((word & ~COLOR) | COLOR_PALETTE | index) >>> 0;
  }
  const index = word & COLOR_MASK;
  if (kind !== COLOR_PALETTE || index < CUBE) return word;
  return ((word & ~COLOR) | COLOR_PALETTE | nearestNamed(colorOf(index))) >>> 0;
}

/** The colour of an index from 16 on, as 0xRRGGBB. */
function colorOf(index: number): number {
  if (index >= GREYS) return (8 + 10 * (index - GREYS)) * 0x01_01_01;
  const at = index - CUBE;
  const [red = 0, green = 0, blue = 0] = [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((i) => LEVELS[i]);
  return (red << 16) | (green << 8) | blue;
}

function nearestOf256(color: number): number {
  const parts = [color >> 16, (color >> 8) & 0xff, color & 0xff];
  const [red = 0, green = 0, blue = 0] = parts.map(nearestLevel);
  const inCube = CUBE + 36 * red + 6 * green + blue;
  const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  const grey = GREYS + Math.max(0, Math.min(GREY_COUNT - 1, Math.round((mean - 8) / 10)));
  return distance(color, colorOf(grey)) < distance(color, colorOf(inCube)) ? grey : inCube;
}

function nearestLevel(part: number): number {
  let best = 0;
  for (const [i, level] of LEVELS.entries())
    if (Math.abs(level - part) < Math.abs((LEVELS[best] ?? 0) - part)) best = i;
  return best;
}

function nearestNamed(color: number): number {
  let best = 0;
  for (const [i, named] of NAMED.entries()) if (distance(color, named) < distance(color, NAMED[best] ?? 0)) best = i;
  return best;
}

function distance(a: number, b: number): number {
  const [red, green, blue] = [(a >> 16) - (b >> 16), ((a >> 8) & 0xff) - ((b >> 8) & 0xff), (a & 0xff) - (b & 0xff)];
  return red * red + green * green + blue * blue;
}
