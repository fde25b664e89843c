import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../protocol/bytes.ts';
import { HistoryLog } from '../../protocol/history/history-log.ts';
import { equalScreens } from '../../protocol/screen/screen.ts';
import { shellCodec } from '../../protocol/session/shell.ts';
import { blankState, equalTty, type ShellState, type TtyState } from '../../protocol/session/shell-state.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { ANY_SCREEN, arbitraryPair } from '../screen/arbitrary-screen.ts';

const arbitraryTty: fc.Arbitrary<TtyState | undefined> = fc.option(
  fc.record({ echo: fc.boolean(), canonical: fc.boolean(), program: fc.nat(2 ** 32 - 1) }),
  { nil: undefined },
);
const arbitraryTyped = fc.oneof(fc.nat(40), fc.nat(2 ** 40));

describe('the difference of two states', () => {
  it('makes the second of the first, whatever of the two is different', () => {
    fc.assert(
      fc.property(
        arbitraryPair(ANY_SCREEN),
        arbitraryTty,
        arbitraryTty,
        arbitraryTyped,
        arbitraryTyped,
        ([before, after], ttyBefore, ttyAfter, echoed, more) => {
          const base: ShellState = { ...blankState(1, 1), screen: before, echoed, tty: ttyBefore };
          const next: ShellState = { ...blankState(1, 1), screen: after, echoed: echoed + more, tty: ttyAfter };
          const made = shellCodec.patch(base, shellCodec.diff(base, next));
          expect(made.echoed).toBe(next.echoed);
          expect(equalTty(made.tty, next.tty)).toBe(true);
          expect(equalScreens(made.screen, next.screen)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of which only the echo has grown has one byte, and keeps the screen the same object', () => {
    const base: ShellState = { ...blankState(80, 24), echoed: 1_000 };
    const diff = shellCodec.diff(base, { ...base, echoed: 1_015 });
    expect(diff).toEqual(Uint8Array.of(60));
    expect(shellCodec.patch(base, diff)).toEqual({ ...base, echoed: 1_015 });
    expect(shellCodec.patch(base, diff).screen).toBe(base.screen);
  });

  it('of which only the terminal is another has six bytes', () => {
    const base = blankState(80, 24);
    const tty: TtyState = { echo: false, canonical: true, program: 0xfedc_ba98 };
    const diff = shellCodec.diff(base, { ...base, tty });
    expect(diff).toEqual(Uint8Array.of(1, 0b101, 0xfe, 0xdc, 0xba, 0x98));
    expect(shellCodec.patch(base, diff).tty).toEqual(tty);
    expect(shellCodec.patch({ ...base, tty }, Uint8Array.of(1, 0)).tty).toBeUndefined();
  });

  it('tells how many lines have scrolled off, and which of them the first screen shows', () => {
    const log = new HistoryLog(100);
    const emulator = new Emulator({ cols: 10, rows: 3, history: log });
    const look = (): ShellState => ({
      ...blankState(10, 3),
      screen: emulator.snapshot(),
      scrolled: { end: emulator.scrolled, first: emulator.scrolled, rows: [], shared: (line) => log.shared(line) },
    });
    emulator.write(new TextEncoder().encode('a\r\nb\r\nc'));
    const base = look();
    emulator.write(new TextEncoder().encode('\r\nd\r\ne\r\nf\r\ng'));
    const made = shellCodec.patch(base, shellCodec.diff(base, look()));
    expect(made.scrolled).toEqual({ end: 4, first: 0, rows: base.screen.rows.slice(0, 3) });
    expect(shellCodec.patch(made, shellCodec.diff(made, look())).scrolled).toEqual({ end: 4, first: 4, rows: [] });
  });

  it('makes states whose size counts what was copied, and the links, each once a row', () => {
    const plain = blankState(80, 24);
    const emulator = new Emulator({ cols: 80, rows: 24 });
    const uri = `http://a/${'x'.repeat(1_991)}`;
    emulator.write(new TextEncoder().encode(`\x1b]8;;${uri}\x07name\x1b]8;;\x07`));
    const linked = { ...plain, screen: emulator.snapshot() };
    expect(shellCodec.size(linked)).toBeGreaterThanOrEqual(shellCodec.size(plain) + 2_000);
    expect(shellCodec.size(linked)).toBeLessThan(shellCodec.size(plain) + 3_000);
    const copied = { selection: 'c' as const, bytes: new Uint8Array(65_536) };
    const { screen } = plain;
    const full = { ...plain, screen: { ...screen, properties: { ...screen.properties, copied } } };
    expect(shellCodec.size(full)).toBe(shellCodec.size(plain) + 65_536);
  });

  it('leaves out a screen that is another object and shows the same', () => {
    expect(shellCodec.diff(blankState(80, 24), blankState(80, 24))).toEqual(Uint8Array.of(0));
  });

  it('is refused, and nothing else, when it is of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), arbitraryTty, (bytes, tty) => {
        const base: ShellState = { ...blankState(20, 5), echoed: 7, tty };
        try {
          const made = shellCodec.patch(base, bytes);
          expect(made.echoed).toBeGreaterThanOrEqual(7);
          expect(Number.isSafeInteger(made.echoed)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is refused when it is empty, has flags of no terminal, or an offset that no number holds', () => {
    const base: ShellState = { ...blankState(20, 5), echoed: Number.MAX_SAFE_INTEGER };
    for (const bytes of [[], [1], [1, 2], [1, 9, 0, 0, 0, 0], [1, 1, 0, 0, 0], [4], [2, 1, 2], [2, 9, 6], [2, 9]])
      expect(() => shellCodec.patch(base, Uint8Array.from(bytes))).toThrow(DecodeError);
  });
});
