/**
 * The daemon's UDP sockets: one for IPv4 and one for IPv6 on the same port, for all sessions. A path (`PathId` of the core) is
 * `family|address|port` of the peer.
 */

import { createSocket, type Socket } from 'node:dgram';
import { errorCode, errorMessage, Failure } from './failure.ts';

/** Ports tried when the client does not ask for others: mosh's range is 60000 to 61000, and firewalls are opened for that. */
export const DEFAULT_PORTS: PortRange = { first: 60_001, last: 60_999 };

/** Asked of the kernel, which may give less: datagrams wait here while the loop is busy with a flood. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** UDP ports, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Gets every datagram; `path` names where it came from. The bytes are the receiver's. */
export type OnDatagram = (datagram: Uint8Array, path: string) => void;

export class UdpSockets {
  readonly port: number;
  readonly #v4: Socket;
  readonly #v6: Socket | undefined;

  private constructor(port: number, v4: Socket, v6: Socket | undefined) {
    this.port = port;
    this.#v4 = v4;
    this.#v6 = v6;
  }

  /** Binds the first port of `range` that is free. Throws a Failure when none is. */
  static async bind(range: PortRange): Promise<UdpSockets> {
    for (let port = range.first; port <= range.last; port++) {
      const sockets = await bindBoth(port);
      if (sockets !== undefined) return new UdpSockets(port, sockets.v4, sockets.v6);
    }
    const ports =
      range.first === range.last ? `port ${range.first} is` : `ports ${range.first} to ${range.last} are all`;
    throw new Failure('port', `UDP ${ports} taken on the server: ask for others with --udp-port=FIRST:LAST`);
  }

  onDatagram(handler: OnDatagram): void {
    this.#v4.on('message', (datagram, from) => handler(plain(datagram), `4|${from.address}|${from.port}`));
    this.#v6?.on('message', (datagram, from) => handler(plain(datagram), `6|${from.address}|${from.port}`));
  }

  /** Sends at once if the kernel takes it. `onError` hears of a datagram that the kernel refuses, later. */
  send(datagram: Uint8Array, path: string, onError: (code: string) => void): void {
    const [family, address, port] = path.split('|');
    const socket = family === '6' ? this.#v6 : this.#v4;
    socket?.send(datagram, 0, datagram.length, Number(port), address, (error) => {
      if (error !== null) onError(errorCode(error));
    });
  }

  /** Gives the port back at once. */
  close(): void {
    this.#v4.close();
    this.#v6?.close();
  }
}

/** The same bytes as a Uint8Array, whose `slice` copies as the core expects. */
function plain(datagram: Buffer): Uint8Array {
  return new Uint8Array(datagram.buffer, datagram.byteOffset, datagram.length);
}

/** Undefined when the port is taken for either family. */
async function bindBoth(port: number): Promise<{ v4: Socket; v6: Socket | undefined } | undefined> {
  const v4 = open('udp4');
  let v6: Socket | undefined;
  try {
    await bindSocket(v4, port, '0.0.0.0');
    v6 = open('udp6');
    try {
      await bindSocket(v6, port, '::');
    } catch (error) {
      if (!isWithoutIPv6(error)) throw error;
      v6.close();
      v6 = undefined;
    }
    return { v4, v6 };
  } catch (error) {
    v4.close();
    v6?.close();
    const code = errorCode(error);
    // EACCES: a port below 1024.
    if (code === 'EADDRINUSE' || code === 'EACCES') return undefined;
    throw new Failure('udp', `Cannot open UDP port ${port} on the server: ${errorMessage(error)}`, { cause: error });
  }
}

function isWithoutIPv6(error: unknown): boolean {
  return ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT', 'EINVAL'].includes(errorCode(error));
}

function open(type: 'udp4' | 'udp6'): Socket {
  return createSocket({
    type,
    ipv6Only: type === 'udp6',
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    // Addresses are always literal. Answered without a detour through the system's resolver, send reaches the kernel at once.
    lookup: (address, _options, answer) => answer(null, address, type === 'udp4' ? 4 : 6),
  });
}

function bindSocket(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port, address, exclusive: true }, () => {
      socket.off('error', reject);
      // Nothing that a socket reports later is worth more than the datagram it is about.
      socket.on('error', () => {});
      resolve();
    });
  });
}
