/**
 * A TCP download through the link beside the session, as on a phone that fetches something meanwhile: a sender in the server's
 * namespace that never has enough, a reader in the client's. On a link with a deep queue it fills that queue, and everything else waits behind it
 * (bufferbloat).
 *
 * It uses CUBIC (RFC 9438), what Linux servers use by default and what fills queues; BBR, which some machines are set to, keeps them
 * short. That is set on its socket alone, so that the sessions keep what the machine has.
 */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkControl } from '../link/link-control.ts';
import type { Namespace } from '../link/namespace.ts';

const PORT = 5001;
/** How long either side has to come up: the connection itself crosses the link. */
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

/** Sends for ever to whoever connects; `$1` is the port, `$2` where koffi is. */
const SENDER = `
const libc = require(process.argv[2]).load(null);
const setsockopt = libc.func('int setsockopt(int fd, int level, int name, const char *value, unsigned int length)');
const [IPPROTO_TCP, TCP_CONGESTION] = [6, 13];
const chunk = Buffer.alloc(65536);
require('node:net').createServer((socket) => {
  setsockopt(socket._handle.fd, IPPROTO_TCP, TCP_CONGESTION, 'cubic', 5);
  const send = () => { while (socket.write(chunk)); };
  socket.on('drain', send).on('error', () => {});
  send();
}).listen(Number(process.argv[1]), '::', () => console.log('ready'));`;
/** Reads from the address \`$1\`, port \`$2\`, and says every tenth of a second how many bytes have come. */
const READER = `
let bytes = 0;
require('node:net').connect(Number(process.argv[2]), process.argv[1], () => {
  console.log(bytes);
  setInterval(() => console.log(bytes), 100);
}).on('data', (chunk) => { bytes += chunk.length; }).on('error', () => process.exit(1)).on('end', () => process.exit(0));`;

type Child = ChildProcessByStdio<null, Readable, null>;

export interface DownloadPath {
  readonly client: Namespace;
  readonly server: Namespace;
  /** The server's address on the link. */
  readonly address: string;
}

export class Download {
  readonly #sender: Child;
  readonly #reader: Child;
  #bytes = 0;

  private constructor(sender: Child, reader: Child) {
    this.#sender = sender;
    this.#reader = reader;
    createInterface({ input: reader.stdout }).on('line', (line) => {
      this.#bytes = Number(line);
    });
  }

  /** Resolves when the connection stands. Throws when it does not come to that. */
  static async start({ client, server, address }: DownloadPath): Promise<Download> {
    const sender = run(server, SENDER, [`${PORT}`, createRequire(import.meta.url).resolve('koffi')]);
    let reader: Child | undefined;
    try {
      await firstWord(sender, 'the sender of the download');
      reader = run(client, READER, [address, `${PORT}`]);
      await firstWord(reader, 'the reader of the download');
      return new Download(sender, reader);
    } catch (error) {
      await Promise.all([sender, reader].map(end));
      throw error;
    }
  }

  /** Bytes that have come through so far, a tenth of a second ago. */
  bytes(): number {
    return this.#bytes;
  }

  /** Its processes: neither is a session's, and neither is charged to a shell. */
  get pids(): readonly number[] {
    return [this.#sender, this.#reader].flatMap(({ pid }) => pid ?? []);
  }

  /** Resolves to true when the queue towards the client has overflowed for the first time: it is full, and stays so more or less. */
  async untilQueueStands(link: LinkControl, timeoutMs: number): Promise<boolean> {
    const { down: before } = await link.counts();
    for (let leftMs = timeoutMs; leftMs > 0; leftMs -= POLL_MS) {
      const { down } = await link.counts();
      if (down.dropped.queue > before.dropped.queue) return true;
      await sleep(POLL_MS);
    }
    return false;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#reader, this.#sender].map(end));
  }
}

function run(namespace: Namespace, script: string, words: readonly string[]): Child {
  const [command = '', ...rest] = [...namespace.prefix, process.execPath, '-e', script, ...words];
  return spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
}

async function firstWord(child: Child, what: string): Promise<void> {
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const came = await Promise.race([
    once(child.stdout, 'data', { signal }).then(
      () => true,
      () => false,
    ),
    once(child, 'exit', { signal }).then(
      () => false,
      () => false,
    ),
  ]);
  if (!came) throw new Error(`${what} did not get through within ${START_TIMEOUT_MS / 1000} s`);
}

async function end(child: Child | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
