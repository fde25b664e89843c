import { describe, expect, test } from 'vitest';
import { NO_COLORS } from '../../protocol/screen/properties.ts';
import { UNKNOWN_TERMINAL } from '../../protocol/session/terminal-facts.ts';
import { parseColor } from '../../protocol/terminal/colors.ts';
import { emulate, knowing, replies, write } from './text.ts';

const ST = '\x1b\\';

describe('colours', () => {
  test('are set, told and reset', () => {
    const emulator = emulate(`\x1b]4;1;rgb:ff/80/00;2;#123${ST}\x1b]10;#0a0b0c\x07\x1b]12;rgb:f/0/8\x07`);
    const { colors } = emulator.snapshot().properties;
    expect([...colors.palette]).toEqual([
      [1, 0xff8000],
      [2, 0x102030],
    ]);
    expect([colors.foreground, colors.background, colors.cursor]).toEqual([0x0a0b0c, undefined, 0xff0088]);
    write(emulator, '\x1b]4;1;?;196;?\x07\x1b]10;?\x07\x1b]11;?\x07');
    expect(replies(emulator)).toBe(
      `\x1b]4;1;rgb:ffff/8080/0000${ST}\x1b]4;196;rgb:ffff/0000/0000${ST}\x1b]10;rgb:0a0a/0b0b/0c0c${ST}`,
    );
    write(emulator, '\x1b]104;1\x07\x1b]110\x07\x1b]112\x07');
    expect([...emulator.snapshot().properties.colors.palette.keys()]).toEqual([2]);
    write(emulator, '\x1b]104\x07');
    expect(emulator.snapshot().properties.colors).toBe(NO_COLORS);
  });

  test('that no program set are told as the terminal of the user has them', () => {
    const emulator = knowing({ background: 0x102030, palette: [0x111111] });
    write(emulator, '\x1b]11;?\x07\x1b]4;0;?\x07\x1b]4;1;?\x07\x1b[?996n');
    expect(replies(emulator)).toBe(`\x1b]11;rgb:1010/2020/3030${ST}\x1b]4;0;rgb:1111/1111/1111${ST}\x1b[?997;1n`);
  });
});

describe('colours of one form and another', () => {
  test.each([
    ['rgb:1/2/3', 0x112233],
    ['rgb:12/34/56', 0x123456],
    ['rgb:123/456/789', 0x124578],
    ['rgb:ffff/8000/0000', 0xff8000],
    ['RGB:A/b/C', 0xaabbcc],
    ['#abc', 0xa0b0c0],
    ['#a1b2c3', 0xa1b2c3],
    ['#a12b23c34', 0xa1b2c3],
    ['#a123b234c345', 0xa1b2c3],
    ['#abcd', undefined],
    ['rgb:1/2', undefined],
    ['rgb:12345/0/0', undefined],
    ['rgbi:1/0/0', undefined],
    ['red', undefined],
    ['', undefined],
  ])('%s', (text, color) => {
    expect(parseColor(text)).toBe(color);
  });
});

test('a colour that was just set is the answer, in one command as well', () => {
  const emulator = emulate('\x1b]4;7;#010203;7;?\x07\x1b]10;#040506;#070809\x07\x1b]10;?;?\x07');
  expect(replies(emulator)).toBe(
    `\x1b]4;7;rgb:0101/0202/0303${ST}\x1b]10;rgb:0404/0505/0606${ST}\x1b]11;rgb:0707/0808/0909${ST}`,
  );
});

test('a program that asked to be told hears when the colours become dark or light', () => {
  const emulator = knowing({ background: 0xffffff });
  write(emulator, '\x1b[?2031h\x1b[?996n');
  expect(replies(emulator)).toBe('\x1b[?997;2n');
  emulator.setFacts({ ...UNKNOWN_TERMINAL, background: 0xeeeeee });
  expect(replies(emulator)).toBe('');
  emulator.setFacts({ ...UNKNOWN_TERMINAL, background: 0x111111 });
  expect(replies(emulator)).toBe('\x1b[?997;1n');
  write(emulator, '\x1b[?2031l');
  emulator.setFacts({ ...UNKNOWN_TERMINAL, background: 0xeeeeee });
  expect(replies(emulator)).toBe('');
});

test('nothing has changed where a program sets what is set, or resets what is not', () => {
  const emulator = emulate('\x1b]11;#123456\x07');
  const before = emulator.snapshot();
  write(emulator, '\x1b]11;#123456\x07\x1b]104\x07\x1b]104;3\x07\x1b]110\x07');
  expect(emulator.snapshot()).toBe(before);
  write(emulator, '\x1bc\x1b]11;#123456\x07');
  expect(emulator.snapshot().properties.colors).toEqual(before.properties.colors);
});
