/**
 * The canvas: where the next character goes and what it does to the rows. The pen, the character sets and the modes that steer
 * writing. Where the cursor may be, cursor.ts says.
 */

import { CELL_WORDS, CLUSTER, CODE_POINT_MASK, EXTENDED, TAIL, WIDE } from '../screen/cell.ts';
import { Columns } from '../screen/columns.ts';
import type { Row } from '../screen/row.ts';
import { MAX_CLUSTER } from '../screen/screen.ts';
import { type Charset, Charsets, translate } from './charset.ts';
import { scrollColumns } from './column-scroll.ts';
import { Cursor } from './cursor.ts';
import { GraphemeBreaker } from './grapheme.ts';
import { dropClusters, dropExtras } from './grid.ts';
import { Pen } from './pen.ts';
import { byteLength, wholeCharacter } from './utf8.ts';
import { DEFAULT_WIDTHS, isPresentable, type Widths } from './width.ts';

/** Variation selector 16, which asks for an emoji. */
const EMOJI_SELECTOR = 0xfe0f;

export class Canvas extends Cursor {
  readonly pen = new Pen();
  charsets = new Charsets();
  /** DECAWM: text goes on in the next row. */
  autowrap = true;
  /** xterm's mode 45: backspace goes back over a wrap. */
  reverseWrap = false;
  /** LNM: a line feed returns as well. */
  newLine = false;
  #insert = false;
  /** Neither inserting nor translating: runs of ASCII are stored as they come. */
  #plain = true;
  /** The last thing was a character, so that REP repeats it. */
  #printed = false;
  /** How wide the user's terminal draws things. */
  widths: Widths = DEFAULT_WIDTHS;
  readonly #breaker = new GraphemeBreaker();
  /** The last thing was a character that the breaker has taken; one of a run it has not, and none of them can be joined by what a run takes. */
  #taken = false;

  /** IRM. */
  get insert(): boolean {
    return this.#insert;
  }

  set insert(insert: boolean) {
    this.#insert = insert;
    this.#findPlain();
  }

  designate(level: number, set: Charset): void {
    this.charsets.designate(level, set);
    this.#findPlain();
  }

  /** All four sets at once, to keep. */
  setCharsets(charsets: Charsets): void {
    this.charsets = charsets;
    this.#findPlain();
  }

  useCharset(level: number): void {
    this.charsets.use(level);
    this.#findPlain();
  }

  /** The next sequence does not repeat a character (REP). Called for each thing that is not one. */
  interrupt(): void {
    this.#printed = false;
  }

  // Writing

  /** See `Executor.text`. Here most bytes of most streams end: no allocation, no call per character. */
  text(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end) {
      if (this.#plain) {
        const stop = this.#run(bytes, at, end);
        if (stop > at) {
          at = stop;
          continue;
        }
      }
      const byte = bytes[at] as number;
      if (byte < 0x20 || byte === 0x7f) return at;
      const code = byte < 0x80 ? byte : wholeCharacter(bytes, at, end);
      if (code === 0) return at;
      this.print(code);
      at += byteLength(code);
    }
    return at;
  }

  /**
   * Writes from `start` on what fits into the row and needs nothing but to be stored. Returns where it stopped, which may be
   * at once: `print` and the parser see to the rest.
   */
  #run(bytes: Uint8Array, start: number, end: number): number {
    const { grid, pen } = this;
    let { end: limit } = this;
    const { alone, rules } = this.widths;
    if (rules.graphemes && this.#isOpen()) return start;
    if (this.x >= limit) {
      const byte = bytes[start] as number;
      // A mark would join what stands in the last column.
      if (byte < 0x20 || byte >= 0x7f) return start;
      if (this.autowrap) this.#wrap();
      else this.x = limit - 1;
      limit = this.end;
    }
    const first = this.x;
    const row = grid.draft(this.y);
    const { cells } = row;
    const { foreground, background } = pen;
    const edge = limit * CELL_WORDS;
    let i = first * CELL_WORDS;
    let at = start;
    while (at < end && i < edge) {
      const byte = bytes[at] as number;
      if (byte < 0x80) {
        if (byte < 0x20 || byte === 0x7f) break;
        cells[i] = byte;
        cells[i + 1] = foreground;
        cells[i + 2] = background;
        i += CELL_WORDS;
        at++;
        continue;
      }
      const code = wholeCharacter(bytes, at, end);
      const width = code === 0 ? 0 : alone.at(code);
      if (width === 0 || i + width * CELL_WORDS > edge) break;
      cells[i] = code;
      cells[i + 1] = foreground;
      cells[i + 2] = background;
      if (width === 2) {
        cells[i] = code | WIDE;
        cells[i + 3] = TAIL;
        cells[i + 4] = foreground;
        cells[i + 5] = background;
      }
      i += width * CELL_WORDS;
      at += byteLength(code);
    }
    if (at > start) this.#wrote(row, first, i / CELL_WORDS);
    return at;
  }

  /** After the cells `from` to `to` - 1 of a draft were written: erases the halves left of wide characters, moves on. */
  #wrote(row: Row, from: number, to: number): void {
    const { cells } = row;
    const before = (from - 1) * CELL_WORDS;
    const after = to * CELL_WORDS;
    const halved = from > 0 && ((cells[before] as number) & WIDE) !== 0;
    if (halved) this.#blankCell(cells, before);
    if (after < cells.length && ((cells[after] as number) & TAIL) !== 0) this.#blankCell(cells, after);
    if (row.clusters !== undefined) dropClusters(row, halved ? from - 1 : from, to);
    if (row.extras !== undefined || this.pen.extra !== undefined) this.#extend(row, from, to);
    this.grid.touch(this.y, to);
    this.advance(to);
    this.#printed = true;
    this.#taken = false;
  }

  /** Gives the cells just written the rest of the pen, and takes it from the halves left beside them. */
  #extend(row: Row, from: number, to: number): void {
    const { extra } = this.pen;
    if (row.extras !== undefined) {
      dropExtras(row, from, to);
      for (const col of [from - 1, to]) {
        if (((row.cells[col * CELL_WORDS + 2] ?? 0) & EXTENDED) === 0) dropExtras(row, col, col + 1);
      }
    }
    if (extra === undefined) return;
    row.extras ??= new Columns();
    for (let col = from; col < to; col++) row.extras.set(col, extra);
  }

  /** Writes one character. */
  print(codePoint: number): void {
    const set = this.charsets.current;
    const code = codePoint < 0x7f && set !== 'ascii' ? translate(set, codePoint) : codePoint;
    if (this.widths.rules.graphemes) {
      this.#look();
      this.#taken = this.#breaker.joins(code) && this.x > 0;
      if (this.#taken) {
        this.#join(code);
        return;
      }
    }
    const width = this.widths.cells.at(code);
    if (width === 0) {
      this.#join(code);
      return;
    }
    this.#put(code, width);
    this.#taken = this.widths.rules.graphemes;
  }

  /** Writes a character of one cell or two. */
  #put(code: number, width: number): void {
    const { grid, pen } = this;
    const { end } = this;
    const { foreground, background } = pen;
    if (width > this.cols) return;
    if (this.x + width > end) {
      if (this.autowrap) {
        // A wide character with one column left leaves it empty.
        if (this.x < end) {
          const row = grid.draft(this.y);
          grid.split(row, this.x, foreground, pen.plainBackground);
          grid.split(row, end, foreground, pen.plainBackground);
          this.#blankCell(row.cells, this.x * CELL_WORDS);
          dropClusters(row, this.x, end);
          dropExtras(row, this.x, end);
          grid.touch(this.y, end);
        }
        this.#wrap();
      } else {
        this.x = end - 1;
        if (width === 2) return;
      }
    }
    const { x } = this;
    if (this.#insert && this.withinColumns) grid.insertCells(this.y, x, width, foreground, pen.plainBackground);
    const row = grid.draft(this.y);
    const { cells } = row;
    const i = x * CELL_WORDS;
    cells[i] = width === 2 ? code | WIDE : code;
    cells[i + 1] = foreground;
    cells[i + 2] = background;
    if (width === 2) {
      cells[i + 3] = TAIL;
      cells[i + 4] = foreground;
      cells[i + 5] = background;
    }
    this.#wrote(row, x, x + width);
  }

  /** Whether what stands left of the cursor would take what a run takes. Hardly ever, as one cell nearly always tells. */
  #isOpen(): boolean {
    if (this.#printed) return this.#taken && this.#breaker.isOpen;
    return this.x > 0 && (this.grid.row(this.y).cells[(this.x - 1) * CELL_WORDS] as number) >= 0x80 && this.#look();
  }

  /** Has the breaker know what stands left of the cursor, and says whether that is open to what a run takes. */
  #look(): boolean {
    const breaker = this.#breaker;
    if (this.#printed && this.#taken) return breaker.isOpen;
    breaker.reset();
    if (this.x === 0) return false;
    const row = this.grid.row(this.y);
    const col = leftOf(row, this.x);
    const content = row.cells[col * CELL_WORDS] as number;
    if ((content & CLUSTER) === 0) breaker.joins(content & CODE_POINT_MASK);
    else for (const character of textAt(row, col)) breaker.joins(character.codePointAt(0) ?? 0);
    return breaker.isOpen;
  }

  /** Joins a mark, or what belongs to one character with it, to the character left of the cursor. */
  #join(code: number): void {
    if (this.x === 0) return;
    const row = this.grid.draft(this.y);
    const { cells } = row;
    const col = leftOf(row, this.x);
    const i = col * CELL_WORDS;
    // A mark on nothing stands on a space.
    const content = (cells[i] as number) || 0x20;
    const joined = textAt(row, col) + String.fromCodePoint(code);
    if (joined.length > MAX_CLUSTER) return;
    cells[i] = content | CLUSTER;
    row.clusters ??= new Columns();
    row.clusters.set(col, joined);
    this.grid.touch(this.y, col + 1);
    // Right after its base only: further on it belongs to what was joined.
    if (code !== EMOJI_SELECTOR || !this.widths.rules.emojiPresentation || (content & (CLUSTER | WIDE)) !== 0) return;
    if (isPresentable(content)) this.#widen(col, content, joined);
  }

  /**
   * Gives the character left of the cursor, in the cell `col`, two cells. At the right edge it goes to the next row, as kitty and
   * ghostty have it; without autowrap it stays as it is.
   */
  #widen(col: number, code: number, text: string): void {
    const { grid, pen } = this;
    if (this.cols < 2 || (col + 2 > this.end && !this.autowrap)) return;
    const row = grid.row(this.y);
    const { foreground, background, extra } = pen;
    const taken = this.#taken;
    pen.foreground = row.cells[col * CELL_WORDS + 1] as number;
    pen.background = row.cells[col * CELL_WORDS + 2] as number;
    pen.extra = row.extras?.get(col);
    if (this.#insert && this.withinColumns) grid.deleteCells(this.y, col, 1, 0);
    this.x = col;
    this.#put(code, 2);
    this.#taken = taken;
    pen.foreground = foreground;
    pen.background = background;
    pen.extra = extra;
    const wide = grid.draft(this.y);
    const lead = this.x - 2;
    wide.cells[lead * CELL_WORDS] = code | WIDE | CLUSTER;
    wide.clusters ??= new Columns();
    wide.clusters.set(lead, text);
  }

  /** REP: the character written last, so many times more. */
  repeat(count: number): void {
    if (!this.#printed || this.x === 0) return;
    const row = this.grid.row(this.y);
    const text = textAt(row, leftOf(row, this.x));
    const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    // More than a screenful changes nothing that anybody could want.
    const times = Math.min(count, this.cols * this.height);
    for (let i = 0; i < times; i++) {
      // Each stands for itself: two flags' letters are not to make other flags.
      this.#breaker.reset();
      this.#printed = this.#taken = true;
      for (const code of codes) this.print(code);
    }
  }

  /** Half of a wide character that was overwritten: nothing, in the pen's colours. */
  #blankCell(cells: Uint32Array, i: number): void {
    cells[i] = 0;
    cells[i + 1] = this.pen.foreground;
    cells[i + 2] = this.pen.plainBackground;
  }

  #wrap(): void {
    const { grid } = this;
    if (this.y !== grid.bottom) this.y = Math.min(this.y + 1, this.height - 1);
    else if (this.withinColumns) this.scrollUp(1);
    this.x = grid.left;
    // Between margins inside the screen no row goes on as a whole.
    if (!this.hasColumnMargins) grid.setWrapped(this.y, true);
  }

  #findPlain(): void {
    this.#plain = !this.#insert && this.charsets.current === 'ascii';
  }

  scrollUp(count: number): void {
    const { grid, pen } = this;
    if (this.hasColumnMargins) scrollColumns(grid, grid, count, pen.erased);
    else grid.scrollUp(grid.top, grid.bottom, count, pen.erased);
  }

  scrollDown(count: number): void {
    const { grid, pen } = this;
    if (this.hasColumnMargins) scrollColumns(grid, grid, -count, pen.erased);
    else grid.scrollDown(grid.top, grid.bottom, count, pen.erased);
  }
}

/** The column of the character left of the cursor. */
function leftOf(row: Row, x: number): number {
  return ((row.cells[(x - 1) * CELL_WORDS] as number) & TAIL) !== 0 ? x - 2 : x - 1;
}

/** The text of a cell; a space if it is erased. */
function textAt(row: Row, col: number): string {
  const content = (row.cells[col * CELL_WORDS] as number) & CODE_POINT_MASK;
  return row.clusters?.get(col) ?? String.fromCodePoint(content || 0x20);
}
