import { describe, expect, test } from 'vitest';
import { encodeBase64 } from '../../protocol/base64.ts';
import { MAX_CLIPBOARD } from '../../protocol/screen/properties.ts';
import { emulate, knowing, write } from './text.ts';

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

test('only a clipboard may be long', () => {
  const long = 'x'.repeat(20_000);
  const emulator = emulate(`\x1b]2;title\x07\x1b]2;${long}\x07\x1b]9;${long}\x07\x1b]52;c;${'eHh4'.repeat(5_000)}\x07`);
  const { title, properties } = emulator.snapshot();
  expect([title, properties.noticeCount, properties.copied?.bytes.length]).toEqual(['title', 0, 15_000]);
});

describe('a selection', () => {
  test.each([
    ['', 'c'],
    ['c', 'c'],
    ['p', 'p'],
    ['pc', 'c'],
    ['s0', 'c'],
  ])('%j is the one called %s', (selections, name) => {
    const { copied } = emulate(`\x1b]52;${selections};aGk=\x07`).snapshot().properties;
    expect(copied?.selection).toBe(name);
  });
});
