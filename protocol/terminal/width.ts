/**
 * How many cells a character takes: one table lookup. The table holds what width-ranges.ts lists, by blocks of 256 code
 * points, equal blocks once. Only single characters here; what joins several into one (emoji sequences, flags) is not known.
 */

import { WIDE_RANGES, ZERO_RANGES } from './width-ranges.ts';

const BLOCK = 256;
const LIMIT = 0x11_0000;
/** The first three blocks are of one width throughout: 0, 1, 2. Most of Unicode needs no other. */
const UNIFORM = 3;

const { blocks, widths } = build();

/** 0, 1 or 2 for any code point that is no control character. */
export function widthOf(codePoint: number): number {
  return widths[((blocks[codePoint >> 8] as number) << 8) | (codePoint & 0xff)] as number;
}

/** Made when the program starts, and that is waited for: so only blocks that a range begins or ends in are written. */
function build(): { readonly blocks: Uint16Array; readonly widths: Uint8Array } {
  const blocks = new Uint16Array(LIMIT / BLOCK).fill(1);
  const parts = [0, 1, 2].map((width) => new Uint8Array(BLOCK).fill(width));
  const fill = (ranges: readonly number[], width: number) => {
    for (let i = 0; i + 1 < ranges.length; i += 2) {
      const [first, last] = [ranges[i] as number, ranges[i + 1] as number];
      for (let block = first >> 8; block <= last >> 8; block++) {
        const from = Math.max(first - block * BLOCK, 0);
        const to = Math.min(last - block * BLOCK + 1, BLOCK);
        const part = blocks[block] as number;
        if (from === 0 && to === BLOCK) {
          blocks[block] = width;
        } else if (part >= UNIFORM) {
          parts[part]?.fill(width, from, to);
        } else {
          blocks[block] = parts.push(new Uint8Array(BLOCK).fill(part).fill(width, from, to)) - 1;
        }
      }
    }
  };
  fill(WIDE_RANGES, 2);
  fill(ZERO_RANGES, 0);
  const widths = new Uint8Array(parts.length * BLOCK);
  parts.forEach((part, index) => {
    widths.set(part, index * BLOCK);
  });
  return { blocks, widths };
}
