/** Frames of every kind with values from everywhere in their range, for properties: well formed, and mostly nonsense. */

import fc from 'fast-check';
import { MAX_ACK_RANGES, MAX_DATAGRAM, MAX_DIFF_BYTES } from '../../protocol/constants.ts';
import type { AckFrame, Frame, StateFrame } from '../../protocol/transport/frames.ts';

/** What a varint holds, with its edges and with the small numbers that mean something. */
export const arbitraryVarint: fc.Arbitrary<number> = fc.oneof(
  fc.nat(200),
  fc.constantFrom(63, 64, 16_383, 16_384, 2 ** 30 - 1, 2 ** 30, 2 ** 48 - 1, Number.MAX_SAFE_INTEGER),
  fc.maxSafeNat(),
);

const bytes = fc.uint8Array({ maxLength: 80 });

const arbitraryAck: fc.Arbitrary<AckFrame> = fc
  .record({
    start: arbitraryVarint,
    steps: fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { minLength: 1, maxLength: MAX_ACK_RANGES }),
    delay: fc.nat(1_000_000),
  })
  .map(({ start, steps, delay }) => {
    const ranges: { first: number; last: number }[] = [];
    let below = Math.max(start, 2_000);
    for (const [gap, length] of steps) {
      const last = below - 2 - gap;
      const first = last - length;
      ranges.push({ first, last });
      below = first;
    }
    return { kind: 'ack', ranges, delayMs: delay / 10 };
  });

const arbitraryState: fc.Arbitrary<StateFrame> = fc
  .record({
    numbers: fc.tuple(arbitraryVarint, arbitraryVarint, arbitraryVarint),
    part: fc.boolean(),
    total: fc.oneof(fc.nat(500), fc.nat(MAX_DIFF_BYTES)),
    offset: fc.nat(MAX_DIFF_BYTES),
    bytes,
  })
  .map(({ numbers, part, total, offset, bytes }) => {
    const [oldest = 0, base = 0, number = 0] = [...numbers].sort((a, b) => a - b);
    const whole = Math.max(total, bytes.length);
    return {
      kind: 'state',
      number: number > base ? number : base === Number.MAX_SAFE_INTEGER ? base : base + 1,
      base: number > base || base < Number.MAX_SAFE_INTEGER ? base : base - 1,
      oldest: Math.min(oldest, base - (number > base || base < Number.MAX_SAFE_INTEGER ? 0 : 1)),
      total: part ? whole : bytes.length,
      offset: part ? Math.min(offset, whole - bytes.length) : 0,
      bytes,
    };
  });

const eight = fc.uint8Array({ minLength: 8, maxLength: 8 });
const publicKey = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** Any frame. */
export const arbitraryFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.constant<Frame>({ kind: 'ping' }),
  arbitraryAck,
  fc.record({ kind: fc.constantFrom('path-challenge' as const, 'path-response' as const), data: eight }),
  fc.record({
    kind: fc.constantFrom('key-offer' as const, 'key-answer' as const),
    phase: arbitraryVarint,
    publicKey,
  }),
  fc.record({
    kind: fc.constant('close' as const),
    status: fc.nat(255),
    finalState: arbitraryVarint,
    reason: fc.string({ maxLength: 60, unit: 'grapheme' }),
  }),
  fc.record({
    kind: fc.constant('stream' as const),
    stream: fc.oneof(fc.constant(0), arbitraryVarint),
    offset: fc.oneof(fc.nat(300), arbitraryVarint),
    bytes,
  }),
  fc.record({ kind: fc.constant('stream-room' as const), stream: fc.constantFrom(0, 1), limit: arbitraryVarint }),
  arbitraryState,
  fc.record({ kind: fc.constant('state-ack' as const), number: arbitraryVarint }),
  fc
    .tuple(
      fc.constantFrom('history-need' as const, 'history-fill' as const),
      fc.nat(2 ** 40),
      fc.integer({ min: 1, max: 2 ** 20 }),
    )
    .map(([kind, from, lines]) => ({ kind, from, to: from + lines })),
);

/** Longest plaintext of a datagram. */
export const MAX_PLAINTEXT = MAX_DATAGRAM - 31;
