/**
 * The pen: the colours and attributes that characters are written with, as the two words of a cell (screen/cell.ts), and SGR,
 * which sets them (ECMA-48 §8.3.117; colours by ITU T.416 with `:` or xterm's way with `;`). The underline's colour (SGR 58) and the
 * link (OSC 8) are the pen's `extra`: the cells that it writes have EXTENDED, and share that one object.
 */

import {
  BLINK,
  BOLD,
  COLOR_KIND_MASK,
  COLOR_MASK,
  COLOR_PALETTE,
  COLOR_RGB,
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
import { type Extra, equalExtra, type Link } from '../screen/extra.ts';
import type { Params } from './params.ts';

const COLOR = COLOR_KIND_MASK | COLOR_MASK;
const UNDERLINE_SINGLE = 1;
const UNDERLINE_DOUBLE = 2;
const UNDERLINE_DASHED = 5;
/** Extras that a pen remembers, so that a program that goes back and forth between a few makes them once. */
const MAX_KNOWN = 8;

/** What the SGR codes without arguments do: for each code, the bits that stay and those that are set, of both words. */
const CODES = 128;
const KEPT_FOREGROUND = new Uint32Array(CODES).fill(0xffff_ffff);
const SET_FOREGROUND = new Uint32Array(CODES);
const KEPT_BACKGROUND = new Uint32Array(CODES).fill(0xffff_ffff);
const SET_BACKGROUND = new Uint32Array(CODES);

function foreground(code: number, clear: number, set: number): void {
  KEPT_FOREGROUND[code] = ~clear;
  SET_FOREGROUND[code] = set;
}

function background(code: number, clear: number, set: number): void {
  KEPT_BACKGROUND[code] = ~clear;
  SET_BACKGROUND[code] = set;
}

foreground(0, 0xffff_ffff, 0);
// A link is no rendition.
background(0, ~EXTENDED >>> 0, 0);
foreground(1, 0, BOLD);
foreground(2, 0, FAINT);
foreground(3, 0, ITALIC);
foreground(5, 0, BLINK);
foreground(6, 0, BLINK);
foreground(7, 0, INVERSE);
foreground(8, 0, INVISIBLE);
background(9, 0, STRIKE);
background(21, UNDERLINE_MASK, UNDERLINE_DOUBLE << UNDERLINE_SHIFT);
foreground(22, BOLD | FAINT, 0);
foreground(23, ITALIC, 0);
background(24, UNDERLINE_MASK, 0);
foreground(25, BLINK, 0);
foreground(27, INVERSE, 0);
foreground(28, INVISIBLE, 0);
background(29, STRIKE, 0);
foreground(39, COLOR, 0);
background(49, COLOR, 0);
background(53, 0, OVERLINE);
background(55, OVERLINE, 0);
for (let color = 0; color < 8; color++) {
  foreground(30 + color, COLOR, COLOR_PALETTE | color);
  background(40 + color, COLOR, COLOR_PALETTE | color);
  foreground(90 + color, COLOR, COLOR_PALETTE | (color + 8));
  background(100 + color, COLOR, COLOR_PALETTE | (color + 8));
}

export class Pen {
  /** Unsigned, ready for a cell. */
  foreground = 0;
  background = 0;
  #extra: Extra | undefined;
  /** Those made last, oldest first. */
  readonly #known: Extra[] = [];

  /** The rest of the pen, if it has more than colours and attributes; `background` has EXTENDED then. */
  get extra(): Extra | undefined {
    return this.#extra;
  }

  set extra(extra: Extra | undefined) {
    this.#extra = extra;
    this.background = (extra === undefined ? this.background & ~EXTENDED : this.background | EXTENDED) >>> 0;
  }

  /** The background word of what is no text: without EXTENDED. */
  get plainBackground(): number {
    return (this.background & ~EXTENDED) >>> 0;
  }

  /** The background word of an erased cell: back colour erase keeps the colour, no attributes. */
  get erased(): number {
    return this.background & COLOR;
  }

  reset(): void {
    this.foreground = 0;
    this.background = 0;
    this.#extra = undefined;
  }

  /** OSC 8: what is written from now on belongs to `link`. */
  setLink(link: Link | undefined): void {
    this.#setExtra(this.#extra?.underlineColor ?? 0, link);
  }

  #setExtra(underlineColor: number, link: Link | undefined): void {
    const old = this.#extra;
    if (old?.underlineColor === underlineColor && old.link === link) return;
    this.extra = underlineColor === 0 && link === undefined ? undefined : this.#intern({ underlineColor, link });
  }

  #intern(extra: Extra): Extra {
    const known = this.#known.find((one) => equalExtra(one, extra));
    if (known !== undefined) return known;
    if (this.#known.length === MAX_KNOWN) this.#known.shift();
    this.#known.push(extra);
    return extra;
  }

  /** Does what SGR says with these parameters. */
  apply(params: Params): void {
    for (let i = 0; i < params.length; ) {
      const code = params.at(i);
      if (code === 38 || code === 48 || code === 58 || params.isPart(i + 1)) {
        i = this.#extended(params, i);
        continue;
      }
      if (code === 4) this.#underline(UNDERLINE_SINGLE);
      else if (code < CODES) this.#change(code);
      i++;
    }
  }

  #change(code: number): void {
    if ((code === 0 || code === 59) && this.#extra !== undefined) this.#setExtra(0, this.#extra.link);
    this.foreground = ((this.foreground & (KEPT_FOREGROUND[code] as number)) | (SET_FOREGROUND[code] as number)) >>> 0;
    this.background = ((this.background & (KEPT_BACKGROUND[code] as number)) | (SET_BACKGROUND[code] as number)) >>> 0;
  }

  /** Does a code with arguments, at `index`, and returns where the next one is. */
  #extended(params: Params, index: number): number {
    const code = params.at(index);
    let parts = index + 1;
    while (params.isPart(parts)) parts++;
    if (code === 38 || code === 48 || code === 58) return this.#color(params, index, parts);
    if (code === 4) this.#underline(params.at(index + 1));
    else if (code < CODES) this.#change(code);
    return parts;
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
    if (color !== undefined && params.at(index) === 58) this.#setExtra(color, this.#extra?.link);
    return colons ? parts : Math.max(end, index + 1);
  }
}

/** The parameters of an SGR that sets `pen`, from nothing: what DECRQSS answers. */
export function sgrOf(pen: Pen): string {
  const codes = ['0'];
  const underline = (pen.background & UNDERLINE_MASK) >> UNDERLINE_SHIFT;
  for (const code of [1, 2, 3, 5, 7, 8, 9, 53]) {
    const set = (pen.foreground & (SET_FOREGROUND[code] ?? 0)) | (pen.background & (SET_BACKGROUND[code] ?? 0));
    if (set !== 0) codes.push(`${code}`);
  }
  if (underline > 0) codes.push(underline === UNDERLINE_SINGLE ? '4' : `4:${underline}`);
  codes.push(...colorCodes(38, pen.foreground), ...colorCodes(48, pen.background));
  codes.push(...colorCodes(58, pen.extra?.underlineColor ?? 0));
  return codes.join(';');
}

function colorCodes(code: number, word: number): string[] {
  const kind = word & COLOR_KIND_MASK;
  if (kind === COLOR_PALETTE) return [`${code}:5:${word & 0xff}`];
  if (kind === COLOR_RGB) return [`${code}:2::${(word >> 16) & 0xff}:${(word >> 8) & 0xff}:${word & 0xff}`];
  return [];
}
