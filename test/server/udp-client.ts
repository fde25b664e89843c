/** A client without a terminal: the core's client half on a UDP socket, for tests of the server. */

import { createSocket, type Socket } from 'node:dgram';
import type { SessionAnswer } from '../../protocol/bootstrap/answer.ts';
import { encodeRequest, type Request } from '../../protocol/bootstrap/request.ts';
import { acceptAnswer, createOffer, type Offer } from '../../protocol/crypto/agreement.ts';
import { CELL_WORDS, CLUSTER, CODE_POINT_MASK, TAIL } from '../../protocol/screen/cell.ts';
import type { Row } from '../../protocol/screen/row.ts';
import { ShellClient, type ShellEnd } from '../../protocol/session/shell-client.ts';
import { systemRandom } from '../../server/random.ts';

/** A request line, and the offer whose secret opens the answer to it. */
export function newRequest(wishes: Partial<Request> = {}): { line: string; offer: Offer; request: Request } {
  const offer = createOffer(systemRandom);
  const request: Request = {
    version: 1,
    program: '0.0.0',
    offer: offer.message,
    term: 'xterm-256color',
    cols: 80,
    rows: 24,
    env: {},
    ...wishes,
  };
  return { line: encodeRequest(request), offer, request };
}

export class UdpClient {
  readonly shell: ShellClient;
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  #watchers = new Set<() => void>();
  #closed = false;

  private constructor(shell: ShellClient, socket: Socket) {
    this.shell = shell;
    this.#socket = socket;
    socket.on('message', (datagram) => {
      shell.receive(performance.now(), new Uint8Array(datagram), 'server');
      this.pump();
    });
  }

  /** Comes to the session on loopback. */
  static async join(answer: SessionAnswer, asked: { offer: Offer; request: Request }): Promise<UdpClient> {
    const socket = createSocket('udp4');
    // A daemon that has gone: ICMP says so.
    socket.on('error', () => {});
    await new Promise<void>((resolve) => socket.connect(answer.port, '127.0.0.1', resolve));
    const shell = new ShellClient({
      now: performance.now(),
      connectionId: answer.connectionId,
      secret: acceptAnswer(asked.offer, answer.answer),
      random: systemRandom,
      cols: asked.request.cols,
      rows: asked.request.rows,
      paths: ['server'],
    });
    const client = new UdpClient(shell, socket);
    client.pump();
    return client;
  }

  get text(): string {
    return this.shell.screen.rows.map(rowText).join('\n');
  }

  type(keys: string | Uint8Array): void {
    this.shell.sendKeys(typeof keys === 'string' ? Buffer.from(keys) : keys);
    this.pump();
  }

  resize(cols: number, rows: number): void {
    this.shell.sendResize(cols, rows);
    this.pump();
  }

  /** Ends the session from here. */
  hangUp(): void {
    this.shell.hangUp();
    this.pump();
  }

  /** Resolves as soon as `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const watcher = () => {
        if (!condition()) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  async untilText(text: string): Promise<void> {
    await this.until(() => this.text.includes(text));
  }

  /** How the session ended. */
  async end(): Promise<ShellEnd> {
    await this.until(() => this.shell.ended !== undefined);
    for (const { datagram } of this.shell.farewell(performance.now())) this.#socket.send(datagram);
    return this.shell.ended ?? { status: -1, reason: '' };
  }

  pump(): void {
    if (this.#closed) return;
    const now = performance.now();
    this.shell.tick(now);
    for (let transmit = this.shell.pollTransmit(now); transmit !== undefined; transmit = this.shell.pollTransmit(now)) {
      this.#socket.send(transmit.datagram);
    }
    clearTimeout(this.#timer);
    const at = this.shell.nextTimeout(now);
    if (at !== Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.pump(), Math.max(at - now, 0));
    for (const watcher of this.#watchers) watcher();
  }

  /** Leaves without a word. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket.close();
  }
}

function rowText(row: Row): string {
  let text = '';
  for (let col = 0; col < row.cols; col++) {
    const content = row.cells[col * CELL_WORDS] ?? 0;
    if ((content & TAIL) !== 0) continue;
    if ((content & CLUSTER) !== 0) text += row.clusters?.get(col) ?? '';
    else text += String.fromCodePoint(content & CODE_POINT_MASK || 0x20);
  }
  return text.trimEnd();
}
