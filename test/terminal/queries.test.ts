import { describe, expect, test } from 'vitest';
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
