/**
 * The oracle: what the user sees after rove is what the program wrote, on a terminal like the server's and on xterm.js, with the lines
 * that have scrolled off. Generated output, cut anywhere, with states that are skipped, lines that come late, and other sizes; and what
 * real programs wrote.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordedStreams } from '../../bench/streams.ts';
import { HistoryLog } from '../../protocol/history/history-log.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { anyOutput, arbitrarySize, xtermProfiles } from '../terminal/arbitrary-output.ts';
import { Oracle } from '../terminal/oracle.ts';
import { lookDifferences, rowDifferences } from './look.ts';
import { linesOf, type Size, Way } from './way.ts';
import { xtermDifferences } from './xterm-look.ts';

const encoder = new TextEncoder();
const SCROLLBACK = 20_000;
/** Screens looked at in each recorded stream. */
const LOOKS = 16;
/** CAN ends what the output may have left open. */
const NOTHING = '\x18';
/** On the alternate screen no lines go into the scrollback: they wait. */
const TO_MAIN_SCREEN = `${NOTHING}\x1b[?1049l`;

/** A terminal of the user's, as ours. */
class Local {
  readonly lines = new HistoryLog(SCROLLBACK);
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

/**
 * What xterm.js does when it has a scrollback, and others do not: SU puts nothing there, RIS empties it, and ED 1 throws in the last column.
 * A cursor that was saved is restored to the line that it was on, wherever that has gone.
 */
const NOT_WITH_SCROLLBACK = /^\x1b\[\??\d*[SJ]$|\x1bc/;
const SAVES_CURSOR = ['both screens', 'modes and questions'];

describe('on xterm.js', () => {
  for (const [name, arbitraryOutput] of Object.entries(xtermProfiles)) {
    test(`${name}: it is seen as without rove`, () => {
      const scrollback = SAVES_CURSOR.includes(name) ? 0 : SCROLLBACK;
      const text = arbitraryOutput.map((pieces) =>
        pieces.filter((piece) => scrollback === 0 || !NOT_WITH_SCROLLBACK.test(piece)).join(''),
      );
      const rounds = fc.array(fc.tuple(text, fc.boolean()), { maxLength: 4 });
      fc.assert(
        fc.property(arbitrarySize, rounds, ({ cols, rows }, list) => {
          const [wanted, seen] = [new Oracle(cols, rows, scrollback), new Oracle(cols, rows, SCROLLBACK)];
          const way = new Way({ cols, rows }, [seen]);
          for (const [output, lines] of [...list, [NOTHING, true] as const]) {
            const bytes = encoder.encode(output);
            wanted.write(bytes);
            way.output(bytes);
            way.release();
            way.arrive(lines);
          }
          expect(xtermDifferences(wanted, seen, scrollback > 0)).toEqual([]);
        }),
        { numRuns: 150 },
      );
    });
  }
});

describe('a recorded program', () => {
  for (const { name, cols, rows, bytes } of recordedStreams()) {
    test(`${name} at ${cols}x${rows} is seen as without rove, on xterm.js and on a terminal of ours`, () => {
      const [wanted, seen] = [new Oracle(cols, rows, SCROLLBACK), new Oracle(cols, rows, SCROLLBACK)];
      const local = new Local({ cols, rows });
      const way = new Way({ cols, rows }, [seen, local.emulator]);
      const length = Math.ceil(bytes.length / LOOKS);
      for (let at = 0; at < bytes.length; at += length) {
        const piece = bytes.subarray(at, at + length);
        wanted.write(piece);
        way.output(piece);
        way.release();
        // Every third time the lines come with the screen.
        way.arrive(at % 3 === 0);
        expect(lookDifferences(way.screen, local.emulator.snapshot()), `after byte ${at}`).toEqual([]);
        expect(xtermDifferences(wanted, seen, false), `after byte ${at}`).toEqual([]);
      }
      wanted.write(encoder.encode(TO_MAIN_SCREEN));
      way.output(encoder.encode(TO_MAIN_SCREEN));
      way.arrive(true);
      if (new TextDecoder().decode(bytes).includes(CLEARS_SCROLLBACK)) return;
      expect(xtermDifferences(wanted, seen, true)).toEqual([]);
      expect(rowDifferences(way.history, linesOf(local.lines))).toEqual([]);
    });
  }
});
