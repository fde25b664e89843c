/** Randomness for tests: the operating system's where any will do, counted or seeded where a run must repeat itself. */

import { createHash, randomBytes } from 'node:crypto';
import type { Random } from '../../protocol/crypto/random.ts';

/** Fresh bytes. */
export const systemRandom: Random = (length) => new Uint8Array(randomBytes(length));

/** The bytes `first`, `first` + 1, … modulo 256: what SPEC.md's test vectors are made from. */
export function countingRandom(first: number): Random {
  let next = first;
  return (length) => Uint8Array.from({ length }, () => next++ & 0xff);
}

/** A stream of bytes that depends on `seed` alone. */
export function seededRandom(seed: number): Random {
  let drawn = 0;
  return (length) => {
    const blocks: Uint8Array[] = [];
    for (let have = 0; have < length; have += 32) {
      blocks.push(createHash('sha256').update(`${seed} ${drawn++}`).digest());
    }
    return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
  };
}
