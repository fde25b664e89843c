import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { render } from '../../protocol/render/ansi.ts';
import { FULL_TERMINAL } from '../../protocol/render/capabilities.ts';
import { restored, saved } from '../../protocol/render/terminal-modes.ts';
import { ALTERNATE_SCREEN, ALTERNATE_SCROLL, CURSOR_VISIBLE, MODES_MASK } from '../../protocol/screen/modes.ts';
import type { Row } from '../../protocol/screen/row.ts';
import { blankScreen, type Screen } from '../../protocol/screen/screen.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { AGREED_GLYPHS, arbitraryPair, put, type ScreenLimits } from '../screen/arbitrary-screen.ts';
import { OracleTerminal, pictureOf } from './terminal.ts';

const AGREED: ScreenLimits = { glyphs: AGREED_GLYPHS, leastCols: 2, cols: 20, rows: 8, resizes: false };
/** Those that the renderer gives the terminal as they are. */
const LOCAL_MODES = MODES_MASK & ~(ALTERNATE_SCREEN | ALTERNATE_SCROLL);
const PLAIN = { fg: 0, bg: 0 };
const RED = { fg: 0x100_0001, bg: 0 };

function rowOf(screen: Screen, index: number): Row {
  const row = screen.rows[index];
  if (row === undefined) throw new Error(`no row ${index}`);
  return row;
}

/** `screen` with `text` written on row `index` from column `col` on, and the cursor after it. */
function typed(screen: Screen, index: number, col: number, text: string, pen = PLAIN): Screen {
  const rows = [...screen.rows];
  const row = rowOf(screen, index).thaw();
  for (const [i, char] of [...text].entries()) put(row, col + i, { text: char, wide: false }, pen);
  row.frozen = true;
  rows[index] = row;
  return { ...screen, rows, cursorRow: index, cursorCol: Math.min(col + text.length, screen.cols - 1) };
}

function shellScreen(): Screen {
  let screen = blankScreen(80, 24);
  for (let i = 0; i < 23; i++) screen = typed(screen, i, 0, `-rw-r--r-- 1 user user ${i * 977} Jan ${i} file-${i}.txt`);
  return typed(screen, 23, 0, '$ ls');
}

function shown(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** What a terminal gets through a tty in Node's raw mode, which goes on making CR LF of LF. */
function throughRawTty(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes].flatMap((byte) => (byte === 0x0a ? [0x0d, 0x0a] : [byte])));
}

/** Draws each screen over the one before, on the oracle and on our own emulator, and looks after each. */
function expectDrawn(screens: readonly Screen[], before = ''): void {
  const first = screens[0];
  if (first === undefined) return;
  const terminal = new OracleTerminal(first.cols, first.rows.length);
  const emulator = new Emulator({ cols: first.cols, rows: first.rows.length });
  const leftover = new TextEncoder().encode(saved(FULL_TERMINAL) + before);
  terminal.write(leftover);
  emulator.write(leftover);
  let from: Screen | undefined;
  for (const screen of screens) {
    if (from !== undefined && (from.cols !== screen.cols || from.rows.length !== screen.rows.length)) {
      terminal.resize(screen.cols, screen.rows.length);
      emulator.resize(screen.cols, screen.rows.length);
    }
    const bytes = render(from, screen);
    terminal.write(bytes);
    expect(terminal.picture()).toEqual(pictureOf(screen));
    // The oracle's UTF-8 decoder drops every U+FEFF.
    expect(terminal.title).toBe(screen.title.replace('\ufeff', ''));
    emulator.write(throughRawTty(bytes));
    const drawn = emulator.snapshot();
    expect(pictureOf(drawn)).toEqual(pictureOf(screen));
    expect(drawn.modes & LOCAL_MODES).toBe(screen.modes & LOCAL_MODES);
    expect(drawn).toMatchObject({ cursorShape: screen.cursorShape, title: screen.title, iconTitle: screen.iconTitle });
    from = screen;
  }
}

describe('render', () => {
  test('turns a terminal that shows a screen into one that shows any other', () => {
    fc.assert(
      fc.property(arbitraryPair(AGREED), ([a, b]) => expectDrawn([a, b, a])),
      { numRuns: 600 },
    );
  });

  test('erases, scrolls and jumps on wide rows too', () => {
    fc.assert(
      fc.property(arbitraryPair({ ...AGREED, leastCols: 30, cols: 120, rows: 12 }), ([a, b]) => expectDrawn([a, b, a])),
      { numRuns: 80 },
    );
  });

  test('draws a screen of another size afresh', () => {
    fc.assert(
      fc.property(arbitraryPair({ ...AGREED, resizes: true }), ([a, b]) => expectDrawn([a, b])),
      { numRuns: 200 },
    );
  });

  test('draws on a terminal in any state when it does not know what that shows', () => {
    const leftover = fc.constantFrom(
      '\x1b[5;3Hsome text\x1b[41;1;4m',
      '\x1b[2;4r\x1b[?6h\x1b[3;3H',
      '\x1b[4h\x1b(0\x1b[?7h',
      '\x0e\x1b[?1h\x1b=\x1b[?2004h\x1b[?1003h\x1b[?1006h\x1b[?1004h\x1b[?25l',
      '中中中中中中中中中中中中中中',
    );
    fc.assert(
      fc.property(arbitraryPair(AGREED), fc.array(leftover, { maxLength: 4 }), ([a, b], states) =>
        expectDrawn([a, b], states.join('')),
      ),
      { numRuns: 200 },
    );
  });

  test('writes nothing when nothing changed', () => {
    const screen = shellScreen();
    expect(render(screen, screen)).toHaveLength(0);
  });

  test('writes nothing when a row was made again with the same text', () => {
    const screen = shellScreen();
    const rows = screen.rows.map((row) => row.thaw());
    for (const row of rows.slice(0, 3)) row.frozen = true;
    expect(render(screen, { ...screen, rows: [...rows.slice(0, 3), ...screen.rows.slice(3)] })).toHaveLength(0);
  });

  test('writes one byte for a letter at the cursor', () => {
    const screen = shellScreen();
    expect(shown(render(screen, typed(screen, 23, 4, 'x')))).toBe('x');
  });

  test('writes three bytes for a letter rubbed out', () => {
    const screen = shellScreen();
    const row = rowOf(screen, 23).thaw();
    put(row, 3, undefined, PLAIN);
    row.frozen = true;
    const rubbed = { ...screen, rows: [...screen.rows.slice(0, 23), row], cursorCol: 3 };
    expect(shown(render(screen, rubbed))).toBe('\b \b');
  });

  test('returns to the default pen', () => {
    const screen = shellScreen();
    expect(shown(render(screen, typed(screen, 23, 4, 'x', RED)))).toBe('\x1b[31mx\x1b[m');
  });

  test('scrolls a screen by deleting a line, and draws the new one', () => {
    const screen = shellScreen();
    const moved = { ...screen, rows: [...screen.rows.slice(1), rowOf(blankScreen(80, 24), 0)] };
    const next = typed(moved, 23, 0, 'ok');
    const bytes = shown(render(screen, next));
    expect(bytes).toContain('\x1b[H\x1b[M');
    expect(bytes.length).toBeLessThan(50);
    expectDrawn([screen, next]);
  });

  test('scrolls inside a region and leaves the rows around it alone', () => {
    const screen = shellScreen();
    const { rows } = screen;
    const down = [...rows.slice(0, 4), rowOf(blankScreen(80, 24), 0), ...rows.slice(4, 19), ...rows.slice(20)];
    const next = { ...screen, rows: down };
    const bytes = shown(render(screen, next));
    expect(bytes).toContain('\x1b[5;20r');
    expect(bytes).not.toContain('file');
    expectDrawn([screen, next, screen]);
  });

  test('clears a screen without drawing its rows', () => {
    const screen = shellScreen();
    const next = typed(blankScreen(80, 24), 0, 0, '$ ');
    expect(render(screen, next).length).toBeLessThan(50);
    expectDrawn([screen, next, screen]);
  });

  test('erases in no colour but the default', () => {
    const blue = { fg: 0, bg: 0x100_0004 };
    const screen = blankScreen(20, 2);
    const row = rowOf(screen, 0).thaw();
    for (let col = 0; col < 20; col++) put(row, col, undefined, blue);
    row.frozen = true;
    const next = { ...screen, rows: [row, rowOf(screen, 1)] };
    expect(shown(render(screen, next))).toBe(`\x1b[44m${' '.repeat(20)}\x1b[m\r`);
    expectDrawn([screen, next]);
  });

  test('sets the column anew after characters of doubtful width and at the right edge', () => {
    const screen = blankScreen(4, 1);
    const row = rowOf(screen, 0).thaw();
    put(row, 0, { text: '\u{1f600}', wide: true }, PLAIN);
    put(row, 2, { text: 'a', wide: false }, PLAIN);
    put(row, 3, { text: 'b', wide: false }, PLAIN);
    row.frozen = true;
    expect(shown(render(screen, { ...screen, rows: [row], cursorCol: 3 }))).toBe('\u{1f600}\x1b[3Gab\x1b[4G');
  });

  test('wraps while it draws a cluster in the last column, where tmux would give its marks to the cell before', () => {
    const screen = blankScreen(3, 1);
    const row = rowOf(screen, 0).thaw();
    put(row, 2, { text: 'e\u0301', wide: false }, PLAIN);
    row.frozen = true;
    expect(shown(render(screen, { ...screen, rows: [row] }))).toBe('  \x1b[?7he\u0301\x1b[?7l\r');
  });

  test('lets no joiner at the end of a cell take in the next one', () => {
    const screen = blankScreen(6, 1);
    const row = rowOf(screen, 0).thaw();
    put(row, 0, { text: '👩\u200d', wide: true }, PLAIN);
    put(row, 2, { text: '👧', wide: true }, PLAIN);
    row.frozen = true;
    expect(shown(render(screen, { ...screen, rows: [row] }))).toBe('👩\x1b[3G👧\r');
  });

  test('never sends a bare line feed from a column that it would not keep', () => {
    const screen = typed(shellScreen(), 3, 10, '');
    const bytes = shown(render(screen, { ...screen, cursorRow: 4, cursorCol: 10 }));
    expect(bytes).toBe('\x1bD');
  });

  test('erases both rows of a line that is two now, for terminals to forget that it was one', () => {
    const emulator = new Emulator({ cols: 4, rows: 3 });
    emulator.write(new TextEncoder().encode('aaaabbb'));
    const from = emulator.snapshot();
    emulator.write(new TextEncoder().encode('\r\x1b[Kccc'));
    expect(shown(render(from, emulator.snapshot()))).toBe('\x1b[H\x1b[Kaaaa\r\n\x1b[Kccc');
  });

  test('sets titles that changed, together where they are one', () => {
    const screen = blankScreen(10, 2);
    expect(shown(render(screen, { ...screen, title: 'a', iconTitle: 'a' }))).toBe('\x1b]0;a\x07');
    expect(shown(render(screen, { ...screen, title: 'é' }))).toBe('\x1b]2;é\x07');
    expect(shown(render(screen, { ...screen, iconTitle: 'b' }))).toBe('\x1b]1;b\x07');
    // None is the terminal's own, which was put aside.
    expect(shown(render({ ...screen, title: 'a' }, screen))).toBe('\x1b[23;0t\x1b[22;0t');
    expect(shown(render({ ...screen, title: 'a', iconTitle: 'a' }, { ...screen, iconTitle: 'a' }))).toBe(
      '\x1b[23;0t\x1b[22;0t\x1b]1;a\x07',
    );
  });

  test('lets no control character of a title through', () => {
    const screen = blankScreen(10, 2);
    expect(shown(render(screen, { ...screen, title: 'a\x07\x1b[31m\x9bb' }))).toBe('\x1b]2;a[31mb\x07');
  });

  test('rings once however often the bell rang', () => {
    const screen = blankScreen(10, 2);
    expect(shown(render(screen, { ...screen, bells: 3 }))).toBe('\x07');
    expect(shown(render(undefined, { ...screen, bells: 3 }))).not.toContain('\x07');
  });

  test('sets the shape of the cursor', () => {
    const screen = blankScreen(10, 2);
    expect(shown(render(screen, { ...screen, cursorShape: 5 }))).toBe('\x1b[5 q');
  });

  test('hides and shows the cursor', () => {
    const screen = blankScreen(10, 2);
    const hidden = { ...screen, modes: screen.modes & ~CURSOR_VISIBLE };
    expect(shown(render(screen, hidden))).toBe('\x1b[?25l');
    expect(shown(render(hidden, screen))).toBe('\x1b[?25h');
  });

  test('lets the wheel send arrows only while the program shows its alternate screen', () => {
    const screen = blankScreen(10, 2);
    const scrolling = { ...screen, modes: screen.modes | ALTERNATE_SCROLL };
    const alternate = { ...scrolling, modes: scrolling.modes | ALTERNATE_SCREEN };
    expect(render(screen, scrolling)).toHaveLength(0);
    expect(shown(render(scrolling, alternate))).toBe('\x1b[?1007h');
    expect(shown(render(alternate, scrolling))).toBe('\x1b[?1007l');
  });

  test('asks for a large change to be shown at once, and not for a small one', () => {
    const screen = shellScreen();
    expect(shown(render(undefined, screen))).toMatch(/^\x1b\[\?2026h.*\x1b\[\?2026l$/s);
    expect(shown(render(screen, typed(screen, 3, 3, 'abc')))).not.toContain('2026');
  });
});

describe('restored', () => {
  test('gives back a terminal as a shell expects it, whatever was drawn on it', () => {
    fc.assert(
      fc.property(arbitraryPair(AGREED), ([a]) => {
        const terminal = new OracleTerminal(a.cols, a.rows.length);
        terminal.write(new TextEncoder().encode(saved(FULL_TERMINAL)));
        terminal.write(render(undefined, a));
        terminal.write(new TextEncoder().encode(restored(FULL_TERMINAL)));
        terminal.write(new TextEncoder().encode(`\x1b[H\x1b[2J${'x'.repeat(a.cols)}${a.rows.length > 1 ? 'y' : ''}`));
        let fresh = blankScreen(a.cols, a.rows.length);
        fresh = typed(fresh, 0, 0, 'x'.repeat(a.cols));
        if (a.rows.length > 1) fresh = typed(fresh, 1, 0, 'y');
        expect(terminal.picture()).toEqual(pictureOf(fresh));
      }),
      { numRuns: 100 },
    );
  });
});
