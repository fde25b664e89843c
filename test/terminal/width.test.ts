import { describe, expect, test } from 'vitest';
import { widthOf } from '../../protocol/terminal/width.ts';
import {
  AMBIGUOUS_RANGES,
  PRESENTABLE_RANGES,
  WIDE_RANGES,
  ZERO_RANGES,
} from '../../protocol/terminal/width-ranges.ts';

function widthsOf(text: string): number[] {
  return Array.from(text, (character) => widthOf(character.codePointAt(0) ?? 0));
}

describe('widths', () => {
  test('are 2 for East Asian and for emoji', () => {
    expect(widthsOf('中ｶ한かＡ！')).toEqual([2, 1, 2, 2, 2, 2]);
    expect(widthsOf('😀🎉🚀👩🇩')).toEqual([2, 2, 2, 2, 1]);
    // Of Unicode 15, 16 and 17, and one that became wide in 16.
    expect([0x1fae8, 0x1fae9, 0x1fa8e, 0x2630].map(widthOf)).toEqual([2, 2, 2, 2]);
  });

  test('are 1 for letters, boxes, ambiguous characters and private ones', () => {
    expect(widthsOf('aéЖ─│█☺±α×€')).toEqual(new Array(11).fill(1));
    expect([0xe0b0, 0xf0000, 0x10ffff].map(widthOf)).toEqual([1, 1, 1]);
    // Format characters that are drawn.
    expect([0xad, 0x600, 0x6dd].map(widthOf)).toEqual([1, 1, 1]);
  });

  test('are 0 for marks, joiners, selectors and the later parts of Hangul', () => {
    expect([0x301, 0x20dd, 0x200d, 0x200b, 0xfe0f, 0xe0100, 0x1160, 0x11ff, 0xd7b0].map(widthOf)).toEqual(
      new Array(9).fill(0),
    );
  });

  test('are the ranges of the table, in order, none twice', () => {
    for (const ranges of [WIDE_RANGES, ZERO_RANGES, AMBIGUOUS_RANGES, PRESENTABLE_RANGES]) {
      expect(ranges.length % 2).toBe(0);
      for (let i = 1; i < ranges.length; i++) {
        const before = ranges[i - 1] ?? 0;
        if (i % 2 === 1) expect(ranges[i]).toBeGreaterThanOrEqual(before);
        else expect(ranges[i]).toBeGreaterThan(before + 1);
      }
    }
  });

  test('are 0 for every mark below U+1000, as this Node classifies them', () => {
    const mark = /^[\p{Mn}\p{Me}]$/u;
    const codes = Array.from({ length: 0x1000 }, (_, code) => code);
    const marks = codes.filter((code) => mark.test(String.fromCodePoint(code)));
    expect(marks.length).toBeGreaterThan(500);
    expect(marks.filter((code) => widthOf(code) !== 0)).toEqual([]);
  });
});
