import { describe, expect, test } from 'vitest';
import { ALTERNATE_SCREEN, CURSOR_VISIBLE } from '../../protocol/screen/modes.ts';
import { emulate, replies, screenText, write } from './text.ts';

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

test('one that was given up is over, so that the next is held again', () => {
  const emulator = emulate('a\x1b[?2026hb');
  emulator.release();
  write(emulator, '\x1b[?2026$p\x1b[?2026hc');
  expect(replies(emulator)).toBe('\x1b[?2026;2$y');
  expect(screenText(emulator.snapshot())).toEqual(['ab']);
});

test('a reset ends it', () => {
  const emulator = emulate('a\x1b[?2026hb\x1bcc');
  expect(screenText(emulator.snapshot())).toEqual(['c']);
});

test('what is held is the screen as a whole', () => {
  const emulator = emulate('\x1b]2;before\x07a\x1b[?2026h\x1b]2;after\x07\x1b[?1049h\x1b[?25l\x07b');
  const { title, modes, bells, cursorCol } = emulator.snapshot();
  expect([title, modes & (ALTERNATE_SCREEN | CURSOR_VISIBLE), bells, cursorCol]).toEqual([
    'before',
    CURSOR_VISIBLE,
    0,
    1,
  ]);
});
