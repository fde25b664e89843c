/**
 * A session's text from its first line to the last of the screen, for a terminal of some width: what the pager pages. Lines that were wrapped are
 * put together to paragraphs and wrapped anew; lines that are not here are one row that says so. Pure.
 *
 * Numbers are those of the history, and go on with the rows of the main screen: so a place stays what it is while lines scroll off.
 */

import type { HistoryView } from '../../protocol/history/history-view.ts';
import { ALTERNATE_SCREEN } from '../../protocol/screen/modes.ts';
import type { Row } from '../../protocol/screen/row.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import { wrapAnew } from '../../protocol/terminal/resize.ts';
import { gapRow } from '../scrollback-lines.ts';
import { textEnd } from './row-text.ts';

/** A row of a paragraph: the paragraph by the number of its first line. */
export interface Place {
  readonly line: number;
  readonly row: number;
}

export interface Paragraph {
  readonly first: number;
  /** The number of the line after it. */
  readonly end: number;
  /** At least one, each of the terminal's width. */
  readonly rows: readonly Row[];
  /** It is a place holder for lines that are not here. */
  readonly isGap: boolean;
}

/** Longer paragraphs are cut, where the number of a line is a multiple of it. */
const PARAGRAPH_LINES = 256;
/** Rows that are kept, so that not each has to be made again and again. */
const ROWS_KEPT = 2_048;

export class HistoryDocument {
  readonly #history: HistoryView;
  readonly #cols: number;
  /** The main screen's rows with text. */
  readonly #screenRows: readonly Row[];
  readonly #rows = new Map<number, Row | undefined>();

  constructor(history: HistoryView, screen: Screen, cols: number) {
    this.#history = history;
    this.#cols = cols;
    this.#screenRows = (screen.modes & ALTERNATE_SCREEN) !== 0 ? [] : textRows(screen);
  }

  /** The first line's number. */
  get first(): number {
    return Math.min(this.#history.first, this.#history.end);
  }

  /** The number after the last line's. */
  get end(): number {
    return this.#history.end + this.#screenRows.length;
  }

  /** The paragraph that the line, from `first` to before `end`, is in. */
  paragraph(line: number): Paragraph {
    if (this.#row(line) === undefined) return this.#gap(line);
    let first = line;
    while (!this.#begins(first)) first--;
    let end = line + 1;
    while (end < this.end && !this.#begins(end)) end++;
    const rows: Row[] = [];
    for (let at = first; at < end; at++) {
      const row = this.#row(at);
      if (row !== undefined) rows.push(row);
    }
    const wrapped = wrapAnew(rows, this.#cols);
    for (const row of wrapped) row.frozen = true;
    return { first, end, rows: wrapped, isGap: false };
  }

  /** The place `count` rows further down, or up if it is negative; the first or the last if there are not as many. */
  moved({ line, row }: Place, count: number): Place {
    if (this.first >= this.end) return { line: this.first, row: 0 };
    let paragraph = this.paragraph(Math.max(this.first, Math.min(line, this.end - 1)));
    let at = Math.min(row, paragraph.rows.length - 1) + count;
    while (at < 0 && paragraph.first > this.first) {
      paragraph = this.paragraph(paragraph.first - 1);
      at += paragraph.rows.length;
    }
    while (at >= paragraph.rows.length && paragraph.end < this.end) {
      at -= paragraph.rows.length;
      paragraph = this.paragraph(paragraph.end);
    }
    return { line: paragraph.first, row: Math.max(0, Math.min(at, paragraph.rows.length - 1)) };
  }

  /** The place of which `height` rows lead to the end. */
  lastPage(height: number): Place {
    return this.moved({ line: this.end - 1, row: Number.MAX_SAFE_INTEGER }, 1 - height);
  }

  /** Whether `a` is before `b`. */
  isBefore(a: Place, b: Place): boolean {
    return a.line < b.line || (a.line === b.line && a.row < b.row);
  }

  #gap(line: number): Paragraph {
    const { settled } = this.#history;
    const first = Math.max(this.first, this.#history.lineBefore(line) + 1);
    // Those that are still to come, and what waits behind them, are a gap as well.
    const end = line >= settled ? this.#history.end : Math.max(line + 1, this.#history.nextLine(line));
    const until = end === settled ? this.#history.end : end;
    return { first, end: until, rows: [gapRow(until - first, this.#cols)], isGap: true };
  }

  /** Whether a paragraph begins with the line, which is here. */
  #begins(line: number): boolean {
    if (line <= this.first || this.#row(line)?.wrapped !== true || this.#row(line - 1) === undefined) return true;
    if (line % PARAGRAPH_LINES !== 0) return false;
    for (let back = 1; back < PARAGRAPH_LINES; back++) if (this.#row(line - back)?.wrapped !== true) return false;
    return true;
  }

  #row(line: number): Row | undefined {
    const { end } = this.#history;
    if (line >= end) return this.#screenRows[line - end];
    if (this.#rows.size > ROWS_KEPT) this.#rows.clear();
    if (!this.#rows.has(line)) this.#rows.set(line, this.#history.line(line));
    return this.#rows.get(line);
  }
}

function textRows({ rows, cursorRow }: Screen): readonly Row[] {
  let count = rows.length;
  while (count > cursorRow + 1 && textEnd(rows[count - 1]) === 0) count--;
  return rows.slice(0, count);
}
