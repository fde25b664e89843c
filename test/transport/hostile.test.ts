/**
 * What a connection bears: forged bytes from anywhere, and an authentic peer that says what it likes.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Writer } from '../../protocol/bytes.ts';
import { CONNECTION_ID_BYTES, HEADER_BYTES, TAG_BYTES } from '../../protocol/constants.ts';
import { ShellClient } from '../../protocol/session/shell-client.ts';
import { ShellServer } from '../../protocol/session/shell-server.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { Connection } from '../../protocol/transport/connection.ts';
import type { Carried, Content, Room } from '../../protocol/transport/content.ts';
import { encodeFrame, type Frame } from '../../protocol/transport/frames.ts';
import { decodeHeader } from '../../protocol/transport/packet.ts';
import { seededRandom } from '../crypto/random.ts';
import { arbitraryFrame } from './arbitrary-frame.ts';
import { type Pair, settledPair } from './pair.ts';

const SECRET = seededRandom(7)(32);
/** Bytes of a datagram besides its frames. */
const OVERHEAD = HEADER_BYTES + TAG_BYTES;
const ID = seededRandom(8)(CONNECTION_ID_BYTES);

/** A content that says what a test puts into it, word by word. */
class Mouth implements Content {
  readonly ridesWithAck = false;
  readonly pending = false;
  readonly outstanding = 0;
  readonly urgent = true;
  words: Uint8Array | undefined;
  /** Whether anything that was said has been acknowledged. */
  acknowledged = false;

  get sendAt(): number {
    return this.words === undefined ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  write(_now: number, room: Room): Carried | undefined {
    if (this.words === undefined || this.words.length > room.left) return undefined;
    room.writer.bytes(this.words);
    this.words = undefined;
    return {
      acked: () => {
        this.acknowledged = true;
      },
      lost: () => undefined,
    };
  }

  receive(): boolean {
    return true;
  }
}

/** A peer that holds the keys and says anything. */
class Liar {
  readonly mouth = new Mouth();
  readonly connection: Connection;

  constructor(role: 'client' | 'server') {
    this.connection = new Connection({
      role,
      now: 0,
      connectionId: ID,
      secret: SECRET.slice(),
      random: seededRandom(9),
      contents: [this.mouth],
    });
    if (role === 'client') this.connection.addPath('x');
  }

  /** A sealed datagram with `plaintext`, behind whatever acknowledgement is due. */
  say(now: number, plaintext: Uint8Array): Uint8Array | undefined {
    this.mouth.words = plaintext;
    for (let sent = this.connection.pollTransmit(now); sent !== undefined; sent = this.connection.pollTransmit(now))
      if (this.mouth.words === undefined) return sent.datagram;
    return undefined;
  }
}

function encode(frames: readonly Frame[]): Uint8Array {
  const writer = new Writer();
  for (const frame of frames) encodeFrame(writer, frame);
  return writer.finish();
}

function listeners(): { client: ShellClient; server: ShellServer } {
  const emulator = new Emulator({ cols: 80, rows: 24 });
  const shared = { now: 0, connectionId: ID, random: seededRandom(3), cols: 80, rows: 24 };
  return {
    client: new ShellClient({ ...shared, secret: SECRET.slice(), paths: ['x'] }),
    server: new ShellServer({ ...shared, secret: SECRET.slice(), snapshot: () => emulator.snapshot() }),
  };
}

/** Lets an end do all that it wants to at `now`; fails when there is no end to it. */
function drain(end: ShellClient | ShellServer, now: number): Uint8Array[] {
  end.tick(now);
  const sent: Uint8Array[] = [];
  for (let one = end.pollTransmit(now); one !== undefined; one = end.pollTransmit(now)) {
    sent.push(one.datagram);
    expect(sent.length).toBeLessThan(100);
  }
  expect(end.nextTimeout(now)).toBeGreaterThan(now);
  return sent;
}

describe('an authentic peer', () => {
  const words = fc.oneof(
    fc.array(arbitraryFrame, { minLength: 1, maxLength: 4 }).map(encode),
    fc.uint8Array({ maxLength: 600 }),
  );

  for (const victim of ['client', 'server'] as const) {
    it(`throws a ${victim} out with no frames, whatever they hold, and sends it into no loop`, () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(words, fc.nat(2_000)), { maxLength: 30 }), (speeches) => {
          const end = listeners()[victim];
          const liar = new Liar(victim === 'client' ? 'server' : 'client');
          let now = 0;
          // A server knows where to send only when it has heard something.
          if (victim === 'client') {
            for (const datagram of drain(end, now)) liar.connection.receive(now, datagram, 'x');
          }
          for (const [plaintext, later] of speeches) {
            now += later;
            liar.connection.tick(now);
            const datagram = liar.say(now, plaintext);
            if (datagram !== undefined) end.receive(now, datagram, 'x');
            for (const answer of drain(end, now)) liar.connection.receive(now, answer, 'x');
            if ('takeInput' in end) while (end.takeInput(100) !== undefined);
          }
        }),
        { numRuns: 150 },
      );
    });
  }

  it('has what was refused not acknowledged, so that it may be sent again', () => {
    const { server } = listeners();
    const liar = new Liar('client');
    const beyond = encode([{ kind: 'stream', stream: 0, offset: 300_000, bytes: Uint8Array.of(1) }]);
    const datagram = liar.say(0, beyond);
    expect(server.receive(0, datagram ?? new Uint8Array(), 'x')).toBe('bad-frames');
    const answers = [...drain(server, 0), ...drain(server, 30)];
    expect(answers.length).toBeGreaterThan(0);
    for (const answer of answers) liar.connection.receive(30, answer, 'x');
    expect(liar.mouth.acknowledged).toBe(false);
    const taken = liar.say(31, encode([{ kind: 'stream', stream: 0, offset: 0, bytes: Uint8Array.of(1) }]));
    expect(server.receive(31, taken ?? new Uint8Array(), 'x')).toBeUndefined();
    for (const answer of drain(server, 60)) liar.connection.receive(60, answer, 'x');
    expect(liar.mouth.acknowledged).toBe(true);
  });

  it('gets a server with little to send by into no spin: what is due leaves without an acknowledgement that is not', () => {
    const server = new Liar('server');
    const liar = new Liar('client');
    const give = (deliver: boolean): void => {
      const datagram = liar.say(0, Uint8Array.of(1));
      if (deliver && datagram !== undefined) server.connection.receive(0, datagram, 'x');
    };
    // Every second datagram is lost, so that the acknowledgement is long; the last two arrive, so that it can wait.
    for (let number = 0; number < 24; number++) give(number % 2 === 0);
    give(true);
    while (server.connection.pollTransmit(0) !== undefined);
    const { receivedBytes, sentBytes } = server.connection.counters;
    server.say(0, new Uint8Array(3 * receivedBytes - sentBytes - OVERHEAD).fill(1));
    give(true);
    expect(server.say(0, new Uint8Array(41).fill(1))?.length).toBe(OVERHEAD + 41);
  });
});

describe('datagrams from anywhere', () => {
  it('change nothing but the counters of drops: 10,000 random, truncated, mangled and replayed ones', () => {
    const pair = settledPair();
    for (const key of 'hello') {
      pair.type(key);
      pair.run(300);
    }
    pair.run(2_000);
    const random = seededRandom(5);
    const number = (below: number): number => new DataView(random(4).buffer).getUint32(0) % below;
    const before = { sent: pair.sent.length, shown: pair.shown, path: pair.server.connection.currentPath };
    const timeouts = [pair.client.nextTimeout(pair.now), pair.server.nextTimeout(pair.now)];
    const drops = { client: 0, server: 0 };
    for (let i = 0; i < 10_000; i++) {
      const from = number(2) === 0 ? 'client' : 'server';
      const known = pair.sentBy(from);
      const datagram = known[number(known.length)]?.datagram.slice() ?? new Uint8Array();
      const trick = number(4);
      if (trick === 0) {
        const at = number(datagram.length);
        datagram[at] = (datagram[at] ?? 0) ^ (1 << number(8));
      }
      const bytes =
        trick === 1 ? datagram.subarray(0, number(datagram.length)) : trick === 2 ? random(number(1_300)) : datagram;
      const to = from === 'client' ? 'server' : 'client';
      expect(pair.inject(to, bytes, 'elsewhere')).toBeDefined();
      drops[to]++;
    }
    pair.pump();
    expect([pair.client.nextTimeout(pair.now), pair.server.nextTimeout(pair.now)]).toEqual(timeouts);
    expect({ sent: pair.sent.length, shown: pair.shown, path: pair.server.connection.currentPath }).toEqual(before);
    for (const side of ['client', 'server'] as const) {
      const { drops: counted } = pair[side].connection.counters;
      expect(Object.values(counted).reduce((sum, count) => sum + count, 0)).toBe(drops[side]);
    }
    pair.type('!');
    pair.run(80);
    expect(pair.shown).toEqual(['hello!']);
  });

  it('are refused by the end that sent them, and by another session whose id they were given', () => {
    const pair = settledPair();
    pair.type('hello');
    pair.run(300);
    for (const from of ['client', 'server'] as const) {
      for (const { datagram } of pair.sentBy(from)) {
        // A number that was not seen yet, so that it is the keys that refuse it.
        const fresh = datagram.slice();
        fresh[10] = 1;
        for (const bytes of [datagram, fresh])
          expect(pair.inject(from, bytes, 'mirror')).toMatch(/^(forged|replayed)$/);
        expect(pair.inject(from, fresh, 'mirror')).toBe('forged');
      }
    }
    const options = { now: 0, secret: SECRET.slice(), random: seededRandom(9), cols: 80, rows: 24 };
    const other = new ShellServer({ ...options, connectionId: ID, snapshot: () => new Emulator(options).snapshot() });
    for (const { datagram } of pair.sentBy('client')) {
      expect(other.receive(pair.now, datagram, 'elsewhere')).toBe('connection-id');
      const renamed = datagram.slice();
      renamed.set(ID, 1);
      expect(other.receive(pair.now, renamed, 'elsewhere')).toBe('forged');
    }
    expect(other.connection.currentPath).toBeUndefined();
    expect(pair.server.connection.currentPath).toBe('home/v4');
  });
});

describe('a second client with the keys of the first', () => {
  /** What somebody has who copied the client's keys when the session began. */
  function copyOf(pair: Pair): ShellClient {
    // As `Pair` draws them.
    const random = seededRandom(1);
    const secret = random(32);
    return new ShellClient({
      now: pair.now,
      connectionId: random(8),
      secret,
      random,
      cols: 80,
      rows: 24,
      paths: ['v4'],
    });
  }

  /** The copy types `count` lines from elsewhere; what became of its datagrams. */
  function intrude(pair: Pair, copy: ShellClient, count: number): Set<string> {
    const fates = new Set<string>();
    for (let i = 0; i < count; i++) {
      copy.sendKeys(new TextEncoder().encode('intruder'));
      copy.connection.probe();
      const transmit = copy.pollTransmit(pair.now);
      if (transmit !== undefined) fates.add(pair.inject('server', transmit.datagram, 'elsewhere/v4') ?? 'taken');
    }
    return fates;
  }

  it('is not heard with packet numbers that were used, and moves nothing', () => {
    const pair = settledPair();
    for (const key of 'hello') {
      pair.type(key);
      pair.run(300);
    }
    expect(intrude(pair, copyOf(pair), 5)).toEqual(new Set(['replayed']));
    expect(pair.server.connection.currentPath).toBe('home/v4');
    pair.type('!');
    pair.run(80);
    expect(pair.shown).toEqual(['hello!']);
  });

  it('is not heard at all once the keys were renewed, whatever its numbers', () => {
    const pair = settledPair();
    const copy = copyOf(pair);
    for (let second = 0; second < 130; second++) {
      pair.type('.');
      pair.run(1_000);
    }
    expect(decodeHeader(pair.sentBy('client').at(-1)?.datagram ?? new Uint8Array())?.phaseBits).toBe(1);
    const shown = pair.shown;
    const fates = intrude(pair, copy, 2_000);
    expect([...fates].sort()).toEqual(['forged', 'replayed']);
    expect(pair.server.connection.currentPath).toBe('home/v4');
    pair.type('!');
    pair.run(80);
    expect(pair.shown.join('')).toBe(`${shown.join('')}!`);
  });
});
