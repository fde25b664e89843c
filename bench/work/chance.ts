/**
 * What is drawn for a work: its dice, words and numbers. The keys of a work come from one seed and its gaps from another, so that the
 * same screens can be typed at another pace.
 */

import { type Dice, diceFrom } from '../link/random.ts';

/** The upper half of a seed has this many bits to spare below 2^53. */
const NAME_BITS = 20;

/** Dice of a work's own: the same seed falls differently for each name. */
export function diceFor(name: string, seed: number): Dice {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) % 2 ** NAME_BITS;
  return diceFrom((seed >>> 0) + hash * 2 ** 32);
}

/** A whole number from `least` to `most`, both included. */
export function drawInteger(dice: Dice, least: number, most: number): number {
  return least + Math.floor(dice.next() * (most - least + 1));
}

/** One of them. Throws when there is none. */
export function drawOne<T>(dice: Dice, choices: readonly T[]): T {
  const choice = choices[Math.floor(dice.next() * choices.length)];
  if (choice === undefined) throw new Error('there is nothing to choose from');
  return choice;
}

/** Plain words, four letters or longer. */
export const WORDS = [
  'amber',
  'birch',
  'cedar',
  'dune',
  'ember',
  'fjord',
  'garden',
  'harbor',
  'island',
  'juniper',
  'lantern',
  'meadow',
  'north',
  'orchard',
  'pebble',
  'quartz',
  'river',
  'summer',
  'timber',
  'valley',
  'winter',
  'yellow',
] as const;

/** Words with spaces between, in at most `length` characters. */
export function drawSentence(dice: Dice, length: number): string {
  let sentence: string = drawOne(dice, WORDS);
  for (;;) {
    const longer = `${sentence} ${drawOne(dice, WORDS)}`;
    if (longer.length > length) return sentence.slice(0, length);
    sentence = longer;
  }
}
