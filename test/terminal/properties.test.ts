import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CELL_WORDS, CLUSTER, CODE_POINT_MASK, EXTENDED, TAIL, WIDE } from '../../protocol/screen/cell.ts';
import { MAX_MARK } from '../../protocol/screen/mark.ts';
import { MODES_MASK } from '../../protocol/screen/modes.ts';
import type { Row } from '../../protocol/screen/row.ts';
import { equalScreens, MAX_CLUSTER, MAX_TITLE, type Screen } from '../../protocol/screen/screen.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { screenFault } from '../screen/arbitrary-screen.ts';
import { anyOutput, arbitrarySize } from './arbitrary-output.ts';

const encoder = new TextEncoder();
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  anyOutput.map((pieces) => encoder.encode(pieces.join(''))),
  // Output with a few bytes of it changed.
  fc
    .tuple(anyOutput, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 5 }))
    .map(([pieces, changes]) => {
      const bytes = encoder.encode(pieces.join(''));
      for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      return bytes;
    }),
);
const anySize = fc.oneof(arbitrarySize, fc.record({ cols: fc.integer({ min: 1, max: 3 }), rows: fc.constant(1) }));
const anySteps = fc.array(fc.oneof({ weight: 4, arbitrary: anyBytes }, { weight: 1, arbitrary: anySize }), {
  minLength: 1,
  maxLength: 6,
});

/** Fails unless the screen is one that the sync can carry and a terminal can show. */
function expectValid(screen: Screen): void {
  expect(screenFault(screen)).toBeUndefined();
  expect(screen.cursorRow).toBeGreaterThanOrEqual(0);
  expect(screen.cursorRow).toBeLessThan(screen.rows.length);
  expect(screen.cursorCol).toBeGreaterThanOrEqual(0);
  expect(screen.cursorCol).toBeLessThan(screen.cols);
  expect(screen.modes & ~MODES_MASK).toBe(0);
  expect(screen.title.length).toBeLessThanOrEqual(MAX_TITLE);
  for (const row of screen.rows) expectValidRow(row, screen.cols);
}

function expectValidRow(row: Row, cols: number): void {
  expect(row.cols).toBe(cols);
  expect(row.frozen).toBe(true);
  expect(row.mark).toBeLessThanOrEqual(MAX_MARK);
  let clusters = 0;
  let extras = 0;
  for (let x = 0; x < cols; x++) {
    const [content = 0, foreground, background] = row.cells.subarray(x * CELL_WORDS, (x + 1) * CELL_WORDS);
    const [next = 0, nextForeground, nextBackground] = row.cells.subarray((x + 1) * CELL_WORDS, (x + 2) * CELL_WORDS);
    const code = content & CODE_POINT_MASK;
    if (content & WIDE) {
      expect([next, nextForeground, nextBackground], 'a wide cell has its tail').toEqual([
        TAIL,
        foreground,
        background,
      ]);
    } else {
      expect(next & TAIL, 'a tail follows its wide cell').toBe(0);
    }
    expect(row.extras?.has(x) ?? false, 'an extra and its cell').toBe(((background ?? 0) & EXTENDED) !== 0);
    if (row.extras?.has(x)) extras++;
    expect(code < 0x20 ? code === 0 : code < 0x7f || code > 0x9f, 'no control character in a cell').toBe(true);
    if ((content & CLUSTER) === 0) continue;
    clusters++;
    const text = row.clusters?.get(x) ?? '';
    expect(text.length).toBeLessThanOrEqual(MAX_CLUSTER);
    expect(text.codePointAt(0)).toBe(code);
    expect(Array.from(text).length).toBeGreaterThan(1);
  }
  expect(row.clusters?.size ?? 0, 'no cluster without its cell').toBe(clusters);
  expect(row.extras?.size ?? 0, 'no extra without its cell').toBe(extras);
  expect((row.cells[0] ?? 0) & TAIL).toBe(0);
}

function run(emulator: Emulator, steps: readonly (Uint8Array | { cols: number; rows: number })[]): void {
  for (const step of steps) {
    if (step instanceof Uint8Array) emulator.write(step);
    else emulator.resize(step.cols, step.rows);
  }
}

describe('any output', () => {
  test('never throws, and always leaves a valid screen', () => {
    fc.assert(
      fc.property(anySize, anySteps, (size, steps) => {
        const emulator = new Emulator(size);
        run(emulator, steps);
        expectValid(emulator.snapshot());
      }),
      { numRuns: 700 },
    );
  });

  test('gives the same screen and answers, however it is cut', () => {
    fc.assert(
      fc.property(
        arbitrarySize,
        anyBytes,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (size, bytes, cuts) => {
          const whole = new Emulator(size);
          whole.write(bytes);
          const cut = new Emulator(size);
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const length = cuts[i % cuts.length] ?? 1;
            cut.write(bytes.subarray(at, at + length));
            at += length;
          }
          expect(equalScreens(cut.snapshot(), whole.snapshot())).toBe(true);
          expect(cut.takeReplies()).toEqual(whole.takeReplies());
        },
      ),
      { numRuns: 300 },
    );
  });

  test('gives the same screen, however often one is taken between', () => {
    fc.assert(
      fc.property(arbitrarySize, anySteps, (size, steps) => {
        const seldom = new Emulator(size);
        const often = new Emulator(size);
        for (const step of steps) {
          run(seldom, [step]);
          run(often, [step]);
          often.snapshot();
        }
        expect(equalScreens(often.snapshot(), seldom.snapshot())).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('never changes a screen that was taken before', () => {
    fc.assert(
      fc.property(arbitrarySize, anySteps, anySteps, (size, before, after) => {
        const emulator = new Emulator(size);
        const twin = new Emulator(size);
        run(emulator, before);
        run(twin, before);
        const taken = emulator.snapshot();
        run(emulator, after);
        emulator.snapshot();
        expect(equalScreens(taken, twin.snapshot())).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
