/**
 * xterm.js as the oracle: it is fed the same bytes as our emulator, synchronously, and its screen is read as one of ours, so
 * that two screens can be compared. Its widths are replaced by ours, which have a test of their own.
 */

import xterm from '@xterm/headless';
import {
  BLINK,
  BOLD,
  CELL_WORDS,
  CLUSTER,
  CODE_POINT_MASK,
  COLOR_PALETTE,
  COLOR_RGB,
  FAINT,
  INVERSE,
  INVISIBLE,
  ITALIC,
  OVERLINE,
  STRIKE,
  TAIL,
  UNDERLINE_SHIFT,
  WIDE,
} from '../../protocol/screen/cell.ts';
import {
  ALTERNATE_SCREEN,
  APPLICATION_CURSOR,
  APPLICATION_KEYPAD,
  BRACKETED_PASTE,
  CURSOR_VISIBLE,
  FOCUS_EVENTS,
  MOUSE_ENCODING_MASK,
  MOUSE_ENCODING_SHIFT,
  MOUSE_TRACKING_MASK,
  MOUSE_TRACKING_SHIFT,
} from '../../protocol/screen/modes.ts';
import type { Row } from '../../protocol/screen/row.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import { widthOf } from '../../protocol/terminal/width.ts';

/** What the oracle reads of xterm.js beyond its types; version 6.0.0 is pinned for it. */
interface Inside {
  readonly _core: {
    readonly _inputHandler: { parse(text: string): void };
    readonly coreService: { readonly isCursorHidden: boolean; readonly decPrivateModes: Record<string, unknown> };
    readonly coreMouseService: { readonly activeEncoding: string };
  };
}

interface Cell extends xterm.IBufferCell {
  /** Bit 28: underlined. */
  readonly fg: number;
  /** The underline's style in bits 26 to 28 of `_ext`, its colour beside it; a link's id, or 0. */
  readonly extended: { readonly _ext: number; readonly underlineColor: number; readonly urlId: number };
}

const THEIR_UNDERLINED = 1 << 28;
/** The kinds of a colour in xterm.js. */
const THEIR_KIND = 0x300_0000;
const THEIR_RGB = 0x300_0000;
/** -1, of which it keeps 26 bits: white can't be told from it. */
const THEIR_NONE = 0x3ff_ffff;

const TRACKING = ['none', 'x10', 'vt200', 'drag', 'any'];
const ENCODING: Record<string, number> = { DEFAULT: 0, SGR: 2, SGR_PIXELS: 4 };
/** The modes that both have. */
const SHARED_MODES =
  CURSOR_VISIBLE |
  APPLICATION_CURSOR |
  APPLICATION_KEYPAD |
  BRACKETED_PASTE |
  ALTERNATE_SCREEN |
  FOCUS_EVENTS |
  MOUSE_TRACKING_MASK |
  MOUSE_ENCODING_MASK;

export class Oracle {
  readonly terminal: xterm.Terminal;
  readonly #inside: Inside;
  /**
   * xterm.js's own decoder drops what is malformed, where the standard asks for U+FFFD, and loses characters that are cut
   * after a byte 80. So this decodes.
   */
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  title = '';
  bells = 0;
  replies = '';

  constructor(cols: number, rows: number, scrollback = 0) {
    this.terminal = new xterm.Terminal({
      cols,
      rows,
      scrollback,
      allowProposedApi: true,
      logLevel: 'off',
      windowOptions: { pushTitle: true, popTitle: true, getWinSizeChars: true },
    });
    this.#inside = this.terminal as unknown as Inside;
    this.terminal.unicode.register({
      version: 'rove',
      wcwidth: (code: number) => widthOf(code) as 0 | 1 | 2,
      // As UnicodeV6 in xterm.js: a mark takes the width of what it joins. Bit 0 joins, bits 1 and 2 are the width.
      charProperties: (code: number, preceding: number) => {
        const own = widthOf(code);
        const before = (preceding >> 1) & 3;
        const joins = own === 0 && before > 0;
        return (Math.max(own, joins ? before : 0) << 1) | (joins ? 1 : 0);
      },
    } as xterm.IUnicodeVersionProvider);
    this.terminal.unicode.activeVersion = 'rove';
    this.terminal.onTitleChange((title) => {
      this.title = title;
    });
    this.terminal.onBell(() => {
      this.bells++;
    });
    this.terminal.onData((data) => {
      this.replies += data;
    });
  }

  /** Synchronous. Throws what xterm.js throws, which it does on some input. */
  write(bytes: Uint8Array): void {
    this.#inside._core._inputHandler.parse(this.#decoder.decode(bytes, { stream: true }));
  }

  resize(cols: number, rows: number): void {
    this.terminal.resize(cols, rows);
  }

  /** Its modes as ours, those that both have. */
  modes(): number {
    const { coreService, coreMouseService } = this.#inside._core;
    const { modes, buffer } = this.terminal;
    let bits = coreService.isCursorHidden ? 0 : CURSOR_VISIBLE;
    if (modes.applicationCursorKeysMode) bits |= APPLICATION_CURSOR;
    if (modes.applicationKeypadMode) bits |= APPLICATION_KEYPAD;
    if (modes.bracketedPasteMode) bits |= BRACKETED_PASTE;
    if (modes.sendFocusMode) bits |= FOCUS_EVENTS;
    if (buffer.active.type === 'alternate') bits |= ALTERNATE_SCREEN;
    bits |= TRACKING.indexOf(modes.mouseTrackingMode) << MOUSE_TRACKING_SHIFT;
    return bits | ((ENCODING[coreMouseService.activeEncoding] ?? 0) << MOUSE_ENCODING_SHIFT);
  }

  /** Its row `y`, from the top of the screen. */
  line(y: number): xterm.IBufferLine {
    const { active } = this.terminal.buffer;
    const line = active.getLine(active.baseY + y);
    if (line === undefined) throw new Error(`xterm.js has no row ${y}`);
    return line;
  }
}

/** A cell of xterm.js in words. */
export function describeTheirs(line: xterm.IBufferLine, x: number): string {
  const cell = line.getCell(x) as Cell;
  const width = cell.getWidth();
  // xterm.js leaves halves of wide characters when it shifts cells; a half is as good as erased.
  if (width === 2 && line.getCell(x + 1)?.getWidth() !== 0) return HALF;
  if (width === 0 && (x === 0 || line.getCell(x - 1)?.getWidth() !== 2)) return HALF;
  const text = cell.getChars();
  // xterm.js leaves the pen's rest on cells that a wide character did not fit into.
  const rest = text === '' && width > 0 ? '' : describeTheirExtra(cell);
  return `${width === 0 ? 'tail' : width === 2 ? 'wide' : ''}[${text}]${describeLook(cell)}${rest}`;
}

function describeTheirExtra({ fg, extended: { underlineColor, urlId } }: Cell): string {
  const hasColor = (underlineColor & THEIR_KIND) !== 0 && (underlineColor & THEIR_NONE) !== THEIR_NONE;
  // Without an underline and a link it forgets the colour.
  if (!hasColor || (fg & THEIR_UNDERLINED) === 0) return describeExtra('', urlId !== 0);
  const isRgb = (underlineColor & THEIR_KIND) === THEIR_RGB;
  return describeExtra(
    isRgb ? `#${(underlineColor & 0xff_ffff).toString(16)}` : `${underlineColor & 0xff}`,
    urlId !== 0,
  );
}

function describeExtra(underlineColor: string, linked: boolean): string {
  return `${underlineColor && `{underline of ${underlineColor}}`}${linked ? '{link}' : ''}`;
}

/** Half a wide character in xterm.js: equal to any erased cell. */
const HALF = 'half';

/** A cell of ours in the same words. */
function describeOurs(row: Row, x: number): string {
  const [content = 0, foreground = 0, background = 0] = row.cells.subarray(x * CELL_WORDS, (x + 1) * CELL_WORDS);
  const code = content & CODE_POINT_MASK;
  const text = content & CLUSTER ? (row.clusters?.get(x) ?? 'lost') : code === 0 ? '' : String.fromCodePoint(code);
  const shape = content & TAIL ? 'tail' : content & WIDE ? 'wide' : '';
  const extra = row.extras?.get(x);
  const underlined = (background >> UNDERLINE_SHIFT) & 7;
  const color = extra === undefined || underlined === 0 ? '' : describeColor(extra.underlineColor);
  const rest = describeExtra(color, extra?.link !== undefined);
  return `${shape}[${text}]${describeWords(foreground, background)}${rest}`;
}

/** Whether a cell is the same narrow character, or erased, in default looks: most are, and need no words. */
function plainlySame(cell: xterm.IBufferCell, row: Row, x: number): boolean {
  const i = x * CELL_WORDS;
  return (
    cell.getCode() === row.cells[i] &&
    row.cells[i + 1] === 0 &&
    row.cells[i + 2] === 0 &&
    cell.getWidth() === 1 &&
    cell.isAttributeDefault()
  );
}

function describeWords(foreground: number, background: number): string {
  if (foreground === 0 && background === 0) return '';
  const flags = [
    foreground & BOLD ? 'bold' : '',
    foreground & FAINT ? 'faint' : '',
    foreground & ITALIC ? 'italic' : '',
    foreground & BLINK ? 'blink' : '',
    foreground & INVERSE ? 'inverse' : '',
    foreground & INVISIBLE ? 'invisible' : '',
    background & STRIKE ? 'strike' : '',
    background & OVERLINE ? 'overline' : '',
  ];
  const underline = (background >> UNDERLINE_SHIFT) & 7;
  return look(describeColor(foreground), describeColor(background), flags, underline);
}

function describeColor(word: number): string {
  if ((word & COLOR_RGB) !== 0) return `#${(word & 0xff_ffff).toString(16)}`;
  return (word & COLOR_PALETTE) !== 0 ? `${word & 0xff}` : '';
}

function describeLook(cell: Cell): string {
  const flags = [
    cell.isBold() ? 'bold' : '',
    cell.isDim() ? 'faint' : '',
    cell.isItalic() ? 'italic' : '',
    cell.isBlink() ? 'blink' : '',
    cell.isInverse() ? 'inverse' : '',
    cell.isInvisible() ? 'invisible' : '',
    cell.isStrikethrough() ? 'strike' : '',
    cell.isOverline() ? 'overline' : '',
  ];
  const foreground = cell.isFgRGB()
    ? `#${cell.getFgColor().toString(16)}`
    : cell.isFgPalette()
      ? `${cell.getFgColor()}`
      : '';
  const background = cell.isBgRGB()
    ? `#${cell.getBgColor().toString(16)}`
    : cell.isBgPalette()
      ? `${cell.getBgColor()}`
      : '';
  // Its own answer to that is a link's: dashed.
  const underline = cell.fg & THEIR_UNDERLINED ? (cell.extended._ext >> 26) & 7 : 0;
  return look(foreground, background, flags, underline);
}

function look(foreground: string, background: string, flags: readonly string[], underline: number): string {
  const parts = [
    foreground && `fg ${foreground}`,
    background && `bg ${background}`,
    ...flags,
    underline && `underline ${underline}`,
  ];
  const text = parts.filter(Boolean).join(' ');
  return text && `{${text}}`;
}

/** Every difference between the oracle's screen and ours, one line each; empty if they are equal. */
export function differences(oracle: Oracle, screen: Screen): string[] {
  const found: string[] = [];
  const differ = (what: string, theirs: unknown, ours: unknown): void => {
    if (theirs !== ours) found.push(`${what}: xterm.js ${JSON.stringify(theirs)}, ours ${JSON.stringify(ours)}`);
  };
  const { active } = oracle.terminal.buffer;
  differ('cursor row', active.cursorY, screen.cursorRow);
  differ('cursor column', Math.min(active.cursorX, screen.cols - 1), screen.cursorCol);
  differ('modes', oracle.modes() & SHARED_MODES, screen.modes & SHARED_MODES);
  differ('title', oracle.title, screen.title);
  differ('bells', oracle.bells, screen.bells);
  const reused = active.getNullCell();
  screen.rows.forEach((row, y) => {
    const line = oracle.line(y);
    differ(`row ${y} wrapped`, line.isWrapped, row.wrapped);
    for (let x = 0; x < row.cols; x++) {
      if (plainlySame(line.getCell(x, reused) as Cell, row, x)) continue;
      const theirs = describeTheirs(line, x);
      const ours = describeOurs(row, x);
      if (theirs !== HALF || !ours.startsWith('[]')) differ(`row ${y} column ${x}`, theirs, ours);
    }
  });
  return found;
}
