/**
 * The bounds-checked reader and writer that every codec of the wire uses, and the one error they throw.
 *
 * Integers are unsigned and big-endian. A varint is QUIC's (RFC 9000 §16): the two top bits of the first byte give the
 * length, 1, 2, 4 or 8 bytes; values end at 2^53 - 1, what a JavaScript number holds exactly. See SPEC.md §2.
 */

/** What a decoder throws on bytes that are not what they should be. `Connection.receive` turns it into a `DropReason`. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** Reads forward through `bytes`, which it borrows: what `take` returns is a view, valid as long as the caller's array is. */
export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new DecodeError('Cannot read a byte: the input has ended');
    this.#at++;
    return byte;
  }

  u16(): number {
    return this.u8() * 0x100 + this.u8();
  }

  u32(): number {
    return this.u16() * 0x10000 + this.u16();
  }

  u48(): number {
    return this.u16() * 0x1_0000_0000 + this.u32();
  }

  /** A varint, at most 2^53 - 1. Longer encodings than necessary are accepted, as in QUIC. */
  varint(): number {
    const first = this.u8();
    switch (first >> 6) {
      case 0:
        return first;
      case 1:
        return (first & 0x3f) * 0x100 + this.u8();
      case 2:
        return (first & 0x3f) * 0x100_0000 + this.u8() * 0x1_0000 + this.u16();
      default: {
        const high = (first & 0x3f) * 0x100_0000 + this.u8() * 0x1_0000 + this.u16();
        if (high > 0x1f_ffff) throw new DecodeError('Cannot read a varint: the value is over 2^53 - 1');
        return high * 0x1_0000_0000 + this.u32();
      }
    }
  }

  /** A varint that counts something; throws when it is over `max`, so that no loop and no allocation follows a forged count. */
  count(max: number, what: string): number {
    const value = this.varint();
    if (value > max) throw new DecodeError(`Cannot read ${what}: ${value} is over the limit of ${max}`);
    return value;
  }

  /** A view of the next `length` bytes. */
  take(length: number): Uint8Array {
    if (length > this.left) throw new DecodeError(`Cannot read ${length} bytes: ${this.left} are left`);
    const view = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return view;
  }

  /** A view of all that is left. */
  rest(): Uint8Array {
    return this.take(this.left);
  }

  /** Throws unless everything was read. */
  end(what: string): void {
    if (this.left > 0) throw new DecodeError(`Cannot read ${what}: ${this.left} bytes too many`);
  }
}

const INITIAL_CAPACITY = 256;

/** Appends to a buffer of its own that grows as needed. */
export class Writer {
  #bytes = new Uint8Array(INITIAL_CAPACITY);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  u16(value: number): void {
    this.u8(value >>> 8);
    this.u8(value & 0xff);
  }

  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value & 0xffff);
  }

  u48(value: number): void {
    this.u16(Math.floor(value / 0x1_0000_0000));
    this.u32(value % 0x1_0000_0000);
  }

  /** The shortest varint of an integer from 0 to 2^53 - 1. */
  varint(value: number): void {
    if (value < 0x40) {
      this.u8(value);
    } else if (value < 0x4000) {
      this.u16(0x4000 | value);
    } else if (value < 0x4000_0000) {
      this.u16(0x8000 | (value >>> 16));
      this.u16(value & 0xffff);
    } else {
      const high = Math.floor(value / 0x1_0000_0000);
      this.u16(0xc000 | (high >>> 16));
      this.u16(high & 0xffff);
      this.u32(value % 0x1_0000_0000);
    }
  }

  bytes(source: Uint8Array): void {
    if (this.#length + source.length > this.#bytes.length) this.#grow(source.length);
    this.#bytes.set(source, this.#length);
    this.#length += source.length;
  }

  /** Appends all that another writer holds. */
  append(other: Writer): void {
    this.bytes(other.#bytes.subarray(0, other.#length));
  }

  /** Forgets what was written; the buffer stays, so that a writer in a hot path allocates once. */
  clear(): void {
    this.#length = 0;
  }

  /** Drops what was written after `length`. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  /** A copy of what was written, owned by the caller. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #grow(room: number): void {
    const bigger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + room));
    bigger.set(this.#bytes);
    this.#bytes = bigger;
  }
}

/** Bytes that `varint` takes for `value`. */
export function varintLength(value: number): number {
  if (value < 0x40) return 1;
  if (value < 0x4000) return 2;
  return value < 0x4000_0000 ? 4 : 8;
}

/** Whether two byte strings are equal. Not in constant time: never for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
