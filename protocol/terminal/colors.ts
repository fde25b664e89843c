/**
 * The colours that programs change and ask for: OSC 4, 10, 11, 12 and their resets 104, 110, 111, 112 (xterm, "Operating System
 * Commands"). What a program has not set is answered as the user's terminal has it, and not at all where that is not known.
 */

import type { DynamicColor } from './color-table.ts';
import type { Interpreter } from './interpreter.ts';

const PALETTE = 256;
/** The colours that terminals choose themselves; those above are the same everywhere. */
const NAMED = 16;
/** The levels of the cube of 6x6x6 colours, from 16 on; 24 greys follow from 232 on. */
const LEVELS = [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff] as const;
const CUBE = 16;
const GREYS = 232;
const DYNAMIC: readonly DynamicColor[] = ['foreground', 'background', 'cursor'];
/** OSC 10 is the foreground, 11 the background, 12 the cursor. */
const FIRST_DYNAMIC = 10;

/** OSC 4: pairs of an index and a colour, or `?`. */
export function setPalette(terminal: Interpreter, value: string): void {
  const parts = value.split(';');
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const index = indexOf(parts[i] ?? '');
    const text = parts[i + 1] ?? '';
    if (index === undefined) continue;
    const color = parseColor(text);
    if (text === '?') answer(terminal, `4;${index}`, paletteColor(terminal, index));
    else if (color !== undefined) terminal.colors.setPalette(index, color);
  }
}

/** OSC 104: the given ones, or all. */
export function resetPalette({ colors }: Interpreter, value: string): void {
  if (value === '') colors.resetWholePalette();
  else for (const text of value.split(';')) colors.resetPalette(indexOf(text) ?? PALETTE);
}

/** OSC 10, 11 and 12: further colours in one command are those of the next numbers. */
export function setDynamic(terminal: Interpreter, command: number, value: string): void {
  for (const [i, text] of value.split(';').entries()) {
    const name = DYNAMIC[command - FIRST_DYNAMIC + i];
    if (name === undefined) return;
    const color = parseColor(text);
    if (text === '?') answer(terminal, `${command + i}`, terminal.colors.ofDynamic(name) ?? terminal.facts[name]);
    else if (color !== undefined) terminal.colors.setDynamic(name, color);
  }
}

/** OSC 110, 111 and 112. */
export function resetDynamic({ colors }: Interpreter, command: number): void {
  const name = DYNAMIC[command - FIRST_DYNAMIC];
  if (name !== undefined) colors.resetDynamic(name);
}

/** Whether text is light on dark; undefined where the background is not known. */
export function isDark(terminal: Interpreter): boolean | undefined {
  const color = terminal.colors.ofDynamic('background') ?? terminal.facts.background;
  if (color === undefined) return undefined;
  // ITU-R BT.601's luma.
  return 0.299 * (color >> 16) + 0.587 * ((color >> 8) & 0xff) + 0.114 * (color & 0xff) < 128;
}

/**
 * A colour as XParseColor(3) reads it, as 0xRRGGBB: `rgb:r/g/b` with 1 to 4 hexadecimal digits each, or `#` and 3, 6, 9 or 12 digits.
 * Names of colours are not known.
 */
export function parseColor(text: string): number | undefined {
  const scaled = /^rgb:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})$/i.exec(text);
  if (scaled !== null) {
    return scaled.slice(1).reduce((color, part) => {
      const most = 16 ** part.length - 1;
      return (color << 8) | Math.round((Number.parseInt(part, 16) * 255) / most);
    }, 0);
  }
  const digits = /^#((?:[0-9a-f]{3}){1,4})$/i.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const width = digits.length / 3;
  return [0, 1, 2].reduce((color, i) => {
    const part = digits.slice(i * width, (i + 1) * width);
    return (color << 8) | Number.parseInt(part.padEnd(2, '0').slice(0, 2), 16);
  }, 0);
}

function indexOf(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) < PALETTE ? Number(text) : undefined;
}

function paletteColor(terminal: Interpreter, index: number): number | undefined {
  const set = terminal.colors.ofPalette(index);
  if (set !== undefined || index < NAMED) return set ?? terminal.facts.palette[index];
  if (index >= GREYS) return (8 + 10 * (index - GREYS)) * 0x01_01_01;
  const at = index - CUBE;
  const [red = 0, green = 0, blue = 0] = [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((i) => LEVELS[i]);
  return (red << 16) | (green << 8) | blue;
}

function answer(terminal: Interpreter, command: string, color: number | undefined): void {
  if (color === undefined) return;
  const parts = [color >> 16, (color >> 8) & 0xff, color & 0xff].map((part) =>
    part.toString(16).padStart(2, '0').repeat(2),
  );
  terminal.replies.add(`\x1b]${command};rgb:${parts.join('/')}\x1b\\`);
}
