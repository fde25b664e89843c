/** A server of one session on loopback whose program shows what it is sent and can be told to end: the real core and emulator, no pty. */

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { ShellServer } from '../../protocol/session/shell-server.ts';
import type { TerminalFacts } from '../../protocol/session/terminal-facts.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { systemRandom } from '../crypto/random.ts';

export interface EchoServerOptions {
  readonly connectionId: Uint8Array;
  readonly secret: Uint8Array;
  readonly cols: number;
  readonly rows: number;
}

export class EchoServer {
  readonly port: number;
  readonly core: ShellServer;
  readonly emulator: Emulator;
  /** All keys so far. */
  typed = '';
  /** What the client has told of its terminal. */
  readonly facts: TerminalFacts[] = [];
  /** The sizes that the client has sent. */
  readonly sizes: string[] = [];
  /** Neither hears nor answers. */
  deaf = false;
  /** Does not take keys: flow control holds the rest back. */
  stuck = false;
  /** Local ports of the client seen so far, even while deaf. */
  readonly clientPorts = new Set<number>();
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;

  static async start(options: EchoServerOptions): Promise<EchoServer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new EchoServer(options, socket);
  }

  private constructor(options: EchoServerOptions, socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
    this.emulator = new Emulator(options);
    this.core = new ShellServer({
      ...options,
      now: performance.now(),
      random: systemRandom,
      snapshot: () => this.emulator.snapshot(),
    });
    socket.on('message', (datagram, from) => {
      this.clientPorts.add(from.port);
      if (this.deaf) return;
      this.core.receive(performance.now(), datagram, `${from.address}|${from.port}`);
      this.pump();
    });
  }

  /** The program prints. */
  print(text: string): void {
    this.emulator.write(new TextEncoder().encode(text));
    this.core.screenChanged();
    this.pump();
  }

  /** The program ends. */
  end(status: number, reason = ''): void {
    this.core.end(status, reason);
    this.pump();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#socket.close();
  }

  pump(): void {
    const now = performance.now();
    this.core.tick(now);
    if (!this.stuck) this.#takeInput(now);
    for (let sent = this.core.pollTransmit(now); sent !== undefined; sent = this.core.pollTransmit(now)) {
      const [address, port] = sent.path.split('|');
      if (!this.deaf) this.#socket.send(sent.datagram, Number(port), address);
    }
    const at = Math.min(this.core.nextTimeout(now), now + 1_000);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.pump(), Math.max(1, at - now));
  }

  #takeInput(now: number): void {
    for (let event = this.core.takeInput(4_096); event !== undefined; event = this.core.takeInput(4_096)) {
      if (event.kind === 'keys') {
        this.typed += new TextDecoder().decode(event.bytes);
        this.emulator.write(event.bytes);
      } else if (event.kind === 'facts') {
        this.facts.push(event.facts);
        this.emulator.setFacts(event.facts);
      } else {
        this.sizes.push(`${event.cols}x${event.rows}`);
        this.emulator.resize(event.cols, event.rows);
      }
      this.core.inputWritten(now);
      this.core.screenChanged();
    }
  }
}
