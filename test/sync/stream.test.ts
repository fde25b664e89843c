import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../protocol/bytes.ts';
import { RIDE_BYTES, STREAM_WINDOW } from '../../protocol/constants.ts';
import { StreamReceiver } from '../../protocol/sync/stream-receiver.ts';
import { StreamSender } from '../../protocol/sync/stream-sender.ts';
import { ContentLink } from './content-link.ts';

/** The byte at an offset: so that a byte tells where it belongs. */
function byteAt(offset: number): number {
  return (offset * 131 + (offset >> 8)) & 0xff;
}

class World {
  readonly sender = new StreamSender(0);
  readonly receiver = new StreamReceiver(0);
  readonly up = new ContentLink(this.sender, this.receiver);
  readonly down = new ContentLink(this.receiver, this.sender);
  pushed = 0;
  taken = 0;

  push(length: number): void {
    this.sender.push(Uint8Array.from({ length }, (_, i) => byteAt(this.pushed + i)));
    this.pushed += length;
  }

  take(max: number): void {
    for (let left = max; left > 0; ) {
      const bytes = this.receiver.take(left);
      if (bytes === undefined) return;
      const wrong = bytes.findIndex((byte, i) => byte !== byteAt(this.taken + i));
      if (wrong >= 0) throw new Error(`Byte ${this.taken + wrong} is not the one that was pushed`);
      this.taken += bytes.length;
      left -= bytes.length;
    }
  }

  /** Everything gets through from now on. */
  settle(): void {
    for (let round = 0; round < 5_000; round++) {
      let moved = this.up.send(0, 1_000, round % 50 === 49);
      while (this.up.deliver(0, 0)) moved = true;
      this.up.confirm(0);
      this.take(100_000);
      moved = this.down.send(0, 1_000) || moved;
      while (this.down.deliver(0, 0)) moved = true;
      this.down.confirm(0);
      if (!moved && !this.sender.pending && this.taken === this.pushed) return;
    }
  }
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      n: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.nat(5_000)),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), n: fc.integer({ min: 40, max: 1_170 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('deliver' as const, 'double' as const, 'lose' as const, 'misjudge' as const),
      n: fc.nat(20),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('confirm' as const, 'forget' as const, 'probe' as const, 'room' as const),
      n: fc.nat(20),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('take' as const), n: fc.nat(3_000) }) },
);

describe('a stream', () => {
  it('brings every byte once, in order, over any link and to a reader of any pace', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const world = new World();
        for (const { do: what, n } of steps) {
          if (what === 'push') world.push(n);
          else if (what === 'send') world.up.send(0, n);
          else if (what === 'probe') world.up.send(0, 1_000, true);
          else if (what === 'deliver' || what === 'double') world.up.deliver(0, n, what === 'double');
          else if (what === 'lose') world.up.lose(0, n);
          else if (what === 'misjudge') world.up.misjudge(0, n);
          else if (what === 'confirm') world.up.confirm(0);
          else if (what === 'forget') world.up.forget(0);
          else if (what === 'take') world.take(n);
          else if (world.down.send(0, 100)) {
            if (n % 2 === 0) world.down.lose(0, 0);
            else world.down.deliver(0, 0);
            world.down.confirm(0);
          }
        }
        world.settle();
        expect(world.taken).toBe(world.pushed);
        expect(world.sender.unacknowledged).toBe(0);
        expect(world.sender.pending).toBe(false);
        expect(world.receiver.taken).toBe(world.pushed);
      }),
      { numRuns: 150 },
    );
  });

  it('stops at the window while the reader does not read, and goes on when it does', () => {
    const world = new World();
    world.push(STREAM_WINDOW + 100_000);
    while (world.up.send(0, 1_000)) world.up.deliver(0, 0);
    world.up.confirm(0);
    expect(world.sender.unacknowledged).toBe(100_000);
    expect(world.sender.sendAt).toBe(Number.POSITIVE_INFINITY);
    world.take(STREAM_WINDOW / 2 - 1);
    expect(world.receiver.sendAt).toBe(Number.POSITIVE_INFINITY);
    world.take(1);
    expect(world.down.send(0, 100)).toBe(true);
    world.down.deliver(0, 0);
    expect(world.sender.sendAt).toBe(Number.NEGATIVE_INFINITY);
    world.settle();
    expect(world.taken).toBe(world.pushed);
  });

  it('repeats a window that was lost on its way', () => {
    const world = new World();
    world.push(STREAM_WINDOW + 1);
    while (world.up.send(0, 1_000)) world.up.deliver(0, 0);
    world.up.confirm(0);
    world.take(STREAM_WINDOW);
    expect(world.down.send(0, 100)).toBe(true);
    expect(world.receiver.pending).toBe(true);
    expect(world.down.send(0, 100)).toBe(false);
    world.down.lose(0, 0);
    expect(world.down.send(0, 100)).toBe(true);
    world.down.deliver(0, 0);
    world.down.confirm(0);
    expect(world.receiver.pending).toBe(false);
    expect(world.sender.sendAt).toBe(Number.NEGATIVE_INFINITY);
  });

  it('carries all that is unacknowledged in each packet while it is little', () => {
    const world = new World();
    for (let key = 1; key <= RIDE_BYTES; key++) {
      world.push(1);
      world.up.send(0, 1_000);
      if (key < RIDE_BYTES) world.up.lose(0, 0);
    }
    world.up.deliver(0, 0);
    world.take(1_000);
    expect(world.taken).toBe(RIDE_BYTES);
  });

  it('is urgent while it is little', () => {
    const sender = new StreamSender(0);
    sender.push(new Uint8Array(RIDE_BYTES));
    expect(sender.urgent).toBe(true);
    sender.push(new Uint8Array(1));
    expect(sender.urgent).toBe(false);
  });

  it('refuses bytes beyond the window, whatever their offset', () => {
    for (const offset of [STREAM_WINDOW, 2 ** 48, Number.MAX_SAFE_INTEGER]) {
      const receiver = new StreamReceiver(0);
      const frame = { kind: 'stream', stream: 0, offset, bytes: new Uint8Array(1) } as const;
      expect(() => receiver.receive(0, frame)).toThrow(DecodeError);
      expect(receiver.take(10)).toBeUndefined();
    }
  });

  it('keeps no more than it has room for of a sender who leaves gaps on purpose', () => {
    const receiver = new StreamReceiver(0);
    const fill = (): void => {
      for (let offset = 1; offset < STREAM_WINDOW; offset += 2)
        receiver.receive(0, { kind: 'stream', stream: 0, offset, bytes: Uint8Array.of(1) });
    };
    expect(fill).toThrow('too many pieces');
  });

  it('is none of another stream', () => {
    expect(new StreamReceiver(0).receive(0, { kind: 'stream', stream: 1, offset: 0, bytes: new Uint8Array(1) })).toBe(
      false,
    );
    expect(new StreamSender(0).receive(0, { kind: 'stream-room', stream: 1, limit: 9 })).toBe(false);
  });

  it('does not take a smaller limit back', () => {
    const sender = new StreamSender(0);
    sender.receive(0, { kind: 'stream-room', stream: 0, limit: 0 });
    sender.push(new Uint8Array(1));
    expect(sender.sendAt).toBe(Number.NEGATIVE_INFINITY);
  });
});
