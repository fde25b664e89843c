import { describe, expect, test } from 'vitest';
import { COLOR_PALETTE, COLOR_RGB, EXTENDED } from '../../protocol/screen/cell.ts';
import { MAX_LINK_URI } from '../../protocol/screen/extra.ts';
import { cellAt, emulate, replies } from './text.ts';

const ST = '\x1b\\';

function extrasOf(
  output: string,
): [col: number, underlineColor: number, uri: string | undefined, id: string | undefined][] {
  const row = emulate(output).snapshot().rows[0];
  return [...(row?.extras ?? [])]
    .sort(([a], [b]) => a - b)
    .map(([col, { underlineColor, link }]) => [col, underlineColor, link?.uri, link?.id]);
}

describe('the colour of an underline', () => {
  test('stays with the cells that were written with it', () => {
    expect(extrasOf('a\x1b[58;2;1;2;3mb\x1b[59mc\x1b[58:5:9md\x1b[me')).toEqual([
      [1, COLOR_RGB | 0x010203, undefined, undefined],
      [3, COLOR_PALETTE | 9, undefined, undefined],
    ]);
  });

  test('is told by DECRQSS', () => {
    expect(replies(emulate(`\x1b[4:3;58:5:9m\x1bP$qm${ST}`))).toBe(`\x1bP1$r0;4:3;58:5:9m${ST}`);
  });
});

describe('a link', () => {
  test('covers what is written until it ends, both halves of wide characters too, and SGR does not end it', () => {
    expect(extrasOf(`\x1b]8;id=x;http://a/${ST}a\x1b[m中\x1b]8;;${ST}b`)).toEqual([
      [0, 0, 'http://a/', 'x'],
      [1, 0, 'http://a/', 'x'],
      [2, 0, 'http://a/', 'x'],
    ]);
  });

  test('goes where its cells go', () => {
    const link = `\x1b]8;;u:x${ST}ab\x1b]8;;${ST}`;
    expect(extrasOf(`--${link}\r\x1b[2@`).map(([col]) => col)).toEqual([4, 5]);
    expect(extrasOf(`--${link}\r\x1b[P`).map(([col]) => col)).toEqual([1, 2]);
    expect(extrasOf(`${link}\rz`).map(([col]) => col)).toEqual([1]);
    expect(extrasOf(`${link}\r\x1b[K`)).toEqual([]);
    expect(extrasOf(`\x1b]8;;u:x${ST}中\x1b]8;;${ST}\r\x1b[Cz`)).toEqual([]);
  });

  test('that is too long or no URI is none', () => {
    expect(extrasOf(`\x1b]8;;http://${'x'.repeat(MAX_LINK_URI)}${ST}a`)).toEqual([]);
    expect(extrasOf(`\x1b]8;;http://\u00e4${ST}a`)).toEqual([]);
  });

  test('leaves no cell with EXTENDED that has no extra, and no extra without such a cell', () => {
    const emulator = emulate(`\x1b]8;;u:x${ST}abcdefghi中\x1b[A\x1b[3X\x1b[2P\x1b[@\x1b[4hzz\x1b[4l\x1b[H\x1b[1K`);
    for (const [y, row] of emulator.snapshot().rows.entries()) {
      for (let x = 0; x < row.cols; x++) {
        const extended = (cellAt(emulator.snapshot(), y, x)[2] & EXTENDED) !== 0;
        expect(row.extras?.has(x) ?? false, `${y},${x}`).toBe(extended);
      }
    }
  });
});

test('cells of one pen share one object, though the program goes back and forth', () => {
  const extras = emulate('\x1b[58:5:1ma\x1b[58:5:2mb\x1b[58:5:1mc').snapshot().rows[0]?.extras;
  expect(extras?.get(2)).toBe(extras?.get(0));
  expect(extras?.get(1)).not.toBe(extras?.get(0));
});

test('a kept cursor keeps its link, and a reset ends it', () => {
  const link = `\x1b]8;;u:x${ST}`;
  expect(extrasOf(`${link}\x1b7\x1b]8;;${ST}a\x1b8b`).map(([col]) => col)).toEqual([0]);
  expect(extrasOf(`${link}\x1b[!pa`)).toEqual([]);
  expect(extrasOf(`${link}\x1bca`)).toEqual([]);
});

test('lines that are wrapped anew take their links with them', () => {
  const emulator = emulate(`ab\x1b]8;;u:x${ST}cd\u4e2de\x1b]8;;${ST}\r\n`);
  emulator.resize(5, 4);
  const { rows } = emulator.snapshot();
  expect([...(rows[0]?.extras?.keys() ?? [])]).toEqual([2, 3]);
  expect([...(rows[1]?.extras?.keys() ?? [])]).toEqual([0, 1, 2]);
});
