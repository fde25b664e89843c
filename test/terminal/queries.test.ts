import { describe, expect, test } from 'vitest';
import { MAX_REPLIES } from '../../protocol/terminal/replies.ts';
import { emulate, knowing, replies, write } from './text.ts';

const ST = '\x1b\\';

describe('questions', () => {
  test('about sizes are answered in pixels where they are known', () => {
    const emulator = knowing({ cellWidth: 8, cellHeight: 16 });
    write(emulator, '\x1b[14t\x1b[16t\x1b[?2048h');
    expect(replies(emulator)).toBe('\x1b[4;64;80t\x1b[6;16;8t\x1b[48;4;10;64;80t');
    emulator.resize(20, 5);
    expect(replies(emulator)).toBe('\x1b[48;5;20;80;160t');
  });

  test('about capabilities are answered one by one', () => {
    expect(replies(emulate(`\x1bP+q544e;5463;7878${ST}`))).toBe(
      `\x1bP1+r544e=787465726D2D323536636F6C6F72${ST}\x1bP1+r5463${ST}\x1bP0+r7878${ST}`,
    );
    expect(replies(emulate(`\x1bP+qzz${ST}`))).toBe(`\x1bP0+r${ST}`);
  });

  test('about devices are answered as xterm does', () => {
    expect(replies(emulate('\x1b[=c\x1b[?15n\x1b[?25n'))).toBe(`\x1bP!|00000000${ST}\x1b[?13n\x1b[?21n`);
  });
});

test('modes are kept and restored by number', () => {
  const emulator = emulate('\x1b[?2004h\x1b[?2004s\x1b[?2004l\x1b[?2004r\x1b[?2004$p');
  expect(replies(emulator)).toBe('\x1b[?2004;1$y');
});

describe('the blinking of the cursor', () => {
  test.each([
    ['\x1b[3 q', 3, 1],
    ['\x1b[4 q', 4, 2],
    ['\x1b[3 q\x1b[?12l', 4, 2],
    ['\x1b[6 q\x1b[?12h', 5, 1],
    ['\x1b[1 q\x1b[?12l\x1b[?12h', 1, 1],
    // The user's own shape blinks as the user likes.
    ['\x1b[?12l\x1b[?25h', 0, 2],
    ['\x1b[5 q\x1b[!p', 0, 2],
  ])('%j leaves shape %i', (output, shape, mode) => {
    const emulator = emulate(`${output}\x1b[?12$p`);
    expect([emulator.snapshot().cursorShape, replies(emulator)]).toEqual([shape, `\x1b[?12;${mode}$y`]);
  });
});

test('a program that asks without end is answered within bounds', () => {
  const emulator = emulate(`\x1b]4${';1;#123;1;?'.repeat(700)}\x07`.repeat(20));
  expect(emulator.takeReplies().length).toBeLessThanOrEqual(MAX_REPLIES);
  write(emulator, `\x1bP+q${'544e;'.repeat(1_000)}544e\x1b\\`);
  expect(replies(emulator).split('\x1bP1+r')).toHaveLength(65);
});
