import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { arbitrarySize, xtermProfiles } from './arbitrary-output.ts';
import { differences, Oracle } from './oracle.ts';

const RUNS = 500;

describe('generated output', () => {
  for (const [name, arbitraryOutput] of Object.entries(xtermProfiles)) {
    test(`${name}: the screen and the answers are xterm.js's`, () => {
      fc.assert(
        fc.property(arbitrarySize, arbitraryOutput, (size, output) => {
          const bytes = new TextEncoder().encode(output.join(''));
          const oracle = new Oracle(size.cols, size.rows);
          const emulator = new Emulator(size);
          oracle.write(bytes);
          emulator.write(bytes);
          expect(differences(oracle, emulator.snapshot())).toEqual([]);
          expect(new TextDecoder().decode(emulator.takeReplies())).toBe(oracle.replies);
        }),
        { numRuns: RUNS },
      );
    });
  }
});
