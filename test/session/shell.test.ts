import { describe, expect, it } from 'vitest';
import { MAX_REASON_BYTES } from '../../protocol/constants.ts';
import { ShellServer } from '../../protocol/session/shell-server.ts';
import type { UserEvent } from '../../protocol/sync/user-events.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { Connection } from '../../protocol/transport/connection.ts';
import { encodeFrame } from '../../protocol/transport/frames.ts';
import { seededRandom } from '../crypto/random.ts';
import { Pair, settledPair } from '../transport/pair.ts';

const RTT = 80;

/** What the program got, in order, with keys that follow each other put together. */
function listen(pair: Pair): string[] {
  const heard: string[] = [];
  let open = false;
  pair.program = (event) => {
    if (event.kind === 'resize') heard.push(`${event.cols}x${event.rows}`);
    else if (event.kind === 'facts') heard.push('facts');
    else if (open) heard.push(`${heard.pop() ?? ''}${new TextDecoder().decode(event.bytes)}`);
    else heard.push(new TextDecoder().decode(event.bytes));
    open = event.kind === 'keys';
  };
  return heard;
}

describe('a session', () => {
  it('brings keys and sizes in the order in which they came about, over a bad link too', () => {
    const pair = settledPair();
    pair.fate = (sent) => (sent.index % 3 === 0 ? 'lose' : sent.index % 3 === 1 ? 90 : 20);
    const heard = listen(pair);
    for (let i = 0; i < 20; i++) {
      pair.type(`${i},`);
      pair.client.sendResize(80 + i, 24);
      pair.run(23);
    }
    pair.run(3_000);
    expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => [`${i},`, `${80 + i}x24`]).flat());
  });

  it('shows a screen of the new size', () => {
    const pair = settledPair({ cols: 20, rows: 5 });
    pair.type('before');
    pair.client.sendResize(40, 10);
    pair.type(' after');
    pair.run(2 * RTT);
    expect([pair.client.screen.cols, pair.client.screen.rows.length]).toEqual([40, 10]);
    expect(pair.shown).toEqual(['before after']);
  });

  it('takes sizes that no screen may have as the nearest that one may', () => {
    const pair = settledPair();
    const heard = listen(pair);
    for (const [cols, rows] of [
      [0, 0],
      [-5, 70_000],
      [Number.NaN, 24.9],
    ] as const)
      pair.client.sendResize(cols, rows);
    pair.run(RTT);
    expect(heard).toEqual(['1x1', '1x1000', '1x24']);
  });

  it('goes from waiting to open with the first datagram', () => {
    const pair = new Pair();
    expect(pair.server.phase).toBe('waiting');
    pair.run(RTT);
    expect(pair.server.phase).toBe('open');
    expect(pair.client.ending).toBeUndefined();
  });
});

describe('the end', () => {
  it('comes with the last screen: the exit status and what was printed before it', () => {
    const pair = settledPair();
    const printedAt = pair.now;
    pair.print('bye');
    pair.server.end(3, '');
    expect(pair.server.phase).toBe('ending');
    expect(pair.runUntil(() => pair.client.ended !== undefined, 1_000)).toBe(RTT / 2);
    expect(pair.client.ended).toEqual({ status: 3, reason: '' });
    expect(pair.shown).toEqual(['bye']);
    expect(pair.sentBy('server', printedAt)).toHaveLength(1);
  });

  it('is not shown before the last screen, however its packets come', () => {
    for (let lost = 0; lost < 8; lost++) {
      const pair = settledPair();
      const since = pair.sentBy('server').length;
      pair.fate = (sent) => (sent.from === 'server' && sent.index === since + lost ? 'lose' : 'pass');
      pair.print(seededRandom(lost)(3_000).map((byte) => 0x30 + (byte % 60)));
      pair.print('\r\nlast');
      pair.server.end(0, '');
      expect(pair.runUntil(() => pair.client.ended !== undefined, 5_000)).toBeLessThan(1_000);
      expect(pair.shown.at(-1)).toBe('last');
    }
  });

  it('is over for the server when the client confirmed it, and the farewell survives the loss of all but one', () => {
    const pair = settledPair();
    pair.server.end(0, '');
    pair.fate = (sent) => (sent.from === 'client' ? 'lose' : 'pass');
    pair.runUntil(() => pair.client.ended !== undefined, 1_000);
    const farewell = pair.client.farewell(pair.now);
    expect(farewell).toHaveLength(3);
    for (const { datagram } of farewell.slice(2)) pair.inject('server', datagram, 'home/v4');
    expect(pair.server.phase).toBe('ended');
  });

  it('counts once: a second end changes nothing', () => {
    const pair = settledPair();
    pair.server.end(1, 'first');
    pair.server.end(2, 'second');
    pair.run(RTT);
    expect(pair.client.ended).toEqual({ status: 1, reason: 'first' });
  });

  it('comes from the client as a hang-up, repeated until it is confirmed', () => {
    const pair = settledPair();
    pair.fate = (sent) => (sent.from === 'client' ? 'lose' : 'pass');
    pair.client.hangUp();
    pair.run(20);
    pair.fate = () => 'pass';
    expect(pair.runUntil(() => pair.server.hungUp, 2_000)).toBeLessThan(500);
    pair.run(RTT);
    expect(pair.client.hangupDelivered).toBe(true);
    expect(pair.server.phase).toBe('ended');
  });

  it('cuts a reason at 256 bytes, between characters', () => {
    for (const [reason, length] of [
      ['é'.repeat(200), 256],
      [`x${'é'.repeat(200)}`, 255],
      [`xy${'😀'.repeat(200)}`, 254],
    ] as const) {
      const pair = settledPair();
      pair.server.end(255, reason);
      pair.run(RTT);
      const shown = pair.client.ended?.reason ?? '';
      expect(reason.startsWith(shown)).toBe(true);
      expect(new TextEncoder().encode(shown).length).toBe(length);
      expect(length).toBeLessThanOrEqual(MAX_REASON_BYTES);
    }
  });

  it('shows no control character of a reason, whatever the server says', () => {
    const pair = settledPair();
    pair.server.end(1, 'a\x1b]52;c;ZXZpbA==\x07b\x9b2Jc\r\nd\u202ee');
    pair.run(RTT);
    for (const end of [pair.client.ending, pair.client.ended]) {
      expect(end).toEqual({ status: 1, reason: 'a ]52;c;ZXZpbA== b 2Jc d e' });
    }
  });

  it('sends no empty datagrams for an acknowledgement of nothing', () => {
    const pair = new Pair();
    pair.pump();
    pair.client.connection.acknowledge(0);
    expect(pair.client.pollTransmit(0)).toBeUndefined();
  });
});

describe('a client whose stream is not what it should be', () => {
  /** A server, and what its program gets after these bytes of the input stream. */
  function hear(...pieces: number[][]): { server: ShellServer; events: UserEvent[] } {
    const random = seededRandom(1);
    const secret = random(32);
    const connectionId = random(8);
    const emulator = new Emulator({ cols: 80, rows: 24 });
    const shared = { now: 0, connectionId, random, cols: 80, rows: 24 };
    const server = new ShellServer({ ...shared, secret: secret.slice(), snapshot: () => emulator.snapshot() });
    const events: UserEvent[] = [];
    let offset = 0;
    let piece: Uint8Array | undefined;
    const client = new Connection({
      role: 'client',
      ...shared,
      secret: secret.slice(),
      contents: [
        {
          ridesWithAck: false,
          pending: false,
          outstanding: 0,
          urgent: true,
          get sendAt() {
            return piece === undefined ? Number.POSITIVE_INFINITY : 0;
          },
          write(_now, room) {
            if (piece === undefined) return undefined;
            encodeFrame(room.writer, { kind: 'stream', stream: 0, offset, bytes: piece });
            offset += piece.length;
            piece = undefined;
            return { acked: () => undefined, lost: () => undefined };
          },
          receive: () => true,
        },
      ],
    });
    client.addPath('x');
    for (const bytes of pieces) {
      piece = Uint8Array.from(bytes);
      for (let sent = client.pollTransmit(0); sent !== undefined; sent = client.pollTransmit(0))
        server.receive(0, sent.datagram, 'x');
      for (let event = server.takeInput(1_000); event !== undefined; event = server.takeInput(1_000))
        events.push(event);
    }
    return { server, events };
  }

  it('has its session ended', () => {
    for (const bad of [
      [0, 0, 0, 0, 0, 24], // 0 columns
      [0, 0, 0, 80, 0x03, 0xe9], // 1,001 rows
      [0, 2], // another kind of event
      [0, 1, 0], // facts that are empty
      [0, 1, 0x44, 1], // 1,025 bytes of facts
      [0x40, 0], // a count of 0 in two bytes
      [0x80, 0, 0x40, 0], // 16,384 keys at once
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], // more than 2^53
    ]) {
      expect(hear(bad).server.phase).toBe('ending');
    }
  });

  it('gives the program nothing of what follows', () => {
    const { server, events } = hear([1, 0x61], [0x40, 0], [3, 0x62, 0x63, 0x64]);
    expect(events).toEqual([{ kind: 'keys', bytes: Uint8Array.of(0x61) }]);
    expect(server.phase).toBe('ending');
  });
});
