/**
 * The loop of the emulated link: reads IP packets from two TUN devices, asks each direction's impairment when they leave,
 * and writes them to the other device then. It sleeps in one ppoll for packets, orders and the next departure alike, so it
 * burns nothing while idle and is late by some 60 µs at most on an idle core. It blocks its process, which is why it
 * has one of its own (main.ts).
 */

import { performance } from 'node:perf_hooks';
import type { Answer, Direction, DirectionCounts, LinkSetup, Order } from './control.ts';
import { type Delivery, DeliveryQueue } from './delivery-queue.ts';
import { Impairment, type ImpairmentOptions } from './impairment.ts';
import { PortTranslator, udpHeaderAt } from './nat.ts';
import { OrderLines } from './order-lines.ts';
import { type Dice, diceFrom } from './random.ts';
import type { SystemCalls, Tun } from './tun.ts';

/** Larger than any packet that a TUN of the usual 1,500 byte MTU hands over. */
const PACKET_BYTES_MAX = 2048;
/** Packets read from one device before the other has its turn. */
const READS_PER_TURN = 64;
const ORDER_CHUNK_BYTES = 65_536;

type Counts = { -readonly [K in Exclude<keyof DirectionCounts, 'dropped' | 'latenessMsMean'>]: DirectionCounts[K] } & {
  readonly dropped: Record<keyof DirectionCounts['dropped'], number>;
  latenessMsSum: number;
};

/** Rewrites a packet in place; false when it has nowhere to go. */
type Translate = (packet: Uint8Array) => boolean;

/** One direction: from one device, through an impairment and a queue, to the other. */
class Lane {
  readonly impairment: Impairment;
  /** While set, no UDP passes. */
  dropsUdp = false;
  readonly #calls: SystemCalls;
  readonly #from: Tun;
  readonly #to: Tun;
  readonly #translate: Translate;
  readonly #queue = new DeliveryQueue(PACKET_BYTES_MAX);
  readonly #buffer = new Uint8Array(PACKET_BYTES_MAX);
  readonly #counts: Counts = {
    packets: 0,
    bytes: 0,
    udpPackets: 0,
    udpBytes: 0,
    delivered: 0,
    dropped: { outage: 0, loss: 0, queue: 0, unmapped: 0, firewall: 0, overflow: 0, refused: 0 },
    latenessMsMax: 0,
    latenessMsSum: 0,
  };

  constructor(calls: SystemCalls, from: Tun, to: Tun, options: ImpairmentOptions, dice: Dice, translate: Translate) {
    this.#calls = calls;
    this.#from = from;
    this.#to = to;
    this.#translate = translate;
    this.impairment = new Impairment(options, dice);
  }

  get nextAt(): number {
    return this.#queue.nextAt;
  }

  get counts(): DirectionCounts {
    const { latenessMsSum, ...counts } = this.#counts;
    return { ...counts, latenessMsMean: latenessMsSum / Math.max(1, counts.delivered) };
  }

  /** Takes what the device has to give, a bounded number of packets. */
  receive(now: number): void {
    for (let turn = 0; turn < READS_PER_TURN; turn++) {
      const length = this.#calls.read(this.#from.fd, this.#buffer);
      if (length <= 0) return;
      this.#accept(now, this.#buffer.subarray(0, length));
    }
  }

  /** Sends off what is due. */
  deliver(now: number): void {
    const write = (delivery: Delivery): void => this.#write(now, delivery);
    while (this.#queue.takeDue(now, write));
  }

  #accept(now: number, packet: Uint8Array): void {
    const counts = this.#counts;
    counts.packets++;
    counts.bytes += packet.length;
    if (udpHeaderAt(packet) !== undefined) {
      counts.udpPackets++;
      counts.udpBytes += packet.length;
      if (this.dropsUdp) {
        counts.dropped.firewall++;
        return;
      }
    }
    if (!this.#translate(packet)) {
      counts.dropped.unmapped++;
      return;
    }
    const verdict = this.impairment.offer(now, packet.length);
    if (verdict.kind === 'drop') {
      counts.dropped[verdict.why]++;
      return;
    }
    for (const at of verdict.at) {
      if (!this.#queue.add(at, packet)) counts.dropped.overflow++;
    }
  }

  #write(now: number, delivery: Delivery): void {
    const counts = this.#counts;
    // A cut takes what is under way, too.
    if (this.impairment.outage) counts.dropped.outage++;
    else if (this.#calls.write(this.#to.fd, delivery.bytes, delivery.length) < 0) counts.dropped.refused++;
    else counts.delivered++;
    counts.latenessMsSum += now - delivery.at;
    counts.latenessMsMax = Math.max(counts.latenessMsMax, now - delivery.at);
  }
}

/**
 * Reads the setup from `ordersFd`, opens both devices and moves packets until `ordersFd` ends. `answer` is called once when
 * the devices are there, and then once for each order. Throws when the kernel gives no TUN device.
 */
export function runLink(calls: SystemCalls, ordersFd: number, answer: (answer: Answer) => void): void {
  const orders = new OrderLines();
  const incoming = new Uint8Array(ORDER_CHUNK_BYTES);
  /** Lines that have come; undefined at the end. */
  const readOrders = (): readonly string[] | undefined => {
    const length = calls.read(ordersFd, incoming);
    return length <= 0 ? undefined : orders.push(incoming.subarray(0, length));
  };
  let lines: readonly string[] | undefined = [];
  while (lines?.length === 0) {
    calls.wait([ordersFd], Number.POSITIVE_INFINITY);
    lines = readOrders();
  }
  if (lines === undefined) return;
  const [first = '', ...early] = lines;
  const setup = JSON.parse(first) as LinkSetup;

  const client = calls.openTun(setup.clientDevice);
  const server = calls.openTun(setup.serverDevice);
  const nat = setup.nat ? new PortTranslator() : undefined;
  const outward: Translate = (packet) => {
    nat?.outward(packet);
    return true;
  };
  // Dice of its own for each: what one direction carries must not change what the other loses.
  const diceOf = (seed: number): Readonly<Record<Direction, Dice>> => ({
    up: diceFrom(seed),
    down: diceFrom(seed + 1),
  });
  const dice = diceOf(setup.seed);
  const up = new Lane(calls, client, server, setup.up, dice.up, outward);
  const down = new Lane(calls, server, client, setup.down, dice.down, (p) => nat?.inward(p) ?? true);
  answer({ kind: 'done' });

  const obey = (order: Order): Answer => {
    switch (order.kind) {
      case 'impair':
        (order.direction === 'up' ? up : down).impairment.change(order.options);
        return { kind: 'done' };
      case 'outage':
        (order.direction === 'up' ? up : down).impairment.setOutage(order.on);
        return { kind: 'done' };
      case 'reseed': {
        const { up: upDice, down: downDice } = diceOf(order.seed);
        up.impairment.reseed(upDice);
        down.impairment.reseed(downDice);
        return { kind: 'done' };
      }
      case 'firewall':
        up.dropsUdp = order.on;
        down.dropsUdp = order.on;
        return { kind: 'done' };
      case 'rebind':
        nat?.rebind();
        return nat === undefined ? { kind: 'error', message: 'this link was set up without a NAT' } : { kind: 'done' };
      case 'count':
        return { kind: 'counts', counts: { up: up.counts, down: down.counts } };
    }
  };

  const obeyAll = (written: readonly string[]): void => {
    for (const line of written) answer(attempt(() => obey(JSON.parse(line) as Order)));
  };
  obeyAll(early);
  const fds = [client.fd, server.fd, ordersFd];
  for (;;) {
    const waitMs = Math.min(up.nextAt, down.nextAt) - performance.now();
    const { readable } = calls.wait(fds, waitMs);
    const now = performance.now();
    if (readable[0]) up.receive(now);
    if (readable[1]) down.receive(now);
    up.deliver(now);
    down.deliver(now);
    if (!readable[2]) continue;
    const written = readOrders();
    if (written === undefined) return;
    obeyAll(written);
  }
}

function attempt(act: () => Answer): Answer {
  try {
    return act();
  } catch (error) {
    return { kind: 'error', message: error instanceof Error ? error.message : String(error) };
  }
}
