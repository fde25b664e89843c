/**
 * The numbers of a control sequence, `CSI 38:2::255:0:0;1 m`: separated by `;`, or by `:` where one is a part of the one
 * before (ECMA-48 §5.4.2, ITU T.416). Absent ones are 0. One object is reused for all sequences, so nothing is allocated.
 */

/** Numbers kept; further ones are dropped. xterm keeps 30, xterm.js 32. */
export const MAX_PARAMS = 32;
/** Larger numbers count as this one: it is larger than any coordinate or mode. */
const MAX_VALUE = 65_535;
const COLON = 0x3a;

export class Params {
  readonly #values = new Uint16Array(MAX_PARAMS);
  readonly #parts = new Uint8Array(MAX_PARAMS);
  #length = 1;
  #full = false;
  /** Whether a `:` occurred. */
  colons = false;

  /** How many there are, at least one: no number at all is one absent number. */
  get length(): number {
    return this.#length;
  }

  /** The number at `index`, 0 if absent. */
  at(index: number): number {
    return index < this.#length ? (this.#values[index] as number) : 0;
  }

  /** The number at `index`, or 1 if it is absent or 0: what most sequences mean. */
  count(index: number): number {
    return this.at(index) || 1;
  }

  /** Whether the number at `index` is a part of the one before it: it came after a `:`. */
  isPart(index: number): boolean {
    return index < this.#length && this.#parts[index] === 1;
  }

  clear(): void {
    this.#values[0] = 0;
    this.#length = 1;
    this.#full = false;
    this.colons = false;
  }

  /** Takes digits and separators from `bytes[at]` on, and returns where they end. */
  read(bytes: Uint8Array, at: number): number {
    const values = this.#values;
    let stop = at;
    let value = values[this.#length - 1] as number;
    for (; stop < bytes.length; stop++) {
      const byte = bytes[stop] as number;
      if (byte < 0x30 || byte > 0x3b) break;
      if (byte < COLON) {
        value = value * 10 + byte - 0x30;
        if (value > MAX_VALUE) value = MAX_VALUE;
        continue;
      }
      if (!this.#full) values[this.#length - 1] = value;
      this.#separate(byte);
      value = 0;
    }
    if (!this.#full) values[this.#length - 1] = value;
    return stop;
  }

  /** Takes one digit or separator. */
  add(byte: number): void {
    if (byte >= COLON) {
      this.#separate(byte);
      return;
    }
    if (this.#full) return;
    const last = this.#length - 1;
    this.#values[last] = Math.min((this.#values[last] as number) * 10 + byte - 0x30, MAX_VALUE);
  }

  #separate(byte: number): void {
    if (byte === COLON) this.colons = true;
    if (this.#length === MAX_PARAMS) {
      this.#full = true;
      return;
    }
    this.#values[this.#length] = 0;
    this.#parts[this.#length] = byte === COLON ? 1 : 0;
    this.#length++;
  }
}
