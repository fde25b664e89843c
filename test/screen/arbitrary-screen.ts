/**
 * Arbitrary valid screens for property tests, drawn the way programs draw them: by writing, erasing, scrolling and resizing. A pair
 * is one screen and what a few more steps made of it (so that rows are shared, moved and edited), or two that have nothing in common.
 */

import fc from 'fast-check';
import { CELL_WORDS, CLUSTER, EXTENDED, TAIL, UNDERLINE_SHIFT, WIDE } from '../../protocol/screen/cell.ts';
import { Columns } from '../../protocol/screen/columns.ts';
import type { Extra } from '../../protocol/screen/extra.ts';
import { MAX_MARK } from '../../protocol/screen/mark.ts';
import {
  COLOR_SCHEME_REPORTS,
  KEYBOARD_SHIFT,
  MODES_MASK,
  MOUSE_ENCODING_SHIFT,
  MOUSE_TRACKING_SHIFT,
  OTHER_KEYS_SHIFT,
} from '../../protocol/screen/modes.ts';
import { blankRow, Row } from '../../protocol/screen/row.ts';
import { blankScreen, type Screen } from '../../protocol/screen/screen.ts';
import { extrasFault } from './arbitrary-extra.ts';
import { arbitraryPen, type Pen, richPen } from './arbitrary-pen.ts';
import { arbitraryPropertyStep, type PropertyStep, propertiesFault, withProperty } from './arbitrary-properties.ts';

/** A character as it stands in a cell. */
export interface Glyph {
  readonly text: string;
  readonly wide: boolean;
}

/** Glyphs of whose width every terminal has the same opinion. */
export const AGREED_GLYPHS: readonly Glyph[] = [
  ...Array.from('abcXYZ019 .~@').map((text) => ({ text, wide: false })),
  { text: 'é', wide: false },
  { text: 'Ж', wide: false },
  { text: '─', wide: false },
  { text: '█', wide: false },
  { text: 'e\u0301', wide: false },
  { text: '中', wide: true },
  { text: '한', wide: true },
];

/** With those that are valid on the wire, whatever a terminal would make of them. */
export const ALL_GLYPHS: readonly Glyph[] = [
  ...AGREED_GLYPHS,
  { text: '\u{1f600}', wide: true },
  { text: '\u{1f600}', wide: false },
  { text: '👩\u200d🚀', wide: true },
  { text: '1\ufe0f\u20e3', wide: true },
  { text: 'A', wide: true },
  { text: '\u00a0', wide: false },
  { text: '\ufeff', wide: false },
  { text: '\ufeff\u0301', wide: false },
  { text: '\u{10ffff}', wide: false },
];

type Step =
  | {
      readonly kind: 'write';
      readonly row: number;
      readonly col: number;
      readonly glyphs: readonly Glyph[];
      readonly pen: Pen;
    }
  | {
      readonly kind: 'fill';
      readonly row: number;
      readonly col: number;
      readonly length: number;
      readonly glyph: Glyph | undefined;
      readonly pen: Pen;
    }
  | { readonly kind: 'wrap'; readonly row: number }
  | { readonly kind: 'mark'; readonly row: number; readonly mark: number }
  | { readonly kind: 'scroll'; readonly top: number; readonly height: number; readonly by: number }
  | { readonly kind: 'retype'; readonly row: number; readonly to: number }
  | { readonly kind: 'clear' }
  | { readonly kind: 'resize'; readonly cols: number; readonly rows: number }
  | { readonly kind: 'cursor'; readonly row: number; readonly col: number }
  | { readonly kind: 'shape'; readonly shape: number }
  | { readonly kind: 'modes'; readonly modes: number }
  | { readonly kind: 'title'; readonly title: string }
  | { readonly kind: 'iconTitle'; readonly title: string }
  | { readonly kind: 'bell'; readonly times: number }
  | { readonly kind: 'property'; readonly step: PropertyStep };

/** Which screens to draw. */
export interface ScreenLimits {
  readonly glyphs: readonly Glyph[];
  /** Fewest columns: some terminals have at least two. */
  readonly leastCols: number;
  readonly cols: number;
  readonly rows: number;
  /** Whether the two screens of a pair may differ in size. */
  readonly resizes: boolean;
  /** Whether there are links, underline colours, marks, properties and modes of the keyboard. */
  readonly rich?: boolean;
}

export const ANY_SCREEN: ScreenLimits = {
  glyphs: ALL_GLYPHS,
  leastCols: 1,
  cols: 20,
  rows: 8,
  resizes: true,
  rich: true,
};

const arbitraryModes = fc
  .record({
    flags: fc.integer({ min: 0, max: 0xff }),
    tracking: fc.integer({ min: 0, max: 4 }),
    encoding: fc.integer({ min: 0, max: 4 }),
  })
  .map(
    ({ flags, tracking, encoding }) =>
      (flags | (tracking << MOUSE_TRACKING_SHIFT) | (encoding << MOUSE_ENCODING_SHIFT)) & MODES_MASK,
  );

/** Modes with those of the keyboard. */
const richModes = fc
  .record({
    modes: arbitraryModes,
    keyboard: fc.nat(31),
    otherKeys: fc.nat(2),
    reports: fc.constantFrom(0, COLOR_SCHEME_REPORTS),
  })
  .map(
    ({ modes, keyboard, otherKeys, reports }) =>
      modes | (keyboard << KEYBOARD_SHIFT) | (otherKeys << OTHER_KEYS_SHIFT) | reports,
  );

const arbitraryTitle = fc.constantFrom('', 'vim', 'user@host: ~/src', '中文 é', '\ufeffx', 'x'.repeat(300));

function arbitraryStep({ glyphs, leastCols, cols, rows, resizes, rich = false }: ScreenLimits): fc.Arbitrary<Step> {
  const row = fc.nat(rows - 1);
  const col = fc.nat(cols - 1);
  const glyph = fc.constantFrom(...glyphs);
  const pen = rich ? richPen : arbitraryPen;
  const drawing: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('write' as const),
        row,
        col,
        glyphs: fc.array(glyph, { minLength: 1, maxLength: cols }),
        pen,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('fill' as const),
        row,
        col,
        length: fc.integer({ min: 1, max: cols }),
        glyph: fc.option(glyph, { nil: undefined }),
        pen,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('scroll' as const),
        top: row,
        height: fc.integer({ min: 1, max: rows }),
        by: fc.integer({ min: -3, max: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wrap' as const), row }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('retype' as const), row, to: row }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
  );
  const setting: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('cursor' as const), row, col }) },
    fc.record({ kind: fc.constant('shape' as const), shape: fc.integer({ min: 0, max: 6 }) }),
    fc.record({ kind: fc.constant('modes' as const), modes: rich ? richModes : arbitraryModes }),
    fc.record({ kind: fc.constant('title' as const), title: arbitraryTitle }),
    fc.record({ kind: fc.constant('iconTitle' as const), title: arbitraryTitle }),
    fc.record({ kind: fc.constant('bell' as const), times: fc.constantFrom(1, 2, 0xffff_fff0) }),
  );
  const resizing: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('resize' as const),
    cols: fc.integer({ min: leastCols, max: cols }),
    rows: fc.integer({ min: 1, max: rows }),
  });
  const enriching: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constant('mark' as const), row, mark: fc.nat(MAX_MARK) }),
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('property' as const), step: arbitraryPropertyStep }) },
  );
  return fc.oneof(
    { weight: 8, arbitrary: drawing },
    { weight: 4, arbitrary: setting },
    { weight: rich ? 3 : 0, arbitrary: enriching },
    { weight: resizes ? 1 : 0, arbitrary: resizing },
  );
}

/** One screen. */
export function arbitraryScreen(limits: ScreenLimits): fc.Arbitrary<Screen> {
  return fc
    .record({
      cols: fc.integer({ min: limits.leastCols, max: limits.cols }),
      rows: fc.integer({ min: 1, max: limits.rows }),
      steps: fc.array(arbitraryStep(limits), { maxLength: 20 }),
    })
    .map(({ cols, rows, steps }) => draw(blankScreen(cols, rows), steps));
}

/** A screen and a later one. */
export function arbitraryPair(limits: ScreenLimits): fc.Arbitrary<readonly [Screen, Screen]> {
  const later = fc
    .tuple(arbitraryScreen(limits), fc.array(arbitraryStep(limits), { maxLength: 8 }))
    .map(([screen, steps]): readonly [Screen, Screen] => [screen, draw(screen, steps)]);
  if (!limits.resizes) return later;
  return fc.oneof({ weight: 3, arbitrary: later }, fc.tuple(arbitraryScreen(limits), arbitraryScreen(limits)));
}

/** What the steps make of a screen. Rows that no step touched are the same objects. */
function draw(screen: Screen, steps: readonly Step[]): Screen {
  let { cols, cursorRow, cursorCol, cursorShape, modes, title, iconTitle, bells, properties } = screen;
  let rows = [...screen.rows];
  for (const step of steps) {
    switch (step.kind) {
      case 'write': {
        const row = draft(rows, step.row);
        let col = step.col % cols;
        for (const glyph of step.glyphs) {
          const width = glyph.wide ? 2 : 1;
          if (col + width > cols) break;
          put(row, col, glyph, step.pen);
          col += width;
        }
        break;
      }
      case 'fill': {
        const row = draft(rows, step.row);
        const width = step.glyph?.wide ? 2 : 1;
        for (let col = step.col % cols; col + width <= Math.min(cols, step.col + step.length); col += width) {
          put(row, col, step.glyph, step.pen);
        }
        break;
      }
      case 'wrap': {
        const row = draft(rows, step.row);
        row.wrapped = !row.wrapped;
        break;
      }
      case 'mark':
        draft(rows, step.row).mark = step.mark;
        break;
      case 'scroll': {
        const top = step.top % rows.length;
        const region = rows.splice(top, step.height);
        for (let i = 0; i < Math.abs(step.by); i++) {
          if (step.by > 0) {
            region.shift();
            region.push(blankRow(cols));
          } else {
            region.pop();
            region.unshift(blankRow(cols));
          }
        }
        rows.splice(top, 0, ...region);
        break;
      }
      case 'retype': {
        const row = rows[step.row % rows.length];
        if (row !== undefined) rows[step.to % rows.length] = row.thaw();
        break;
      }
      case 'clear':
        rows = rows.map(() => blankRow(cols));
        break;
      case 'resize':
        rows = resized(rows, step.cols, step.rows);
        cols = step.cols;
        cursorRow = Math.min(cursorRow, rows.length - 1);
        cursorCol = Math.min(cursorCol, cols - 1);
        break;
      case 'cursor':
        cursorRow = step.row % rows.length;
        cursorCol = step.col % cols;
        break;
      case 'shape':
        cursorShape = step.shape;
        break;
      case 'modes':
        modes = step.modes;
        break;
      case 'title':
        title = step.title;
        break;
      case 'iconTitle':
        iconTitle = step.title;
        break;
      case 'bell':
        bells = (bells + step.times) >>> 0;
        break;
      case 'property':
        properties = withProperty(properties, step.step);
        break;
    }
  }
  for (const row of rows) row.frozen = true;
  return { cols, rows, cursorRow, cursorCol, cursorShape, modes, title, iconTitle, bells, properties };
}

/** The row `index` of `rows`, replaced by a draft if it is frozen. */
function draft(rows: Row[], index: number): Row {
  const at = index % rows.length;
  const row = rows[at];
  if (row === undefined) throw new Error('a screen has rows');
  if (!row.frozen) return row;
  const copy = row.thaw();
  rows[at] = copy;
  return copy;
}

/** Writes a glyph (undefined: erases) into a draft; what it cuts in half is erased. */
export function put(row: Row, col: number, glyph: Glyph | undefined, pen: Pen): void {
  const { cells } = row;
  const width = glyph?.wide ? 2 : 1;
  if (cells[col * CELL_WORDS] === TAIL) wipe(row, col - 1, { fg: 0, bg: 0 });
  if (cells[(col + width) * CELL_WORDS] === TAIL) wipe(row, col + width, { fg: 0, bg: 0 });
  for (let i = 0; i < width; i++) wipe(row, col + i, pen);
  if (glyph === undefined) return;
  const codePoint = glyph.text.codePointAt(0) ?? 0;
  const cluster = glyph.text.length > String.fromCodePoint(codePoint).length;
  cells[col * CELL_WORDS] = codePoint | (glyph.wide ? WIDE : 0) | (cluster ? CLUSTER : 0);
  if (glyph.wide) cells[(col + 1) * CELL_WORDS] = TAIL;
  if (cluster) {
    row.clusters ??= new Columns();
    row.clusters.set(col, glyph.text);
  }
}

function wipe(row: Row, col: number, pen: Pen): void {
  const i = col * CELL_WORDS;
  row.cells[i] = 0;
  row.cells[i + 1] = pen.fg;
  row.cells[i + 2] = pen.extra === undefined ? pen.bg : pen.bg | EXTENDED;
  row.clusters?.delete(col);
  row.extras?.delete(col);
  if (pen.extra === undefined) return;
  row.extras ??= new Columns();
  row.extras.set(col, pen.extra);
}

function resized(rows: readonly Row[], cols: number, height: number): Row[] {
  const result = rows.slice(0, height).map((row) => {
    if (row.cols === cols) return row;
    const cells = new Uint32Array(cols * CELL_WORDS);
    cells.set(row.cells.subarray(0, Math.min(cells.length, row.cells.length)));
    if (row.cells[cols * CELL_WORDS] === TAIL) cells.fill(0, (cols - 1) * CELL_WORDS);
    const clusters = new Columns<string>();
    for (const [col, text] of row.clusters ?? []) {
      if (col < cols && ((cells[col * CELL_WORDS] ?? 0) & CLUSTER) !== 0) clusters.set(col, text);
    }
    const extras = new Columns<Extra>();
    for (const [col, extra] of row.extras ?? []) {
      if (col < cols && ((cells[col * CELL_WORDS + 2] ?? 0) & EXTENDED) !== 0) extras.set(col, extra);
    }
    const cut = new Row(cells, row.wrapped, clusters, extras);
    cut.mark = row.mark;
    return cut;
  });
  while (result.length < height) result.push(blankRow(cols));
  return result;
}

/** Why a screen is not valid, undefined if it is. What every decoder and emulator owes. */
export function screenFault(screen: Screen): string | undefined {
  if (screen.cursorRow >= screen.rows.length || screen.cursorCol >= screen.cols) return 'the cursor is off the screen';
  for (const [index, row] of screen.rows.entries()) {
    if (!row.frozen) return `row ${index} is not frozen`;
    if (row.cols !== screen.cols) return `row ${index} has ${row.cols} columns`;
    const fault = rowFault(row);
    if (fault !== undefined) return `row ${index}: ${fault}`;
  }
  return propertiesFault(screen.properties);
}

function rowFault(row: Row): string | undefined {
  let clusters = 0;
  for (let col = 0; col < row.cols; col++) {
    const [content = 0, fg = 0, bg = 0] = row.cells.subarray(col * CELL_WORDS, (col + 1) * CELL_WORDS);
    const codePoint = content & 0x1f_ffff;
    const next = [...row.cells.subarray((col + 1) * CELL_WORDS, (col + 2) * CELL_WORDS)];
    if (content >= 1 << 24) return `column ${col} has unknown bits`;
    if ((content & TAIL) !== 0 && content !== TAIL) return `column ${col} is a tail with text`;
    if ((content & WIDE) !== 0 && (next[0] !== TAIL || next[1] !== fg || next[2] !== bg))
      return `column ${col} lacks its tail`;
    if (content === TAIL && ((row.cells[(col - 1) * CELL_WORDS] ?? 0) & WIDE) === 0)
      return `column ${col} is a lone tail`;
    if (codePoint === 0 && content !== 0 && content !== TAIL) return `column ${col} has flags without text`;
    if (codePoint !== 0 && /[\x00-\x1f\x7f-\x9f\ud800-\udfff]/u.test(String.fromCodePoint(codePoint)))
      return `column ${col} is a control`;
    if ((content & CLUSTER) !== 0) {
      clusters++;
      const text = row.clusters?.get(col) ?? '';
      if (text.codePointAt(0) !== codePoint || [...text].length < 2 || /[\x00-\x1f\x7f-\x9f]/.test(text))
        return `column ${col} has a bad cluster`;
    }
    for (const word of [fg, bg]) {
      const kind = (word >> 24) & 3;
      const value = word & 0xff_ffff;
      if (kind === 3 || (kind === 0 && value !== 0) || (kind === 1 && value > 255))
        return `column ${col} has a bad colour`;
    }
    if (((bg >> UNDERLINE_SHIFT) & 7) > 5) return `column ${col} has bad attributes`;
  }
  if ((row.clusters?.size ?? 0) !== clusters) return 'clusters without a cell';
  if (!Number.isInteger(row.mark) || row.mark < 0 || row.mark > MAX_MARK) return `there is a mark ${row.mark}`;
  return extrasFault(row);
}
