/**
 * Writes on a terminal and knows where its cursor stands and what its pen is, so that it can choose the shortest way to the next
 * place. It never counts on what a terminal does at the right edge: after the last column, the column is unknown until it is set.
 */

import type { Writer } from '../bytes.ts';
import { type Extra, equalExtra, type Link } from '../screen/extra.ts';
import { writeCodePoint } from '../screen/printable.ts';
import type { Row } from '../screen/row.ts';
import { type Capabilities, FULL_TERMINAL } from './capabilities.ts';
import { fitPen, rendition } from './rendition.ts';

const ESC = 0x1b;
const BS = 0x08;
const LF = 0x0a;
const CR = 0x0d;
const UNKNOWN = -1;
/** Zero width joiner. */
const JOINER = '\u200d';

/** Bytes of a CSI sequence without parameters: ESC [ and the final byte. */
const CSI_BYTES = 3;

const encoder = new TextEncoder();

export class Pencil {
  row = 0;
  /** -1 where terminals may differ. */
  col = 0;
  /** What the terminal shows, as far as it matters where its lines wrap: a line feed onto a row ends its wrapping in some terminals. */
  rows: readonly Row[] = [];

  readonly #out: Writer;
  #cols = 1;
  #fg = 0;
  #bg = 0;
  #extra: Extra | undefined;
  #capabilities = FULL_TERMINAL;

  constructor(out: Writer) {
    this.#out = out;
  }

  /** At the start of an update: where the cursor of a terminal of `cols` columns is; the pen is the default one. */
  place(cols: number, row: number, col: number, capabilities: Capabilities): void {
    this.#cols = cols;
    this.#capabilities = capabilities;
    this.row = row;
    this.col = col;
    this.#fg = 0;
    this.#bg = 0;
    this.#extra = undefined;
  }

  /** What the terminal can do. */
  get capabilities(): Capabilities {
    return this.#capabilities;
  }

  /** Whether the pen is the one of these words and this rest (cell.ts, extra.ts). */
  hasPen(fg: number, bg: number, extra: Extra | undefined): boolean {
    return fg === this.#fg && bg === this.#bg && (extra === this.#extra || equalExtra(extra, this.#extra));
  }

  pen(fg: number, bg: number, extra: Extra | undefined): void {
    if (this.hasPen(fg, bg, extra)) return;
    const before = fitPen({ fg: this.#fg, bg: this.#bg, extra: this.#extra }, this.#capabilities);
    const after = fitPen({ fg, bg, extra }, this.#capabilities);
    this.ascii(rendition(before, after));
    if (this.#capabilities.links) this.ascii(linkChange(this.#extra?.link, extra?.link));
    this.#fg = fg;
    this.#bg = bg;
    this.#extra = extra;
  }

  /** The terminal wraps to the start of a row with the next character. */
  wrapTo(row: number): void {
    this.row = row;
    this.col = 0;
  }

  /** Sequences without text, of ASCII only. */
  ascii(sequence: string): void {
    for (let i = 0; i < sequence.length; i++) this.#out.u8(sequence.charCodeAt(i));
  }

  /** A character that stands in `width` cells, at the cursor. */
  character(codePoint: number, width: number): void {
    writeCodePoint(this.#out, codePoint);
    this.#advance(width, codePoint < 0x7f || hasCertainWidth(codePoint, width));
  }

  /** The text of a cluster, in `width` cells. */
  cluster(text: string, width: number): void {
    // A joiner at its end would take in what is drawn next, which has cells of its own.
    const bytes = encoder.encode(text.endsWith(JOINER) ? text.slice(0, -JOINER.length) : text);
    // Without wrapping the cursor stays on the last column, and some terminals (tmux) join marks to the cell before it.
    const atEdge = this.col === UNKNOWN || this.col + width >= this.#cols;
    if (atEdge) this.ascii('\x1b[?7h');
    this.#out.bytes(bytes);
    if (atEdge) this.ascii('\x1b[?7l');
    this.#advance(width, false);
  }

  #advance(width: number, certain: boolean): void {
    const col = this.col + width;
    this.col = certain && this.col !== UNKNOWN && col < this.#cols ? col : UNKNOWN;
  }

  /** Moves the cursor to a place on the screen, by the fewest bytes. */
  move(row: number, col: number): void {
    if (row === this.row) {
      if (col === this.col) return;
      if (this.#horizontalBytes(this.col, col) <= addressBytes(row, col)) this.#horizontal(col);
      else this.#address(row, col);
      return;
    }
    const address = addressBytes(row, col);
    const down = row - this.row;
    const straight = verticalBytes(down) + this.#horizontalBytes(this.col, col);
    // A terminal behind a tty that turns LF into CR LF is at column 0 after it, any other only if it was before.
    const returns = this.col === 0 ? 0 : 1;
    const mayFeed = down > 0 && !this.#wrapsBetween(this.row, row);
    const lines = mayFeed ? returns + down + this.#horizontalBytes(0, col) : Number.POSITIVE_INFINITY;
    if (lines <= straight && lines <= address) {
      if (returns > 0) this.#out.u8(CR);
      for (let i = 0; i < down; i++) this.#out.u8(LF);
      this.row = row;
      this.col = 0;
      this.#horizontal(col);
    } else if (straight < address) {
      this.#vertical(down);
      this.#horizontal(col);
    } else {
      this.#address(row, col);
    }
  }

  #wrapsBetween(from: number, to: number): boolean {
    for (let row = from + 1; row <= to; row++) if (this.rows[row]?.wrapped === true) return true;
    return false;
  }

  #address(row: number, col: number): void {
    if (col > 0) this.ascii(`\x1b[${row + 1};${col + 1}H`);
    else this.ascii(row > 0 ? `\x1b[${row + 1}H` : '\x1b[H');
    this.row = row;
    this.col = col;
  }

  #vertical(down: number): void {
    if (down === 1 || down === -1) {
      // IND and RI: inside the margins, which are those of the screen, they only move.
      this.#out.u8(ESC);
      this.#out.u8(down > 0 ? 0x44 : 0x4d);
    } else {
      this.ascii(down > 0 ? `\x1b[${down}B` : `\x1b[${-down}A`);
    }
    this.row += down;
  }

  #horizontal(col: number): void {
    const from = this.col;
    this.col = col;
    if (from === col) return;
    if (col === 0) {
      this.#out.u8(CR);
    } else if (from !== UNKNOWN && col > from && forwardBytes(col - from) <= columnBytes(col)) {
      this.ascii(col - from === 1 ? '\x1b[C' : `\x1b[${col - from}C`);
    } else if (from > col && from - col <= columnBytes(col)) {
      for (let i = col; i < from; i++) this.#out.u8(BS);
    } else {
      this.ascii(`\x1b[${col + 1}G`);
    }
  }

  #horizontalBytes(from: number, col: number): number {
    if (from === col) return 0;
    if (col === 0) return 1;
    if (from === UNKNOWN) return columnBytes(col);
    return Math.min(col > from ? forwardBytes(col - from) : from - col, columnBytes(col));
  }
}

/** OSC 8. What is between semicolons and colons there has none of its own. */
function linkChange(from: Link | undefined, to: Link | undefined): string {
  if (from === to || (from !== undefined && to !== undefined && from.uri === to.uri && from.id === to.id)) return '';
  if (to === undefined) return '\x1b]8;;\x1b\\';
  const id = to.id.replace(/[:;]/g, '_');
  return `\x1b]8;${id === '' ? '' : `id=${id}`};${to.uri}\x1b\\`;
}

function verticalBytes(down: number): number {
  const lines = Math.abs(down);
  return lines === 1 ? 2 : CSI_BYTES + digits(lines);
}

function forwardBytes(count: number): number {
  return count === 1 ? CSI_BYTES : CSI_BYTES + digits(count);
}

function columnBytes(col: number): number {
  return CSI_BYTES + digits(col + 1);
}

function addressBytes(row: number, col: number): number {
  if (col > 0) return CSI_BYTES + digits(row + 1) + 1 + digits(col + 1);
  return row > 0 ? CSI_BYTES + digits(row + 1) : CSI_BYTES;
}

function digits(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  return value < 1000 ? 3 : 4;
}

/**
 * Whether every terminal gives a character this width. Of others (emoji, symbols, marks) opinions differ by version and setting,
 * and the cursor is set anew after them, so that a wrong guess spoils one character and not the line.
 */
function hasCertainWidth(codePoint: number, width: number): boolean {
  if (width === 2) {
    return (
      (codePoint >= 0x3041 && codePoint <= 0x3096) ||
      (codePoint >= 0x30a1 && codePoint <= 0x30fa) ||
      (codePoint >= 0x4e00 && codePoint <= 0x9fa5) ||
      (codePoint >= 0xac00 && codePoint <= 0xd7a3) ||
      (codePoint >= 0xff01 && codePoint <= 0xff5e)
    );
  }
  return (
    (codePoint >= 0xa1 && codePoint < 0x300 && codePoint !== 0xad) ||
    (codePoint >= 0x38e && codePoint <= 0x3ce && codePoint !== 0x3a2) ||
    (codePoint >= 0x400 && codePoint <= 0x482) ||
    (codePoint >= 0x2013 && codePoint <= 0x2027) ||
    (codePoint >= 0x2500 && codePoint <= 0x259f)
  );
}
