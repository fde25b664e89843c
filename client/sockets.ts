/**
 * The client's UDP sockets. A path (`PathId` of the core) is `generation|address|port`: a generation is a pair of local sockets,
 * one for IPv4 and one for IPv6, that are not connected to any address, so that routes may change under them. A new generation
 * has new local ports, for a NAT or a firewall whose memory of the old ones has gone bad; earlier ones go on listening until the
 * server has been heard on a newer one.
 *
 * Nothing here throws: a datagram that the kernel refuses is reported, and one that is lost is nothing new on a network.
 */

import { createSocket, type Socket } from 'node:dgram';
import { addressFamily } from '../protocol/bootstrap/address.ts';
import { DATAGRAM_LADDER } from '../protocol/constants.ts';
import type { PathId } from '../protocol/transport/paths.ts';

/** Generations that listen at most: the one in use and earlier ones. */
const MAX_GENERATIONS = 4;
/** Asked of the kernel, which may give less: a repaint may arrive while the loop is busy drawing the last one. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;
/** Where a datagram can't get any smaller. */
const SMALLEST = DATAGRAM_LADDER[DATAGRAM_LADDER.length - 1] ?? 0;
/** How long a probe waits for the other machine's refusal, in ms. */
const PROBE_MS = 3_000;
/** What a probe says: too short to be a datagram of a session. */
const PROBE_BYTES = Uint8Array.of(0);

export interface SocketEvents {
  /** A datagram came; its bytes are the receiver's. */
  readonly onDatagram: (datagram: Uint8Array, from: PathId) => void;
  /** The kernel would not send a datagram of `size` bytes. Never called during `send`. */
  readonly onSendError: (path: PathId, code: 'too-big' | 'unreachable', size: number) => void;
  /** A probe found out that no program holds the port at `address`; never called during `probe`. */
  readonly onRefused: (address: string) => void;
}

interface Generation {
  readonly number: number;
  readonly sockets: Map<4 | 6, Socket>;
}

interface Route {
  readonly socket: Socket;
  readonly address: string;
  readonly port: number;
}

export class Sockets {
  readonly #events: SocketEvents;
  readonly #port: number;
  readonly #addresses: readonly string[];
  /** Oldest first. */
  #generations: Generation[] = [];
  #routes = new Map<PathId, Route>();
  #probes = new Set<Socket>();
  #closed = false;
  #lastGeneration = 0;

  /** `addresses` are literal, `port` is the server's. */
  constructor(addresses: readonly string[], port: number, events: SocketEvents) {
    this.#events = events;
    this.#port = port;
    this.#addresses = addresses;
    this.open();
  }

  /** The paths of the newest generation, in the order of the addresses. */
  get paths(): PathId[] {
    const newest = this.#generations.at(-1);
    if (newest === undefined) return [];
    return this.#addresses
      .filter((address) => newest.sockets.has(familyOf(address)))
      .map((address) => `${newest.number}|${address}|${this.#port}`);
  }

  /** Opens new local sockets. `paths` are theirs from now on. The paths of generations that had to go for it are returned. */
  open(): PathId[] {
    const number = ++this.#lastGeneration;
    const sockets = new Map<4 | 6, Socket>();
    for (const family of new Set(this.#addresses.map(familyOf))) {
      const socket = this.#bind(family, number);
      if (socket !== undefined) sockets.set(family, socket);
    }
    this.#generations.push({ number, sockets });
    return this.#closeGenerations(this.#generations.slice(0, -MAX_GENERATIONS));
  }

  /** Closes the generations before the one of `path`, on which the server has been heard; their paths are returned. */
  settle(path: PathId): PathId[] {
    if (this.#generations.length === 1) return [];
    const number = Number(path.split('|', 1)[0]);
    return this.#closeGenerations(this.#generations.filter((generation) => generation.number < number));
  }

  /** Hands a datagram to the kernel, which copies it. */
  send(path: PathId, datagram: Uint8Array): void {
    const route = this.#route(path);
    const { length } = datagram;
    if (route === undefined) {
      process.nextTick(() => this.#events.onSendError(path, 'unreachable', length));
      return;
    }
    route.socket.send(datagram, 0, length, route.port, route.address, (error) => {
      if (error === null || this.#closed) return;
      const code = sendErrorKind(error, length);
      if (code !== undefined) this.#events.onSendError(path, code, length);
    });
  }

  /** Asks the machine at `address` whether any program holds the port there; only a refusal is ever heard of. */
  probe(address: string): void {
    const socket = createSocket({
      type: familyOf(address) === 4 ? 'udp4' : 'udp6',
      lookup: (name, _options, answer) => answer(null, name, familyOf(name)),
    });
    const timer = setTimeout(() => end(), PROBE_MS);
    const end = (): void => {
      clearTimeout(timer);
      if (this.#probes.delete(socket)) socket.close();
    };
    this.#probes.add(socket);
    socket.on('error', (error) => {
      end();
      if (errorCode(error) === 'ECONNREFUSED' && !this.#closed) this.#events.onRefused(address);
    });
    // Not as an argument of `connect`: that one would be called for a failure, too.
    socket.once('connect', () => {
      if (this.#probes.has(socket)) socket.send(PROBE_BYTES);
    });
    socket.connect(this.#port, address);
  }

  close(): void {
    this.#closed = true;
    this.#closeGenerations(this.#generations);
    for (const socket of this.#probes) socket.close();
    this.#probes.clear();
  }

  #bind(family: 4 | 6, generation: number): Socket | undefined {
    const socket = createSocket({
      type: family === 4 ? 'udp4' : 'udp6',
      ipv6Only: family === 6,
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      // Addresses are literal. Answered at once, `send` reaches the kernel before it returns.
      lookup: (address, _options, answer) => answer(null, address, family),
    });
    socket.on('message', (datagram, from) => {
      // A plain array: a Buffer's slices share their memory.
      const bytes = new Uint8Array(datagram.buffer, datagram.byteOffset, datagram.byteLength);
      this.#events.onDatagram(bytes, `${generation}|${from.address}|${from.port}`);
    });
    // A machine without this family: sending by it is refused, and that is reported.
    socket.on('error', () => undefined);
    try {
      socket.bind({ port: 0, address: family === 4 ? '0.0.0.0' : '::', exclusive: true });
      return socket;
    } catch {
      return undefined;
    }
  }

  #route(path: PathId): Route | undefined {
    const known = this.#routes.get(path);
    if (known !== undefined) return known;
    const [number, address = '', port] = path.split('|');
    const generation = this.#generations.find((one) => one.number === Number(number));
    const socket = generation?.sockets.get(familyOf(address));
    if (socket === undefined) return undefined;
    const route = { socket, address, port: Number(port) };
    this.#routes.set(path, route);
    return route;
  }

  #closeGenerations(old: readonly Generation[]): PathId[] {
    if (old.length === 0) return [];
    this.#generations = this.#generations.filter((generation) => !old.includes(generation));
    const gone: PathId[] = [];
    for (const [path, { socket }] of this.#routes) {
      if (old.some((generation) => [...generation.sockets.values()].includes(socket))) gone.push(path);
    }
    for (const path of gone) this.#routes.delete(path);
    for (const generation of old) for (const socket of generation.sockets.values()) socket.close();
    return gone;
  }
}

/** What the core is told of an error of sending `size` bytes; undefined: nothing, the datagram is just lost. */
export function sendErrorKind(error: Error, size: number): 'too-big' | 'unreachable' | undefined {
  switch (errorCode(error)) {
    case 'EMSGSIZE':
      // Smaller ones there are none: the way is closed to all.
      return size > SMALLEST ? 'too-big' : 'unreachable';
    case 'EAGAIN':
    case 'ENOBUFS':
    case 'ENOMEM':
    case 'EINTR':
    case 'ECANCELED':
      return undefined;
    default:
      return 'unreachable';
  }
}

function familyOf(address: string): 4 | 6 {
  return addressFamily(address) === 4 ? 4 : 6;
}

function errorCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
