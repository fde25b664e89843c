import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DATAGRAM_LADDER } from '../../protocol/constants.ts';
import { DatagramSize } from '../../protocol/transport/mtu.ts';

describe('the size of datagrams', () => {
  it('goes down the ladder when the socket refuses', () => {
    const size = new DatagramSize();
    expect(size.limit).toBe(1_200);
    expect(size.refused(1_200)).toBe(true);
    expect(size.limit).toBe(1_000);
    expect(size.refused(1_200)).toBe(false);
    expect(size.limit).toBe(1_000);
    expect(size.refused(700)).toBe(true);
    expect(size.limit).toBe(548);
    expect(size.refused(100)).toBe(false);
    expect(size.limit).toBe(548);
  });

  it('goes down when four large datagrams in a row are lost', () => {
    const size = new DatagramSize();
    for (let i = 0; i < 3; i++) size.onLost(1_200);
    size.onAcked(40);
    expect(size.limit).toBe(1_200);
    size.onLost(1_200);
    expect(size.limit).toBe(1_000);
  });

  it('stays when large datagrams arrive between, or small ones are lost', () => {
    const size = new DatagramSize();
    for (let i = 0; i < 40; i++) {
      size.onLost(1_200);
      if (i % 3 === 2) size.onAcked(1_100);
      size.onLost(500);
    }
    expect(size.limit).toBe(1_200);
  });

  it('never grows but on another path, whatever is lost late', () => {
    const step = fc.record({
      what: fc.constantFrom('lost', 'acked', 'refused'),
      size: fc.integer({ min: 32, max: 1_200 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const size = new DatagramSize();
        let before = size.limit;
        for (const { what, size: bytes } of steps) {
          if (what === 'lost') size.onLost(bytes);
          else if (what === 'acked') size.onAcked(bytes);
          else size.refused(bytes);
          expect(size.limit).toBeLessThanOrEqual(before);
          expect(DATAGRAM_LADDER).toContain(size.limit);
          before = size.limit;
        }
        size.reset();
        expect(size.limit).toBe(1_200);
      }),
    );
  });

  it('is not brought down further by what was sent before the last step', () => {
    const size = new DatagramSize();
    for (let i = 0; i < 12; i++) size.onLost(1_200);
    expect(size.limit).toBe(1_000);
  });
});
