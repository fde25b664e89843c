/**
 * The pen: the colours and attributes that characters are written with, as the two words of a cell (screen/cell.ts), and SGR,
 * which sets them (ECMA-48 §8.3.117; colours by ITU T.416 with `:` or xterm's way with `;`). A colour of the underline
 * (SGR 58) is read and not kept: a cell has no room for it yet.
 */

import {
  BLINK,
  BOLD,
  COLOR_KIND_MASK,
  COLOR_MASK,
  COLOR_PALETTE,
  COLOR_RGB,
  FAINT,
  INVERSE,
  INVISIBLE,
  ITALIC,
  OVERLINE,
  STRIKE,
  UNDERLINE_MASK,
  UNDERLINE_SHIFT,
} from '../screen/cell.ts';
import type { Params } from './params.ts';

const COLOR = COLOR_KIND_MASK | COLOR_MASK;
const UNDERLINE_SINGLE = 1;
const UNDERLINE_DOUBLE = 2;
const UNDERLINE_DASHED = 5;

/** Bits of the foreground word and of the background word. */
type Bits = readonly [foreground: number, background: number];

interface Change {
  readonly clear: Bits;
  readonly set: Bits;
}

/** What the SGR codes without arguments change. */
const ATTRIBUTES: ReadonlyMap<number, Change> = new Map([
  [0, { clear: [0xffff_ffff, 0xffff_ffff], set: [0, 0] }],
  [1, { clear: [0, 0], set: [BOLD, 0] }],
  [2, { clear: [0, 0], set: [FAINT, 0] }],
  [3, { clear: [0, 0], set: [ITALIC, 0] }],
  [5, { clear: [0, 0], set: [BLINK, 0] }],
  [6, { clear: [0, 0], set: [BLINK, 0] }],
  [7, { clear: [0, 0], set: [INVERSE, 0] }],
  [8, { clear: [0, 0], set: [INVISIBLE, 0] }],
  [9, { clear: [0, 0], set: [0, STRIKE] }],
  [21, { clear: [0, UNDERLINE_MASK], set: [0, UNDERLINE_DOUBLE << UNDERLINE_SHIFT] }],
  [22, { clear: [BOLD | FAINT, 0], set: [0, 0] }],
  [23, { clear: [ITALIC, 0], set: [0, 0] }],
  [24, { clear: [0, UNDERLINE_MASK], set: [0, 0] }],
  [25, { clear: [BLINK, 0], set: [0, 0] }],
  [27, { clear: [INVERSE, 0], set: [0, 0] }],
  [28, { clear: [INVISIBLE, 0], set: [0, 0] }],
  [29, { clear: [0, STRIKE], set: [0, 0] }],
  [39, { clear: [COLOR, 0], set: [0, 0] }],
  [49, { clear: [0, COLOR], set: [0, 0] }],
  [53, { clear: [0, 0], set: [0, OVERLINE] }],
  [55, { clear: [0, OVERLINE], set: [0, 0] }],
]);

export class Pen {
  /** Unsigned, ready for a cell. */
  foreground = 0;
  background = 0;

  /** The background word of an erased cell: back colour erase keeps the colour, no attributes. */
  get erased(): number {
    return this.background & COLOR;
  }

  reset(): void {
    this.foreground = 0;
    this.background = 0;
  }

  /** Does what SGR says with these parameters. */
  apply(params: Params): void {
    for (let i = 0; i < params.length; ) i = this.#one(params, i);
  }

  /** Does the attribute at `index` and returns where the next one is. */
  #one(params: Params, index: number): number {
    const code = params.at(index);
    let parts = index + 1;
    while (params.isPart(parts)) parts++;
    if (code >= 30 && code <= 37) this.#foregroundColor(COLOR_PALETTE | (code - 30));
    else if (code >= 40 && code <= 47) this.#backgroundColor(COLOR_PALETTE | (code - 40));
    else if (code >= 90 && code <= 97) this.#foregroundColor(COLOR_PALETTE | (code - 82));
    else if (code >= 100 && code <= 107) this.#backgroundColor(COLOR_PALETTE | (code - 92));
    else if (code === 38 || code === 48 || code === 58) return this.#color(params, index, parts);
    else if (code === 4) this.#underline(parts > index + 1 ? params.at(index + 1) : UNDERLINE_SINGLE);
    else this.#attribute(code);
    return parts;
  }

  #attribute(code: number): void {
    const change = ATTRIBUTES.get(code);
    if (change === undefined) return;
    this.foreground = ((this.foreground & ~change.clear[0]) | change.set[0]) >>> 0;
    this.background = ((this.background & ~change.clear[1]) | change.set[1]) >>> 0;
  }

  #underline(style: number): void {
    const known = style <= UNDERLINE_DASHED ? style : UNDERLINE_SINGLE;
    this.background = ((this.background & ~UNDERLINE_MASK) | (known << UNDERLINE_SHIFT)) >>> 0;
  }

  #foregroundColor(color: number): void {
    this.foreground = ((this.foreground & ~COLOR) | color) >>> 0;
  }

  #backgroundColor(color: number): void {
    this.background = ((this.background & ~COLOR) | color) >>> 0;
  }

  /** 38, 48 or 58 at `index`, its parts up to `parts`: `38:5:n`, `38:2:r:g:b`, `38:2:space:r:g:b`, `38;5;n`, `38;2;r;g;b`. */
  #color(params: Params, index: number, parts: number): number {
    const colons = parts > index + 1;
    const kind = params.at(index + 1);
    let at = index + 2;
    let end = at;
    let color: number | undefined;
    if (kind === 5) {
      end = at + 1;
      color = COLOR_PALETTE | (params.at(at) & 0xff);
    } else if (kind === 2) {
      // T.416 has the colour space's number before red; many programs leave it out.
      if (colons && parts - at > 3) at++;
      end = at + 3;
      color =
        COLOR_RGB | ((params.at(at) & 0xff) << 16) | ((params.at(at + 1) & 0xff) << 8) | (params.at(at + 2) & 0xff);
    }
    if (color !== undefined && params.at(index) === 38) this.#foregroundColor(color);
    if (color !== undefined && params.at(index) === 48) this.#backgroundColor(color);
    return colons ? parts : Math.max(end, index + 1);
  }
}

/** The parameters of an SGR that sets `pen`, from nothing: what DECRQSS answers. */
export function sgrOf(pen: Pen): string {
  const codes = ['0'];
  const underline = (pen.background & UNDERLINE_MASK) >> UNDERLINE_SHIFT;
  for (const code of [1, 2, 3, 5, 7, 8, 9, 53]) {
    const [foreground, background] = ATTRIBUTES.get(code)?.set ?? [0, 0];
    if ((pen.foreground & foreground) !== 0 || (pen.background & background) !== 0) codes.push(`${code}`);
  }
  if (underline > 0) codes.push(underline === UNDERLINE_SINGLE ? '4' : `4:${underline}`);
  codes.push(...colorCodes(38, pen.foreground), ...colorCodes(48, pen.background));
  return codes.join(';');
}

function colorCodes(code: number, word: number): string[] {
  const kind = word & COLOR_KIND_MASK;
  if (kind === COLOR_PALETTE) return [`${code}:5:${word & 0xff}`];
  if (kind === COLOR_RGB) return [`${code}:2::${(word >> 16) & 0xff}:${(word >> 8) & 0xff}:${word & 0xff}`];
  return [];
}
