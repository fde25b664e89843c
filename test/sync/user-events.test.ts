import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../protocol/bytes.ts';
import {
  decodeFacts,
  encodeFacts,
  type TerminalFacts,
  UNKNOWN_TERMINAL,
} from '../../protocol/session/terminal-facts.ts';
import { encodeUserEvent, type UserEvent, UserEventReader } from '../../protocol/sync/user-events.ts';

/** Bytes that come in pieces; `take` never gives from two at once. */
class Pieces {
  readonly #pieces: Uint8Array[] = [];

  add(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#pieces.push(bytes);
  }

  readonly take = (max: number): Uint8Array | undefined => {
    const first = this.#pieces[0];
    if (first === undefined || max <= 0) return undefined;
    const bytes = first.subarray(0, max);
    if (bytes.length === first.length) this.#pieces.shift();
    else this.#pieces[0] = first.subarray(max);
    return bytes;
  };
}

/** Events with keys that follow each other put together, as text. */
function told(events: readonly UserEvent[]): string[] {
  const lines: string[] = [];
  let keys: number[] = [];
  const flush = (): void => {
    if (keys.length > 0) lines.push(keys.join(' '));
    keys = [];
  };
  for (const event of events) {
    if (event.kind === 'keys') keys.push(...event.bytes);
    else {
      flush();
      if (event.kind === 'facts') lines.push(JSON.stringify(event.facts));
      else lines.push(`${event.cols}x${event.rows}`);
    }
  }
  flush();
  return lines;
}

const side = fc.integer({ min: 1, max: 1_000 });
const color = fc.option(fc.integer({ min: 0, max: 0xffffff }), { nil: undefined });
const facts: fc.Arbitrary<TerminalFacts> = fc.record({
  widths: fc.record({ graphemes: fc.boolean(), emojiPresentation: fc.boolean(), ambiguousWide: fc.boolean() }),
  keyboard: fc.boolean(),
  otherKeys: fc.boolean(),
  clipboardReading: fc.boolean(),
  cellWidth: fc.integer({ min: 0, max: 255 }),
  cellHeight: fc.integer({ min: 0, max: 255 }),
  palette: fc.array(color, { minLength: 16, maxLength: 16 }),
  foreground: color,
  background: color,
  cursor: color,
});
const event: fc.Arbitrary<UserEvent> = fc.oneof(
  fc.record({ kind: fc.constant('keys' as const), bytes: fc.uint8Array({ maxLength: 100 }) }),
  fc.record({ kind: fc.constant('resize' as const), cols: side, rows: side }),
  fc.record({ kind: fc.constant('facts' as const), facts }),
);

describe('user events', () => {
  it('come out as they went in, cut anywhere, read at any pace', () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 50 }),
        (events, cuts, maxKeys) => {
          const bytes = Uint8Array.from(events.flatMap((one) => [...encodeUserEvent(one)]));
          const pieces = new Pieces();
          const reader = new UserEventReader(pieces.take);
          const heard: UserEvent[] = [];
          let at = 0;
          for (let i = 0; at < bytes.length; i++) {
            const length = cuts[i % cuts.length] ?? 1;
            pieces.add(bytes.subarray(at, at + length));
            at += length;
            for (let next = reader.next(maxKeys); next !== undefined; next = reader.next(maxKeys)) {
              if (next.kind === 'keys') expect(next.bytes.length).toBeLessThanOrEqual(maxKeys);
              heard.push(next);
            }
          }
          expect(told(heard)).toEqual(told(events));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('take a long paste apart', () => {
    const bytes = encodeUserEvent({ kind: 'keys', bytes: new Uint8Array(40_000) });
    expect(bytes.length).toBe(40_000 + 2 + 2 + 2);
  });

  it('are nothing for no keys', () => {
    expect(encodeUserEvent({ kind: 'keys', bytes: new Uint8Array(0) })).toHaveLength(0);
  });

  it('are told or refused, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const pieces = new Pieces();
        pieces.add(bytes);
        const reader = new UserEventReader(pieces.take);
        try {
          for (let count = 0; reader.next(10) !== undefined; count++) expect(count).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a terminal's facts", () => {
  it('come out as they went in, colours that it did not tell too', () => {
    fc.assert(
      fc.property(facts, (told) => {
        expect(decodeFacts(encodeFacts(told))).toEqual(told);
      }),
    );
    expect(encodeFacts(UNKNOWN_TERMINAL)).toEqual(new Uint8Array(7));
  });

  it('count as unknown where they are out of range', () => {
    const odd = { ...UNKNOWN_TERMINAL, cellWidth: 300, cellHeight: -1 };
    expect(decodeFacts(encodeFacts(odd))).toMatchObject({ cellWidth: 0, cellHeight: 0 });
  });

  it.each([
    ['an unknown flag', [64, 0, 0, 0, 0, 0, 0]],
    ['an unknown colour', [0, 0, 0, 0, 8, 0, 0, 1, 2, 3]],
    ['half a colour', [0, 0, 0, 0, 0, 0, 1, 1, 2]],
    ['bytes too many', [0, 0, 0, 0, 0, 0, 0, 0]],
  ])('are refused with %s', (_, bytes) => {
    expect(() => decodeFacts(Uint8Array.from(bytes))).toThrow(DecodeError);
  });
});
