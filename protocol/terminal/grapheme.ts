/**
 * Which code points make one character together, one at a time: extended grapheme clusters (UAX #29, rules GB4 to GB13), as
 * terminals do that draw families of emoji, flags and Hangul in the place of one character.
 */

import {
  CONSONANT_RANGES,
  CONTROL_RANGES,
  EXTEND_RANGES,
  LEADING_RANGES,
  LINKER_RANGES,
  PICTOGRAPH_RANGES,
  PLAIN_EXTEND_RANGES,
  PREPEND_RANGES,
  SPACING_RANGES,
  TRAILING_RANGES,
  VOWEL_RANGES,
} from './grapheme-ranges.ts';
import { RangeTable } from './range-table.ts';

const JOINER_RANGES = [0x200d, 0x200d];
const FLAG_RANGES = [0x1f1e6, 0x1f1ff];
const SYLLABLE_RANGES = [0xac00, 0xd7a3];

/** What may join the character before it whatever that is, or the one after it. All else joins only what one of these went before. */
export const JOINING_RANGES: readonly (readonly number[])[] = [
  EXTEND_RANGES,
  PLAIN_EXTEND_RANGES,
  LINKER_RANGES,
  SPACING_RANGES,
  PREPEND_RANGES,
  LEADING_RANGES,
  VOWEL_RANGES,
  TRAILING_RANGES,
  JOINER_RANGES,
  FLAG_RANGES,
];

const OTHER = 0;
const CONTROL = 1;
const EXTEND = 2;
const PLAIN_EXTEND = 3;
const LINKER = 4;
const JOINER = 5;
const SPACING = 6;
const PREPEND = 7;
const FLAG = 8;
const LEADING = 9;
const VOWEL = 10;
const TRAILING = 11;
/** Hangul syllables, by computing: without a final consonant, and with one. */
const SYLLABLE = 12;
const CLOSED_SYLLABLE = 13;
const PICTOGRAPH = 14;
const CONSONANT = 15;

/** A syllable without a final consonant, and then those with each of the 27. */
const FINALS = 28;

/** Made when somebody asks first: most sessions never do. */
let classes: RangeTable | undefined;

function classOf(codePoint: number): number {
  if (codePoint >= 0x20 && codePoint < 0x7f) return OTHER;
  classes ??= new RangeTable(OTHER, [
    [CONTROL_RANGES, CONTROL],
    [EXTEND_RANGES, EXTEND],
    [PLAIN_EXTEND_RANGES, PLAIN_EXTEND],
    [LINKER_RANGES, LINKER],
    [JOINER_RANGES, JOINER],
    [SPACING_RANGES, SPACING],
    [PREPEND_RANGES, PREPEND],
    [FLAG_RANGES, FLAG],
    [LEADING_RANGES, LEADING],
    [VOWEL_RANGES, VOWEL],
    [TRAILING_RANGES, TRAILING],
    [SYLLABLE_RANGES, SYLLABLE],
    [PICTOGRAPH_RANGES, PICTOGRAPH],
    [CONSONANT_RANGES, CONSONANT],
  ]);
  const found = classes.at(codePoint);
  if (found !== SYLLABLE) return found;
  return (codePoint - (SYLLABLE_RANGES[0] as number)) % FINALS === 0 ? SYLLABLE : CLOSED_SYLLABLE;
}

export class GraphemeBreaker {
  #last = CONTROL;
  /** A pictograph and what extends it ends here, and 2 if with a joiner. */
  #pictograph: 0 | 1 | 2 = 0;
  /** A consonant and what extends it ends here, and 2 if a linker is among that. */
  #conjunct: 0 | 1 | 2 = 0;
  /** The last is the first letter of a flag. */
  #halfFlag = false;

  /** Nothing stands before. */
  reset(): void {
    this.#last = CONTROL;
    this.#pictograph = 0;
    this.#conjunct = 0;
    this.#halfFlag = false;
  }

  /** Takes the next code point: whether it belongs to the character before it. */
  joins(codePoint: number): boolean {
    const next = classOf(codePoint);
    const joined = this.#joins(next);
    this.#pictograph = next === PICTOGRAPH ? 1 : this.#afterPictograph(next);
    this.#conjunct = next === CONSONANT ? 1 : this.#afterConsonant(next);
    this.#halfFlag = next === FLAG && !this.#halfFlag;
    this.#last = next;
    return joined;
  }

  /** Whether there is anything outside `JOINING_RANGES` that would join what has been taken. */
  get isOpen(): boolean {
    return this.#last === PREPEND || this.#last === LEADING || this.#pictograph === 2 || this.#conjunct === 2;
  }

  #joins(next: number): boolean {
    const last = this.#last;
    if (last === CONTROL || next === CONTROL) return false; // GB4, GB5
    switch (next) {
      case EXTEND: // GB9
      case PLAIN_EXTEND:
      case LINKER:
      case JOINER:
      case SPACING: // GB9a
        return true;
      case LEADING: // GB6
      case SYLLABLE:
      case CLOSED_SYLLABLE:
        return last === LEADING || last === PREPEND;
      case VOWEL: // GB6, GB7
        return last === LEADING || last === VOWEL || last === SYLLABLE || last === PREPEND;
      case TRAILING: // GB7, GB8
        return last === VOWEL || last === SYLLABLE || last === TRAILING || last === CLOSED_SYLLABLE || last === PREPEND;
      case PICTOGRAPH: // GB11
        return this.#pictograph === 2 || last === PREPEND;
      case CONSONANT: // GB9c
        return this.#conjunct === 2 || last === PREPEND;
      case FLAG: // GB12, GB13
        return this.#halfFlag || last === PREPEND;
      default:
        return last === PREPEND; // GB9b
    }
  }

  #afterPictograph(next: number): 0 | 1 | 2 {
    if (this.#pictograph !== 1) return 0;
    if (next === JOINER) return 2;
    return next === EXTEND || next === PLAIN_EXTEND || next === LINKER ? 1 : 0;
  }

  #afterConsonant(next: number): 0 | 1 | 2 {
    if (this.#conjunct === 0) return 0;
    if (next === LINKER) return 2;
    return next === EXTEND || next === JOINER ? this.#conjunct : 0;
  }
}
