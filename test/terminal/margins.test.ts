import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TAIL, WIDE } from '../../protocol/screen/cell.ts';
import { cellAt, emulate, replies, rowText, screenText, shown } from './text.ts';

/** Left and right margins, counted from 1. The cursor is in the corner then. */
function margins(left: number, right: number): string {
  return `\x1b[?69h\x1b[${left};${right}s`;
}

/** Four rows of a letter each, ten columns wide, and margins from the third to the sixth column. */
const LETTERS = `aaaaaaaaaa\r\nbbbbbbbbbb\r\ncccccccccc\r\ndddddddddd${margins(3, 6)}`;

/** Where the cursor is then, counted from 1. */
function cursor(output: string): string {
  const { cursorRow, cursorCol } = emulate(output).snapshot();
  return `${cursorRow + 1};${cursorCol + 1}`;
}

describe('left and right margins', () => {
  test('are there in their mode only', () => {
    expect(cursor('\x1b[2;2H\x1b[3;6s\x1b[1;1H\x1b[u')).toBe('2;2');
    expect(shown('\x1b[3;6sabcdefghij')).toEqual(['abcdefghij']);
    expect(shown(`${margins(3, 6)}\x1b[?69h\x1b[1;3Habcde`)).toEqual(['  abcd', '  e']);
    expect(shown(`${margins(3, 6)}\x1b[?69labcdefghij`)).toEqual(['abcdefghij']);
  });

  test('are told', () => {
    const answers = replies(emulate(`\x1b[?69$p${margins(3, 6)}\x1b[?69$p\x1bP$qs\x1b\\\x1b[?69l\x1bP$qs\x1b\\`));
    expect(answers).toBe('\x1b[?69;2$y\x1b[?69;1$y\x1bP1$r3;6s\x1b\\\x1bP0$r\x1b\\');
  });

  test('are the edges of the screen without parameters, and stay if those make no sense', () => {
    const asked = '\x1bP$qs\x1b\\';
    expect(replies(emulate(`${margins(3, 6)}\x1b[s${asked}`))).toBe('\x1bP1$r1;10s\x1b\\');
    expect(replies(emulate(`${margins(3, 6)}\x1b[4;4s\x1b[7;2s${asked}`))).toBe('\x1bP1$r3;6s\x1b\\');
    expect(replies(emulate(`${margins(3, 99)}${asked}`))).toBe('\x1bP1$r3;10s\x1b\\');
  });

  test('bring the cursor to the corner', () => {
    expect(cursor(`\x1b[3;3H${margins(3, 6)}`)).toBe('1;1');
    expect(cursor(`\x1b[?6h${margins(3, 6)}`)).toBe('1;3');
  });

  test('wrap text at the right one to the left one', () => {
    expect(shown(`${margins(3, 6)}\x1b[1;3Habcdefgh`)).toEqual(['  abcd', '  efgh']);
    // Left of the margins it goes to the right one, right of them to the edge.
    expect(shown(`${margins(3, 6)}abcdefgh`)).toEqual(['abcdef', '  gh']);
    expect(shown(`${margins(3, 6)}\x1b[1;7Habcdefgh`)).toEqual(['      abcd', '  efgh']);
    expect(shown(`${margins(3, 6)}\x1b[?7l\x1b[1;3Habcdefgh`)).toEqual(['  abch']);
  });

  test('keep a cursor waiting on the right one, wherever it goes then', () => {
    const full = `${margins(3, 6)}\x1b[1;3Habcd`;
    expect(cursor(full)).toBe('1;6');
    expect(shown(`${full}\x1b[1;7Hx`)).toEqual(['  abcdx']);
    expect(shown(`${full}\x1b[1;6Hx`)).toEqual(['  abcx']);
    expect(shown(`${full}\bx`)).toEqual(['  abxd']);
    expect(shown(`${full}\nx`)).toEqual(['  abcd', '     x']);
    expect(shown(`${full}\x1b[Kx`)).toEqual(['  abcx']);
    expect(shown(`${full}\x1b7\x1b[3;1H\x1b8x`)).toEqual(['  abcd', '  x']);
    expect(shown(`${full}\x1b[?69lx`)).toEqual(['  abcx']);
    expect(shown(`${full}\x1b[?47hx`)).toEqual(['     x']);
  });

  test('wrap no whole row', () => {
    const { rows } = emulate(`${margins(3, 6)}\x1b[1;3Habcdef`).snapshot();
    expect(rows.map((row) => row.wrapped)).toEqual([false, false, false, false]);
  });

  test('take a wide character whole or not at all', () => {
    const { rows } = emulate(`${margins(3, 6)}\x1b[1;3Habc中`).snapshot();
    expect(rows.slice(0, 2).map(rowText)).toEqual(['  abc', '  中']);
    expect(shown(`中中中中中\x1b[?69h\x1b[3;5s\x1b[1;4Hx中`)).toEqual(['中 x  中中', '  中']);
  });

  test('return the cursor', () => {
    expect(cursor(`${margins(3, 6)}\x1b[1;5H\r`)).toBe('1;3');
    expect(cursor(`${margins(3, 6)}\x1b[1;3H\r`)).toBe('1;3');
    expect(cursor(`${margins(3, 6)}\x1b[1;9H\r`)).toBe('1;3');
    expect(cursor(`${margins(3, 6)}\x1b[1;2H\r`)).toBe('1;1');
    expect(cursor(`${margins(3, 6)}\x1b[1;5H\x1bE`)).toBe('2;3');
    expect(shown(`${LETTERS}\x1b[4;8H\x1bE\x1b[20h\x1b[4;1H\n`)).toHaveLength(4);
    expect(cursor(`${margins(3, 6)}\x1b[3;5H\x1b[F`)).toBe('2;3');
    expect(cursor(`${margins(3, 6)}\x1b[3;5H\x1b[E`)).toBe('4;3');
  });

  test('stop a cursor that is not beyond them', () => {
    expect(cursor(`${margins(3, 6)}\x1b[1;4H\x1b[99C`)).toBe('1;6');
    expect(cursor(`${margins(3, 6)}\x1b[1;8H\x1b[99C`)).toBe('1;10');
    expect(cursor(`${margins(3, 6)}\x1b[1;4H\x1b[99D`)).toBe('1;3');
    expect(cursor(`${margins(3, 6)}\x1b[1;2H\x1b[99D`)).toBe('1;1');
    expect(cursor(`${margins(3, 6)}\x1b[1;4H\b\b\b\b`)).toBe('1;3');
    expect(cursor(`${margins(3, 6)}\x1b[1;2H\b\b\b\b`)).toBe('1;1');
    expect(cursor(`${margins(3, 6)}\x1b[1;4H\t`)).toBe('1;6');
    expect(cursor(`${margins(3, 6)}\x1b[1;7H\t`)).toBe('1;9');
  });

  test('are what positions count from in origin mode', () => {
    const origin = `${margins(3, 6)}\x1b[2;3r\x1b[?6h`;
    expect(cursor(origin)).toBe('2;3');
    expect(cursor(`${origin}\x1b[2;2H`)).toBe('3;4');
    expect(cursor(`${origin}\x1b[99;99H`)).toBe('3;6');
    expect(cursor(`${origin}\x1b[2G`)).toBe('2;4');
    expect(cursor(`${origin}\x1b[2;2H\x1b[d`)).toBe('2;4');
    expect(replies(emulate(`${origin}\x1b[2;2H\x1b[6n`))).toBe('\x1b[2;2R');
  });

  test('scroll what is between them', () => {
    expect(shown(`${LETTERS}\x1b[4;3H\n`)).toEqual(['aabbbbaaaa', 'bbccccbbbb', 'ccddddcccc', 'dd    dddd']);
    expect(shown(`${LETTERS}\x1b[4;3Hxxxxx`)).toEqual(['aabbbbaaaa', 'bbccccbbbb', 'ccxxxxcccc', 'ddx   dddd']);
    expect(shown(`${LETTERS}\x1b[1;3H\x1bM`)).toEqual(['aa    aaaa', 'bbaaaabbbb', 'ccbbbbcccc', 'ddccccdddd']);
    expect(shown(`${LETTERS}\x1b[2S`)).toEqual(['aaccccaaaa', 'bbddddbbbb', 'cc    cccc', 'dd    dddd']);
    expect(shown(`${LETTERS}\x1b[3T`)).toEqual(['aa    aaaa', 'bb    bbbb', 'cc    cccc', 'ddaaaadddd']);
    expect(shown(`${LETTERS}\x1b[99S`)).toEqual(['aa    aaaa', 'bb    bbbb', 'cc    cccc', 'dd    dddd']);
    expect(shown(`${LETTERS}\x1b[2;3r\x1b[S`)).toEqual(['aaaaaaaaaa', 'bbccccbbbb', 'cc    cccc', 'dddddddddd']);
  });

  test('scroll nothing for a cursor beside them', () => {
    const whole = ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc', 'dddddddddd'];
    expect(shown(`${LETTERS}\x1b[4;1H\n\x1bD\x1b[4;7H\n\x1bD\x1b[1;7H\x1bM`)).toEqual(whole);
    expect(shown(`${LETTERS}\x1b[1;7H\x1b[L\x1b[M\x1b[@\x1b[P\x1b['}\x1b['~\x1b[ @\x1b[ A`)).toEqual(whole);
  });

  test('are where lines and characters are inserted and deleted', () => {
    expect(shown(`${LETTERS}\x1b[2;4H\x1b[L`)).toEqual(['aaaaaaaaaa', 'bb    bbbb', 'ccbbbbcccc', 'ddccccdddd']);
    expect(shown(`${LETTERS}\x1b[2;4H\x1b[M`)).toEqual(['aaaaaaaaaa', 'bbccccbbbb', 'ccddddcccc', 'dd    dddd']);
    expect(cursor(`${LETTERS}\x1b[2;4H\x1b[M`)).toBe('2;3');
    expect(shown(`0123456789${margins(3, 6)}\x1b[1;4H\x1b[@`)).toEqual(['012 346789']);
    expect(shown(`0123456789${margins(3, 6)}\x1b[1;4H\x1b[2P`)).toEqual(['0125  6789']);
    expect(shown(`0123456789${margins(3, 6)}\x1b[1;4H\x1b[4hxy`)).toEqual(['012xy36789']);
    expect(shown(`0123456789${margins(3, 6)}\x1b[1;4H\x1b[99X`)).toEqual(['012']);
    expect(shown(`0123456789${margins(3, 6)}\x1b[1;4H\x1b['}`)).toEqual(['012 346789']);
    expect(shown(`0123456789${margins(3, 6)}\x1b[1;4H\x1b[ @`)).toEqual(['01345 6789']);
  });

  test('are where columns come in by DECBI and DECFI', () => {
    expect(shown(`0123456789${margins(3, 6)}\x1b[1;4H\x1b6\x1b6`)).toEqual(['01 2346789']);
    expect(shown(`0123456789${margins(3, 6)}\x1b[1;5H\x1b9\x1b9`)).toEqual(['01345 6789']);
    expect(cursor(`${margins(3, 6)}\x1b[1;2H\x1b6\x1b6`)).toBe('1;1');
    expect(cursor(`${margins(3, 6)}\x1b[1;9H\x1b9\x1b9`)).toBe('1;10');
    expect(shown('0123456789\x1b[1;1H\x1b6')).toEqual([' 012345678']);
  });

  test('cut wide characters, links and clusters', () => {
    const screen = emulate(
      `中e\u0301\x1b]8;;https://a/\x1b\\中\x1b]8;;\x1b\\x\r\nabcdef\x1b[?69h\x1b[2;4s\x1b[2S`,
    ).snapshot();
    expect(screen.rows.map(rowText)).toEqual(['     x', 'a   ef', '', '']);
    expect(screen.rows.map((row) => [row.clusters?.size, row.extras?.size])).toEqual(
      new Array(4).fill([undefined, undefined]),
    );
  });

  test('take links and clusters along', () => {
    const screen = emulate(`\r\nabe\u0301\x1b]8;;https://a/\x1b\\中\x1b]8;;\x1b\\x\x1b[?69h\x1b[3;5s\x1b[S`).snapshot();
    const [first, second] = screen.rows;
    expect(screen.rows.map(rowText)).toEqual(['  e\u0301中', 'ab   x', '', '']);
    expect([...(first?.clusters?.keys() ?? [])]).toEqual([2]);
    expect([...(first?.extras?.keys() ?? [])]).toEqual([3, 4]);
    expect([second?.clusters, second?.extras]).toEqual([undefined, undefined]);
  });

  test('end by resets, by DECALN and by another size', () => {
    for (const end of ['\x1b[!p', '\x1bc', '\x1b#8\x1b[2J']) {
      expect(shown(`${margins(3, 6)}${end}\x1b[Habcdefghij`)).toEqual(['abcdefghij']);
    }
    const emulator = emulate(margins(3, 6));
    emulator.resize(8, 4);
    emulator.write(new TextEncoder().encode('abcdefghij'));
    expect(screenText(emulator.snapshot())).toEqual(['abcdefgh', 'ij']);
    expect(shown(`${margins(3, 6)}\x1b[?1049h\x1b[?69l\x1b[?1049labcdefghij`)).toEqual(['abcdefghij']);
  });

  test('let nothing out of them in origin mode', () => {
    const outside = fc.array(
      fc.constantFrom(
        'abc',
        'x',
        '中',
        'e\u0301',
        '\n',
        '\r',
        '\x1bM',
        '\x1b[L',
        '\x1b[2M',
        '\x1b[@',
        '\x1b[P',
        '\x1b[S',
        '\x1b[T',
        '\x1b9',
        '\x1b6',
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(outside, (parts) => {
        const begun = 'AAAAAAAAAA\r\nBBBBBBBBBB\r\nCCCCCCCCCC\r\nDDDDDDDDDD';
        const screen = emulate(`${begun}${margins(3, 6)}\x1b[?6h${parts.join('')}`).snapshot();
        screen.rows.forEach((row, y) => {
          const letter = 'ABCD'.charCodeAt(y);
          for (const x of [0, 1, 6, 7, 8, 9]) expect(cellAt(screen, y, x)[0]).toBe(letter);
          for (let x = 0; x < row.cols; x++) {
            const tail = (cellAt(screen, y, x + 1)[0] & TAIL) !== 0;
            expect((cellAt(screen, y, x)[0] & WIDE) !== 0).toBe(tail);
          }
        });
      }),
    );
  });
});
