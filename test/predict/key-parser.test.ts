import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KeyAction, KeyParser } from '../../client/predict/key-parser.ts';

const encoder = new TextEncoder();

/** Letters as they are, edits by their key, the rest by its cause in brackets. */
function words(actions: readonly KeyAction[]): string {
  return actions
    .map((action) => {
      if (action.kind === 'letter') return String.fromCodePoint(action.code);
      return action.kind === 'edit' ? `<${action.key}>` : `[${action.cause}]`;
    })
    .join('');
}

test.each([
  ['ls -l\r', 'ls -l[enter]'],
  ['\x7f\x08', '<^?><^H>'],
  ['\x1b[D\x1b[C\x1bOD\x1bOC', '<Left><Right><Left><Right>'],
  ['\x1b[H\x1bOF\x1b[1~\x1b[4~\x1b[3~', '<Home><End><Home><End><Delete>'],
  ['\x01\x05\x0b\x15\x17', '<^A><^E><^K><^U><^W>'],
  ['\x1b[A\x1b[B\x10\x0e', '<Up><Down><^P><^N>'],
  ['\t\x1b[1;5D\x1bb\x1b[15~\x1b[<0;3;4M', '[line][line][line][line][line]'],
  ['\x1b', '[strange]'],
  ['\x1b\x1b', '[strange]'],
  ['\x12\x16', '[strange][strange]'],
  ['é中😀e\u0301', 'é中😀e\u0301'],
  ['a\x1b[200~rm -rf\rx\x1b[201~b', 'a[paste]b'],
  ['\x1b[I\x1b[O\x1b[24;80R\x1b[?62c\x1b]11;rgb:0/0/0\x07\x1bP1$r0m\x1b\\x', 'x'],
  // As kitty's keyboard protocol and modifyOtherKeys tell them: pressed, let go, with Ctrl, Esc, a letter, Shift alone.
  ['\x1b[13u\x1b[13;1:3u\x1b[99;5u\x1b[27u\x1b[97;;97u\x1b[57441;2u', '[enter][interrupt][strange][line]'],
  ['\x1b[27;5;100~\x1b[127u', '[interrupt]<^?>'],
  ['a long text in one piece', '[paste]'],
  ['echo a long command\r', '[enter]'],
])('%j is %s', (bytes, expected) => {
  expect(words(new KeyParser().push(encoder.encode(bytes)))).toBe(expected);
});

test('letters cut in their bytes, and sequences cut after their bracket, are whole with the rest', () => {
  const parser = new KeyParser();
  const bytes = encoder.encode('é\x1b[3~中\x1b[200~ab\x1b[201~c');
  const cuts = [1, 4, 5, 7, 9, 14, 16, 20];
  const pieces = [0, ...cuts].map((from, index) => bytes.subarray(from, [...cuts, bytes.length][index]));
  expect(words(pieces.flatMap((piece) => parser.push(piece)))).toBe('é<Delete>中[paste]c');
});

test('malformed bytes are strange, and what follows is read again', () => {
  expect(words(new KeyParser().push(Uint8Array.of(0xc3, 0x0d, 0x61)))).toBe('[strange][enter]a');
});

test('any bytes in any pieces are read', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 10 }), (pieces) => {
      const parser = new KeyParser();
      for (const piece of pieces) expect(parser.push(piece).length).toBeLessThanOrEqual(piece.length + 2);
    }),
  );
});
