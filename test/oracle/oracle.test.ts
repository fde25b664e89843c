/**
 * The oracle: what the user sees after rove is what the program wrote, on a terminal like the server's and on xterm.js, with the lines
 * that have scrolled off. Generated output, cut anywhere, with states that are skipped, lines that come late, and other sizes; and what
 * real programs wrote.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HistoryLog } from '../../protocol/history/history-log.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { anyOutput, arbitrarySize } from '../terminal/arbitrary-output.ts';
import { lookDifferences, rowDifferences } from './look.ts';
import { linesOf, type Size, Way } from './way.ts';

const encoder = new TextEncoder();
/** CAN ends what the output may have left open. Lines go into the scrollback on the main screen. */
const TO_MAIN_SCREEN = '\x18\x1b[?1049l';

/** A terminal of the user's, as ours. */
class Local {
  readonly lines = new HistoryLog(20_000);
  readonly emulator: Emulator;

  constructor(size: Size) {
    this.emulator = new Emulator({ ...size, history: this.lines });
  }
}

type Step =
  | { readonly kind: 'output'; readonly pieces: readonly string[]; readonly cut: number }
  | { readonly kind: 'arrive'; readonly lines: boolean }
  | { readonly kind: 'resize'; readonly size: Size };

/** What takes lines out of the scrollback again (ED 3) takes them out of the server's: the user's terminal keeps what it has. */
const CLEARS_SCROLLBACK = '\x1b[3J';
const arbitraryOutputStep = fc.record({
  kind: fc.constant('output' as const),
  pieces: anyOutput.map((pieces) => pieces.filter((piece) => piece !== CLEARS_SCROLLBACK)),
  cut: fc.nat(30),
});
const arbitraryArrival = fc.record({ kind: fc.constant('arrive' as const), lines: fc.boolean() });
const arbitraryResize = fc.record({ kind: fc.constant('resize' as const), size: arbitrarySize });
const steps = fc.array(
  fc.oneof({ weight: 3, arbitrary: arbitraryOutputStep }, { weight: 2, arbitrary: arbitraryArrival }),
  { minLength: 1, maxLength: 8 },
);
const stepsWithSizes = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: arbitraryOutputStep },
    { weight: 2, arbitrary: arbitraryArrival },
    { weight: 1, arbitrary: arbitraryResize },
  ),
  { minLength: 1, maxLength: 8 },
);

function play(way: Way, list: readonly Step[]): void {
  for (const step of list) {
    if (step.kind === 'output') {
      const bytes = encoder.encode(step.pieces.join(''));
      way.output(bytes.subarray(0, bytes.length - step.cut));
      way.output(bytes.subarray(Math.max(0, bytes.length - step.cut)));
    } else if (step.kind === 'arrive') {
      way.arrive(step.lines);
    } else {
      way.resize(step.size);
    }
  }
  way.release();
  way.arrive(true);
}

describe('generated output', () => {
  test('is seen on the main screen and in the scrollback as the program wrote it', () => {
    fc.assert(
      fc.property(arbitrarySize, steps, (size, list) => {
        const local = new Local(size);
        const way = new Way(size, [local.emulator]);
        play(way, list);
        expect(lookDifferences(way.screen, local.emulator.snapshot())).toEqual([]);
        way.output(encoder.encode(TO_MAIN_SCREEN));
        way.arrive(true);
        expect(lookDifferences(way.screen, local.emulator.snapshot())).toEqual([]);
        expect(rowDifferences(way.history, linesOf(local.lines))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('is seen after any changes of size', () => {
    fc.assert(
      fc.property(arbitrarySize, stepsWithSizes, (size, list) => {
        const local = new Local(size);
        const way = new Way(size, [local.emulator]);
        play(way, list);
        expect(lookDifferences(way.screen, local.emulator.snapshot())).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
