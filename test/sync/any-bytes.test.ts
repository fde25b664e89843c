/**
 * Every decoder of the wire, given anything: it gives a value or throws a DecodeError, and what it gives takes no more memory than its bytes
 * and the one screen or line that they may announce. The bytes are random, or valid ones with a few changed, lost or doubled.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError, Writer } from '../../protocol/bytes.ts';
import { decodeLine, encodeLine } from '../../protocol/history/line-codec.ts';
import { RecordReader } from '../../protocol/history/record-reader.ts';
import { shellCodec } from '../../protocol/session/shell.ts';
import { blankState, type ShellState } from '../../protocol/session/shell-state.ts';
import { decodeFacts, encodeFacts, type TerminalFacts } from '../../protocol/session/terminal-facts.ts';
import { compress, expand } from '../../protocol/sync/compression.ts';
import { encodeUserEvent, type UserEvent, UserEventReader } from '../../protocol/sync/user-events.ts';
import { decodeFrames, encodeFrame } from '../../protocol/transport/frames.ts';
import { decodeHeader } from '../../protocol/transport/packet.ts';
import { ANY_SCREEN, arbitraryPair, arbitraryScreen } from '../screen/arbitrary-screen.ts';
import { arbitraryFrame } from '../transport/arbitrary-frame.ts';

/** Bytes of memory that a byte of the wire may become: an object or two of a few fields. */
const BYTES_PER_BYTE = 256;
/** The same for a cell: its words and a place in both of a row's columns. */
const BYTES_PER_CELL = 64;
/** What there may be at all: an answer to nothing. */
const BYTES_ANYWAY = 4_096;

interface Decoder {
  readonly name: string;
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly valid: fc.Arbitrary<Uint8Array>;
  /** Cells that the value may have. */
  readonly cells: (value: unknown) => number;
}

const BASE: ShellState = { ...blankState(20, 8), echoed: 7 };
const LARGEST_DIFF = 4_096;
const LARGEST_ROW = 1_000;

const arbitraryColor = fc.option(fc.nat(0xff_ffff), { nil: undefined });
const arbitraryFacts: fc.Arbitrary<TerminalFacts> = fc.record({
  widths: fc.record({ graphemes: fc.boolean(), emojiPresentation: fc.boolean(), ambiguousWide: fc.boolean() }),
  keyboard: fc.boolean(),
  otherKeys: fc.boolean(),
  clipboardReading: fc.boolean(),
  cellWidth: fc.nat(255),
  cellHeight: fc.nat(255),
  palette: fc.array(arbitraryColor, { minLength: 16, maxLength: 16 }),
  foreground: arbitraryColor,
  background: arbitraryColor,
  cursor: arbitraryColor,
});

const arbitraryEvent: fc.Arbitrary<UserEvent> = fc.oneof(
  fc.record({ kind: fc.constant('keys' as const), bytes: fc.uint8Array({ maxLength: 70 }) }),
  fc.record({ kind: fc.constant('resize' as const), cols: fc.nat(1_100), rows: fc.nat(1_100) }),
  fc.record({ kind: fc.constant('facts' as const), facts: arbitraryFacts }),
);

const arbitraryLines: fc.Arbitrary<Uint8Array[]> = arbitraryScreen(ANY_SCREEN).map(({ rows }) => rows.map(encodeLine));

const DECODERS: readonly Decoder[] = [
  {
    name: 'the frames of a datagram',
    decode: decodeFrames,
    valid: fc.array(arbitraryFrame, { minLength: 1, maxLength: 4 }).map((frames) =>
      written((writer) => {
        for (const frame of frames) encodeFrame(writer, frame);
      }),
    ),
    cells: () => 0,
  },
  { name: 'the head of a datagram', decode: decodeHeader, valid: fc.uint8Array({ maxLength: 40 }), cells: () => 0 },
  {
    name: 'the difference of two states',
    decode: (bytes) => shellCodec.patch(BASE, bytes),
    valid: fc
      .record({ pair: arbitraryPair(ANY_SCREEN), echoed: fc.nat(1_000) })
      .map(({ pair: [, screen], echoed }) => shellCodec.diff(BASE, { ...BASE, screen, echoed: BASE.echoed + echoed })),
    cells: (value) => {
      const { screen } = value as ShellState;
      return screen.cols * screen.rows.length;
    },
  },
  {
    name: 'a deflated difference',
    decode: (bytes) => expand(bytes, LARGEST_DIFF),
    valid: fc.uint8Array({ maxLength: 20 }).map((bytes) =>
      compress(
        Uint8Array.from(
          Array(150)
            .fill([...bytes])
            .flat(),
        ),
      ),
    ),
    cells: () => LARGEST_DIFF / BYTES_PER_CELL,
  },
  {
    name: 'events of the input stream',
    decode: events,
    valid: fc.array(arbitraryEvent, { maxLength: 4 }).map((list) =>
      written((writer) => {
        for (const event of list) writer.bytes(encodeUserEvent(event));
      }),
    ),
    cells: () => 0,
  },
  { name: "a terminal's facts", decode: decodeFacts, valid: arbitraryFacts.map(encodeFacts), cells: () => 0 },
  {
    name: 'a line of the history',
    decode: decodeLine,
    valid: arbitraryLines.map(([line = new Uint8Array(0)]) => line),
    cells: () => LARGEST_ROW,
  },
  {
    name: 'records of the history',
    decode: (bytes) => new RecordReader().push(bytes),
    valid: fc.record({ first: fc.nat(100_000), lines: arbitraryLines }).map(({ first, lines }) =>
      written((writer) => {
        const payload = compress(
          written((body) => {
            for (const line of lines) {
              body.varint(line.length);
              body.bytes(line);
            }
          }),
        );
        writer.varint(first);
        writer.varint(lines.length);
        writer.varint(payload.length);
        writer.bytes(payload);
      }),
    ),
    // A record of 32,768 bytes at most, however well it is deflated.
    cells: () => 32_768 / BYTES_PER_CELL,
  },
];

const arbitraryMutations = fc.array(
  fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), kind: fc.nat(3) }),
  { maxLength: 4 },
);

describe.each(DECODERS)('any bytes read as $name', ({ decode, valid, cells }) => {
  test('give a value or a DecodeError, in bounded memory', () => {
    const mutated = fc.tuple(valid, arbitraryMutations).map(([bytes, mutations]) => mutate(bytes, mutations));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), { weight: 2, arbitrary: mutated }), (bytes) => {
        const value = decoded(decode, bytes);
        if (value === undefined) return;
        const bound = BYTES_ANYWAY + bytes.length * BYTES_PER_BYTE + cells(value) * BYTES_PER_CELL;
        expect(weightOf(value, new Set())).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 600 },
    );
  });

  test('give a value when they are valid', () => {
    fc.assert(
      fc.property(valid, (bytes) => {
        expect(() => decode(bytes)).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });
});

function decoded(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function events(bytes: Uint8Array): readonly UserEvent[] {
  let at = 0;
  const reader = new UserEventReader((max) => {
    const taken = bytes.subarray(at, at + max);
    at += taken.length;
    return taken.length === 0 ? undefined : taken;
  });
  const list: UserEvent[] = [];
  for (let event = reader.next(64); event !== undefined; event = reader.next(64)) list.push(event);
  return list;
}

function mutate(
  bytes: Uint8Array,
  mutations: readonly { readonly at: number; readonly byte: number; readonly kind: number }[],
): Uint8Array {
  const changed = [...bytes];
  for (const { at, byte, kind } of mutations) {
    const index = at % (changed.length + 1);
    if (kind === 0) changed[index] = byte;
    else if (kind === 1) changed.splice(index, 1);
    else if (kind === 2) changed.splice(index, 0, byte);
    else changed.splice(index);
  }
  return Uint8Array.from(changed);
}

function written(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer();
  write(writer);
  return writer.finish();
}

/** About how many bytes of memory a value takes, what it shares counted once. */
function weightOf(value: unknown, seen: Set<unknown>): number {
  if (typeof value === 'string') return 16 + 2 * value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (seen.has(value)) return 8;
  seen.add(value);
  if (value instanceof Uint8Array || value instanceof Uint32Array) return 64 + value.byteLength;
  const parts: unknown[] = Symbol.iterator in value ? [...(value as Iterable<unknown>)] : Object.values(value);
  return parts.reduce<number>((sum, part) => sum + weightOf(part, seen), 32);
}
