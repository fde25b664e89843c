import { describe, expect, test } from 'vitest';
import { NO_COLORS } from '../../protocol/screen/properties.ts';
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
