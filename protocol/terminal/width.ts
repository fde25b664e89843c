/**
 * How many cells a character takes: one table lookup. The tables hold what width-ranges.ts lists. Only single characters here;
 * what joins several into one (emoji sequences, flags) is grapheme.ts.
 */

import { JOINING_RANGES } from './grapheme.ts';
import { RangeTable } from './range-table.ts';
import { AMBIGUOUS_RANGES, PRESENTABLE_RANGES, WIDE_RANGES, ZERO_RANGES } from './width-ranges.ts';
import { DEFAULT_WIDTH_RULES, type WidthRules } from './width-rules.ts';

/** Under the rules that make flags one character, each of the letters that they are made of is as wide as a flag. */
const FLAG_LETTERS = [0x1f1e6, 0x1f1ff];

/** The widths by some rules. */
export interface Widths {
  readonly rules: WidthRules;
  /** 0, 1 or 2 for any code point that is no control character. */
  readonly cells: RangeTable;
  /** The same for what stands for itself after what does so, too; 0 for what may join the character before it or after it. */
  readonly alone: RangeTable;
}

const narrow = new RangeTable(1, [
  [WIDE_RANGES, 2],
  [ZERO_RANGES, 0],
]);

/** For a terminal that did not say. */
export const DEFAULT_WIDTHS: Widths = { rules: DEFAULT_WIDTH_RULES, cells: narrow, alone: narrow };

/** The tables made so far, by what they depend on: not at the start, because most sessions need one or two of them. */
const made = new Map<number, Pick<Widths, 'cells' | 'alone'>>([[0, DEFAULT_WIDTHS]]);

export function widthsUnder(rules: WidthRules): Widths {
  const key = (rules.graphemes ? 1 : 0) + (rules.ambiguousWide ? 2 : 0);
  const tables = made.get(key) ?? build(rules);
  made.set(key, tables);
  return { rules, cells: tables.cells, alone: tables.alone };
}

/** 0, 1 or 2 for any code point that is no control character, by the default rules. */
export function widthOf(codePoint: number): number {
  return narrow.at(codePoint);
}

/** Whether U+FE0F makes an emoji, two cells wide, of this character of one cell. */
export function isPresentable(codePoint: number): boolean {
  for (let i = 0; i + 1 < PRESENTABLE_RANGES.length; i += 2) {
    if (codePoint <= (PRESENTABLE_RANGES[i + 1] as number)) return codePoint >= (PRESENTABLE_RANGES[i] as number);
  }
  return false;
}

function build({ graphemes, ambiguousWide }: WidthRules): Pick<Widths, 'cells' | 'alone'> {
  const parts: [readonly number[], number][] = [
    [WIDE_RANGES, 2],
    [ambiguousWide ? AMBIGUOUS_RANGES : [], 2],
    [graphemes ? FLAG_LETTERS : [], 2],
    [ZERO_RANGES, 0],
  ];
  const cells = new RangeTable(1, parts);
  if (!graphemes) return { cells, alone: cells };
  for (const ranges of JOINING_RANGES) parts.push([ranges, 0]);
  return { cells, alone: new RangeTable(1, parts) };
}
