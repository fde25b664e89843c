/** Which code points make one character, and how many cells it takes on the screen under each rule. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CELL_WORDS, CLUSTER, EXTENDED, TAIL, WIDE } from '../../protocol/screen/cell.ts';
import { UNKNOWN_TERMINAL } from '../../protocol/session/terminal-facts.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { GraphemeBreaker } from '../../protocol/terminal/grapheme.ts';
import type { WidthRules } from '../../protocol/terminal/width-rules.ts';
import { cellAt, emulate, knowing, replies, rowText, write } from './text.ts';

const MODERN: WidthRules = { graphemes: true, emojiPresentation: true, ambiguousWide: false };
const FAMILY = '👩‍👩‍👧';
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Where the segmenter and the breaker see the characters of a text begin. */
function segments(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function broken(text: string): string[] {
  const breaker = new GraphemeBreaker();
  const found: string[] = [];
  for (const character of text) {
    if (breaker.joins(character.codePointAt(0) ?? 0)) found.push(`${found.pop() ?? ''}${character}`);
    else found.push(character);
  }
  return found;
}

function modern(output: string, rules: Partial<WidthRules> = {}): Emulator {
  const emulator = knowing({ widths: { ...MODERN, ...rules } });
  write(emulator, output);
  return emulator;
}

/** The characters of a row: their texts, with `=` behind those of two cells. */
function characters(emulator: Emulator, y = 0): string[] {
  const row = emulator.snapshot().rows[y];
  const found: string[] = [];
  for (let x = 0; row !== undefined && x < row.cols; x++) {
    const content = row.cells[x * CELL_WORDS] ?? 0;
    if (content === 0 || content & TAIL) continue;
    const text = row.clusters?.get(x) ?? String.fromCodePoint(content & 0x1f_ffff);
    found.push(content & WIDE ? `${text}=` : text);
  }
  return found;
}

function cursor(emulator: Emulator): [number, number] {
  const { cursorRow, cursorCol } = emulator.snapshot();
  return [cursorRow, cursorCol];
}

/** One of each class, and what is special. */
const special = fc.constantFrom(
  ...['a', '中', '\u0301', '\u200d', '\u200c', '\ufe0f', '\u0903', '\u0600', '🇩', '🇪', 'ᄀ', 'ᅡ', 'ᆨ', '가', '각', '한'],
  ...[
    '👩',
    '❤',
    '🏻',
    '\u{e0067}',
    '\u200b',
    'क',
    'त',
    '\u094d',
    '\u093c',
    '\u0ccd',
    '\u{113d0}',
    '\u{1f3f4}',
    '1',
    '\u20e3',
  ],
);

describe('characters of several code points', () => {
  test('are those of the segmenter, for what belongs together and what does not', () => {
    fc.assert(
      fc.property(fc.array(special, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        expect(broken(text)).toEqual(segments(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test('are those of the segmenter, for any code points', () => {
    const any = fc.integer({ min: 0x20, max: 0x1_ffff }).filter((code) => code < 0xd800 || code > 0xdfff);
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            any.map((code) => String.fromCodePoint(code)),
            special,
          ),
          { maxLength: 8 },
        ),
        (parts) => {
          const text = parts.join('');
          expect(broken(text)).toEqual(segments(text));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('on a terminal that joins them', () => {
  test.each([
    [FAMILY, [`${FAMILY}=`, 'x']],
    ['🇩🇪🇫🇷', ['🇩🇪=', '🇫🇷=', 'x']],
    ['👍🏽', ['👍🏽=', 'x']],
    ['🏴󠁧󠁢󠁥󠁮󠁧󠁿', ['🏴󠁧󠁢󠁥󠁮󠁧󠁿=', 'x']],
    ['❤️‍🔥', ['❤️‍🔥=', 'x']],
    ['1️⃣', ['1️⃣=', 'x']],
    ['각', ['각=', 'x']],
    ['한국', ['한=', '국=', 'x']],
    ['क्षि', ['क्षि', 'x']],
    ['e\u0301a', ['e\u0301', 'a', 'x']],
    ['☺', ['☺', 'x']],
  ])('%s is as wide as one', (text, expected) => {
    const emulator = modern(`${text}x`);
    expect(characters(emulator)).toEqual(expected);
    const width = expected.reduce((sum, character) => sum + (character.endsWith('=') ? 2 : 1), 0);
    expect(cursor(emulator)).toEqual([0, width]);
  });

  test('it does not matter how they are cut into pieces, nor what colours come between', () => {
    const whole = modern(`${FAMILY}🇩🇪a`).snapshot().rows[0];
    const pieces = modern('');
    for (const byte of new TextEncoder().encode(`${FAMILY}🇩🇪a`)) pieces.write(Uint8Array.of(byte));
    expect(pieces.snapshot().rows[0]?.cells).toEqual(whole?.cells);
    expect(characters(modern('👩‍\x1b[31m👧'))).toEqual(['👩‍👧=']);
    expect(characters(modern('🇩\x1b[31m🇪'))).toEqual(['🇩🇪=']);
  });

  test('a flag goes on only where it stands', () => {
    expect(characters(modern('🇩🇪\x1b[1;3H🇫🇷'))).toEqual(['🇩🇪=', '🇫🇷=']);
    expect(characters(modern('🇩\x1b[1;5H🇪'))).toEqual(['🇩=', '🇪=']);
    expect(characters(modern('🇩\r\n🇪'), 1)).toEqual(['🇪=']);
  });

  test('what is too long for a cell is left out, and takes no other', () => {
    const emulator = modern(`${'👩‍'.repeat(30)}x`);
    const [first, ...rest] = characters(emulator);
    expect(first?.length).toBeLessThanOrEqual(33);
    expect(rest).toEqual(['x']);
  });

  test('they are repeated one by one', () => {
    expect(characters(modern('🇩🇪\x1b[2b'))).toEqual(['🇩🇪=', '🇩🇪=', '🇩🇪=']);
    expect(characters(modern('❤️\x1b[1b'))).toEqual(['❤️=', '❤️=']);
    expect(characters(modern('🇩\x1b[1b🇪'))).toEqual(['🇩=', '🇩🇪=']);
  });

  test('they overwrite, and are overwritten, whole', () => {
    expect(characters(modern(`${FAMILY}\rx`))).toEqual(['x']);
    expect(characters(modern(`${FAMILY}\x1b[1;2Hx`))).toEqual(['x']);
    expect(rowText(modern(`ab\r${FAMILY}`).snapshot().rows[0])).toBe(FAMILY);
  });

  test('mode 2027 says so, and can not be changed', () => {
    expect(replies(modern('\x1b[?2027l\x1b[?2027$p'))).toBe('\x1b[?2027;3$y');
    expect(replies(emulate('\x1b[?2027h\x1b[?2027$p'))).toBe('\x1b[?2027;0$y');
  });

  test('a reset does not make it another terminal', () => {
    expect(characters(modern('\x1bc🇩🇪'))).toEqual(['🇩🇪=']);
  });
});

describe('an emoji by variation selector', () => {
  test('pushes nothing, and keeps its colours', () => {
    const emulator = modern('abc\r\x1b[31m❤\x1b[32m\ufe0f');
    expect(characters(emulator)).toEqual(['❤️=', 'c']);
    const screen = emulator.snapshot();
    expect(cellAt(screen, 0, 1).slice(1)).toEqual(cellAt(screen, 0, 0).slice(1));
    expect(cursor(emulator)).toEqual([0, 2]);
  });

  test('makes room where text is inserted', () => {
    expect(characters(modern('abc\r\x1b[4h❤\ufe0f'))).toEqual(['❤️=', 'a', 'b', 'c']);
  });

  test('goes to the next row where it has no room', () => {
    const emulator = modern('123456789❤\ufe0fx');
    expect(rowText(emulator.snapshot().rows[0])).toBe('123456789');
    expect(characters(emulator, 1)).toEqual(['❤️=', 'x']);
    expect(emulator.snapshot().rows[1]?.wrapped).toBe(true);
  });

  test('stays narrow there without autowrap', () => {
    const emulator = modern('\x1b[?7l123456789❤\ufe0f');
    expect(characters(emulator).at(-1)).toBe('❤️');
    expect(cursor(emulator)).toEqual([0, 9]);
  });

  test('is as narrow as on a terminal that does not widen it', () => {
    expect(characters(modern('❤\ufe0fx', { emojiPresentation: false }))).toEqual(['❤️', 'x']);
    expect(characters(modern('a\ufe0fx'))).toEqual(['a\ufe0f', 'x']);
  });
});

describe('on other terminals', () => {
  test('code points have cells of their own', () => {
    const emulator = emulate(`${FAMILY}🇩🇪`, 12);
    expect(characters(emulator)).toEqual(['👩‍=', '👩‍=', '👧=', '🇩', '🇪']);
  });

  test('ambiguous characters are wide where they are drawn so', () => {
    expect(characters(modern('±é─x\ue0b0', { ambiguousWide: true }))).toEqual(['±=', 'é=', '─=', 'x', '\ue0b0']);
    expect(characters(modern('±é─x\ue0b0'))).toEqual(['±', 'é', '─', 'x', '\ue0b0']);
  });

  test('another terminal has its own widths from then on', () => {
    const emulator = emulate('🇩🇪');
    emulator.setFacts({ ...UNKNOWN_TERMINAL, widths: MODERN });
    write(emulator, '\r\n🇩🇪');
    expect(characters(emulator, 0)).toEqual(['🇩', '🇪']);
    expect(characters(emulator, 1)).toEqual(['🇩🇪=']);
  });
});

/** What makes and unmakes wide characters and clusters, at edges and margins. */
const PIECES = [
  ...[
    'a',
    '漢',
    '👩',
    '\u200d',
    '❤',
    '\ufe0f',
    '🇩',
    '🏻',
    '\u0301',
    'ᄀ',
    'ᅡ',
    '\r',
    '\n',
    '\b',
    '\t',
    '\x1b[2b',
    '\x1b[H',
    '\x1b[1;7H',
  ],
  ...[
    '\x1b[4h',
    '\x1b[4l',
    '\x1b[?7l',
    '\x1b[?7h',
    '\x1b[?69h',
    '\x1b[3;7s',
    '\x1b[?69l',
    '\x1b[2;4r',
    '\x1b[?6h',
    '\x1b[?6l',
  ],
  ...[
    '\x1b[L',
    '\x1b[M',
    '\x1b[@',
    '\x1b[P',
    '\x1b[S',
    '\x1b[T',
    '\x1b6',
    '\x1b9',
    '\x1b7',
    '\x1b8',
    '\x1b[X',
    '\x1b[K',
    '\x1bM',
  ],
  ...['\x1b[?1049h', '\x1b[?1049l', '\x1b]8;;http://a\x07', '\x1b]8;;\x07', '\x1b[m', "\x1b[2'}"],
];

describe('the cells of a row', () => {
  test('are whole characters, with just the texts and links that belong to them', () => {
    const rules = fc.record({ graphemes: fc.boolean(), emojiPresentation: fc.boolean(), ambiguousWide: fc.boolean() });
    const size = fc.record({ cols: fc.integer({ min: 1, max: 10 }), rows: fc.integer({ min: 1, max: 5 }) });
    const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 });
    fc.assert(
      fc.property(rules, size, size, pieces, pieces, (widths, first, second, before, after) => {
        const emulator = new Emulator(first);
        emulator.setFacts({ ...UNKNOWN_TERMINAL, widths });
        write(emulator, before.join(''));
        expect(faults(emulator)).toEqual([]);
        emulator.resize(second.cols, second.rows);
        write(emulator, after.join(''));
        expect(faults(emulator)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

function faults(emulator: Emulator): string[] {
  const found: string[] = [];
  const { rows, cols, cursorCol, cursorRow } = emulator.snapshot();
  if (cursorCol < 0 || cursorCol >= cols || cursorRow < 0 || cursorRow >= rows.length) found.push('the cursor');
  for (const [y, row] of rows.entries()) {
    let clusters = 0;
    let extras = 0;
    const content = (x: number) => row.cells[x * CELL_WORDS] ?? 0;
    for (let x = 0; x < cols; x++) {
      if (content(x) & WIDE && !(content(x + 1) & TAIL)) found.push(`a left half at ${y}, ${x}`);
      if (content(x) & TAIL && !(content(x - 1) & WIDE)) found.push(`a right half at ${y}, ${x}`);
      if (content(x) & CLUSTER) clusters += row.clusters?.has(x) ? 1 : cols;
      if ((row.cells[x * CELL_WORDS + 2] ?? 0) & EXTENDED) extras += row.extras?.has(x) ? 1 : cols;
    }
    if (clusters !== (row.clusters?.size ?? 0)) found.push(`the texts of row ${y}`);
    if (extras !== (row.extras?.size ?? 0)) found.push(`the links of row ${y}`);
  }
  return found;
}
