import { describe, expect, test } from 'vitest';
import { emulate, screenText, write } from './text.ts';

describe('synchronized output', () => {
  test('shows the screen before it until it ends', () => {
    const emulator = emulate('a\x1b[?2026hb');
    expect([emulator.held !== undefined, screenText(emulator.snapshot())]).toEqual([true, ['a']]);
    write(emulator, 'c\x1b[?2026l');
    expect([emulator.held !== undefined, screenText(emulator.snapshot())]).toEqual([false, ['abc']]);
    write(emulator, '\x1b[?2026hd\x1b[?2026l\x1b[?2026he');
    expect(screenText(emulator.snapshot())).toEqual(['abcd']);
  });

  test('can be given up, and is by a resize', () => {
    const emulator = emulate('a\x1b[?2026hb');
    emulator.release();
    expect(screenText(emulator.snapshot())).toEqual(['ab']);
    write(emulator, '\x1b[?2026l\x1b[?2026hc');
    emulator.resize(12, 4);
    expect(screenText(emulator.snapshot())).toEqual(['abc']);
  });
});
