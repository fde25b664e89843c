import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { arbitrarySize, xtermProfiles } from './arbitrary-output.ts';
import { differences, Oracle } from './oracle.ts';

const RUNS = 300;
const encoder = new TextEncoder();

describe('generated output', () => {
  for (const [name, arbitraryOutput] of Object.entries(xtermProfiles)) {
    test(`${name}: the screen and the answers are xterm.js's`, () => {
      fc.assert(
        fc.property(arbitrarySize, arbitraryOutput, (size, output) => {
          const bytes = encoder.encode(output.join(''));
          const oracle = new Oracle(size.cols, size.rows);
          const emulator = new Emulator(size);
          oracle.write(bytes);
          emulator.write(bytes);
          emulator.release();
          expect(differences(oracle, emulator.snapshot())).toEqual([]);
          expect(new TextDecoder().decode(emulator.takeReplies())).toBe(oracle.replies);
        }),
        { numRuns: RUNS },
      );
    });
  }

  test("the alternate screen, resized and drawn again, is xterm.js's", () => {
    const { 'wide characters': output } = xtermProfiles;
    if (output === undefined) throw new Error('the profile has another name');
    fc.assert(
      fc.property(arbitrarySize, arbitrarySize, output, output, (size, more, before, after) => {
        const oracle = new Oracle(size.cols, size.rows);
        const emulator = new Emulator(size);
        const write = (text: string): void => {
          oracle.write(encoder.encode(text));
          emulator.write(encoder.encode(text));
        };
        write(`\x1b[?1049h${before.join('')}`);
        // Never narrower: xterm.js keeps the cells beyond the right edge, and shifts them in again.
        oracle.resize(size.cols + more.cols, more.rows);
        emulator.resize(size.cols + more.cols, more.rows);
        write(`\x1b[m\x1b[2J\x1b[H${after.join('')}`);
        emulator.release();
        expect(differences(oracle, emulator.snapshot())).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });
});
