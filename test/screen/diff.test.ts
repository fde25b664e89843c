import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../protocol/bytes.ts';
import { diffScreens } from '../../protocol/screen/diff.ts';
import { CURSOR_VISIBLE } from '../../protocol/screen/modes.ts';
import { patchScreen } from '../../protocol/screen/patch.ts';
import type { Row } from '../../protocol/screen/row.ts';
import { blankScreen, equalScreens, type Screen } from '../../protocol/screen/screen.ts';
import type { Pen } from './arbitrary-pen.ts';
import { ANY_SCREEN, arbitraryPair, arbitraryScreen, put, screenFault } from './arbitrary-screen.ts';

const PLAIN = { fg: 0, bg: 0 };

/** `screen` with `text` written on row `index` from column `col` on, and the cursor after it. */
function typed(screen: Screen, index: number, col: number, text: string, pen: Pen = PLAIN): Screen {
  const rows = [...screen.rows];
  const row = rowOf(screen, index).thaw();
  for (const [i, char] of [...text].entries()) put(row, col + i, { text: char, wide: false }, pen);
  row.frozen = true;
  rows[index] = row;
  return { ...screen, rows, cursorRow: index, cursorCol: Math.min(col + text.length, screen.cols - 1) };
}

function rowOf(screen: Screen, index: number): Row {
  const row = screen.rows[index];
  if (row === undefined) throw new Error(`no row ${index}`);
  return row;
}

/** The bytes of `count` letters. */
function letters(count: number): readonly number[] {
  return new Array<number>(count).fill(0x61);
}

/** A shell's screen, every row of it full of text. */
function shellScreen(): Screen {
  let screen = blankScreen(80, 24);
  for (let i = 0; i < 24; i++) screen = typed(screen, i, 0, `-rw-r--r-- 1 user user ${i * 977} Jan ${i} file-${i}.txt`);
  return screen;
}

describe('diffScreens and patchScreen', () => {
  test('a patch with the difference of any two screens gives the second one', () => {
    fc.assert(
      fc.property(arbitraryPair(ANY_SCREEN), ([a, b]) => {
        const patched = patchScreen(a, diffScreens(a, b));
        expect(screenFault(patched)).toBeUndefined();
        expect(equalScreens(patched, b)).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  test('a screen and itself differ in one byte, and the patch keeps its rows', () => {
    fc.assert(
      fc.property(arbitraryScreen(ANY_SCREEN), (screen) => {
        const diff = diffScreens(screen, screen);
        expect(diff).toEqual(Uint8Array.of(0));
        expect(patchScreen(screen, diff).rows).toBe(screen.rows);
      }),
      { numRuns: 100 },
    );
  });

  test('rows that are one object in both screens are the base’s own after the patch', () => {
    fc.assert(
      fc.property(arbitraryPair({ ...ANY_SCREEN, resizes: false }), ([a, b]) => {
        const patched = patchScreen(a, diffScreens(a, b));
        for (const [i, row] of b.rows.entries()) {
          if (row === a.rows[i]) expect(a.rows).toContain(patched.rows[i]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the size of a difference', () => {
  test('is four bytes for a letter typed at a prompt', () => {
    const before = typed(shellScreen(), 23, 0, '$ ls');
    const after = typed(before, 23, 4, ' ');
    expect([...diffScreens(before, typed(after, 23, 4, 'x'))]).toEqual([1, 46, 0x83, 0x78]);
  });

  test('is four bytes for a letter rubbed out', () => {
    const before = typed(blankScreen(80, 24), 3, 0, '$ ls');
    const cleared = { ...typed(blankScreen(80, 24), 3, 0, '$ l'), cursorCol: 3 };
    expect([...diffScreens(before, cleared)]).toEqual([3, 6, 0x82, 0x02]);
  });

  test('is three bytes for a cursor that moved', () => {
    const screen = shellScreen();
    expect(diffScreens(screen, { ...screen, cursorRow: 5, cursorCol: 7 })).toHaveLength(3);
  });

  test('is a copy and the new row for a line that scrolled', () => {
    const before = shellScreen();
    const moved = { ...before, rows: [...before.rows.slice(1), rowOf(blankScreen(80, 24), 0)] };
    const after = typed(moved, 23, 0, '$ make');
    // Flags, the copy (3), an edit of an empty row (1) and the six letters.
    expect(diffScreens(before, after)).toHaveLength(1 + 3 + 1 + 6);
  });

  test('finds a scrolled line by its content when a program wrote every row again', () => {
    const before = shellScreen();
    const rows = [...before.rows.slice(1), rowOf(blankScreen(80, 24), 0)].map((row) => {
      const copy = row.thaw();
      copy.frozen = true;
      return copy;
    });
    const after = typed({ ...before, rows }, 23, 0, '$ make');
    const diff = diffScreens(before, after);
    expect(diff).toHaveLength(1 + 3 + 1 + 6);
    expect(patchScreen(before, diff).rows[0]).toBe(before.rows[1]);
  });

  test('is three bytes for a cleared screen', () => {
    expect(diffScreens(shellScreen(), { ...blankScreen(80, 24), cursorCol: 6 })).toHaveLength(1 + 2 + 2);
  });

  test('is little for a line of the same character in a colour', () => {
    const screen = blankScreen(80, 24);
    const after = { ...typed(screen, 1, 0, '─'.repeat(80), { fg: 0x100_0004, bg: 0 }), cursorRow: 0, cursorCol: 0 };
    expect(diffScreens(screen, after)).toHaveLength(1 + 1 + 1 + 3 + 3);
  });

  test('is the bytes of the text, and little more, for a full repaint', () => {
    const screen = shellScreen();
    const text = screen.rows.reduce(
      (sum, row) => sum + row.cells.filter((word, i) => i % 3 === 0 && word !== 0).length,
      0,
    );
    expect(diffScreens(blankScreen(80, 24), screen).length).toBeLessThan(text + 24 * 2 + 4);
  });

  test('has the address of a link once, however often it is used', () => {
    const screen = shellScreen();
    const link = { ...PLAIN, extra: { underlineColor: 0, link: { id: '', uri: `http://a/${'x'.repeat(91)}` } } };
    const once = typed(screen, 1, 0, 'name', link);
    const twice = typed(once, 2, 0, 'name', { ...link, extra: { ...link.extra } });
    const bytes = 1 + 1 + (1 + 1 + 2 + 100) + 4;
    expect(diffScreens(screen, once)).toHaveLength(bytes);
    // END of the one, an edit and the letters of the other.
    expect(diffScreens(screen, twice)).toHaveLength(bytes + 1 + 1 + 4);
    const apart = typed(typed(once, 2, 0, 'name'), 3, 0, 'name', link);
    expect(diffScreens(screen, apart)).toHaveLength(bytes + 2 * (1 + 1 + 4) + 1 + 2);
  });

  test('is nine bytes for two letters of a link whose address has two', () => {
    const before = blankScreen(80, 24);
    const link = { fg: 0, bg: 0, extra: { underlineColor: 0, link: { id: '', uri: 'u:' } } };
    const bytes = [1, 0, 0x0e, 0, 2, 0x75, 0x3a, 0x6f, 0x6b];
    expect([...diffScreens(before, typed(before, 0, 0, 'ok', link))]).toEqual(bytes);
  });

  test('is six bytes for the letter x typed with a red underline', () => {
    const before = typed(blankScreen(80, 24), 3, 0, '$ ');
    const red = { fg: 0, bg: 0, extra: { underlineColor: 0x100_0001, link: undefined } };
    expect([...diffScreens(before, typed(before, 3, 2, 'x', red))]).toEqual([1, 6, 0x81, 0x0a, 1, 0x78]);
  });

  test('is four bytes for a prompt that is marked as one', () => {
    const before = typed(blankScreen(80, 24), 3, 0, '$ ');
    const row = rowOf(before, 3).thaw();
    row.mark = 3;
    row.frozen = true;
    const rows = before.rows.map((old, i) => (i === 3 ? row : old));
    expect([...diffScreens(before, { ...before, rows })]).toEqual([0, 6, 0x0f, 3]);
  });

  test('is nine bytes for a colour of the palette, and four for progress', () => {
    const before = shellScreen();
    const { properties } = before;
    const colors = { ...properties.colors, palette: new Map([[4, 0x102030]]) };
    const blue = { ...before, properties: { ...properties, colors } };
    expect([...diffScreens(before, blue)]).toEqual([128, 2, 8, 1, 4, 1, 0x10, 0x20, 0x30]);
    expect([...diffScreens(blue, before)]).toEqual([128, 2, 8, 1, 4, 0]);
    const half = { ...before, properties: { ...properties, progress: 0x132 } };
    expect([...diffScreens(before, half)]).toEqual([128, 8, 0x41, 0x32]);
  });

  test('has only those notices that are new', () => {
    const before = shellScreen();
    const notices = ['a', 'b', 'c', 'd'].map((text) => ({ title: '', text }));
    const told = { ...before, properties: { ...before.properties, notices, noticeCount: 4 } };
    const news = { ...told.properties, notices: [...notices.slice(1), { title: '', text: 'e' }], noticeCount: 5 };
    expect([...diffScreens(told, { ...told, properties: news })]).toEqual([128, 16, 1, 3, 1, 0, 1, 0x65]);
  });

  test('carries a resize without the rows that it only padded', () => {
    const before = typed(blankScreen(80, 24), 0, 0, 'abc');
    const wide = typed(blankScreen(100, 30), 0, 0, 'abc');
    expect([...diffScreens(before, wide)]).toEqual([4, 0x40, 100, 30]);
  });
});

describe('any bytes given to patchScreen', () => {
  const tries = { numRuns: 2000 };

  function patchOrError(base: Screen, diff: Uint8Array): Screen | undefined {
    try {
      return patchScreen(base, diff);
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  }

  test('give a valid screen or a DecodeError', () => {
    fc.assert(
      fc.property(arbitraryScreen(ANY_SCREEN), fc.uint8Array({ maxLength: 60 }), (base, diff) => {
        const screen = patchOrError(base, diff);
        if (screen !== undefined) expect(screenFault(screen)).toBeUndefined();
      }),
      tries,
    );
  });

  test('give a valid screen or a DecodeError when they are a difference with a few bytes changed, lost or doubled', () => {
    const mutation = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), kind: fc.nat(3) });
    fc.assert(
      fc.property(
        arbitraryPair(ANY_SCREEN),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        ([a, b], mutations) => {
          const bytes = [...diffScreens(a, b)];
          for (const { at, byte, kind } of mutations) {
            const index = at % (bytes.length + 1);
            if (kind === 0) bytes[index] = byte;
            else if (kind === 1) bytes.splice(index, 1);
            else if (kind === 2) bytes.splice(index, 0, byte);
            else bytes.splice(index);
          }
          const screen = patchOrError(a, Uint8Array.from(bytes));
          if (screen !== undefined) expect(screenFault(screen)).toBeUndefined();
        },
      ),
      tries,
    );
  });

  test('give a valid screen or a DecodeError against a base that they were not made from', () => {
    fc.assert(
      fc.property(arbitraryPair(ANY_SCREEN), arbitraryScreen(ANY_SCREEN), ([a, b], other) => {
        const screen = patchOrError(other, diffScreens(a, b));
        if (screen !== undefined) expect(screenFault(screen)).toBeUndefined();
      }),
      tries,
    );
  });

  const base = typed(blankScreen(10, 3), 0, 0, 'abc');
  const wideBase = (() => {
    const screen = blankScreen(4, 1);
    const row = rowOf(screen, 0).thaw();
    put(row, 0, { text: '中', wide: true }, PLAIN);
    row.frozen = true;
    return { ...screen, rows: [row] };
  })();

  test.each([
    ['nothing', base, []],
    ['a width of 0', base, [4, 0, 3]],
    ['a width over the limit', base, [4, 0x43, 0xe9, 3]],
    ['a cursor off the screen', base, [2, 3, 0]],
    ['a size that leaves the old cursor off the screen', { ...base, cursorCol: 9 }, [4, 5, 3]],
    ['a cursor after a row that was not edited', base, [1]],
    ['a cursor after an edit that changes no cell', base, [1, 0, 5, 0]],
    ['modes that do not exist', base, [8, 0, 0x40, 0, 0]],
    ['mouse tracking that does not exist', base, [8, 0, 0, 5, 0]],
    ['a modifyOtherKeys that does not exist', base, [8, 0, 0x18, 0, 0]],
    ['no further part where one is announced', base, [128, 0]],
    ['a part that does not exist', base, [128, 0x80]],
    ['a cursor shape that does not exist', base, [128, 1, 7]],
    ['colours of something that has none', base, [128, 2, 16]],
    ['a colour that is neither set nor not', base, [128, 2, 1, 2]],
    ['a palette of more than 256', base, [128, 2, 8, 0x41, 1, ...new Array<number>(257 * 2).fill(0)]],
    ['a directory with a line feed', base, [128, 4, 1, 0x0a]],
    ['a directory that is not ASCII', base, [128, 4, 2, 0xc3, 0xa9]],
    ['a directory too long', base, [128, 4, 0x48, 0x24, ...letters(2_084)]],
    ['progress over 100 percent', base, [128, 8, 0x41, 101]],
    ['progress of a state that does not exist', base, [128, 8, 0x45, 0]],
    ['progress without a state', base, [128, 8, 50]],
    ['a notice to keep that there is not', base, [128, 16, 1, 1, 0]],
    ['five notices', base, [128, 16, 5, 0, 5, ...new Array<number>(10).fill(0)]],
    ['a notice with a bell in its title', base, [128, 16, 1, 0, 1, 1, 7, 0]],
    ['a notice with an escape in its text', base, [128, 16, 1, 0, 1, 0, 1, 0x1b]],
    ['a notice with a title too long', base, [128, 16, 1, 0, 1, 0x41, 1, ...letters(257), 0]],
    ['a notice with a text too long', base, [128, 16, 1, 0, 1, 0, 0x44, 1, ...letters(1_025)]],
    ['a copy into no selection', base, [128, 32, 1, 3, 0]],
    ['a copy too long', base, [128, 32, 1, 1, 0x80, 1, 0, 1, ...letters(65_537)]],
    ['a copy cut off', base, [128, 32, 1, 1, 5, 0x41]],
    ['a link that was not named', base, [0, 0, 0x0d, 0, 0x41]],
    ['a link to nowhere', base, [0, 0, 0x0e, 0, 0, 0x41]],
    ['a link with an escape in its address', base, [0, 0, 0x0e, 0, 1, 0x1b, 0x41]],
    ['a link with a C1 control in its address', base, [0, 0, 0x0e, 0, 2, 0xc2, 0x9c, 0x41]],
    ['a link with a line feed in its id', base, [0, 0, 0x0e, 1, 0x0a, 1, 0x61, 0x41]],
    ['a link with an id too long', base, [0, 0, 0x0e, 0x40, 251, ...letters(251), 1, 0x61, 0x41]],
    ['a link with an address too long', base, [0, 0, 0x0e, 0, 0x48, 0x24, ...letters(2_084), 0x41]],
    ['a mark that does not exist', base, [0, 0, 0x0f, 0x41, 4]],
    ['a title with an escape', base, [16, 2, 0x1b, 0x5d]],
    ['a title with a C1 control', base, [16, 2, 0xc2, 0x9b]],
    ['a title that is not UTF-8', base, [16, 1, 0xff]],
    ['a title cut off', base, [16, 9, 0x41]],
    ['an edit beyond the last row', base, [0, 6, 0x41]],
    ['rows beyond the last', base, [0, 4 * 8 + 5]],
    ['a copy from beyond the base', base, [0, 2 * 8 + 3, 2]],
    ['an edit from beyond the base', base, [0, 4 * 8 + 7, 0x41]],
    ['an operation on no row', base, [0, 3, 0]],
    ['a control as text', base, [0, 0, 0x0a]],
    ['DEL', base, [0, 0, 0x7f]],
    ['a C1 control as text', base, [0, 0, 0xc2, 0x9b]],
    ['a surrogate', base, [0, 0, 0xed, 0xa0, 0x80]],
    ['a code point over U+10FFFF', base, [0, 0, 0xf4, 0x90, 0x80, 0x80]],
    ['an overlong form', base, [0, 0, 0xe0, 0x81, 0x81]],
    ['a cell with an escape in its cluster', base, [0, 0, 8, 3, 0x61, 0x1b, 0x5b]],
    ['a cell with an empty text', base, [0, 0, 8, 0]],
    ['a cell with a text too long', base, [0, 0, 8, 34, ...new Array<number>(34).fill(0x61)]],
    ['text past the end of the row', base, [0, 0, 0x88, 7, 0xe4, 0xb8, 0xad]],
    ['an erase past the end of the row', base, [0, 0, 1, 11]],
    ['a skip past the end of the row', base, [0, 0, 4, 10]],
    ['a repetition past the end of the row', base, [0, 0, 0x41, 3, 10]],
    ['a repetition of nothing', base, [0, 0, 3, 1]],
    ['an unknown underline style', base, [0, 0, 0x17, 0x41, 0x80, 0x41]],
    ['the left half of a wide character overwritten', wideBase, [0, 0, 0x41]],
    ['the right half of a wide character overwritten', wideBase, [0, 0, 0x80, 0x41]],
  ])('are refused: %s', (_what, screen, bytes) => {
    expect(() => patchScreen(screen, Uint8Array.from(bytes))).toThrow(DecodeError);
  });

  test('make at most one screen of the largest size, however short they are', () => {
    // 1000 x 1000, and a thousand rows edited from an empty one.
    const edits = new Array<readonly number[]>(1000).fill([7, 0x41, 3, 0x43, 0xe7]).flat();
    const screen = patchScreen(base, Uint8Array.from([4, 0x43, 0xe8, 0x43, 0xe8, ...edits]));
    expect(screenFault({ ...screen, modes: CURSOR_VISIBLE, rows: screen.rows.slice(0, 2) })).toBeUndefined();
    expect(screen.rows).toHaveLength(1000);
    expect(() => patchScreen(base, Uint8Array.from([4, 0x43, 0xe8, 0x43, 0xe8, ...edits, 7]))).toThrow(DecodeError);
  });
});
