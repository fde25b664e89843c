import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PredictionEngine } from '../../client/predict/engine.ts';
import { programHash } from '../../client/predict/known-programs.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import type { EchoState, TtyState } from '../../protocol/session/shell-state.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { hashName } from '../../server/line-discipline.ts';
import { ANY_SCREEN, arbitraryPair, screenFault } from '../screen/arbitrary-screen.ts';

const encoder = new TextEncoder();

const arbitraryTty: fc.Arbitrary<TtyState | undefined> = fc.option(
  fc.record({
    echo: fc.boolean(),
    canonical: fc.boolean(),
    program: fc.constantFrom(0, ...['bash', 'vim', 'nano', 'cat', 'ssh'].map(programHash)),
  }),
  { nil: undefined },
);

const arbitraryKeys: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...'abcxyz .~*').map((key) => encoder.encode(key)) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('\x7f', '\r', '\t', '\x1b', '\x03', '\x01', '\x05', '\x0b', '\x0c', '\x15', '\x17')
      .map((key) => encoder.encode(key)),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('\x1b[A', '\x1b[D', '\x1bOC', '\x1b[3~', '\x1b[H', '\x1b[F', '\x1b[200~', '\x1b[201~')
      .map((key) => encoder.encode(key)),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('é', '中', '\u0301', '👩\u200d🚀', '\u00a0').map((key) => encoder.encode(key)),
  },
  fc.uint8Array({ maxLength: 30 }),
);

type Happening =
  | { readonly kind: 'typed'; readonly keys: Uint8Array }
  | {
      readonly kind: 'state';
      readonly screens: readonly [Screen, Screen];
      readonly tty: TtyState | undefined;
      readonly echoes: boolean;
    }
  | { readonly kind: 'reset' };

const arbitraryHappening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: arbitraryKeys.map((keys): Happening => ({ kind: 'typed', keys })) },
  {
    weight: 3,
    arbitrary: fc
      .record({ screens: arbitraryPair(ANY_SCREEN), tty: arbitraryTty, echoes: fc.boolean() })
      .map((state): Happening => ({ kind: 'state', ...state })),
  },
  { weight: 1, arbitrary: fc.constant<Happening>({ kind: 'reset' }) },
);

describe('whatever the server shows and whatever is typed', () => {
  test('the engine never throws, gives valid screens, and the very screen of the server in the end', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('adaptive' as const, 'always' as const, 'never' as const),
        fc.array(arbitraryHappening, { maxLength: 40 }),
        (mode, happenings) => {
          const engine = new PredictionEngine({ mode });
          let state: EchoState | undefined;
          let offset = 0;
          let now = 0;
          for (const happening of happenings) {
            now += 40;
            if (happening.kind === 'typed') {
              offset += happening.keys.length;
              engine.typed(now, happening.keys, offset);
            } else if (happening.kind === 'reset') {
              engine.reset();
            } else {
              const { screens, tty, echoes } = happening;
              for (const screen of screens) {
                const echoed = echoes ? offset : (state?.echoed ?? 0);
                state = { screen, echoed, tty };
                engine.server(now, state, 200);
                check(engine, now, state);
                if (echoes) expect(engine.overlay(now)).toBe(screen);
              }
            }
            expect(engine.nextTimeout(now)).toBeGreaterThan(now - 1);
            if (state !== undefined) check(engine, now, state);
          }
          if (state === undefined) return;
          engine.server(now, { ...state, echoed: offset }, 200);
          expect(engine.overlay(now)).toBe(state.screen);
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('a program that edits in any way ends with its own screen, and letters it did not show are gone by then', () => {
    const answers = fc.constantFrom<(key: string) => string>(
      (key) => key,
      () => '',
      () => '*',
      (key) => `\x1b[32m${key}\x1b[m`,
      (key) => `${key}\x1b[K`,
      (key) => `\x1b[@${key}`,
      () => '\r\n',
      () => '\x1b[H\x1b[2J',
      (key) => `\x1b7\x1b[1;1H${key}\x1b8`,
    );
    const strokes = fc.array(
      fc.tuple(fc.constantFrom(...'abc \x7f\x01\x15\x17', '\x1b[D', '\x1b[C', '中'), answers, fc.boolean()),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 4 }), strokes, (cols, rows, typed) => {
        const engine = new PredictionEngine({ mode: 'always' });
        const emulator = new Emulator({ cols, rows });
        const tty = { echo: false, canonical: false, program: programHash('bash') };
        emulator.write(encoder.encode('\x1b[?2004h$ '));
        let state: EchoState = { screen: emulator.snapshot(), echoed: 0, tty };
        engine.server(0, state, 100);
        typed.forEach(([key, answer, heard], index) => {
          engine.typed(index * 50, encoder.encode(key), index + 1);
          check(engine, index * 50, state);
          emulator.write(encoder.encode(answer(key)));
          if (!heard) return;
          state = { screen: emulator.snapshot(), echoed: Math.max(state.echoed, index - 1), tty };
          engine.server(index * 50 + 25, state, 100);
          check(engine, index * 50 + 25, state);
        });
        state = { screen: emulator.snapshot(), echoed: typed.length, tty };
        engine.server(10_000, state, 100);
        expect(engine.overlay(10_000)).toBe(state.screen);
      }),
      { numRuns: 1500 },
    );
  });
});

/** What is shown is a screen that a terminal can be given, of the size of the server's, and shares what is not guessed. */
function check(engine: PredictionEngine, now: number, { screen }: EchoState): void {
  const shown = engine.overlay(now);
  if (shown === screen) return;
  expect(screenFault(shown)).toBeUndefined();
  expect([shown.cols, shown.rows.length]).toEqual([screen.cols, screen.rows.length]);
  expect({ ...shown, rows: [], cursorRow: 0, cursorCol: 0 }).toEqual({
    ...screen,
    rows: [],
    cursorRow: 0,
    cursorCol: 0,
  });
}

test('programs are known by the hash that the server sends', () => {
  for (const name of ['bash', 'vim.basic', 'tmux: client', 'é']) {
    expect(programHash(name)).toBe(hashName(encoder.encode(name)));
  }
});
