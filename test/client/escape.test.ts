import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ESCAPE_HELP, EscapeFilter, type Typed } from '../../client/escape.ts';

/** What a filter makes of `pieces`, as text, with `<quit>` and such for what the client does. */
function typed(pieces: readonly string[], marksPastes = false): string {
  const filter = new EscapeFilter();
  return pieces.map((piece) => filter.push(Buffer.from(piece, 'latin1'), marksPastes).map(text).join('')).join('');
}

function text(one: Typed): string {
  return one.kind === 'keys' ? Buffer.from(one.bytes).toString('latin1') : `<${one.kind}>`;
}

describe('EscapeFilter', () => {
  test('has help that names each of its escapes', () => {
    const listed = ESCAPE_HELP.slice(1).map((line) => line.split(' ')[0]?.replace('^Z', '\x1a'));
    expect(listed.map((keys) => typed([keys ?? '']))).toEqual(['<quit>', '<suspend>', '<status>', '~', '<help>']);
  });

  test('passes ordinary keys on as they are', () => {
    expect(typed(['ls -la ~/x\r'])).toBe('ls -la ~/x\r');
  });

  test('knows the escapes at the start of a line', () => {
    expect(typed(['~.'])).toBe('<quit>');
    expect(typed(['ls\r~.'])).toBe('ls\r<quit>');
    expect(typed(['ls\n~\x1a'])).toBe('ls\n<suspend>');
    expect(typed(['~?'])).toBe('<help>');
    expect(typed(['~s'])).toBe('<status>');
  });

  test('sends one tilde for two', () => {
    expect(typed(['~~.'])).toBe('~.');
  });

  test('passes a tilde within a line, and both bytes of what is no escape', () => {
    expect(typed(['a~.'])).toBe('a~.');
    expect(typed(['~a~.'])).toBe('~a~.');
    expect(typed(['cd ~sam\r'])).toBe('cd ~sam\r');
    expect(typed(['~S'])).toBe('~S');
  });

  test('takes another escape right after one, and after a tilde before Enter', () => {
    expect(typed(['~?~.'])).toBe('<help><quit>');
    expect(typed(['~s~s'])).toBe('<status><status>');
    expect(typed(['~\x1a~.'])).toBe('<suspend><quit>');
    expect(typed(['~\r~.'])).toBe('~\r<quit>');
  });

  test('holds back nothing but a lone tilde at the start of a line', () => {
    const filter = new EscapeFilter();
    expect(filter.push(Buffer.from('\r~'), false).map(text)).toEqual(['\r']);
    expect(filter.push(Buffer.from('x'), false).map(text)).toEqual(['~x']);
  });

  test('sees no escape in a marked paste, and sees them again behind it', () => {
    expect(typed(['\x1b[200~a\r~.\r~s\x1b[201~\r~.'], true)).toBe('\x1b[200~a\r~.\r~s\x1b[201~\r<quit>');
  });

  test('takes the marks for keys while the terminal does not mark pastes', () => {
    expect(typed(['\x1b[200~\r~.'])).toBe('\x1b[200~\r<quit>');
  });

  test('forgets a paste without an end when the terminal no longer marks them', () => {
    const filter = new EscapeFilter();
    filter.push(Buffer.from('\x1b[200~abc\r'), true);
    expect(filter.push(Buffer.from('~.'), false).map(text)).toEqual(['<quit>']);
  });

  test('gives the same whatever pieces the keys come in', () => {
    const key = fc.constantFrom('~', '.', '\r', '\n', '?', 's', '\x1a', 'a', '\x1b[200~', '\x1b[201~', '\x1b[20');
    fc.assert(
      fc.property(fc.array(fc.array(key), { maxLength: 20 }), fc.boolean(), (pieces, marksPastes) => {
        const joined = pieces.map((piece) => piece.join(''));
        expect(typed(joined, marksPastes)).toBe(typed([joined.join('')], marksPastes));
      }),
    );
  });

  test('loses and adds nothing where there is no tilde', () => {
    const bytes = fc.uint8Array().map((array) => Buffer.from(array.map((byte) => (byte === 0x7e ? 0 : byte))));
    fc.assert(
      fc.property(fc.array(bytes), fc.boolean(), (pieces, marksPastes) => {
        const filter = new EscapeFilter();
        const out = pieces.flatMap((piece) => filter.push(piece, marksPastes));
        expect(out.map(text).join('')).toBe(Buffer.concat(pieces).toString('latin1'));
      }),
    );
  });
});
