import { describe, expect, test } from 'vitest';
import { KEYBOARD_MASK, KEYBOARD_SHIFT, OTHER_KEYS_MASK, OTHER_KEYS_SHIFT } from '../../protocol/screen/modes.ts';
import type { Emulator } from '../../protocol/terminal/emulator.ts';
import { emulate, knowing, replies, write } from './text.ts';

describe("kitty's keyboard protocol", () => {
  const flags = (emulator: Emulator): number => (emulator.snapshot().modes & KEYBOARD_MASK) >> KEYBOARD_SHIFT;

  test('has a stack for each screen', () => {
    const emulator = knowing({ keyboard: true });
    write(emulator, '\x1b[>1u\x1b[?u');
    expect([flags(emulator), replies(emulator)]).toEqual([1, '\x1b[?1u']);
    write(emulator, '\x1b[?1049h\x1b[?u');
    expect([flags(emulator), replies(emulator)]).toEqual([0, '\x1b[?0u']);
    write(emulator, '\x1b[=5u\x1b[=2;2u\x1b[=1;3u');
    expect(flags(emulator)).toBe(6);
    write(emulator, '\x1b[?1049l');
    expect(flags(emulator)).toBe(1);
    write(emulator, '\x1b[<9u');
    expect(flags(emulator)).toBe(0);
    write(emulator, '\x1b[>3u'.repeat(1_000));
    write(emulator, '\x1b[<16u');
    expect(flags(emulator)).toBe(0);
  });

  test('is not claimed for a terminal that does not know it', () => {
    expect(replies(emulate('\x1b[?u'))).toBe('');
  });

  test('is beside modifyOtherKeys', () => {
    const emulator = emulate('\x1b[>4;2m');
    expect((emulator.snapshot().modes & OTHER_KEYS_MASK) >> OTHER_KEYS_SHIFT).toBe(2);
    write(emulator, '\x1b[>4m');
    expect(emulator.snapshot().modes & OTHER_KEYS_MASK).toBe(0);
  });
});

test('a reset ends all of it', () => {
  for (const reset of ['\x1bc', '\x1b[!p']) {
    const emulator = emulate(`\x1b[>1u\x1b[>4;1m${reset}`);
    expect(emulator.snapshot().modes & (KEYBOARD_MASK | OTHER_KEYS_MASK)).toBe(0);
  }
});
