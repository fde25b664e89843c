import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError, Writer } from '../../protocol/bytes.ts';
import {
  FRAME_BURST,
  FRAME_INTERVAL_MS,
  MAX_DIFF_BYTES,
  MAX_HELD_BYTES,
  MAX_HELD_STATES,
  MAX_PROBED_STATES,
  MAX_SENT_STATES,
} from '../../protocol/constants.ts';
import { MAX_SIDE } from '../../protocol/screen/screen.ts';
import { shellCodec } from '../../protocol/session/shell.ts';
import { blankState } from '../../protocol/session/shell-state.ts';
import { compress } from '../../protocol/sync/compression.ts';
import { StateReceiver } from '../../protocol/sync/state-receiver.ts';
import { StateSender } from '../../protocol/sync/state-sender.ts';
import { decodeFrames, encodeFrame, type StateFrame } from '../../protocol/transport/frames.ts';
import { seededRandom } from '../crypto/random.ts';
import { ContentLink } from './content-link.ts';
import { textCodec } from './text-codec.ts';

class World {
  text = '';
  readonly sender = new StateSender(textCodec, '', () => this.text);
  readonly receiver = new StateReceiver(textCodec, '');
  readonly link = new ContentLink(this.sender, this.receiver);
  now = 0;

  change(text: string): void {
    this.text = text;
    this.sender.touch();
  }

  /** The receiver's acknowledgement, of the newest state and then of the packets, arrives. */
  confirm(): void {
    this.link.hand(this.now, this.link.ride(this.now));
    this.link.confirm(this.now);
  }

  /** Everything gets through from now on. */
  settle(): void {
    for (let round = 0; round < 500 && !(this.sender.settled && this.receiver.state === this.text); round++) {
      this.now += FRAME_INTERVAL_MS;
      this.link.send(this.now, 1_000, round % 10 === 9);
      while (this.link.send(this.now, 1_000));
      while (this.link.deliver(this.now, 0));
      this.confirm();
    }
  }
}

/** Text that no compression makes small. */
function noise(seed: number, length: number): string {
  return String.fromCharCode(...seededRandom(seed)(length).map((byte) => 0x20 + (byte % 95)));
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('append' as const), n: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), n: fc.nat(5_000) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), n: fc.integer({ min: 60, max: 1_170 }) }) },
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
      do: fc.constantFrom('confirm' as const, 'forget' as const, 'probe' as const, 'wait' as const),
      n: fc.nat(100),
    }),
  },
);

describe('state synchronisation', () => {
  it('brings both ends to the same state, whatever was lost, late or doubled', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const world = new World();
        let seed = 0;
        for (const { do: what, n } of steps) {
          if (what === 'append') world.change(world.text + noise(seed++, n));
          else if (what === 'replace') world.change(noise(seed++, n));
          else if (what === 'send') world.link.send(world.now, n);
          else if (what === 'probe') world.link.send(world.now, 1_000, true);
          else if (what === 'deliver' || what === 'double') world.link.deliver(world.now, n, what === 'double');
          else if (what === 'lose') world.link.lose(world.now, n);
          else if (what === 'misjudge') world.link.misjudge(world.now, n);
          else if (what === 'confirm') world.confirm();
          else if (what === 'forget') world.link.forget(world.now);
          else world.now += n;
        }
        world.settle();
        expect(world.receiver.state).toBe(world.text);
        expect(world.sender.settled).toBe(true);
        expect(world.sender.pending).toBe(false);
        expect(world.sender.sendAt).toBe(Number.POSITIVE_INFINITY);
      }),
      { numRuns: 200 },
    );
  });

  it('skips the states between: a link that carries one in ten gets the newest', () => {
    const world = new World();
    for (let i = 1; i <= 100; i++) {
      world.change(`state ${i}`);
      world.now += FRAME_INTERVAL_MS;
      world.link.send(world.now, 1_000);
      if (i % 10 === 0) {
        while (world.link.flying > 1) world.link.lose(world.now, 0);
        world.link.deliver(world.now, 0);
        expect(world.receiver.state).toBe(`state ${i}`);
        world.confirm();
      }
    }
    expect(world.receiver.number).toBe(100);
  });

  it('repairs the loss of a small state with the next, without waiting for anything', () => {
    const world = new World();
    for (const text of ['a', 'ab', 'abc']) {
      world.change(text);
      world.link.send(world.now, 1_000);
    }
    world.link.lose(world.now, 0);
    world.link.lose(world.now, 0);
    world.link.deliver(world.now, 0);
    expect(world.receiver.state).toBe('abc');
  });

  it('sends again no more of a large state than was lost', () => {
    const world = new World();
    world.change(noise(1, 10_000));
    while (world.link.send(world.now, 1_000));
    const packets = world.link.flying;
    const bytes = world.link.bytes;
    world.link.lose(world.now, 3);
    while (world.link.deliver(world.now, 0));
    world.confirm();
    expect(world.receiver.number).toBe(0);
    while (world.link.send(world.now, 1_000));
    expect(world.link.bytes - bytes).toBeLessThan((1.2 * bytes) / packets);
    world.link.deliver(world.now, 0);
    world.confirm();
    expect(world.receiver.state).toBe(world.text);
    expect(world.sender.settled).toBe(true);
  });

  it('sends four frames at once, then one each 20 ms', () => {
    const world = new World();
    const sentAt: number[] = [];
    for (; world.now < 200; world.now++) {
      world.change(`${world.now}`);
      while (world.link.send(world.now, 1_000)) sentAt.push(world.now);
    }
    expect(sentAt.slice(0, FRAME_BURST)).toEqual([0, 1, 2, 3]);
    expect(sentAt.length).toBe(FRAME_BURST + Math.floor(199 / FRAME_INTERVAL_MS));
  });

  it('lets what answers the user go before its turn in a flood', () => {
    const world = new World();
    const flood = (): number => {
      world.now++;
      world.change(`${world.now}`);
      return world.link.send(world.now, 1_000) ? world.now : -1;
    };
    while (world.now < 100) flood();
    while (flood() < 0);
    const before = world.now;
    world.sender.quicken(before);
    let next = -1;
    while (next < 0) next = flood();
    expect(next - before).toBeLessThanOrEqual(5);
  });

  it('waits when as many states are under way as may be, and goes on when one is acknowledged', () => {
    const world = new World();
    for (let i = 0; i < 1_000; i++) {
      world.now += FRAME_INTERVAL_MS;
      world.change(`${i}`);
      world.link.send(world.now, 1_000);
    }
    expect(world.sender.newest).toBe(MAX_SENT_STATES);
    expect(world.sender.sendAt).toBe(Number.POSITIVE_INFINITY);
    for (let i = 0; i < 1_000; i++) {
      world.change(`probed ${i}`);
      world.link.send(world.now, 1_000, true);
    }
    expect(world.sender.newest).toBe(MAX_PROBED_STATES);
    world.link.deliver(world.now, world.link.flying - 1);
    world.confirm();
    expect(world.sender.sendAt).toBeLessThan(Number.POSITIVE_INFINITY);
    world.settle();
    expect(world.receiver.state).toBe(world.text);
  });

  it('sends nothing when nothing has changed, or has changed back', () => {
    const world = new World();
    world.sender.touch();
    expect(world.link.send(0, 1_000)).toBe(false);
    expect(world.sender.settled).toBe(true);
    expect(world.sender.flushed).toBe(true);
  });
});

describe('a receiver of states', () => {
  function stateFrame(number: number, base: number, diff: Uint8Array, oldest = 0): StateFrame {
    const bytes = compress(diff);
    return { kind: 'state', number, base, oldest, total: bytes.length, offset: 0, bytes };
  }

  const receive = <State>(receiver: StateReceiver<State>, frame: StateFrame): boolean => receiver.receive(0, frame);

  it('refuses a difference from another base than its own', () => {
    const receiver = new StateReceiver(textCodec, '');
    receive(receiver, stateFrame(1, 0, textCodec.diff('', 'one')));
    receive(receiver, stateFrame(3, 2, textCodec.diff('two', 'three')));
    expect([receiver.number, receiver.state]).toEqual([1, 'one']);
    expect(() => receive(receiver, stateFrame(2, 0, textCodec.diff('one', 'two')))).toThrow(DecodeError);
    expect([receiver.number, receiver.state]).toEqual([1, 'one']);
  });

  it('takes no notice of what is not newer', () => {
    const receiver = new StateReceiver(textCodec, '');
    receive(receiver, stateFrame(5, 0, textCodec.diff('', 'five')));
    receive(receiver, stateFrame(5, 0, textCodec.diff('', 'other')));
    receive(receiver, stateFrame(4, 0, textCodec.diff('', 'four')));
    expect(receiver.state).toBe('five');
  });

  it('forgets states older than the oldest that may be a base, and applies nothing to them', () => {
    const receiver = new StateReceiver(textCodec, '');
    receive(receiver, stateFrame(1, 0, textCodec.diff('', 'a')));
    receive(receiver, stateFrame(2, 1, textCodec.diff('a', 'b'), 1));
    receive(receiver, stateFrame(3, 0, textCodec.diff('', 'c')));
    expect(receiver.state).toBe('b');
  });

  it('holds no more than 128 states of a sender who never lets one go', () => {
    const receiver = new StateReceiver(textCodec, '');
    let number = 0;
    const more = (): boolean => receive(receiver, stateFrame(number + 1, 0, textCodec.diff('', `${++number}`)));
    while (number < MAX_HELD_STATES - 1) expect(more()).toBe(true);
    expect(more).toThrow(DecodeError);
    expect(receiver.number).toBe(MAX_HELD_STATES - 1);
    expect(receive(receiver, stateFrame(number + 1, 5, textCodec.diff('5', 'on'), 5))).toBe(true);
    expect(receiver.state).toBe('on');
  });

  it('holds no more than 256 MiB of screens, however few bytes they came in, and goes on when it may forget some', () => {
    const small = blankState(80, 24);
    const receiver = new StateReceiver(shellCodec, small);
    const large = shellCodec.diff(small, blankState(MAX_SIDE, MAX_SIDE));
    const fit = Math.floor(MAX_HELD_BYTES / shellCodec.size(blankState(MAX_SIDE, MAX_SIDE)));
    expect(fit).toBeLessThan(MAX_HELD_STATES);
    for (let number = 1; number <= fit; number++) receive(receiver, stateFrame(number, 0, large));
    expect(() => receive(receiver, stateFrame(fit + 1, 0, large))).toThrow(DecodeError);
    expect(receiver.number).toBe(fit);
    receive(receiver, stateFrame(fit + 1, fit, shellCodec.diff(receiver.state, receiver.state), fit));
    expect(receiver.number).toBe(fit + 1);
  });

  it('keeps its state when a difference is refused, and takes the right one after it', () => {
    const receiver = new StateReceiver(textCodec, '');
    receive(receiver, stateFrame(1, 0, textCodec.diff('', 'one')));
    for (const bytes of [new Uint8Array(0), Uint8Array.of(9), Uint8Array.of(1, 5, 0xff), Uint8Array.of(0, 0xff)]) {
      const bad = { ...stateFrame(2, 1, new Uint8Array(0)), bytes, total: bytes.length };
      expect(() => receive(receiver, bad)).toThrow(DecodeError);
    }
    receive(receiver, stateFrame(2, 1, textCodec.diff('one', 'two')));
    expect(receiver.state).toBe('two');
  });

  it('puts together sixteen large differences at a time and 32 MiB in all, and drops the rest', () => {
    const receiver = new StateReceiver(textCodec, '');
    const part = (number: number, total: number, offset: number, bytes: Uint8Array): boolean =>
      receive(receiver, { kind: 'state', number, base: 0, oldest: 0, total, offset, bytes });
    const last = compress(textCodec.diff('', 'late'));
    const parts = (number: number): void => {
      for (let i = 0; i < last.length; i++) part(number, last.length, i, last.subarray(i, i + 1));
    };
    for (let number = 1; number <= 16; number++) part(number, 10, 0, Uint8Array.of(0));
    parts(17);
    expect(receiver.number).toBe(0);
    parts(16);
    expect([receiver.number, receiver.state]).toEqual([16, 'late']);
    for (const number of [20, 21]) part(number, MAX_DIFF_BYTES, 0, Uint8Array.of(0));
    parts(22);
    expect(receiver.number).toBe(16);
    parts(21);
    expect(receiver.number).toBe(21);
  });

  it('bounds the gaps in a difference', () => {
    const receiver = new StateReceiver(textCodec, '');
    const all = (): void => {
      for (let offset = 0; offset < 20_000; offset += 2)
        receive(receiver, {
          kind: 'state',
          number: 1,
          base: 0,
          oldest: 0,
          total: 20_000,
          offset,
          bytes: Uint8Array.of(0),
        });
    };
    expect(all).toThrow('too many are missing');
  });

  it('says its newest state wherever an acknowledgement goes, once it has one', () => {
    const world = new World();
    expect(world.link.ride(0)).toHaveLength(0);
    world.change('a');
    world.link.send(0, 1_000);
    world.link.deliver(0, 0);
    expect(decodeFrames(world.link.ride(0))).toEqual([{ kind: 'state-ack', number: 1 }]);
  });

  it('is heard by a sender only for states that were sent and are newer', () => {
    const world = new World();
    for (const text of ['a', 'b', 'c']) {
      world.change(text);
      world.link.send(0, 1_000);
    }
    const acknowledge = (number: number): void => {
      const writer = new Writer();
      encodeFrame(writer, { kind: 'state-ack', number });
      world.link.hand(0, writer.finish());
    };
    for (const number of [0, 4, 2 ** 48]) acknowledge(number);
    expect(world.sender.settled).toBe(false);
    acknowledge(3);
    expect(world.sender.settled).toBe(true);
    acknowledge(1);
    expect(world.sender.settled).toBe(true);
  });
});
