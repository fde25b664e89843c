/**
 * What a screen costs on its way: its difference from the last one, the patch at the other end, and the redraw on the terminal, in
 * microseconds and bytes, for what a shell does all day. Rows that do not change are shared, as they are between real snapshots.
 */

import { render } from '../protocol/render/ansi.ts';
import {
  BOLD,
  CELL_WORDS,
  CLUSTER,
  COLOR_PALETTE,
  COLOR_RGB,
  EXTENDED,
  UNDERLINE_SHIFT,
} from '../protocol/screen/cell.ts';
import { Columns } from '../protocol/screen/columns.ts';
import { diffScreens } from '../protocol/screen/diff.ts';
import { patchScreen } from '../protocol/screen/patch.ts';
import { blankRow, type Row } from '../protocol/screen/row.ts';
import { blankScreen, type Screen } from '../protocol/screen/screen.ts';
import { figure, median, table } from './figures.ts';

const SIZES = [
  [80, 24],
  [200, 60],
] as const;
const RUNS = 9;
const RUN_MS = 15;
const NS_PER_MS = 1_000_000n;
const US_PER_NS = 1e-3;

interface Update {
  readonly name: string;
  readonly from: Screen;
  readonly to: Screen;
}

/** The lines of a table. Takes about four seconds. */
export async function benchScreens(): Promise<readonly string[]> {
  const updates = SIZES.map(([cols, rows]) => [`${cols}x${rows}`, updatesAt(cols, rows)] as const);
  // Everything once before anything is timed, so that no row of the table pays for the compiler.
  for (const [, list] of updates) for (const update of list) measure(update);
  const lines = [['', 'diff µs', 'patch µs', 'redraw µs', 'diff bytes', 'redraw bytes']];
  for (const [size, list] of updates) {
    for (const update of list) lines.push([`${size} ${update.name}`, ...measure(update)]);
  }
  return table(lines);
}

function measure({ from, to }: Update): readonly string[] {
  const diff = diffScreens(from, to);
  return [
    figure(microseconds(() => diffScreens(from, to))),
    figure(microseconds(() => patchScreen(from, diff))),
    figure(microseconds(() => render(from, to))),
    String(diff.length),
    String(render(from, to).length),
  ];
}

/** The median over several runs of what one call takes. */
function microseconds(call: () => unknown): number {
  const runs: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = process.hrtime.bigint();
    const end = start + BigInt(RUN_MS) * NS_PER_MS;
    let calls = 0;
    let now = start;
    while (now < end) {
      // Many calls to a look at the clock, which costs about as much as one.
      for (let i = 0; i < 32; i++) call();
      calls += 32;
      now = process.hrtime.bigint();
    }
    runs.push((Number(now - start) / calls) * US_PER_NS);
  }
  return median(runs);
}

function updatesAt(cols: number, rows: number): readonly Update[] {
  const listing = Array.from({ length: rows }, (_, i) => listingRow(cols, i));
  const screen: Screen = { ...blankScreen(cols, rows), rows: listing, cursorRow: rows - 1, cursorCol: cols - 10 };
  const bottom = screen.rows.length - 1;
  const rich: Screen = { ...screen, rows: listing.map(richRow) };
  const scrolled = [...listing.slice(1), listingRow(cols, rows)];
  return [
    { name: 'nothing', from: screen, to: { ...screen } },
    { name: 'a letter', from: screen, to: typed(screen, bottom, cols - 10) },
    { name: 'a letter at the start of a row', from: screen, to: typed(screen, bottom, 0) },
    { name: 'a letter among links and clusters', from: rich, to: typed(rich, bottom, cols - 10) },
    { name: 'a scrolled line', from: screen, to: { ...screen, rows: scrolled, cursorCol: 0 } },
    {
      name: 'a scrolled line, every row written again',
      from: screen,
      to: { ...screen, rows: scrolled.map(again), cursorCol: 0 },
    },
    { name: 'a full repaint with text', from: { ...blankScreen(cols, rows), cursorCol: 1 }, to: screen },
    {
      name: 'a full repaint with a coloured editor',
      from: screen,
      to: { ...screen, rows: Array.from({ length: rows }, (_, i) => codeRow(cols, i)) },
    },
    { name: 'a full repaint with links and clusters', from: screen, to: rich },
    { name: 'a cleared screen', from: screen, to: blankScreen(cols, rows) },
  ];
}

function typed(screen: Screen, index: number, col: number): Screen {
  const rows = screen.rows.map((row, i) => (i === index ? written(row.thaw(), col, 'x', 0) : row));
  return { ...screen, rows, cursorRow: index, cursorCol: col + 1 };
}

function again(row: Row): Row {
  const copy = row.thaw();
  copy.frozen = true;
  return copy;
}

function listingRow(cols: number, i: number): Row {
  const row = written(blankRow(cols), 0, `-rw-r--r-- 1 user user ${String(i * 7919).padStart(7)} Jan ${i} 12:${i} `, 0);
  return written(row, 50, `file-${i * 31}.txt`, i % 3 === 0 ? COLOR_PALETTE | 4 | BOLD : 0);
}

function codeRow(cols: number, i: number): Row {
  const row = blankRow(cols);
  written(row, 0, String(i).padStart(4), COLOR_PALETTE | 130);
  let col = 5 + (i % 4) * 2;
  for (let word = 0; col + 12 < cols * 0.6; word++) {
    const text = ['const', 'value', '=', 'other', '(', "'text'", ')', ';'][(i + word) % 8] ?? '';
    written(row, col, text, (i + word) % 3 === 0 ? 0 : COLOR_PALETTE | ((i + word) % 7) | ((word & 1) * BOLD));
    col += text.length + 1;
  }
  row.frozen = true;
  return row;
}

/** The row with everything that a cell can have in each of them, and another link every ten. */
function richRow(row: Row, index: number): Row {
  const rich = row.thaw();
  rich.clusters = new Columns();
  rich.extras = new Columns();
  let extra = { underlineColor: 0, link: { id: '', uri: '' } };
  for (let col = 0; col < rich.cols; col++) {
    const at = col * CELL_WORDS;
    if (col % 10 === 0)
      extra = { underlineColor: COLOR_RGB | col, link: { id: '', uri: `http://host/${index}/${col}` } };
    rich.cells[at] = 0x65 | CLUSTER;
    rich.cells[at + 1] = COLOR_RGB | (index << 8) | BOLD;
    rich.cells[at + 2] = COLOR_RGB | index | (3 << UNDERLINE_SHIFT) | EXTENDED;
    rich.clusters.set(col, 'e\u0301');
    rich.extras.set(col, extra);
  }
  rich.frozen = true;
  return rich;
}

/** Writes ASCII into a draft, which it freezes. */
function written(row: Row, col: number, text: string, fg: number): Row {
  for (let i = 0; i < text.length && col + i < row.cols; i++) {
    row.cells[(col + i) * CELL_WORDS] = text.charCodeAt(i);
    row.cells[(col + i) * CELL_WORDS + 1] = fg;
    row.clusters?.delete(col + i);
  }
  row.frozen = true;
  return row;
}
