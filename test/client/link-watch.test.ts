/** What the client does about a silent link, in virtual time: the real core, and sockets that only count. */

import { describe, expect, test } from 'vitest';
import { LinkWatch } from '../../client/link-watch.ts';
import { ShellClient } from '../../protocol/session/shell-client.ts';
import { ShellServer } from '../../protocol/session/shell-server.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { systemRandom } from '../crypto/random.ts';

/** A client on its own: nobody answers, but for a server that a test gives it. */
class Lonely {
  server: ShellServer | undefined;
  now = 0;
  generation = 1;
  localAddresses = 'eth0 192.0.2.1';
  looks = 0;
  readonly session = {
    now: 0,
    connectionId: systemRandom(8),
    secret: systemRandom(32),
    random: systemRandom,
    cols: 80,
    rows: 24,
  };
  readonly addresses: readonly string[];
  readonly probed: string[] = [];
  readonly core: ShellClient;
  readonly watch: LinkWatch;
  /** Paths of the datagrams sent since the last look. */
  sent: string[] = [];

  constructor(addresses: readonly string[]) {
    this.addresses = addresses;
    this.core = new ShellClient({ ...this.session, paths: this.paths });
    this.watch = new LinkWatch({
      now: 0,
      connection: this.core.connection,
      sockets: this,
      addresses,
      localAddresses: () => {
        this.looks++;
        return this.localAddresses;
      },
    });
  }

  get paths(): string[] {
    return this.addresses.map((address) => `${this.generation}|${address}|60001`);
  }

  /** What the server has to say comes as soon as it is asked. */
  #hear(): void {
    if (this.server === undefined) return;
    this.server.connection.acknowledge(this.now);
    this.server.tick(this.now);
    for (let one = this.server.pollTransmit(this.now); one !== undefined; one = this.server.pollTransmit(this.now)) {
      this.core.receive(this.now, one.datagram, this.paths[0] ?? '');
    }
  }

  open(): string[] {
    this.generation++;
    return [];
  }

  settle(): string[] {
    return [];
  }

  probe(address: string): void {
    this.probed.push(address);
  }

  /** Runs both until `at`, as the pump does. */
  until(at: number): void {
    for (let turns = 0; turns < 10_000; turns++) {
      this.core.tick(this.now);
      this.watch.tick(this.now);
      for (let one = this.core.pollTransmit(this.now); one !== undefined; one = this.core.pollTransmit(this.now)) {
        this.sent.push(one.path);
        this.server?.receive(this.now, one.datagram, 'client');
      }
      this.#hear();
      const next = Math.min(this.core.nextTimeout(this.now), this.watch.nextTimeout(this.now));
      if (next > at) break;
      this.now = Math.max(next, this.now);
    }
    this.now = at;
  }
}

describe('LinkWatch', () => {
  test('asks after 1.5 s of silence whether anything holds the port, and again every 5 s', () => {
    const lonely = new Lonely(['192.0.2.9', '2001:db8::9']);
    lonely.until(1_400);
    expect(lonely.probed).toEqual([]);
    lonely.until(1_600);
    expect(lonely.probed).toEqual(['192.0.2.9', '2001:db8::9']);
    lonely.until(11_600);
    expect(lonely.probed).toHaveLength(6);
  });

  test('sends from new local ports only after 10 s of silence, and from others every 10 s', () => {
    const lonely = new Lonely(['192.0.2.9', '2001:db8::9']);
    lonely.until(9_900);
    expect(lonely.generation).toBe(1);
    lonely.until(10_100);
    expect(lonely.generation).toBe(2);
    expect(lonely.core.connection.currentPath).toBe('2|192.0.2.9|60001');
    lonely.sent = [];
    lonely.until(19_000);
    expect(new Set(lonely.sent)).toEqual(new Set(lonely.paths));
    lonely.until(30_100);
    expect(lonely.generation).toBe(4);
  });

  test('keeps to the address in use when it changes the ports', () => {
    const lonely = new Lonely(['192.0.2.9', '2001:db8::9', '192.0.2.10']);
    lonely.until(1);
    lonely.core.onSendError(1, '1|192.0.2.9|60001', 'unreachable', 100);
    expect(lonely.core.connection.currentPath).toBe('1|2001:db8::9|60001');
    lonely.until(10_100);
    expect(lonely.core.connection.currentPath).toBe('2|2001:db8::9|60001');
  });

  test('finds a refusal at the address in use, until it is old', () => {
    const lonely = new Lonely(['192.0.2.9', '2001:db8::9']);
    lonely.until(1_600);
    lonely.watch.onRefused(1_600, '2001:db8::9');
    expect(lonely.watch.silence(1_600)?.finding).toBe('none');
    lonely.watch.onRefused(1_600, '192.0.2.9');
    expect(lonely.watch.silence(1_600)?.finding).toBe('refused');
    expect(lonely.watch.silence(9_000)?.finding).toBe('none');
  });

  test('finds this side offline when no path lets anything out', () => {
    const lonely = new Lonely(['192.0.2.9', '2001:db8::9']);
    lonely.until(100);
    lonely.watch.onUnreachable(100, '1|2001:db8::9|60001');
    expect(lonely.watch.silence(100)?.finding).toBe('none');
    lonely.watch.onUnreachable(100, '1|192.0.2.9|60001');
    expect(lonely.watch.silence(100)?.finding).toBe('offline');
  });

  test('asks the server within 50 ms when an address of this machine has changed', () => {
    const lonely = new Lonely(['192.0.2.9']);
    lonely.until(3_050);
    lonely.sent = [];
    lonely.localAddresses = 'wlan0 198.51.100.7';
    const before = lonely.looks;
    lonely.until(3_100);
    expect(lonely.looks).toBeGreaterThan(before);
    expect(lonely.sent.length).toBeGreaterThan(0);
  });

  test('looks at the addresses 25 times a second while somebody waits, once when nobody has for long', () => {
    const lonely = new Lonely(['192.0.2.9']);
    lonely.until(10_000);
    expect(lonely.looks).toBeGreaterThan(230);
    expect(lonely.looks).toBeLessThan(260);
    lonely.until(120_000);
    const before = lonely.looks;
    lonely.until(180_000);
    expect(lonely.looks - before).toBe(60);
    lonely.watch.onTyped(180_000);
    lonely.until(182_000);
    expect(lonely.looks - before).toBeGreaterThan(100);
  });

  test('leaves new addresses to the keys while each is answered, and looks when the next does not come', () => {
    const answered = new Lonely(['192.0.2.9']);
    const screen = new Emulator({ cols: 80, rows: 24 }).snapshot();
    answered.server = new ShellServer({ ...answered.session, snapshot: () => screen });
    const type = (at: number): void => {
      answered.until(at);
      answered.watch.onTyped(at);
      answered.core.sendKeys(new Uint8Array(1));
    };
    for (let at = 1_000; at <= 3_000; at += 200) type(at);
    const before = answered.looks;
    for (let at = 3_200; at <= 5_000; at += 200) type(at);
    expect(answered.looks).toBe(before);
    answered.until(5_300);
    expect(answered.looks).toBeGreaterThan(before);
  });
});
