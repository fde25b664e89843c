/**
 * A terminal to draw on, and what it shows: @xterm/headless, written to synchronously (its public `write` answers after a timer),
 * with what is seen of each cell as one line of text, the same for a terminal's cell and for a cell of a `Screen`.
 */

import xterm from '@xterm/headless';
import {
  BLINK,
  BOLD,
  CELL_WORDS,
  CLUSTER,
  CODE_POINT_MASK,
  COLOR_KIND_MASK,
  COLOR_MASK,
  FAINT,
  INVERSE,
  INVISIBLE,
  ITALIC,
  OVERLINE,
  STRIKE,
  TAIL,
  UNDERLINE_MASK,
  UNDERLINE_SHIFT,
  WIDE,
} from '../../protocol/screen/cell.ts';
import {
  APPLICATION_CURSOR,
  APPLICATION_KEYPAD,
  BRACKETED_PASTE,
  CURSOR_VISIBLE,
  FOCUS_EVENTS,
  MOUSE_TRACKING_MASK,
  MOUSE_TRACKING_SHIFT,
} from '../../protocol/screen/modes.ts';
import type { Screen } from '../../protocol/screen/screen.ts';

interface Internals {
  readonly _core: {
    readonly _inputHandler: { parse(data: Uint8Array): void };
    readonly coreService: { readonly isCursorHidden: boolean };
  };
}

const KINDS = ['default', 'palette', 'rgb'];
const MOUSE_TRACKING = ['none', 'x10', 'vt200', 'drag', 'any'];

export class OracleTerminal {
  readonly #terminal: xterm.Terminal;
  readonly #core: Internals['_core'];
  title = '';
  bells = 0;

  constructor(cols: number, rows: number) {
    this.#terminal = new xterm.Terminal({
      cols,
      rows,
      scrollback: 0,
      allowProposedApi: true,
      windowOptions: { pushTitle: true, popTitle: true },
    });
    this.#core = (this.#terminal as unknown as Internals)._core;
    this.#terminal.onTitleChange((title) => {
      this.title = title;
    });
    this.#terminal.onBell(() => {
      this.bells++;
    });
    this.write(new TextEncoder().encode('\x1b[?1049h'));
  }

  write(bytes: Uint8Array): void {
    // The bytes are borrowed by the renderer's caller for ever, the parser's only for the call.
    this.#core._inputHandler.parse(bytes.slice());
  }

  resize(cols: number, rows: number): void {
    this.#terminal.resize(cols, rows);
  }

  /** What is seen, row by row, then cursor and modes. */
  picture(): string[] {
    const { cols, rows, modes, buffer } = this.#terminal;
    const lines: string[] = [];
    for (let y = 0; y < rows; y++) {
      const line = buffer.active.getLine(y);
      const cells: string[] = [];
      for (let x = 0; x < cols; x++) {
        const cell = line?.getCell(x);
        if (cell === undefined) throw new Error(`the terminal has no cell ${x} in row ${y}`);
        const extended = cell as unknown as { readonly extended: { readonly underlineStyle: number } };
        cells.push(
          seen(cell.getWidth() === 0 ? 'tail' : cell.getChars(), cell.getWidth() === 2, [
            cell.isFgDefault() ? 'default' : `${cell.isFgRGB() ? 'rgb' : 'palette'}${cell.getFgColor()}`,
            cell.isBgDefault() ? 'default' : `${cell.isBgRGB() ? 'rgb' : 'palette'}${cell.getBgColor()}`,
            cell.isBold() !== 0 && 'bold',
            cell.isDim() !== 0 && 'faint',
            cell.isItalic() !== 0 && 'italic',
            cell.isBlink() !== 0 && 'blink',
            cell.isInverse() !== 0 && 'inverse',
            cell.isInvisible() !== 0 && 'invisible',
            cell.isStrikethrough() !== 0 && 'strike',
            cell.isOverline() !== 0 && 'overline',
            cell.isUnderline() !== 0 && `underline${extended.extended.underlineStyle}`,
          ]),
        );
      }
      lines.push(cells.join('|'));
    }
    lines.push(`cursor ${buffer.active.cursorY},${Math.min(buffer.active.cursorX, cols - 1)}`);
    lines.push(
      [
        !this.#core.coreService.isCursorHidden && 'visible',
        modes.applicationCursorKeysMode && 'cursor',
        modes.applicationKeypadMode && 'keypad',
        modes.bracketedPasteMode && 'paste',
        modes.sendFocusMode && 'focus',
        `mouse ${modes.mouseTrackingMode}`,
      ]
        .filter(Boolean)
        .join(' '),
    );
    return lines;
  }
}

/** What `OracleTerminal.picture` is to be for a screen. */
export function pictureOf(screen: Screen): string[] {
  const lines = screen.rows.map((row) => {
    const cells: string[] = [];
    for (let col = 0; col < row.cols; col++) {
      const [content = 0, fg = 0, bg = 0] = row.cells.subarray(col * CELL_WORDS, (col + 1) * CELL_WORDS);
      const codePoint = content & CODE_POINT_MASK;
      let text = codePoint === 0 ? '' : String.fromCodePoint(codePoint);
      if ((content & CLUSTER) !== 0) text = row.clusters?.get(col) ?? '';
      if (content === TAIL) text = 'tail';
      const underline = (bg & UNDERLINE_MASK) >> UNDERLINE_SHIFT;
      cells.push(
        seen(text, (content & WIDE) !== 0, [
          color(fg),
          color(bg),
          (fg & BOLD) !== 0 && 'bold',
          (fg & FAINT) !== 0 && 'faint',
          (fg & ITALIC) !== 0 && 'italic',
          (fg & BLINK) !== 0 && 'blink',
          (fg & INVERSE) !== 0 && 'inverse',
          (fg & INVISIBLE) !== 0 && 'invisible',
          (bg & STRIKE) !== 0 && 'strike',
          (bg & OVERLINE) !== 0 && 'overline',
          underline !== 0 && `underline${underline}`,
        ]),
      );
    }
    return cells.join('|');
  });
  const has = (flag: number) => (screen.modes & flag) !== 0;
  const tracking = (screen.modes & MOUSE_TRACKING_MASK) >> MOUSE_TRACKING_SHIFT;
  return [
    ...lines,
    `cursor ${screen.cursorRow},${screen.cursorCol}`,
    [
      has(CURSOR_VISIBLE) && 'visible',
      has(APPLICATION_CURSOR) && 'cursor',
      has(APPLICATION_KEYPAD) && 'keypad',
      has(BRACKETED_PASTE) && 'paste',
      has(FOCUS_EVENTS) && 'focus',
      `mouse ${MOUSE_TRACKING[tracking]}`,
    ]
      .filter(Boolean)
      .join(' '),
  ];
}

function color(word: number): string {
  const kind = (word & COLOR_KIND_MASK) >> 24;
  return kind === 0 ? 'default' : `${KINDS[kind]}${word & COLOR_MASK}`;
}

function seen(text: string, wide: boolean, rendition: readonly (string | false)[]): string {
  // An erased cell looks like a space, and a joiner that has nothing left to join like nothing.
  const visible = text.endsWith('\u200d') ? text.slice(0, -1) : text;
  return `${visible === '' ? ' ' : visible}${wide ? ' wide' : ''} ${rendition.filter(Boolean).join(' ')}`;
}
