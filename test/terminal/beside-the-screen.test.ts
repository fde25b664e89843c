import { describe, expect, test } from 'vitest';
import { encodeBase64 } from '../../protocol/base64.ts';
import { COLOR_PALETTE, COLOR_RGB, EXTENDED } from '../../protocol/screen/cell.ts';
import { MAX_LINK_URI } from '../../protocol/screen/extra.ts';
import { CONTINUATION_MARK, OUTPUT_MARK, PROMPT_MARK, STATUS_MARK } from '../../protocol/screen/mark.ts';
import { KEYBOARD_MASK, KEYBOARD_SHIFT, OTHER_KEYS_MASK, OTHER_KEYS_SHIFT } from '../../protocol/screen/modes.ts';
import { MAX_CLIPBOARD, MAX_NOTICES, NO_COLORS } from '../../protocol/screen/properties.ts';
import { type TerminalFacts, UNKNOWN_TERMINAL } from '../../protocol/session/terminal-facts.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { cellAt, emulate, replies, screenText, write } from './text.ts';

const ST = '\x1b\\';

function extrasOf(
  output: string,
): [col: number, underlineColor: number, uri: string | undefined, id: string | undefined][] {
  const row = emulate(output).snapshot().rows[0];
  return [...(row?.extras ?? [])]
    .sort(([a], [b]) => a - b)
    .map(([col, { underlineColor, link }]) => [col, underlineColor, link?.uri, link?.id]);
}

function knowing(facts: Partial<TerminalFacts>): Emulator {
  const emulator = new Emulator({ cols: 10, rows: 4 });
  emulator.setFacts({ ...UNKNOWN_TERMINAL, ...facts });
  return emulator;
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

describe('the clipboard', () => {
  test('is written by OSC 52, within its bound', () => {
    const copy = (bytes: Uint8Array): string => `\x1b]52;c;${encodeBase64(bytes)}\x07`;
    const emulator = emulate(copy(new TextEncoder().encode('hello')));
    const { copied, copyCount } = emulator.snapshot().properties;
    expect([copied?.selection, new TextDecoder().decode(copied?.bytes), copyCount]).toEqual(['c', 'hello', 1]);
    write(emulator, copy(new Uint8Array(MAX_CLIPBOARD).fill(7)));
    expect(emulator.snapshot().properties.copied?.bytes).toHaveLength(MAX_CLIPBOARD);
    write(emulator, copy(new Uint8Array(MAX_CLIPBOARD + 1)));
    write(emulator, '\x1b]52;c;no base64!\x07');
    expect(emulator.snapshot().properties.copyCount).toBe(2);
  });

  test('is asked for only where the user allows it', () => {
    expect(emulate('\x1b]52;c;?\x07').snapshot().properties.pasteCount).toBe(0);
    const emulator = knowing({ clipboardReading: true });
    write(emulator, '\x1b]52;c;?\x07');
    expect(emulator.snapshot().properties.pasteCount).toBe(1);
  });
});

describe('notices', () => {
  test('come in three forms', () => {
    const { notices, noticeCount } = emulate(
      '\x1b]9;done\x07\x1b]777;notify;Build;ok; all\x07\x1b]99;i=1:d=0;Mail\x1b\\\x1b]99;i=1:p=body;new\x1b\\\x1b]9;4;1;40\x07',
    ).snapshot().properties;
    expect(notices).toEqual([
      { title: '', text: 'done' },
      { title: 'Build', text: 'ok; all' },
      { title: 'Mail', text: 'new' },
    ]);
    expect(noticeCount).toBe(3);
  });

  test('are the newest few, without controls', () => {
    const { notices, noticeCount } = emulate('\x1b]9;a\u007fb\x07'.repeat(9)).snapshot().properties;
    expect(notices).toEqual(new Array(MAX_NOTICES).fill({ title: '', text: 'ab' }));
    expect(noticeCount).toBe(9);
  });
});

test('progress and the working directory are kept', () => {
  const emulator = emulate('\x1b]9;4;2;150\x07\x1b]7;file://host/a%20b\x07\x1b]7;javascript:x\x07');
  expect(emulator.snapshot().properties).toMatchObject({ progress: (2 << 8) | 100, directory: 'file://host/a%20b' });
  write(emulator, '\x1b]9;4;0\x07\x1b]7;\x07');
  expect(emulator.snapshot().properties).toMatchObject({ progress: 0, directory: '' });
});

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

describe('synchronized output', () => {
  test('shows the screen before it until it ends', () => {
    const emulator = emulate('a\x1b[?2026hb');
    expect([emulator.held !== undefined, screenText(emulator.snapshot())]).toEqual([true, ['a']]);
    write(emulator, 'c\x1b[?2026l');
    expect([emulator.held !== undefined, screenText(emulator.snapshot())]).toEqual([false, ['abc']]);
    write(emulator, '\x1b[?2026hd\x1b[?2026l\x1b[?2026he');
    expect(screenText(emulator.snapshot())).toEqual(['abcd']);
  });

  test('can be given up, and is by a resize', () => {
    const emulator = emulate('a\x1b[?2026hb');
    emulator.release();
    expect(screenText(emulator.snapshot())).toEqual(['ab']);
    write(emulator, '\x1b[?2026l\x1b[?2026hc');
    emulator.resize(12, 4);
    expect(screenText(emulator.snapshot())).toEqual(['abc']);
  });
});

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
