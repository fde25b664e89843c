import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ESCAPE_HELP, EscapeFilter, escapeHelp, type KeyManners, type Typed } from '../../client/escape.ts';

const PLAIN: KeyManners = { marksPastes: false, tellsKeys: false };
const MARKING: KeyManners = { marksPastes: true, tellsKeys: false };
const TELLING: KeyManners = { marksPastes: true, tellsKeys: true };

/** What a filter makes of `pieces`, as text, with `<quit>` and such for what the client does. */
function typed(pieces: readonly string[], manners = PLAIN): string {
  const filter = new EscapeFilter('~');
  return pieces.map((piece) => filter.push(Buffer.from(piece, 'latin1'), manners).map(text).join('')).join('');
}

function text(one: Typed): string {
  return one.kind === 'keys' ? Buffer.from(one.bytes).toString('latin1') : `<${one.kind}>`;
}

describe('EscapeFilter', () => {
  test('has help that names each of its escapes', () => {
    const listed = ESCAPE_HELP.slice(1).map((line) => line.split(' ')[0]?.replace('^Z', '\x1a'));
    expect(listed.map((keys) => typed([keys ?? '']))).toEqual([
      '<quit>',
      '<suspend>',
      '<status>',
      '<history>',
      '~',
      '<help>',
    ]);
  });

  test('goes by another character, or by none, if the user wants', () => {
    const typedWith = (character: string | undefined, keys: string): string =>
      new EscapeFilter(character).push(Buffer.from(keys, 'latin1'), PLAIN).map(text).join('');
    expect(typedWith('#', '#.')).toBe('<quit>');
    expect(typedWith('#', '~.##x')).toBe('~.##x');
    expect(typedWith('#', '##')).toBe('#');
    expect(typedWith('\x02', 'ls\r\x02?')).toBe('ls\r<help>');
    expect(typedWith(undefined, '~.')).toBe('~.');
    expect(typedWith(undefined, '~?\r\x1b[~')).toBe('~?\r\x1b[~');
    expect(escapeHelp('\x02')).toContain('^B?   show this');
    expect(escapeHelp('~')).toEqual(ESCAPE_HELP);
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
    const filter = new EscapeFilter('~');
    expect(filter.push(Buffer.from('\r~'), PLAIN).map(text)).toEqual(['\r']);
    expect(filter.push(Buffer.from('x'), PLAIN).map(text)).toEqual(['~x']);
  });

  test('sees no escape in a marked paste, and sees them again behind it', () => {
    expect(typed(['\x1b[200~a\r~.\r~s\x1b[201~\r~.'], MARKING)).toBe('\x1b[200~a\r~.\r~s\x1b[201~\r<quit>');
  });

  test('takes the marks for keys while the terminal does not mark pastes', () => {
    expect(typed(['\x1b[200~\r~.'])).toBe('\x1b[200~\r<quit>');
  });

  test('forgets a paste without an end when the terminal no longer marks them', () => {
    const filter = new EscapeFilter('~');
    filter.push(Buffer.from('\x1b[200~abc\r'), MARKING);
    expect(filter.push(Buffer.from('~.'), PLAIN).map(text)).toEqual(['<quit>']);
  });

  test('gives the same whatever pieces the keys come in', () => {
    const key = fc.constantFrom('~', '.', '\r', '\n', '?', 's', '\x1a', 'a', '\x1b[200~', '\x1b[201~', '\x1b[20');
    fc.assert(
      fc.property(
        fc.array(fc.array(key), { maxLength: 20 }),
        fc.constantFrom(PLAIN, MARKING, TELLING),
        (pieces, manners) => {
          const joined = pieces.map((piece) => piece.join(''));
          expect(typed(joined, manners)).toBe(typed([joined.join('')], manners));
        },
      ),
    );
  });

  test('loses and adds nothing where there is no tilde', () => {
    const bytes = fc.uint8Array().map((array) => Buffer.from(array.map((byte) => (byte === 0x7e ? 0 : byte))));
    fc.assert(
      fc.property(fc.array(bytes), fc.constantFrom(PLAIN, MARKING, TELLING), (pieces, manners) => {
        const filter = new EscapeFilter('~');
        const out = pieces.flatMap((piece) => filter.push(piece, manners));
        expect(out.map(text).join('')).toBe(Buffer.concat(pieces).toString('latin1'));
      }),
    );
  });

  describe('where keys are told by sequences', () => {
    const ENTER = '\x1b[13u';
    const SHIFT_DOWN = '\x1b[57441;2u';
    const SHIFT_UP = '\x1b[57441;1:3u';

    test.each([
      ['kitty, Enter and all letters by sequences', ENTER, '\x1b[126u', '\x1b[46u'],
      ['a tilde by the key below it and Shift', '\x1b[13;1:1u', '\x1b[96;2u', '\x1b[46;1u'],
      ['the shifted key told', '\r', '\x1b[96:126;2u', '.'],
      ['the text told', '\r', '\x1b[43;5;126u', '\x1b[46;;46u'],
      ['locks on', '\x1b[13;129u', '\x1b[126;65u', '\x1b[46;193u'],
      ['modifyOtherKeys', '\r', '\x1b[27;2;126~', '\x1b[27;1;46~'],
    ])('knows the escapes: %s', (_, enter, tilde, dot) => {
      expect(typed([`a${enter}${tilde}${dot}`], TELLING)).toBe(`a${enter}<quit>`);
      expect(typed(`a${enter}${tilde}${dot}`.match(/\x1b\[|[^\x1b]/g) ?? [], TELLING)).toBe(`a${enter}<quit>`);
      expect(typed([`${enter}${tilde}a`], TELLING)).toBe(`${enter}${tilde}a`);
      expect(typed([`a${tilde}${dot}`], TELLING)).toBe(`a${tilde}${dot}`);
    });

    test('knows Ctrl-Z in each form', () => {
      expect(typed(['~\x1b[122;5u~\x1b[27;5;122~'], TELLING)).toBe('<suspend><suspend>');
      expect(typed(['~\x1b[122;7u'], TELLING)).toBe('~\x1b[122;7u');
    });

    test('takes no notice of keys let go, modifiers alone, the mouse and focus', () => {
      const silent = `\x1b[13;1:3u${SHIFT_DOWN}\x1b[<35;3;4M\x1b[I`;
      expect(typed([`${ENTER}${silent}\x1b[96;2u\x1b[96;2:3u${SHIFT_UP}\x1b[46u`], TELLING)).toBe(
        `${ENTER}${silent}<quit>`,
      );
    });

    test('brings keys let go after the tilde that was held back before them', () => {
      const rest = '\x1b[96;2u\x1b[96;2:3ua';
      expect(typed([rest], TELLING)).toBe(rest);
    });
  });
});
