import { describe, expect, test } from 'vitest';
import { MAX_NOTICE_TEXT, MAX_NOTICES, type Notice } from '../../protocol/screen/properties.ts';
import { emulate, write } from './text.ts';

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

test('progress is kept until it is over', () => {
  const emulator = emulate('\x1b]9;4;2;150\x07');
  expect(emulator.snapshot().properties.progress).toBe((2 << 8) | 100);
  write(emulator, '\x1b]9;4;9;1\x07\x1b]9;4;x\x07');
  expect(emulator.snapshot().properties.progress).toBe((2 << 8) | 100);
  write(emulator, '\x1b]9;4;0\x07');
  expect(emulator.snapshot().properties.progress).toBe(0);
});

describe("kitty's notifications", () => {
  const noticesOf = (output: string): readonly Notice[] => emulate(output).snapshot().properties.notices;

  test('may come encoded, in pieces, with an icon last', () => {
    expect(
      noticesOf(
        '\x1b]99;i=1:d=0:e=1;QnVp\x07\x1b]99;i=1:d=0;ld\x07\x1b]99;i=1:d=0:p=body;ok\x07\x1b]99;i=1:p=icon;png\x07',
      ),
    ).toEqual([{ title: 'Build', text: 'ok' }]);
  });

  test('that another interrupts, or that are questions, are none', () => {
    expect(
      noticesOf('\x1b]99;i=1:d=0;lost\x07\x1b]99;i=2;kept\x07\x1b]99;i=1:p=?;\x07\x1b]99;i=2:p=close;\x07'),
    ).toEqual([{ title: 'kept', text: '' }]);
  });

  test('are of one line', () => {
    expect(noticesOf('\x1b]99;e=1:p=body;b25lCnR3bw==\x07')).toEqual([{ title: '', text: 'one two' }]);
  });

  test('grow to a bound', () => {
    const piece = `\x1b]99;i=1:d=0:p=body;${'x'.repeat(4_000)}\x07`;
    const [notice] = noticesOf(`${piece.repeat(100)}\x1b]99;i=1;t\x07`);
    expect([notice?.title, notice?.text.length]).toEqual(['t', MAX_NOTICE_TEXT]);
  });
});
