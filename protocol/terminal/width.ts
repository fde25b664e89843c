/**
 * How many cells a character takes: one table lookup. The table holds what width-ranges.ts lists, by blocks of 256 code
 * points, equal blocks once. Only single characters here; what joins several into one (emoji sequences, flags) is not known.
 */

import { WIDE_RANGES, ZERO_RANGES } from './width-ranges.ts';

const BLOCK = 256;
const LIMIT = 0x11_0000;

const { blocks, widths } = build();

/** 0, 1 or 2 for any code point that is no control character. */
export function widthOf(codePoint: number): number {
  return widths[((blocks[codePoint >> 8] as number) << 8) | (codePoint & 0xff)] as number;
}

function build(): { readonly blocks: Uint8Array; readonly widths: Uint8Array } {
  const all = new Uint8Array(LIMIT).fill(1);
  fill(all, WIDE_RANGES, 2);
  fill(all, ZERO_RANGES, 0);
  const blocks = new Uint8Array(LIMIT / BLOCK);
  const seen = new Map<string, number>();
  const parts: Uint8Array[] = [];
  for (let block = 0; block < blocks.length; block++) {
    const part = all.subarray(block * BLOCK, (block + 1) * BLOCK);
    const key = String.fromCharCode(...part);
    let index = seen.get(key);
    if (index === undefined) {
      index = parts.length;
      seen.set(key, index);
      parts.push(part);
    }
    blocks[block] = index;
  }
  const widths = new Uint8Array(parts.length * BLOCK);
  parts.forEach((part, index) => {
    widths.set(part, index * BLOCK);
  });
  return { blocks, widths };
}

function fill(all: Uint8Array, ranges: readonly number[], width: number): void {
  for (let i = 0; i + 1 < ranges.length; i += 2) all.fill(width, ranges[i], (ranges[i + 1] as number) + 1);
}
