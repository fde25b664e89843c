import { describe, expect, test } from 'vitest';
import {
  BOLD,
  CLUSTER,
  COLOR_PALETTE,
  COLOR_RGB,
  FAINT,
  INVERSE,
  ITALIC,
  OVERLINE,
  STRIKE,
  TAIL,
  UNDERLINE_SHIFT,
  WIDE,
} from '../../protocol/screen/cell.ts';
import {
  ALTERNATE_SCREEN,
  ALTERNATE_SCROLL,
  APPLICATION_CURSOR,
  APPLICATION_KEYPAD,
  BRACKETED_PASTE,
  CURSOR_VISIBLE,
  FOCUS_EVENTS,
  MOUSE_ENCODING_MASK,
  MOUSE_ENCODING_SHIFT,
  MOUSE_TRACKING_MASK,
  MOUSE_TRACKING_SHIFT,
  REVERSE_VIDEO,
} from '../../protocol/screen/modes.ts';
import { MAX_CLUSTER, MAX_TITLE } from '../../protocol/screen/screen.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { MAX_REPLIES } from '../../protocol/terminal/replies.ts';
import { cellAt, emulate, replies, rowText, screenText, shown, write } from './text.ts';

function looks(sgr: string): [foreground: number, background: number] {
  const [, foreground, background] = cellAt(emulate(`\x1b[${sgr}mx`).snapshot(), 0, 0);
  return [foreground, background];
}

describe('text', () => {
  test('wraps at the last column only when more comes', () => {
    expect(shown('abcdefghij')).toEqual(['abcdefghij']);
    expect(emulate('abcdefghij').snapshot().cursorCol).toBe(9);
    const wrapped = emulate('abcdefghijk').snapshot();
    expect(screenText(wrapped)).toEqual(['abcdefghij', 'k']);
    expect(wrapped.rows.map((row) => row.wrapped)).toEqual([false, true, false, false]);
  });

  test('overwrites the last column without autowrap', () => {
    expect(shown('\x1b[?7labcdefghijklm')).toEqual(['abcdefghim']);
  });

  test('takes two cells for a wide character, and the next row if only one is left', () => {
    const screen = emulate('abcdefghi中').snapshot();
    expect(screenText(screen)).toEqual(['abcdefghi', '中']);
    expect(cellAt(screen, 1, 0)[0]).toBe(0x4e2d | WIDE);
    expect(cellAt(screen, 1, 1)[0]).toBe(TAIL);
  });

  test('leaves out a wide character on a screen of one column', () => {
    expect(shown('a中b', 1, 3)).toEqual(['a', 'b']);
  });

  test('erases the other half of a wide character that is overwritten', () => {
    expect(shown('中\x1b[1;2Hx')).toEqual([' x']);
    expect(shown('中\x1b[1;1Hx')).toEqual(['x']);
  });

  test('joins marks to the character before them, across colours and moves too', () => {
    expect(rowText(emulate('e\x1b[31m\u0301x').snapshot().rows[0])).toBe('e\u0301x');
    expect(rowText(emulate('中\u3099').snapshot().rows[0])).toBe('中\u3099');
    expect(cellAt(emulate('e\u0301').snapshot(), 0, 0)[0]).toBe(0x65 | CLUSTER);
  });

  test('puts a mark that follows nothing on a space, and drops one in the first column', () => {
    expect(rowText(emulate('\x1b[1;3H\u0301').snapshot().rows[0])).toBe('  \u0301');
    expect(shown('\u0301a')).toEqual(['a']);
  });

  test('keeps so many marks on a character and no more', () => {
    const text = rowText(emulate(`e${'\u0301'.repeat(100)}`).snapshot().rows[0]);
    expect(text.length).toBe(MAX_CLUSTER);
  });

  test('shows U+FFFD for each maximal part of malformed UTF-8', () => {
    const emulator = new Emulator({ cols: 20, rows: 2 });
    emulator.write(Uint8Array.of(0x61, 0xff, 0xc0, 0xaf, 0xe2, 0x82, 0x62, 0xf0, 0x9f, 0x98, 0xed, 0xa0, 0x80, 0x63));
    expect(screenText(emulator.snapshot())).toEqual(['a\ufffd\ufffd\ufffd\ufffdb\ufffd\ufffd\ufffd\ufffdc']);
  });

  test('decodes a character that is cut anywhere', () => {
    const emulator = new Emulator({ cols: 20, rows: 2 });
    for (const byte of new TextEncoder().encode('‘é😀’')) emulator.write(Uint8Array.of(byte));
    expect(screenText(emulator.snapshot())).toEqual(['‘é😀’']);
  });

  test('draws lines with DEC graphics, in G0 and by SO in G1', () => {
    expect(shown('\x1b(0lqk\x1b(B q')).toEqual(['┌─┐ q']);
    expect(shown('\x1b)0a\x0exq\x0fq')).toEqual(['a│─q']);
  });

  test('repeats the last character, and nothing after a sequence', () => {
    expect(shown('ab\x1b[3b')).toEqual(['abbbb']);
    expect(shown('ab\x1b[m\x1b[3b')).toEqual(['ab']);
    expect(shown('e\u0301\x1b[2b')).toEqual(['e\u0301e\u0301e\u0301']);
  });

  test('does not repeat for ever', () => {
    expect(shown('a\x1b[65535b', 4, 2)).toEqual(['aaaa', 'a']);
  });

  test('inserts in insert mode', () => {
    expect(shown('abc\r\x1b[4hXY\x1b[4lZ')).toEqual(['XYZbc']);
  });
});

describe('looks', () => {
  test('sets and clears each attribute', () => {
    expect(looks('1;2;3')).toEqual([BOLD | FAINT | ITALIC, 0]);
    expect(looks('1;2;22')).toEqual([0, 0]);
    expect(looks('7;9;53')).toEqual([INVERSE, STRIKE | OVERLINE]);
    expect(looks('8')).toEqual([0x8000_0000, 0]);
    expect(looks('1;7;9;31;44;0')).toEqual([0, 0]);
    expect(looks('1;7;')).toEqual([0, 0]);
  });

  test('knows the styles of underlines', () => {
    expect(looks('4')).toEqual([0, 1 << UNDERLINE_SHIFT]);
    expect(looks('4:3')).toEqual([0, 3 << UNDERLINE_SHIFT]);
    expect(looks('21')).toEqual([0, 2 << UNDERLINE_SHIFT]);
    expect(looks('4:5;4:0')).toEqual([0, 0]);
    expect(looks('4:3;24')).toEqual([0, 0]);
  });

  test('reads all forms of 256 and 24-bit colours', () => {
    const red = COLOR_RGB | 0xff0a01;
    expect(looks('38;5;200')).toEqual([COLOR_PALETTE | 200, 0]);
    expect(looks('38:5:200')).toEqual([COLOR_PALETTE | 200, 0]);
    expect(looks('38;2;255;10;1')).toEqual([red, 0]);
    expect(looks('38:2::255:10:1')).toEqual([red, 0]);
    // Without the colour space, as many programs write it. xterm.js takes red for it.
    expect(looks('38:2:255:10:1')).toEqual([red, 0]);
    expect(looks('1;48;2;255;10;1;3')).toEqual([BOLD | ITALIC, red]);
    expect(looks('95;103')).toEqual([COLOR_PALETTE | 13, COLOR_PALETTE | 11]);
    expect(looks('31;39')).toEqual([0, 0]);
  });

  test('keeps 32 numbers and drops the rest', () => {
    expect(looks(`${'0;'.repeat(31)}31;44`)).toEqual([COLOR_PALETTE | 1, 0]);
  });

  test('takes no other sequence for SGR', () => {
    expect(looks('>4;2')).toEqual([0, 0]);
    expect(looks('?4')).toEqual([0, 0]);
  });

  test('erases with the colour of the background and nothing else', () => {
    expect(cellAt(emulate('\x1b[1;7;41m\x1b[K').snapshot(), 0, 5)).toEqual([0, 0, COLOR_PALETTE | 1]);
    expect(cellAt(emulate('\x1b[42m\x1b[4H\n').snapshot(), 3, 9)).toEqual([0, 0, COLOR_PALETTE | 2]);
    // xterm.js scrolls down without the colour; xterm with it.
    expect(cellAt(emulate('\x1b[42m\x1b[T').snapshot(), 0, 9)).toEqual([0, 0, COLOR_PALETTE | 2]);
  });
});

describe('the cursor', () => {
  test('goes where it is sent, and stays on the screen', () => {
    expect(shown('\x1b[3;4Hx\x1b[99;99Hy\x1b[Hz')).toEqual(['z', '', '   x', '         y']);
  });

  test('moves within the margins in origin mode, by counts as well', () => {
    // xterm.js counts the margin twice here.
    expect(shown('\x1b[2;3r\x1b[?6h\x1b[2;1Ha\x1b[5Ab\x1b[5Bc\x1b[3Gd')).toEqual(['', ' b', 'a d']);
  });

  test('is reported from the margin in origin mode', () => {
    expect(replies(emulate('\x1b[2;3r\x1b[?6h\x1b[2;4H\x1b[6n'))).toBe('\x1b[2;4R');
  });

  test('is reported on the last column while it waits to wrap', () => {
    expect(replies(emulate('abcdefghij\x1b[6n'))).toBe('\x1b[1;10R');
  });

  test('is saved with its looks, character set, origin mode and waiting wrap', () => {
    expect(shown('abcdefghij\x1b7\x1b[H\x1b8k')).toEqual(['abcdefghij', 'k']);
    expect(shown('\x1b(0\x1b7\x1b(B\x1b8q')).toEqual(['─']);
    expect(shown('\x1b)0\x0e\x1b7\x0f\x1b8q')).toEqual(['─']);
    expect(cellAt(emulate('\x1b[1m\x1b7\x1b[m\x1b8x').snapshot(), 0, 0)[1]).toBe(BOLD);
    expect(shown('\x1b[2;3r\x1b[?6h\x1b7\x1b[?6l\x1b8\x1b[Hx')).toEqual(['', 'x']);
  });

  test('goes to tab stops, set and cleared, in both directions', () => {
    expect(shown('\x1b[1;4H\x1bH\ra\tb\tc', 20)).toEqual(['a  b    c']);
    expect(shown('\x1b[1;4H\x1bH\x1b[1;20H\x1b[3Zx\x1b[2Zy', 20)).toEqual(['y  x']);
    expect(shown('\x1b[3g\ta\x1b[1;20H\x1b[Zb', 20)).toEqual([`b${' '.repeat(18)}a`]);
  });

  test('goes back over a wrap in reverse wrap mode only', () => {
    expect(shown('abcdefghijk\b\bX')).toEqual(['abcdefghij', 'X']);
    expect(shown('\x1b[?45habcdefghijk\b\b\bX')).toEqual(['abcdefghXj', 'k']);
  });

  test('has the shape that was set', () => {
    expect(emulate('\x1b[5 q').snapshot().cursorShape).toBe(5);
    expect(emulate('\x1b[5 q\x1b[9 q').snapshot().cursorShape).toBe(5);
    expect(emulate('\x1b[5 q\x1b[ q').snapshot().cursorShape).toBe(0);
  });
});

describe('scrolling', () => {
  test('moves only the rows between the margins', () => {
    expect(shown('1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3;1H\n')).toEqual(['1', '3', '', '4']);
    expect(shown('1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[2;1H\x1bM')).toEqual(['1', '', '2', '4']);
    expect(shown('1\r\n2\r\n3\r\n4\x1b[S')).toEqual(['2', '3', '4']);
    expect(shown('1\r\n2\r\n3\r\n4\x1b[99T')).toEqual([]);
  });

  test('inserts and deletes lines from the cursor to the bottom margin', () => {
    expect(shown('1\r\n2\r\n3\r\n4\x1b[2;1H\x1b[L')).toEqual(['1', '', '2', '3']);
    expect(shown('1\r\n2\r\n3\r\n4\x1b[2;1H\x1b[2M')).toEqual(['1', '4']);
    expect(shown('1\r\n2\r\n3\r\n4\x1b[1;2r\x1b[4;1H\x1b[M')).toEqual(['1', '2', '3', '4']);
  });
});

describe('erasing', () => {
  test('erases parts of the line and of the screen', () => {
    expect(shown('abcdef\x1b[1;3H\x1b[K')).toEqual(['ab']);
    expect(shown('abcdef\x1b[1;3H\x1b[1K')).toEqual(['   def']);
    expect(shown('1\r\n2\r\n3\x1b[2;1H\x1b[J')).toEqual(['1']);
    expect(shown('1\r\n2\r\n3\x1b[2;1H\x1b[1J')).toEqual(['', '', '3']);
    expect(shown('abcdef\x1b[1;2H\x1b[2X')).toEqual(['a  def']);
    expect(shown('abcdef\x1b[1;2H\x1b[2P')).toEqual(['adef']);
    expect(shown('abcdef\x1b[1;2H\x1b[2@')).toEqual(['a  bcdef']);
  });

  test('keeps what was never written apart from a space', () => {
    expect(cellAt(emulate(' \x1b[1;3H ').snapshot(), 0, 0)[0]).toBe(0x20);
    expect(cellAt(emulate(' \x1b[1;3H ').snapshot(), 0, 1)[0]).toBe(0);
    expect(cellAt(emulate('ab\x1b[1;1H\x1b[X').snapshot(), 0, 0)[0]).toBe(0);
  });

  test('drops the marks with their characters', () => {
    expect(shown('\x1b[1;2Ha\u0300\re\u0301\x1b[1;1H\x1b[P')).toEqual(['a\u0300']);
    const { rows } = emulate('か\u3099\x1b[1;2H\x1b[K').snapshot();
    expect(rows[0]?.clusters?.size ?? 0).toBe(0);
  });

  test('inserting into a wide character leaves no half of it', () => {
    const screen = emulate('中x\x1b[1;2H\x1b[@').snapshot();
    expect(screenText(screen)).toEqual(['   x']);
    expect(cellAt(screen, 0, 2)[0]).toBe(0);
  });
});

describe('modes', () => {
  test('that travel with the screen are set and reset', () => {
    const flags: [string, number][] = [
      ['?1', APPLICATION_CURSOR],
      ['?5', REVERSE_VIDEO],
      ['?66', APPLICATION_KEYPAD],
      ['?1004', FOCUS_EVENTS],
      ['?1007', ALTERNATE_SCROLL],
      ['?2004', BRACKETED_PASTE],
    ];
    for (const [mode, flag] of flags) {
      expect(emulate(`\x1b[${mode}h`).snapshot().modes, mode).toBe(CURSOR_VISIBLE | flag);
      expect(emulate(`\x1b[${mode}h\x1b[${mode}l`).snapshot().modes, mode).toBe(CURSOR_VISIBLE);
    }
    expect(emulate('\x1b[?25l').snapshot().modes).toBe(0);
    expect(emulate('\x1b=').snapshot().modes).toBe(CURSOR_VISIBLE | APPLICATION_KEYPAD);
  });

  test('of the mouse are one tracking and one encoding', () => {
    const tracking = (output: string): number =>
      (emulate(output).snapshot().modes & MOUSE_TRACKING_MASK) >> MOUSE_TRACKING_SHIFT;
    const encoding = (output: string): number =>
      (emulate(output).snapshot().modes & MOUSE_ENCODING_MASK) >> MOUSE_ENCODING_SHIFT;
    expect([9, 1000, 1002, 1003].map((mode) => tracking(`\x1b[?${mode}h`))).toEqual([1, 2, 3, 4]);
    expect([1005, 1006, 1015, 1016].map((mode) => encoding(`\x1b[?${mode}h`))).toEqual([1, 2, 3, 4]);
    expect(tracking('\x1b[?1003h\x1b[?1000l')).toBe(0);
    expect(encoding('\x1b[?1006h\x1b[?1015l')).toBe(2);
    expect(encoding('\x1b[?1006;1000h\x1b[?1006;1000l')).toBe(0);
  });

  test('show the alternate screen, blank, and the main one again as it was', () => {
    for (const mode of [47, 1047, 1049]) {
      const emulator = emulate(`main\x1b[?${mode}h`);
      expect(screenText(emulator.snapshot()), `${mode}`).toEqual([]);
      expect(emulator.snapshot().modes & ALTERNATE_SCREEN).toBe(ALTERNATE_SCREEN);
      write(emulator, `\x1b[Halt\x1b[?${mode}l`);
      expect(screenText(emulator.snapshot()), `${mode}`).toEqual(['main']);
      expect(emulator.snapshot().cursorCol, `${mode}`).toBe(mode === 1049 ? 4 : 3);
    }
  });

  test('return with each line feed under LNM', () => {
    expect(shown('a\x1b[20h\nb\x1b[20l\nc')).toEqual(['a', 'b', ' c']);
  });

  test('are back at the start after a reset', () => {
    const emulator = emulate('x\x1b[?1;1000;1006;2004h\x1b[?25l\x1b[4h\x1b[2;3r\x1b[31m\x1b(0\x1b[?1049h\x1bcq');
    expect(screenText(emulator.snapshot())).toEqual(['q']);
    expect(emulator.snapshot().modes).toBe(CURSOR_VISIBLE);
    expect(cellAt(emulator.snapshot(), 0, 0)[1]).toBe(0);
  });

  test('are told to a program that asks', () => {
    expect(replies(emulate('\x1b[?2004$p\x1b[?2004h\x1b[?2004$p'))).toBe('\x1b[?2004;2$y\x1b[?2004;1$y');
    expect(replies(emulate('\x1b[?7$p\x1b[?31$p\x1b[4$p'))).toBe('\x1b[?7;1$y\x1b[?31;0$y\x1b[4;2$y');
  });
});

describe('titles and bells', () => {
  test('are kept without control characters', () => {
    const screen = emulate('\x1b]2;a\tb\x7fc\x07\x1b]1;icon\x1b\\').snapshot();
    expect([screen.title, screen.iconTitle]).toEqual(['abc', 'icon']);
    expect(emulate('\x1b]0;both\x07').snapshot()).toMatchObject({ title: 'both', iconTitle: 'both' });
    expect(emulate('\x1b]2;a;b\x07').snapshot().title).toBe('a;b');
  });

  test('are cut to what a screen may hold, between characters', () => {
    expect(emulate(`\x1b]2;${'x'.repeat(5_000)}\x07`).snapshot().title).toHaveLength(MAX_TITLE);
    expect(emulate(`\x1b]2;x${'😀'.repeat(2_000)}\x07`).snapshot().title).toHaveLength(MAX_TITLE - 1);
  });

  test('that are far too long, or broken off, change nothing', () => {
    const emulator = emulate(`\x1b]2;first\x07\x1b]2;${'x'.repeat(200_000)}\x07\x1b]2;half\x18after`);
    expect(emulator.snapshot().title).toBe('first');
    expect(screenText(emulator.snapshot())).toEqual(['after']);
  });

  test('are put on a stack of ten', () => {
    const pushes = Array.from({ length: 12 }, (_, i) => `\x1b]2;t${i}\x07\x1b[22;2t`).join('');
    expect(emulate(`${pushes}\x1b[23;2t`).snapshot().title).toBe('t11');
    expect(emulate(`${pushes}${'\x1b[23;2t'.repeat(50)}`).snapshot().title).toBe('t2');
  });

  test('count the bell', () => {
    expect(emulate('\x07\x07').snapshot().bells).toBe(2);
    expect(emulate('\x1b]2;t\x07').snapshot().bells).toBe(0);
  });
});

describe('questions', () => {
  test('are answered', () => {
    expect(replies(emulate('\x1b[c\x1b[>c\x1b[5n'))).toBe('\x1b[?62;22;52c\x1b[>1;277;0c\x1b[0n');
    expect(replies(emulate('\x1b[18t\x1b[>q'))).toBe('\x1b[8;4;10t\x1bP>|rove\x1b\\');
    expect(replies(emulate('\x1b[1;4:3;38:5:9m\x1bP$qm\x1b\\'))).toBe('\x1bP1$r0;1;4:3;38:5:9m\x1b\\');
    expect(replies(emulate('\x1b[4 q\x1bP$q q\x1b\\\x1bP$qz\x1b\\'))).toBe('\x1bP1$r4 q\x1b\\\x1bP0$r\x1b\\');
  });

  test('that would type what others wrote, or that we know nothing of, are not', () => {
    expect(replies(emulate('\x1b]2;rm -rf\x07\x1b[21t\x1b[20t\x1b[?u\x1b[14t\x1b]11;?\x07\x05'))).toBe('');
  });

  test('are given once', () => {
    const emulator = emulate('\x1b[5n');
    expect(emulator.takeReplies()).toHaveLength(4);
    expect(emulator.takeReplies()).toHaveLength(0);
  });

  test('that nobody reads the answers to fill no memory', () => {
    expect(emulate('\x1b[c'.repeat(50_000)).takeReplies().length).toBeLessThanOrEqual(MAX_REPLIES);
  });
});

describe('unknown sequences', () => {
  test('are swallowed whole', () => {
    for (const sequence of [
      '\x1b[1;2;3y',
      '\x1b[?1;2s',
      '\x1b[>1u',
      '\x1b[=1;1u',
      '\x1b[1:2H',
      '\x1b[!!!p',
      '\x1b]52;c;aGVsbG8=\x07',
      '\x1b]8;;https://example.com\x1b\\',
      '\x1b]no number\x07',
      '\x1bP1;2qsixel\x1b\\',
      '\x1b_Ga=T;data\x1b\\',
      '\x1b^pm\x07\x1b\\',
      '\x1bXsos\x1b\\',
      '\x1b%8',
      '\x1b#6',
      '\x1b[12;34\x18',
      '\u009b5x',
      '\u0090q\u009c',
    ]) {
      expect(shown(`a${sequence}b`), JSON.stringify(sequence)).toEqual(['ab']);
    }
  });

  test('begin anew with the ESC that ends a string', () => {
    expect(shown('\x1bP1$qm\x1b(0q')).toEqual(['─']);
  });

  test('of any length cost no memory', () => {
    expect(shown(`\x1b[${'1;'.repeat(50_000)}mx`)).toEqual(['x']);
    expect(shown(`\x1b[${'9'.repeat(50_000)}Cx`)).toEqual(['         x']);
    expect(shown(`\x1b[${'!'.repeat(50_000)}px`)).toEqual(['x']);
    expect(shown(`\x1bP${'q'.repeat(200_000)}\x1b\\x`)).toEqual(['x']);
  });
});
