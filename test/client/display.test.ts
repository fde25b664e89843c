import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Display } from '../../client/display.ts';
import { fitScreen } from '../../client/fit.ts';
import { usableSize } from '../../client/tty.ts';
import { WakeDetector } from '../../client/wake.ts';
import { PLAIN_TERMINAL } from '../../protocol/render/capabilities.ts';
import { CELL_WORDS, TAIL, WIDE } from '../../protocol/screen/cell.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { screenText } from '../terminal/text.ts';

/** What a terminal shows after `text`. */
function shown(text: string, cols = 10, rows = 4): Screen {
  const emulator = new Emulator({ cols, rows });
  emulator.write(new TextEncoder().encode(text));
  return emulator.snapshot();
}

describe('Display', () => {
  const size = { cols: 10, rows: 4 };

  test('writes nothing when the same is to be shown again', () => {
    const written: number[] = [];
    const display = new Display((bytes) => written.push(bytes.length) > 0);
    const screen = shown('hello');
    display.draw(screen, ['bar'], size);
    display.draw(screen, ['bar'], size);
    expect(written).toHaveLength(1);
    display.draw(screen, [], size);
    expect(written).toHaveLength(2);
  });

  test('draws all of it again after others have used the terminal', () => {
    const written: number[] = [];
    const display = new Display((bytes) => written.push(bytes.length) > 0, PLAIN_TERMINAL);
    const screen = shown('hello');
    display.draw(screen, [], size);
    display.invalidate();
    display.draw(screen, [], size);
    expect(written[1]).toBe(written[0]);
  });

  test('draws all of it again with the first screen that was made for a new size', () => {
    const written: Uint8Array[] = [];
    const display = new Display((bytes) => written.push(bytes) > 0);
    display.draw(shown('hello'), [], size);
    display.draw(shown('hello'), [], { cols: 12, rows: 4 });
    display.draw(shown('hello', 12), [], { cols: 12, rows: 4 });
    expect(Buffer.from(written[2] ?? []).toString()).toContain('hello');
    display.draw(shown('hello!', 12), [], { cols: 12, rows: 4 });
    expect(Buffer.from(written[3] ?? []).toString()).not.toContain('hello');
  });
});

describe('fitScreen()', () => {
  test('keeps the row of the cursor on a lower terminal', () => {
    const fitted = fitScreen(shown('a\r\nb\r\nc'), 10, 2);
    expect(screenText(fitted)).toEqual(['b', 'c']);
    expect([fitted.cursorRow, fitted.cursorCol]).toEqual([1, 1]);
  });

  test('leaves no half of a wide character', () => {
    const fitted = fitScreen(shown('a中'), 2, 4);
    expect(screenText(fitted)).toEqual(['a']);
  });

  test('gives a valid screen of the wanted size', () => {
    const side = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '中', 'e\u0301', '\r\n')), side, side, (text, cols, rows) => {
        const fitted = fitScreen(shown(text.join('')), cols, rows);
        expect(fitted.rows).toHaveLength(rows);
        expect(fitted.cursorRow).toBeLessThan(rows);
        expect(fitted.cursorCol).toBeLessThan(cols);
        for (const row of fitted.rows) {
          expect(row.cols).toBe(cols);
          expect(row.frozen).toBe(true);
          for (let col = 0; col < cols; col++) {
            const content = row.cells[col * CELL_WORDS] ?? 0;
            const next = row.cells[(col + 1) * CELL_WORDS] ?? 0;
            expect((content & WIDE) !== 0).toBe((next & TAIL) !== 0);
          }
        }
      }),
    );
  });
});

describe('WakeDetector', () => {
  test('notices a timer that came much too late', () => {
    const wake = new WakeDetector();
    expect(wake.check(0, 1_000_000)).toBe(false);
    wake.expect(500);
    expect(wake.check(520, 1_000_520)).toBe(false);
    wake.expect(1_000);
    expect(wake.check(61_000, 1_061_000)).toBe(true);
  });

  test('notices that the time of day went on while the monotonic clock stood', () => {
    const wake = new WakeDetector();
    wake.check(0, 1_000_000);
    wake.expect(500);
    expect(wake.check(500, 1_600_500)).toBe(true);
    expect(wake.check(501, 1_600_501)).toBe(false);
  });
});

test('usableSize() falls back where the terminal does not know its size, and stays within what a screen can have', () => {
  expect(usableSize(0, 0)).toEqual({ cols: 80, rows: 24 });
  expect(usableSize(undefined, undefined)).toEqual({ cols: 80, rows: 24 });
  expect(usableSize(1, 1)).toEqual({ cols: 1, rows: 1 });
  expect(usableSize(5_000, 300)).toEqual({ cols: 1_000, rows: 300 });
});
