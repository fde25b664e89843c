/**
 * A line of the history as bytes (SPEC.md §14): its width, then the tokens of §9.3 that make it from an empty row with a pen of its own.
 * Lines are kept so at both ends, a twentieth of what a row takes, and travel so.
 */

import { DecodeError, Reader, Writer } from '../bytes.ts';
import { CELL_WORDS } from '../screen/cell.ts';
import { END, FLIP_WRAPPED, frozenBlank } from '../screen/diff-format.ts';
import { blankRow, type Row } from '../screen/row.ts';
import { RowDecoder } from '../screen/row-decoder.ts';
import { firstDifference, lastDifference } from '../screen/row-difference.ts';
import { RowEncoder } from '../screen/row-encoder.ts';
import { MAX_SIDE } from '../screen/screen.ts';

/** Longest line that is kept, in bytes; one that takes more (links, clusters everywhere) is kept as an empty one. */
export const MAX_LINE_BYTES = 16_383;

const writer = new Writer();
const encoder = new RowEncoder(writer);
let blank = frozenBlank(1);

/** The bytes of a line; the caller's own. */
export function encodeLine(row: Row): Uint8Array {
  const { cols } = row;
  if (blank.cols !== cols) blank = frozenBlank(cols);
  writer.clear();
  writer.varint(cols);
  encoder.reset();
  encoder.edit(blank, row, firstDifference(blank, row), lastDifference(blank, row));
  return writer.length <= MAX_LINE_BYTES ? writer.finish() : encodeLine(blank);
}

/**
 * Writes the same at `out[at]` for a row of plain text in default colours, which most lines are, and returns where it ends; -1 when the
 * row is not of that kind or `out` has no room. `used`: from this column on all cells are erased.
 */
export function encodePlainLine(row: Row, used: number, out: Uint8Array, at: number): number {
  const { cells, cols } = row;
  if (row.mark !== 0 || at + used + 4 > out.length) return -1;
  let length = used;
  while (length > 0 && cells[(length - 1) * CELL_WORDS] === 0) length--;
  let to = at;
  if (cols < 0x40) {
    out[to++] = cols;
  } else {
    out[to++] = 0x40 | (cols >> 8);
    out[to++] = cols & 0xff;
  }
  if (row.wrapped) out[to++] = FLIP_WRAPPED;
  for (let i = 0; i < length * CELL_WORDS; i += CELL_WORDS) {
    const content = cells[i] as number;
    if (content < 0x20 || content > 0x7e || ((cells[i + 1] as number) | (cells[i + 2] as number)) !== 0) return -1;
    out[to++] = content;
  }
  for (let i = length * CELL_WORDS; i < used * CELL_WORDS; i += CELL_WORDS) {
    if (((cells[i + 1] as number) | (cells[i + 2] as number)) !== 0) return -1;
  }
  if (length < cols) out[to++] = END;
  return to;
}

/** The line that the bytes are, frozen. Throws DecodeError. */
export function decodeLine(bytes: Uint8Array): Row {
  const reader = new Reader(bytes);
  const cols = reader.count(MAX_SIDE, 'the width of a line');
  if (cols === 0) throw new DecodeError('Cannot read a line: it has no width');
  const row = blankRow(cols);
  new RowDecoder(reader).edit(row);
  reader.end('a line');
  row.frozen = true;
  return row;
}
