/**
 * The parser: bytes in, characters and whole control sequences out. Syntax only: what a sequence does is interpreter.ts's
 * matter, what the table says is in transitions.ts. It keeps its state between calls, so the stream may be cut anywhere, and
 * it bounds what it keeps: numbers (params.ts), intermediates, and strings.
 */

import { Params } from './params.ts';
import {
  BEYOND,
  CLEAR,
  COLLECT,
  COLUMN_BITS,
  CSI_DISPATCH,
  DCS_STRING,
  ESCAPE_DISPATCH,
  EXECUTE,
  GROUND,
  OSC_STRING,
  PARAM,
  PRINT,
  STRING_END,
  STRING_PUT,
  STRING_START,
  TRANSITIONS,
} from './transitions.ts';
import { INCOMPLETE, MALFORMED, REPLACEMENT, Utf8Decoder } from './utf8.ts';

const ESC = 0x1b;
/** Longest OSC or DCS string that is kept, in bytes of UTF-8: a full clipboard (`MAX_CLIPBOARD`) in Base64; a longer one is swallowed whole and has no effect. */
export const MAX_STRING = 90_112;
/** A string buffer that grew beyond this many bytes is given back after its string. */
const STRING_BUFFER = 1_024;
/** Stands for too many intermediates: no sequence has this. */
const TOO_MANY = 0xff_ffff;

/**
 * Who executes what was parsed. A sequence is named by its bytes in order, prefix (`<=>?`), intermediates (20-2F) and final
 * byte, as one number: `CSI ? 5 $ p` is 0x3f2470. See `named`.
 */
export interface Executor {
  /**
   * Prints from `bytes[at]` on, which is no control, and returns where it stopped: at `end`, at a control, or at bytes that
   * are not whole UTF-8, which the parser decodes itself.
   */
  text(bytes: Uint8Array, at: number, end: number): number;
  print(codePoint: number): void;
  /** A control character of C0 or C1. */
  execute(control: number): void;
  escape(name: number): void;
  control(name: number, params: Params): void;
  /** OSC. The bytes are valid UTF-8 and borrowed during the call. */
  command(bytes: Uint8Array): void;
  /** DCS, likewise. */
  device(name: number, params: Params, bytes: Uint8Array): void;
}

/** The number of a sequence: `named('?$p')` is 0x3f2470. */
export function named(bytes: string): number {
  let name = 0;
  for (let i = 0; i < bytes.length; i++) name = (name << 8) | bytes.charCodeAt(i);
  return name;
}

export class Parser {
  readonly #to: Executor;
  readonly #decoder = new Utf8Decoder();
  readonly #params = new Params();
  #state = GROUND;
  /** Prefix and intermediates so far. */
  #collected = 0;
  #string = new Uint8Array(STRING_BUFFER);
  #stringLength = 0;
  /** Which kind of string: OSC_STRING or DCS_STRING, and a DCS's name. */
  #stringState = OSC_STRING;
  #stringName = 0;

  constructor(to: Executor) {
    this.#to = to;
  }

  /** Parses all of `bytes`, borrowed during the call. */
  parse(bytes: Uint8Array): void {
    const end = bytes.length;
    let at = 0;
    while (at < end) {
      if (this.#state !== GROUND || this.#decoder.pending) {
        at = this.#decode(bytes, at);
        continue;
      }
      const byte = bytes[at] as number;
      if (byte >= 0x20) {
        const stop = this.#to.text(bytes, at, end);
        at = stop > at ? stop : this.#decode(bytes, at);
      } else if (byte === ESC) {
        const stop = this.#shortcut(bytes, at);
        at = stop > at ? stop : this.#decode(bytes, at);
      } else {
        this.#to.execute(byte);
        at++;
      }
    }
  }

  /**
   * Nearly every sequence is `ESC [ numbers final`, or with `?` before the numbers, or `ESC ( B`, and whole in the chunk:
   * those are executed here without the table, and their end is returned. `at` is returned for any other, untouched.
   */
  #shortcut(bytes: Uint8Array, at: number): number {
    const second = bytes[at + 1];
    if (second === 0x28) {
      const set = bytes[at + 2] ?? 0;
      if (set < 0x30 || set > 0x7e) return at;
      this.#to.escape(0x2800 | set);
      return at + 3;
    }
    if (second !== 0x5b) return at;
    const params = this.#params;
    params.clear();
    const prefixed = bytes[at + 2] === 0x3f;
    const stop = params.read(bytes, prefixed ? at + 3 : at + 2);
    if (stop >= bytes.length) return at;
    const final = bytes[stop] as number;
    if (final < 0x40 || final > 0x7e) return at;
    this.#to.control(prefixed ? 0x3f00 | final : final, params);
    return stop + 1;
  }

  /** Takes one code point, at `bytes[at]`, and the digits after it; returns where it stopped. */
  #decode(bytes: Uint8Array, at: number): number {
    const byte = bytes[at] as number;
    if (byte < 0x80 && !this.#decoder.pending) {
      const action = this.#step(byte);
      return action === PARAM ? this.#params.read(bytes, at + 1) : at + 1;
    }
    const code = this.#decoder.push(byte);
    if (code === INCOMPLETE) return at + 1;
    if (code === MALFORMED) {
      this.#step(REPLACEMENT);
      return at;
    }
    this.#step(code);
    return at + 1;
  }

  /** One transition of the table. Returns its action. */
  #step(code: number): number {
    const state = this.#state;
    const transition = TRANSITIONS[(state << COLUMN_BITS) | (code < BEYOND ? code : BEYOND)] as number;
    const action = transition >> 4;
    this.#state = transition & 0x0f;
    switch (action) {
      case PRINT:
        this.#to.print(code);
        break;
      case EXECUTE:
        this.#to.execute(code);
        break;
      case CLEAR:
        this.#clear();
        break;
      case COLLECT:
        this.#collected = this.#collected > 0xff ? TOO_MANY : (this.#collected << 8) | code;
        break;
      case PARAM:
        this.#params.add(code);
        break;
      case ESCAPE_DISPATCH:
        if (this.#collected !== TOO_MANY) this.#to.escape((this.#collected << 8) | code);
        break;
      case CSI_DISPATCH:
        if (this.#collected !== TOO_MANY) this.#to.control((this.#collected << 8) | code, this.#params);
        break;
      case STRING_START:
        this.#stringState = this.#state;
        this.#stringName = this.#collected === TOO_MANY ? 0 : (this.#collected << 8) | code;
        this.#stringLength = 0;
        break;
      case STRING_PUT:
        this.#put(code);
        break;
      case STRING_END:
        this.#endString();
        this.#clear();
        break;
      default:
    }
    return action;
  }

  #clear(): void {
    this.#params.clear();
    this.#collected = 0;
  }

  #put(code: number): void {
    if (this.#stringLength + 4 > MAX_STRING) {
      this.#stringLength = MAX_STRING;
      return;
    }
    if (this.#stringLength + 4 > this.#string.length) {
      const larger = new Uint8Array(this.#string.length * 2);
      larger.set(this.#string);
      this.#string = larger;
    }
    const string = this.#string;
    if (code < 0x80) {
      string[this.#stringLength++] = code;
      return;
    }
    if (code < 0x800) {
      string[this.#stringLength++] = 0xc0 | (code >> 6);
    } else {
      if (code < 0x1_0000) {
        string[this.#stringLength++] = 0xe0 | (code >> 12);
      } else {
        string[this.#stringLength++] = 0xf0 | (code >> 18);
        string[this.#stringLength++] = 0x80 | ((code >> 12) & 0x3f);
      }
      string[this.#stringLength++] = 0x80 | ((code >> 6) & 0x3f);
    }
    string[this.#stringLength++] = 0x80 | (code & 0x3f);
  }

  #endString(): void {
    if (this.#stringLength < MAX_STRING) {
      const bytes = this.#string.subarray(0, this.#stringLength);
      if (this.#stringState === DCS_STRING) this.#to.device(this.#stringName, this.#params, bytes);
      else this.#to.command(bytes);
    }
    if (this.#string.length > STRING_BUFFER) this.#string = new Uint8Array(STRING_BUFFER);
  }
}
