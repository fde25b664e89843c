import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellAt, emulate, lineTexts, screenText, write } from './text.ts';

/** Lines of words without spaces, so that no end is lost to trimming. */
const line = fc.string({ unit: fc.constantFrom(...'abcdefgh中文é'), maxLength: 30 });
const lines = fc.array(line, { minLength: 1, maxLength: 6 });
const width = fc.integer({ min: 4, max: 40 });

describe('resizing the main screen', () => {
  test('wraps a long line anew, and back', () => {
    const emulator = emulate('abcdefghijkl\r\nshort\r\n', 10, 6);
    emulator.resize(5, 6);
    expect(screenText(emulator.snapshot())).toEqual(['abcde', 'fghij', 'kl', 'short']);
    expect(emulator.snapshot().cursorRow).toBe(4);
    emulator.resize(20, 6);
    expect(screenText(emulator.snapshot())).toEqual(['abcdefghijkl', 'short']);
    expect(emulator.snapshot().cursorRow).toBe(2);
  });

  test('leaves the line with the cursor to the shell', () => {
    const emulator = emulate('$ abcdefghijkl', 10, 6);
    emulator.resize(20, 6);
    expect(screenText(emulator.snapshot())).toEqual(['$ abcdefgh', 'ijkl']);
    expect([emulator.snapshot().cursorRow, emulator.snapshot().cursorCol]).toEqual([1, 4]);
  });

  test('moves a wide character that no longer fits to the next row', () => {
    const emulator = emulate('abc中文\r\n', 10, 4);
    emulator.resize(4, 4);
    expect(screenText(emulator.snapshot())).toEqual(['abc', '中文']);
    emulator.resize(10, 4);
    expect(screenText(emulator.snapshot())).toEqual(['abc中文']);
  });

  test('gives up rows below the cursor first, then at the top', () => {
    const emulator = emulate('1\r\n2\r\n3\r\n4\x1b[2;1H', 10, 4);
    emulator.resize(10, 3);
    expect(screenText(emulator.snapshot())).toEqual(['1', '2', '3']);
    emulator.resize(10, 1);
    expect(screenText(emulator.snapshot())).toEqual(['2']);
    expect(emulator.snapshot().cursorRow).toBe(0);
  });

  test('keeps the very rows when only the height changes', () => {
    const emulator = emulate('1\r\n2\r\n3', 10, 4);
    const before = emulator.snapshot();
    emulator.resize(10, 6);
    expect(emulator.snapshot().rows.slice(0, 4)).toEqual(before.rows);
    expect(emulator.snapshot().rows[1]).toBe(before.rows[1]);
  });

  test('keeps the tab stops', () => {
    const emulator = emulate('\x1b[1;4H\x1bH', 10, 4);
    emulator.resize(20, 4);
    write(emulator, '\r\tx');
    expect(screenText(emulator.snapshot())).toEqual(['   x']);
  });

  test('lets a cursor that waits to wrap wait on', () => {
    const emulator = emulate('abcdefghij', 10, 4);
    emulator.resize(10, 6);
    write(emulator, 'k');
    expect(screenText(emulator.snapshot())).toEqual(['abcdefghij', 'k']);
  });

  test('loses no text while it grows', () => {
    fc.assert(
      fc.property(lines, width, width, fc.integer({ min: 40, max: 60 }), (texts, cols, more, rows) => {
        const emulator = emulate(`${texts.join('\r\n')}\r\n`, cols, rows);
        const before = lineTexts(emulator.snapshot());
        emulator.resize(cols + more, rows + 5);
        expect(lineTexts(emulator.snapshot())).toEqual(before);
      }),
    );
  });

  test('loses no text above the cursor while it gets narrow, if it is high enough', () => {
    fc.assert(
      fc.property(lines, width, width, (texts, cols, other) => {
        const emulator = emulate(`${texts.join('\r\n')}\r\n`, cols, 120);
        const before = lineTexts(emulator.snapshot());
        emulator.resize(other, 120);
        emulator.resize(cols, 120);
        expect(lineTexts(emulator.snapshot())).toEqual(before);
      }),
    );
  });

  test('keeps the cursor behind the character it was behind', () => {
    fc.assert(
      fc.property(lines, width, width, fc.integer({ min: 1, max: 12 }), (texts, cols, other, rows) => {
        const emulator = emulate(`${texts.join('\r\n')}\r\n$ Z`, cols, 8);
        emulator.resize(other, rows);
        const screen = emulator.snapshot();
        expect(cellAt(screen, screen.cursorRow, screen.cursorCol - 1)[0]).toBe('Z'.charCodeAt(0));
      }),
    );
  });

  test('puts the cursor that vim left behind where it was, when vim ends', () => {
    const emulator = emulate('abcdefghijkl\r\n$ vim\x1b[?1049h\x1b[H~', 10, 4);
    emulator.resize(20, 4);
    write(emulator, '\x1b[?1049l!');
    expect(screenText(emulator.snapshot())).toEqual(['abcdefghijkl', '$ vim!']);
  });
});

describe('resizing the alternate screen', () => {
  test('crops it, and cuts no wide character in half', () => {
    const emulator = emulate('\x1b[?1049habc中defg', 10, 3);
    emulator.resize(4, 3);
    expect(screenText(emulator.snapshot())).toEqual(['abc']);
    emulator.resize(12, 3);
    expect(screenText(emulator.snapshot())).toEqual(['abc']);
  });

  test('resets the margins', () => {
    const emulator = emulate('\x1b[2;3r', 10, 4);
    emulator.resize(10, 6);
    write(emulator, '\x1b[6;1Ha\r\nb');
    expect(screenText(emulator.snapshot())).toEqual(['', '', '', '', 'a', 'b']);
  });
});
