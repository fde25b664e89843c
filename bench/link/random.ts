/**
 * The link's own dice: sfc32, a small generator by Chris Doty-Humphrey (public domain), so that the same seed drops, delays
 * and doubles the same packets again. Not for anything secret.
 */

export interface Dice {
  /** Evenly spread over [0, 1), 32 bits of it. */
  next(): number;
}

/** Dice that fall the same way for the same seed. */
export function diceFrom(seed: number): Dice {
  let a = 0x9e3779b9;
  let b = seed >>> 0;
  let c = Math.floor(seed / 2 ** 32) >>> 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) >>> 0) + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = (b ^ (b >>> 9)) >>> 0;
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum / 2 ** 32;
  };
  // Sixteen rounds mix the seed into all of the state.
  for (let round = 0; round < 16; round++) next();
  return { next };
}
