import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError, Writer } from '../../protocol/bytes.ts';
import { MAX_ACK_RANGES, MAX_DATAGRAM, MAX_REASON_BYTES } from '../../protocol/constants.ts';
import { decodeFrames, encodeFrame, type Frame, framesOf, isEliciting } from '../../protocol/transport/frames.ts';
import { connectionKey, decodeHeader, encodeHeader } from '../../protocol/transport/packet.ts';
import { arbitraryFrame, MAX_PLAINTEXT } from './arbitrary-frame.ts';

function encode(...frames: readonly Frame[]): Uint8Array {
  const writer = new Writer();
  for (const frame of frames) encodeFrame(writer, frame);
  return writer.finish();
}

/** Comparable: arrays of bytes as plain arrays. */
function plain(frames: readonly Frame[]): unknown {
  return JSON.parse(JSON.stringify(frames, (_key, value) => (value instanceof Uint8Array ? [...value] : value)));
}

describe('frames', () => {
  it('come back as they went, any number of them', () => {
    fc.assert(
      fc.property(fc.array(arbitraryFrame, { maxLength: 5 }), (frames) => {
        expect(plain(decodeFrames(encode(...frames)))).toEqual(plain(frames));
      }),
      { numRuns: 500 },
    );
  });

  it('are told or refused whole, whatever the bytes', () => {
    const mangled = fc
      .tuple(fc.array(arbitraryFrame, { minLength: 1, maxLength: 4 }), fc.nat(), fc.nat(255), fc.nat())
      .map(([frames, at, byte, cut]) => {
        const bytes = encode(...frames);
        bytes[at % bytes.length] = byte;
        return bytes.subarray(0, bytes.length - (cut % 3));
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: MAX_PLAINTEXT }), mangled), (bytes) => {
        try {
          const frames = decodeFrames(bytes);
          expect(frames.length).toBeLessThanOrEqual(bytes.length);
          for (const frame of frames) {
            if (frame.kind === 'ack') {
              expect(frame.ranges.length).toBeLessThanOrEqual(MAX_ACK_RANGES);
              let below = Number.POSITIVE_INFINITY;
              for (const { first, last } of frame.ranges) {
                expect(first).toBeGreaterThanOrEqual(0);
                expect(last).toBeGreaterThanOrEqual(first);
                expect(last).toBeLessThan(below);
                below = first;
              }
            }
            if (frame.kind === 'state') {
              expect(frame.oldest).toBeGreaterThanOrEqual(0);
              expect(frame.base).toBeLessThan(frame.number);
              expect(frame.offset + frame.bytes.length).toBeLessThanOrEqual(frame.total);
            }
          }
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          expect(framesOf(bytes)).toBeUndefined();
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('have these bytes: SPEC.md §4', () => {
    const hex = (frame: Frame): string => Buffer.from(encode(frame)).toString('hex');
    expect(hex({ kind: 'ping' })).toBe('01');
    const ranges = [
      { first: 8, last: 10 },
      { first: 3, last: 5 },
      { first: 0, last: 0 },
    ];
    // newest 10, delay 25.0 ms in tenths, length 2, count 2; gap 8 - 5 - 2 = 1, length 2; gap 3 - 0 - 2 = 1, length 0.
    expect(hex({ kind: 'ack', ranges, delayMs: 25 })).toBe(`020a40fa0202${'0102'}${'0100'}`);
    expect(hex({ kind: 'path-challenge', data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) })).toBe('030102030405060708');
    expect(hex({ kind: 'path-response', data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) })).toBe('040102030405060708');
    expect(hex({ kind: 'key-offer', phase: 1, publicKey: new Uint8Array(32).fill(9) })).toBe(`0501${'09'.repeat(32)}`);
    expect(hex({ kind: 'key-answer', phase: 1, publicKey: new Uint8Array(32).fill(9) })).toBe(`0601${'09'.repeat(32)}`);
    expect(hex({ kind: 'close', status: 3, finalState: 7, reason: 'é' })).toBe('07030702c3a9');
    expect(hex({ kind: 'stream', stream: 0, offset: 100, bytes: Uint8Array.of(1, 0x61) })).toBe('08004064020161');
    expect(hex({ kind: 'stream-room', stream: 0, limit: 262_144 })).toBe('090080040000');
    const state = { kind: 'state', number: 9, base: 7, oldest: 4, bytes: Uint8Array.of(0xaa) } as const;
    expect(hex({ ...state, total: 1, offset: 0 })).toBe('0a09020301aa');
    expect(hex({ ...state, total: 3, offset: 2 })).toBe('0b090203030201aa');
    expect(hex({ kind: 'state-ack', number: 9 })).toBe('0c09');
  });

  it('ask for an acknowledgement unless they are one, or a response', () => {
    const silent = ['ack', 'path-response', 'state-ack', 'history-need', 'history-fill'];
    fc.assert(fc.property(arbitraryFrame, (frame) => isEliciting(frame) === !silent.includes(frame.kind)));
  });

  it('leave nothing of padding', () => {
    expect(decodeFrames(new Uint8Array(100))).toEqual([]);
    expect(decodeFrames(Uint8Array.of(0, 1, 0, 0, 1))).toEqual([{ kind: 'ping' }, { kind: 'ping' }]);
  });

  it('of types that are not known are refused', () => {
    for (let type = 0x0f; type < 0x100; type++) expect(() => decodeFrames(Uint8Array.of(type))).toThrow('is unknown');
  });

  it('are refused when they name what can not be', () => {
    for (const bad of [
      [0x02, 5, 0, 6, 0], // a range from -1
      [0x02, 5, 0, 0, 1, 4, 0], // a second one at -1
      [0x02, 60, 0, 0, 32], // 33 ranges
      [0x02, 5, 0x80, 0x0f, 0x42, 0x41, 0, 0], // 100.0001 s of delay
      [0x0a, 5, 0, 0, 0], // a state from itself
      [0x0a, 5, 6, 0, 0], // from one that never was
      [0x0a, 5, 1, 5, 0], // with an oldest below 0
      [0x0b, 5, 1, 0, 3, 3, 1, 0xaa], // a part behind the whole
      [0x0b, 5, 1, 0, 0x81, 0, 0, 1, 0, 0], // of more than 16 MiB
      [0x07, 0, 0, 0x41, 0x01], // a reason of 257 bytes
      [0x03, 1, 2, 3, 4, 5, 6, 7], // 7 bytes of challenge
    ])
      expect(() => decodeFrames(Uint8Array.from(bad))).toThrow(DecodeError);
  });

  it('cut a reason at 256 bytes', () => {
    expect(encode({ kind: 'close', status: 0, finalState: 0, reason: 'x'.repeat(999) })).toHaveLength(
      5 + MAX_REASON_BYTES,
    );
  });
});

describe('a packet header', () => {
  const id = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

  it('comes back as it went', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000),
        fc.nat(2 ** 48 - 1),
        fc.uint8Array({ minLength: 16, maxLength: 40 }),
        (phase, number, sealed) => {
          const header = encodeHeader(phase, id, number);
          expect(header).toHaveLength(15);
          const decoded = decodeHeader(Uint8Array.from([...header, ...sealed]));
          expect(decoded?.phaseBits).toBe(phase % 4);
          expect(decoded?.packetNumber).toBe(number);
          expect([...(decoded?.connectionId ?? [])]).toEqual([...id]);
          expect([...(decoded?.bytes ?? [])]).toEqual([...header]);
          expect([...(decoded?.sealed ?? [])]).toEqual([...sealed]);
        },
      ),
    );
  });

  it('is none when the datagram is too short, or begins otherwise', () => {
    const datagram = new Uint8Array(MAX_DATAGRAM).fill(0x41);
    expect(decodeHeader(datagram.subarray(0, 30))).toBeUndefined();
    expect(connectionKey(datagram.subarray(0, 30))).toBeUndefined();
    expect(decodeHeader(datagram.subarray(0, 31))).toBeDefined();
    expect(connectionKey(datagram)).toBe('41'.repeat(8));
    for (let first = 0; first < 0x100; first++) {
      datagram[0] = first;
      expect(decodeHeader(datagram) !== undefined).toBe(first >= 0x40 && first <= 0x43);
    }
  });
});
