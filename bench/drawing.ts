/**
 * Bytes to the user's terminal: what the client draws of a program's output, beside the bytes of the program itself, and beside the
 * characters that are new there, which no renderer can do without. The fewer frames there are, the less is drawn.
 */

import { Display } from '../client/display.ts';
import { HistoryLog } from '../protocol/history/history-log.ts';
import type { HistoryView } from '../protocol/history/history-view.ts';
import { CELL_WORDS, CODE_POINT_MASK } from '../protocol/screen/cell.ts';
import type { Row } from '../protocol/screen/row.ts';
import type { Screen } from '../protocol/screen/screen.ts';
import { Emulator } from '../protocol/terminal/emulator.ts';
import { figure, table } from './figures.ts';
import { recordedStreams } from './streams.ts';

const SCROLLBACK = 10_000;
/** Bytes of output to a frame: about a key's echo or a line, a screenful, and a flood on a fast link. */
const FRAMES = [64, 1_024, 16_384] as const;
const SPACE = 0x20;
const encoder = new TextEncoder();

const FILES = Array.from({ length: 60 }, (_, i) => `file-${i * 31}.txt`);
const LISTING = FILES.slice(0, 20).map((file) => `-rw-r--r-- 1 user user  ${file}\r\n`);
const PROMPT = '\x1b[01;32muser@host\x1b[00m:\x1b[01;34m~/src\x1b[00m$ ';
const FULL = `${LISTING.join('')}${PROMPT}make\r\nok\r\n${PROMPT}`;

/** What is there before, and what then is written. */
const CASES: readonly (readonly [name: string, before: string, output: string])[] = [
  ['a letter', FULL, 'l'],
  ['a letter rubbed out', `${FULL}ls`, '\b\x1b[K'],
  ['Enter at the bottom', FULL, `\r\n${PROMPT}`],
  ['a command of three lines', `${FULL}ls`, `\r\n${LISTING.slice(0, 3).join('')}${PROMPT}`],
  ['seq 1 20', FULL, Array.from({ length: 20 }, (_, i) => `${i + 1}\r\n`).join('')],
  ['seq 1 200', FULL, Array.from({ length: 200 }, (_, i) => `${i + 1}\r\n`).join('')],
  ['ls --color, 60 files', FULL, columns((file) => `\x1b[01;34m${file}\x1b[0m`)],
  [
    'ls --hyperlink, 60 files',
    FULL,
    columns((file) => `\x1b]8;;file://host/home/user/src/${file}\x07${file}\x1b]8;;\x07`),
  ],
  ['a cleared screen', FULL, `\x1b[H\x1b[2J${PROMPT}`],
];

function columns(show: (file: string) => string): string {
  return FILES.map((file, i) => `${show(file)}${' '.repeat(16 - file.length)}${i % 5 === 4 ? '\r\n' : ''}`).join('');
}

/** The lines of two tables. */
export async function benchDrawing(): Promise<readonly string[]> {
  const cases = CASES.map(([name, before, output]) => {
    const way = new Way(80, 24);
    way.output(encoder.encode(before));
    way.draw();
    const bytes = encoder.encode(output);
    way.output(bytes);
    const { drawn, fresh } = way.draw();
    return [name, String(bytes.length), String(drawn), String(fresh)];
  });
  const streams = recordedStreams().map(({ name, cols, rows, bytes }) => {
    const cells = FRAMES.map((length) => drawnOf(cols, rows, bytes, length));
    return [
      `${name} ${cols}x${rows}`,
      String(bytes.length),
      ...cells.flatMap(({ drawn, fresh }) => [String(drawn), figure(drawn / bytes.length), String(fresh)]),
    ];
  });
  const heads = FRAMES.flatMap((length) => [`drawn, a frame a ${length} B`, 'of it', 'new characters']);
  return [
    ...table([['at once, 80x24', 'program', 'drawn', 'new characters'], ...cases]),
    '',
    ...table([['recorded', 'program', ...heads], ...streams]),
  ];
}

function drawnOf(cols: number, rows: number, bytes: Uint8Array, length: number): Drawing {
  const way = new Way(cols, rows);
  // What takes the terminal over is not counted.
  way.draw();
  let [drawn, fresh] = [0, 0];
  for (let at = 0; at < bytes.length; at += length) {
    way.output(bytes.subarray(at, at + length));
    const frame = way.draw();
    drawn += frame.drawn;
    fresh += frame.fresh;
  }
  return { drawn, fresh };
}

interface Drawing {
  readonly drawn: number;
  readonly fresh: number;
}

/** A program and the user's terminal, and nothing between. */
class Way {
  readonly #lines = new HistoryLog(SCROLLBACK);
  readonly #emulator: Emulator;
  readonly #display: Display;
  readonly #size: { readonly cols: number; readonly rows: number };
  #drawn = 0;
  #screen: Screen;
  #end = 0;

  constructor(cols: number, rows: number) {
    this.#size = { cols, rows };
    this.#emulator = new Emulator({ cols, rows, history: this.#lines });
    this.#screen = this.#emulator.snapshot();
    this.#display = new Display((bytes) => {
      this.#drawn += bytes.length;
      return true;
    });
  }

  output(bytes: Uint8Array): void {
    this.#emulator.write(bytes);
    this.#emulator.release();
  }

  /** Draws what is new: the bytes that it takes, and the characters. */
  draw(): Drawing {
    const before = this.#screen;
    const screen = this.#emulator.snapshot();
    const lines = this.#lines;
    const end = this.#emulator.scrolled;
    const history: HistoryView = {
      end,
      settled: end,
      first: lines.first,
      line: (number) => lines.line(number),
      nextLine: (number) => lines.nextLine(number),
      lineBefore: (number) => number - 1,
    };
    this.#drawn = 0;
    this.#display.draw(screen, [], this.#size, history);
    const left: Row[] = [];
    for (let number = this.#end; number < end; number++) left.push(lines.line(number) ?? before.rows[0] ?? fail());
    const fresh = newCharacters(before.rows, [...left, ...screen.rows]);
    this.#screen = screen;
    this.#end = end;
    return { drawn: this.#drawn, fresh };
  }
}

function fail(): never {
  throw new Error('a screen has rows');
}

/** How many characters differ from what stood there, when all rows have gone up or down by as many as leaves the fewest. */
function newCharacters(before: readonly Row[], after: readonly Row[]): number {
  let fewest = Number.POSITIVE_INFINITY;
  for (let by = 1 - before.length; by < before.length && fewest > 0; by++) {
    let count = 0;
    for (let y = 0; y < after.length && count < fewest; y++) {
      const row = after[y];
      const old = before[y + by];
      if (row !== undefined && row !== old) count += differing(old, row);
    }
    fewest = Math.min(fewest, count);
  }
  return fewest;
}

function differing(old: Row | undefined, row: Row): number {
  let count = 0;
  for (let i = 0; i < row.cells.length; i += CELL_WORDS) {
    const character = (row.cells[i] ?? 0) & CODE_POINT_MASK || SPACE;
    if (character !== SPACE && character !== ((old?.cells[i] ?? 0) & CODE_POINT_MASK)) count++;
  }
  return count;
}
