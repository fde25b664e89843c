/**
 * The simulated network between the two ends: an impaired link each way, the client's changing address, two addresses of the server,
 * and an attacker who sees every datagram and may send what he likes. Virtual time: datagrams wait in one queue.
 */

import { Impairment } from '../../bench/link/impairment.ts';
import type { Dice } from '../../bench/link/random.ts';
import { between, chance, type Scenario } from './scenario.ts';

/** IPv6 and UDP headers, which the link's rate counts too. */
const HEADERS = 48;
/** Datagrams that the attacker remembers for his replays. */
const REMEMBERED = 64;

export type Side = 'client' | 'server';

interface Flight {
  readonly at: number;
  readonly order: number;
  readonly to: Side;
  readonly from: string;
  readonly datagram: Uint8Array;
}

export class Network {
  readonly #scenario: Scenario;
  readonly #dice: Dice;
  readonly #links: Record<Side, Impairment>;
  readonly #captured: Record<Side, Uint8Array[]> = { client: [], server: [] };
  #flights: Flight[] = [];
  #order = 0;
  #address = 0;
  /** Server addresses that can't be reached. */
  readonly gone = new Set<string>();
  /** Larger datagrams don't pass: refused at the socket, or swallowed. */
  limit: { readonly bytes: number; readonly silent: boolean } = { bytes: Number.POSITIVE_INFINITY, silent: true };
  /** Bytes to and from each address that the server has seen, for the amplification limit. */
  readonly ledger = new Map<string, { received: number; sent: number }>();
  healed = false;

  constructor(scenario: Scenario, dice: Dice) {
    this.#scenario = scenario;
    this.#dice = dice;
    this.#links = { server: new Impairment(scenario.up, dice), client: new Impairment(scenario.down, dice) };
  }

  /** When the next datagram arrives. */
  get nextAt(): number {
    return this.#flights[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  setOutage(to: Side, on: boolean): void {
    this.#links[to].setOutage(on);
  }

  moveClient(): void {
    this.#address++;
  }

  /** From now on: no mishap, a short round trip, nothing lost, no attacker. */
  heal(): void {
    this.healed = true;
    for (const link of Object.values(this.#links)) {
      link.setOutage(false);
      link.change({ delayMs: 20 });
    }
    this.gone.clear();
    this.limit = { bytes: Number.POSITIVE_INFINITY, silent: true };
  }

  /** Sends one datagram; says what the socket would. */
  send(now: number, from: Side, path: string, datagram: Uint8Array): 'too-big' | 'unreachable' | undefined {
    const family = path.slice(path.lastIndexOf('/') + 1);
    if (from === 'client' && this.gone.has(family)) return 'unreachable';
    if (datagram.length > this.limit.bytes) return this.limit.silent ? undefined : 'too-big';
    const to: Side = from === 'client' ? 'server' : 'client';
    // He can't read what goes to the address that he only pretends to have; if he could, it would be his.
    if (!path.startsWith('evil')) this.#capture(to, datagram);
    if (from === 'server') this.#account(path).sent += datagram.length;
    const source = from === 'client' ? `${this.#address}/${family}` : family;
    // What goes to an address that the client has left, or to the attacker's, never arrives.
    if (from === 'server' && (path !== `${this.#address}/${family}` || this.gone.has(family))) return undefined;
    const verdict = this.#links[to].offer(now, datagram.length + HEADERS);
    for (const at of verdict.kind === 'deliver' ? verdict.at : []) {
      if (!this.healed && to === 'server' && chance(this.#dice, this.#scenario.diverted))
        this.#queue(at, to, `evil/${family}`, datagram);
      this.#queue(at, to, source, datagram);
    }
    if (!this.healed && chance(this.#dice, this.#scenario.hostile)) this.#attack(now, to, family);
    return undefined;
  }

  /** Takes the next datagram that has arrived at `now`. */
  take(now: number): Flight | undefined {
    if (this.nextAt > now) return undefined;
    const flight = this.#flights.shift();
    if (flight?.to === 'server') this.#account(flight.from).received += flight.datagram.length;
    return flight;
  }

  #attack(now: number, to: Side, family: string): void {
    const known = this.#captured[to];
    const original = known[between(this.#dice, 0, known.length - 1)];
    if (original === undefined) return;
    const datagram = original.slice();
    const trick = between(this.#dice, 0, 3);
    if (trick === 0) {
      const index = between(this.#dice, 0, datagram.length - 1);
      datagram[index] = (datagram[index] ?? 0) ^ (1 << between(this.#dice, 0, 7));
    }
    const cut = trick === 1 ? between(this.#dice, 0, datagram.length - 1) : datagram.length;
    if (trick === 2) for (let i = 9; i < datagram.length; i++) datagram[i] = between(this.#dice, 0, 255);
    const source = to === 'client' ? family : `${chance(this.#dice, 0.5) ? 'evil' : this.#address}/${family}`;
    this.#queue(now + between(this.#dice, 0, 300), to, source, datagram.subarray(0, cut));
  }

  #capture(to: Side, datagram: Uint8Array): void {
    this.#captured[to].push(datagram);
    if (this.#captured[to].length > REMEMBERED) this.#captured[to].shift();
  }

  #account(address: string): { received: number; sent: number } {
    const account = this.ledger.get(address) ?? { received: 0, sent: 0 };
    this.ledger.set(address, account);
    return account;
  }

  #queue(at: number, to: Side, from: string, datagram: Uint8Array): void {
    const flight = { at, order: this.#order++, to, from, datagram };
    let place = this.#flights.length;
    while (place > 0 && (this.#flights[place - 1]?.at ?? 0) > at) place--;
    this.#flights.splice(place, 0, flight);
  }
}
