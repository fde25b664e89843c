/**
 * `~h`: the session's history in a pager with less's keys, on a screen of the client's own, while the session goes on behind it. Pure: keys
 * in, a screen out, which the same display draws.
 */

import type { HistoryView } from '../../protocol/history/history-view.ts';
import { CELL_WORDS, INVERSE, TAIL, WIDE } from '../../protocol/screen/cell.ts';
import { ALTERNATE_SCREEN, ALTERNATE_SCROLL, CURSOR_VISIBLE } from '../../protocol/screen/modes.ts';
import { blankRow, type Row } from '../../protocol/screen/row.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import { widthOf } from '../../protocol/terminal/width.ts';
import type { TerminalSize } from '../tty.ts';
import { HistoryDocument, type Place } from './history-document.ts';
import { type PagerKey, PagerKeys } from './pager-keys.ts';
import { highlighted, spansOf } from './row-text.ts';

/** What is paged: the session as it is at the moment. */
export interface PagedSession {
  readonly screen: Screen;
  readonly history: HistoryView;
}

/** Where the search is. */
interface Search {
  readonly down: boolean;
  /** The line to look at next, and how many there are still to look at. */
  line: number;
  left: number;
  /** Cells that may be looked at before others get their turn. */
  cells: number;
}

/** Cells looked at in one go, a few ms: the session has to go on meanwhile. */
const CELLS_SEARCHED_AT_ONCE = 80_000;
/** What a paragraph counts for at least, in cells. */
const PARAGRAPH_CELLS = 40;
/** How long the rest of a sequence may take after its Escape, in ms. */
const ESCAPE_MS = 50;
/** Longest text to search for, in UTF-16 code units. */
const WORDS_MAX = 200;
const HELP = 'j k space b d u g G move, / ? n N search, q leaves';

const LINE_DOWN = (): number => 1;
const LINE_UP = (): number => -1;
const PAGE_DOWN = (height: number): number => height;
const PAGE_UP = (height: number): number => -height;
const HALF_DOWN = (height: number): number => Math.ceil(height / 2);
const HALF_UP = (height: number): number => -Math.ceil(height / 2);

/** By key, the rows that it moves on a page of so many. */
const MOVES: ReadonlyMap<string, (height: number) => number> = new Map([
  ...['down', 'j', 'e', '\r', '\n', '\x0e'].map((name) => [name, LINE_DOWN] as const),
  ...['up', 'k', 'y', '\x10'].map((name) => [name, LINE_UP] as const),
  ...['page-down', ' ', 'f', '\x06'].map((name) => [name, PAGE_DOWN] as const),
  ...['page-up', 'b', '\x02'].map((name) => [name, PAGE_UP] as const),
  ...['d', '\x04'].map((name) => [name, HALF_DOWN] as const),
  ...['u', '\x15'].map((name) => [name, HALF_UP] as const),
]);

export class HistoryPager {
  readonly #session: () => PagedSession;
  readonly #keys = new PagerKeys();
  /** The first row shown; undefined for the last page. */
  #top: Place | undefined;
  #size: TerminalSize = { cols: 80, rows: 24 };
  /** A search that is being typed. */
  #prompt: { readonly down: boolean; readonly words: string } | undefined;
  #words = '';
  #down = true;
  #search: Search | undefined;
  /** What was found last: from there on the next is looked for. */
  #found: Place | undefined;
  /** Said instead of where one is. */
  #message = '';
  /** The last key was a `~`. */
  #isTilde = false;
  /** When an Escape that came alone is the key; undefined before it is known when it came. */
  #escapeAt: number | undefined;
  /** The number after the last line's when the end was shown last: what is new since. */
  #seen = 0;
  #isOver = false;

  constructor(session: () => PagedSession) {
    this.#session = session;
  }

  /** The user has left. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** When `tick` has something to do. */
  nextTimeout(now: number): number {
    if (this.#search !== undefined) return now;
    return this.#keys.holdsEscape ? (this.#escapeAt ?? now) : Number.POSITIVE_INFINITY;
  }

  /** Takes what was typed; the bytes are borrowed. */
  push(bytes: Uint8Array): void {
    this.#escapeAt = undefined;
    this.#take(this.#keys.push(bytes));
  }

  #take(keys: readonly PagerKey[]): void {
    const document = this.#document();
    for (const key of keys) {
      if (this.#isOver) return;
      this.#search = undefined;
      this.#message = '';
      if (this.#prompt === undefined) this.#command(document, key);
      else this.#type(document, this.#prompt, key);
    }
  }

  /** Goes on searching, and tells an Escape from the beginning of a sequence. */
  tick(now: number): void {
    if (this.#keys.holdsEscape) {
      this.#escapeAt ??= now + ESCAPE_MS;
      if (now >= this.#escapeAt) this.#take(this.#keys.takeEscape());
    }
    this.#searchOn();
  }

  #searchOn(): void {
    const search = this.#search;
    if (search === undefined) return;
    const document = this.#document();
    search.cells = CELLS_SEARCHED_AT_ONCE;
    while (search.cells > 0 && search.left > 0) {
      if (this.#look(document, search)) return;
    }
    if (search.left > 0) return;
    this.#search = undefined;
    this.#message = 'not found';
  }

  /** What a terminal of this size is to show. */
  screen(size: TerminalSize): Screen {
    this.#size = size;
    const { screen } = this.#session();
    const document = this.#document();
    const rows = this.#page(document);
    const isTyping = this.#prompt !== undefined;
    const status = statusRow(this.#status(document), size.cols, isTyping);
    if (size.rows > 1) rows.push(status.row);
    return {
      ...screen,
      cols: size.cols,
      rows,
      cursorRow: size.rows - 1,
      cursorCol: isTyping ? Math.min(status.end, size.cols - 1) : 0,
      cursorShape: 0,
      // The wheel comes as arrows then, where a terminal does not do that anyway.
      modes: (isTyping ? CURSOR_VISIBLE : 0) | ALTERNATE_SCREEN | ALTERNATE_SCROLL,
    };
  }

  get #height(): number {
    return Math.max(1, this.#size.rows - 1);
  }

  #document(): HistoryDocument {
    const { screen, history } = this.#session();
    return new HistoryDocument(history, screen, this.#size.cols);
  }

  #command(document: HistoryDocument, key: PagerKey): void {
    const name = key.kind === 'named' ? key.name : key.character;
    const isAfterTilde = this.#isTilde;
    this.#isTilde = name === '~';
    const move = MOVES.get(name);
    if (move !== undefined) {
      this.#move(document, move(this.#height));
      return;
    }
    switch (name) {
      case 'home':
      case 'g':
      case '<':
        this.#goTo({ line: document.first, row: 0 });
        break;
      case 'end':
      case 'G':
      case '>':
        this.#goTo(undefined);
        break;
      case '/':
      case '?':
        this.#prompt = { down: name === '/', words: '' };
        break;
      case 'n':
        this.#begin(document, this.#down);
        break;
      case 'N':
        this.#begin(document, !this.#down);
        break;
      case 'h':
        // What opened it closes it.
        if (isAfterTilde) this.#isOver = true;
        else this.#message = HELP;
        break;
      case 'q':
      case 'Q':
      case 'escape':
      case '\x03':
        this.#isOver = true;
        break;
      default:
    }
  }

  /** A key while the words to search for are typed. */
  #type(
    document: HistoryDocument,
    { down, words }: { readonly down: boolean; readonly words: string },
    key: PagerKey,
  ): void {
    const character = key.kind === 'typed' ? key.character : '';
    if (character === '\r' || character === '\n') {
      this.#prompt = undefined;
      if (words !== '') this.#words = words;
      this.#down = down;
      this.#begin(document, down);
    } else if (character === '\x7f' || character === '\b') {
      this.#prompt = words === '' ? undefined : { down, words: [...words].slice(0, -1).join('') };
    } else if (character === '\x15') {
      this.#prompt = { down, words: '' };
    } else if (character === '\x03' || (key.kind === 'named' && key.name === 'escape')) {
      this.#prompt = undefined;
    } else if (character >= ' ' && words.length + character.length <= WORDS_MAX) {
      this.#prompt = { down, words: words + character };
    }
  }

  #goTo(top: Place | undefined): void {
    this.#top = top;
    this.#found = undefined;
  }

  #move(document: HistoryDocument, rows: number): void {
    const top = document.moved(this.#shownTop(document), rows);
    const { isGap, end } = document.paragraph(top.line);
    // What comes of a gap comes at its end: one row above the next line is a place that stays.
    this.#goTo(isGap && end < document.end ? { line: end, row: -1 } : top);
  }

  /** The place of the first row shown; never so far down that the page is not full. */
  #shownTop(document: HistoryDocument): Place {
    const last = document.lastPage(this.#height);
    if (this.#top === undefined) return last;
    const top = document.moved(this.#top, 0);
    return document.isBefore(top, last) ? top : last;
  }

  /** Looks for the next place with the words. */
  #begin(document: HistoryDocument, down: boolean): void {
    if (this.#words === '' || document.first >= document.end) {
      this.#message = 'nothing to search for';
      return;
    }
    const { line } = this.#found ?? this.#shownTop(document);
    const paragraph = document.paragraph(line);
    const isFromHere = this.#found === undefined && down;
    const next = down ? paragraph.end : paragraph.first - 1;
    this.#search = { down, line: isFromHere ? line : next, left: document.end - document.first, cells: 0 };
    this.#searchOn();
  }

  /** Looks at one paragraph. True if the words are there. */
  #look(document: HistoryDocument, search: Search): boolean {
    // Past the end it goes on at the beginning, and the other way.
    if (search.line >= document.end) search.line = document.first;
    if (search.line < document.first) search.line = document.end - 1;
    const { first, end, rows, isGap } = document.paragraph(search.line);
    const spans = isGap ? [] : spansOf(rows, this.#words);
    const span = search.down ? spans[0] : spans.at(-1);
    if (span !== undefined) {
      this.#search = undefined;
      const place = { line: first, row: Math.floor(span.from / this.#size.cols) };
      this.#found = place;
      this.#top = place;
      return true;
    }
    search.left -= end - first;
    search.cells -= Math.max(PARAGRAPH_CELLS, rows.length * this.#size.cols);
    search.line = search.down ? end : first - 1;
    return false;
  }

  #page(document: HistoryDocument): Row[] {
    const { cols } = this.#size;
    const rows: Row[] = [];
    const top = this.#shownTop(document);
    let skipped = top.row;
    for (let line = top.line; line < document.end && rows.length < this.#height; ) {
      const paragraph = document.paragraph(line);
      rows.push(...this.#marked(paragraph.rows, cols).slice(skipped));
      skipped = 0;
      line = paragraph.end;
    }
    rows.length = Math.min(rows.length, this.#height);
    const blank = blankRow(cols);
    blank.frozen = true;
    while (rows.length < this.#height) rows.push(blank);
    return rows;
  }

  /** The rows of a paragraph with what is searched for highlighted. */
  #marked(rows: readonly Row[], cols: number): readonly Row[] {
    const spans = spansOf(rows, this.#words);
    if (spans.length === 0) return rows;
    const marked = [...rows];
    for (const { from, to } of spans) {
      for (let index = Math.floor(from / cols); index * cols < to; index++) {
        const row = marked[index];
        if (row !== undefined)
          marked[index] = highlighted(row, Math.max(0, from - index * cols), Math.min(cols, to - index * cols));
      }
    }
    return marked;
  }

  #status(document: HistoryDocument): string {
    if (this.#prompt !== undefined) return `${this.#prompt.down ? '/' : '?'}${this.#prompt.words}`;
    if (this.#search !== undefined) return `searching for ${this.#words} ...`;
    if (this.#message !== '') return this.#message;
    const { first, end } = document;
    const top = this.#shownTop(document);
    const bottom = document.moved(top, this.#height - 1);
    const isEnd = !document.isBefore(top, document.lastPage(this.#height));
    if (isEnd) this.#seen = end;
    const fresh = end > this.#seen ? `, ${(end - this.#seen).toLocaleString('en')} new` : '';
    const lines = `${(top.line - first + 1).toLocaleString('en')} of ${(end - first).toLocaleString('en')}`;
    const share = isEnd ? 'end' : `${Math.floor((100 * (bottom.line + 1 - first)) / Math.max(1, end - first))} %`;
    return `history: line ${lines} (${share})${fresh}, q leaves, h help`;
  }
}

/** The last row of the pager; marks are left out, and what has no room at the right or, with `fromEnd`, at the left. Then where its text ends. */
function statusRow(text: string, cols: number, fromEnd: boolean): { readonly row: Row; readonly end: number } {
  const cells: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const width = code < 0x20 || (code > 0x7e && code < 0xa0) ? 0 : widthOf(code);
    if (width === 1) cells.push(code);
    if (width === 2) cells.push(code | WIDE, TAIL);
  }
  const shown = fromEnd ? cells.slice(-cols) : cells.slice(0, cols);
  if (shown[0] === TAIL) shown[0] = 0;
  if (((shown.at(-1) ?? 0) & WIDE) !== 0) shown[shown.length - 1] = 0;
  const row = blankRow(cols);
  for (const [col, content] of shown.entries()) {
    row.cells[col * CELL_WORDS] = content;
    row.cells[col * CELL_WORDS + 1] = INVERSE;
  }
  row.frozen = true;
  return { row, end: shown.length };
}
