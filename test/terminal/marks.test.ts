import { describe, expect, test } from 'vitest';
import { CONTINUATION_MARK, OUTPUT_MARK, PROMPT_MARK, STATUS_MARK } from '../../protocol/screen/mark.ts';
import { emulate, write } from './text.ts';

test('a shell marks its prompts, further lines of them, and outputs', () => {
  const emulator = emulate(
    '\x1b]133;A\x07$ \x1b]133;B\x07\r\n\x1b]133;A;k=s\x07>\r\n\x1b]133;C\x07x\r\n\x1b]133;D;3\x07\x1b]133;A\x07$',
  );
  expect(emulator.snapshot().rows.map(({ mark }) => mark)).toEqual([
    PROMPT_MARK,
    CONTINUATION_MARK,
    OUTPUT_MARK,
    STATUS_MARK + 3,
  ]);
  write(emulator, '\r\x1b[K');
  expect(emulator.snapshot().rows[3]?.mark).toBe(STATUS_MARK + 3);
  write(emulator, '\x1b[2J');
  expect(emulator.snapshot().rows.every(({ mark }) => mark === 0)).toBe(true);
});

test('a prompt that is drawn again keeps the status before it, and one at the right begins nothing', () => {
  const prompt = '\x1b]133;A\x07$ \x1b]133;B\x07';
  const emulator = emulate(`\x1b]133;D;1\x07${prompt}\r\x1b[K${prompt}\x1b]133;P;k=r\x07\x1b]133;C\x07`);
  expect(emulator.snapshot().rows[0]?.mark).toBe(STATUS_MARK + 1);
  write(emulator, `\r\n\x1b]133;D;999\x07\x1b]133;A;k=c\x07\r\n${prompt}`);
  expect(emulator.snapshot().rows.map(({ mark }) => mark)).toEqual([
    STATUS_MARK + 1,
    CONTINUATION_MARK,
    STATUS_MARK + 255,
    0,
  ]);
});

test('marks go with their rows', () => {
  const emulator = emulate('\x1b]133;A\x07$\r\nx\r\n\x1b]133;A\x07$\x1b[H\x1b[L');
  expect(emulator.snapshot().rows.map(({ mark }) => mark)).toEqual([0, PROMPT_MARK, 0, PROMPT_MARK]);
  write(emulator, '\x1b[2M');
  expect(emulator.snapshot().rows.map(({ mark }) => mark)).toEqual([0, PROMPT_MARK, 0, 0]);
});

describe('the working directory', () => {
  function directory(output: string): string {
    return emulate(output).snapshot().properties.directory;
  }

  test('is an address of a file, or none', () => {
    expect(directory('\x1b]7;file://host/a%20b\x07\x1b]7;javascript:x\x07')).toBe('file://host/a%20b');
    expect(directory('\x1b]7;file://host/\u00e4\x07')).toBe('');
    expect(directory('\x1b]7;file://host/a\x07\x1b]7;\x07')).toBe('');
  });

  test("is told in iTerm2's way, too", () => {
    expect(directory('\x1b]1337;CurrentDir=/a b#\u00e4\x07')).toBe('file:///a%20b%23%C3%A4');
    expect(directory('\x1b]1337;CurrentDir=nowhere\x07\x1b]1337;File=x\x07')).toBe('');
  });
});
