import { describe, expect, test } from 'vitest';
import { emulate, screenText, write } from './text.ts';

describe('a snapshot', () => {
  test('is the same object as long as nothing changes', () => {
    const emulator = emulate('abc');
    const screen = emulator.snapshot();
    write(emulator, '\x1b[m\x1b[c');
    expect(emulator.snapshot()).toBe(screen);
    write(emulator, 'd');
    expect(emulator.snapshot()).not.toBe(screen);
  });

  test('is another after a bell, a title, a mode, a cursor shape or a size', () => {
    for (const output of ['\x07', '\x1b]1;t\x07', '\x1b]2;t\x07', '\x1b[?1h', '\x1b[2 q']) {
      const emulator = emulate('abc');
      const screen = emulator.snapshot();
      write(emulator, output);
      expect(emulator.snapshot(), JSON.stringify(output)).not.toBe(screen);
    }
    const emulator = emulate('abc');
    const screen = emulator.snapshot();
    emulator.resize(10, 5);
    expect(emulator.snapshot()).not.toBe(screen);
  });

  test('shares the rows that were not written', () => {
    const emulator = emulate('1\r\n2\r\n3');
    const before = emulator.snapshot();
    write(emulator, 'x');
    const after = emulator.snapshot();
    expect(after.rows.map((row, y) => row === before.rows[y])).toEqual([true, true, false, true]);
    expect(screenText(before)).toEqual(['1', '2', '3']);
  });

  test('shares the list of rows when only the cursor moved', () => {
    const emulator = emulate('1\r\n2\r\n3');
    const before = emulator.snapshot();
    write(emulator, '\x1b[H');
    expect(emulator.snapshot().rows).toBe(before.rows);
    expect(emulator.snapshot().cursorRow).toBe(0);
  });

  test('holds the same rows in other places after scrolling', () => {
    const emulator = emulate('1\r\n2\r\n3\r\n4');
    const before = emulator.snapshot();
    write(emulator, '\r\n5');
    const after = emulator.snapshot();
    expect(after.rows.slice(0, 3)).toEqual(before.rows.slice(1));
    expect(after.rows[0]).toBe(before.rows[1]);
    write(emulator, '\x1b[2;3r\x1b[2;1H\x1b[M');
    expect(emulator.snapshot().rows[1]).toBe(after.rows[2]);
  });

  test('holds one and the same row wherever the screen was cleared', () => {
    const emulator = emulate('1\r\n2\r\n3\r\n4');
    emulator.snapshot();
    write(emulator, '\x1b[2J');
    expect(new Set(emulator.snapshot().rows).size).toBe(1);
  });

  test('is taken without copying what a program only erased twice', () => {
    const emulator = emulate('abc\x1b[K\r\n');
    const screen = emulator.snapshot();
    write(emulator, '\x1b[K\x1b[J');
    expect(emulator.snapshot()).toBe(screen);
  });
});
