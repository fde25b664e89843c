/**
 * A table with a byte for each code point, by blocks of 256, equal blocks once. It is made when a program starts, and that is
 * waited for: so only blocks that a range begins or ends in are written.
 */

const BLOCK = 256;
const LIMIT = 0x11_0000;

export class RangeTable {
  /** Which block of `bytes` has the code points of this block: `bytes[(blocks[code >> 8] << 8) | (code & 0xff)]`. */
  readonly blocks = new Uint16Array(LIMIT / BLOCK);
  readonly bytes: Uint8Array;

  /** Of pairs of ranges and their byte, later ones over earlier ones; `rest` is the byte of all other code points. */
  constructor(rest: number, parts: readonly (readonly [ranges: readonly number[], byte: number])[]) {
    const values = [rest, ...new Set(parts.map(([, byte]) => byte))];
    /** The first ones are of one byte throughout. Most of Unicode needs no other. */
    const made = values.map((value) => new Uint8Array(BLOCK).fill(value));
    const uniform = made.length;
    for (const [ranges, byte] of parts) {
      const whole = values.indexOf(byte, 1);
      for (let i = 0; i + 1 < ranges.length; i += 2) {
        const [first, last] = [ranges[i] as number, ranges[i + 1] as number];
        for (let block = first >> 8; block <= last >> 8; block++) {
          const from = Math.max(first - block * BLOCK, 0);
          const to = Math.min(last - block * BLOCK + 1, BLOCK);
          const part = this.blocks[block] as number;
          if (from === 0 && to === BLOCK) {
            this.blocks[block] = whole;
          } else if (part >= uniform) {
            made[part]?.fill(byte, from, to);
          } else {
            this.blocks[block] = made.push(new Uint8Array(BLOCK).fill(values[part] as number).fill(byte, from, to)) - 1;
          }
        }
      }
    }
    this.bytes = new Uint8Array(made.length * BLOCK);
    made.forEach((part, index) => {
      this.bytes.set(part, index * BLOCK);
    });
  }

  at(codePoint: number): number {
    return this.bytes[((this.blocks[codePoint >> 8] as number) << 8) | (codePoint & 0xff)] as number;
  }
}
