/** The packets under way come out in order of their times, whole, whatever the order they went in. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeliveryQueue } from '../../bench/link/delivery-queue.ts';

test('packets leave in the order of their times, and those of one time in the order they came', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 300 }), (times) => {
      const queue = new DeliveryQueue(16);
      for (const [index, at] of times.entries()) queue.add(at, new Uint8Array([index & 255, index >> 8]));
      const out: number[] = [];
      while (
        queue.takeDue(1000, ({ bytes, length }) =>
          out.push(length === 2 ? (bytes[0] ?? 0) + (bytes[1] ?? 0) * 256 : -1),
        )
      );
      const expected = [...times.keys()].sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
      expect(out).toEqual(expected);
      expect(queue.length).toBe(0);
    }),
  );
});

test('nothing leaves before it is due', () => {
  const queue = new DeliveryQueue(16);
  expect(queue.nextAt).toBe(Number.POSITIVE_INFINITY);
  queue.add(5, new Uint8Array(3));
  expect(queue.nextAt).toBe(5);
  expect(queue.takeDue(4.9, () => {})).toBe(false);
  expect(queue.takeDue(5, () => {})).toBe(true);
});

test('a packet is copied when it goes in, so the reader may use its buffer again', () => {
  const queue = new DeliveryQueue(16);
  const packet = new Uint8Array([1, 2, 3]);
  queue.add(0, packet);
  packet.fill(9);
  const seen: number[][] = [];
  queue.takeDue(0, ({ bytes, length }) => seen.push([...bytes.subarray(0, length)]));
  expect(seen).toEqual([[1, 2, 3]]);
});

test('the number under way is bounded', () => {
  const queue = new DeliveryQueue(1);
  const packet = new Uint8Array(1);
  let taken = 0;
  while (taken <= 100_000 && queue.add(taken, packet)) taken++;
  expect(taken).toBe(65_536);
});
