/**
 * An emulated link between two network namespaces, as the measuring process sees it: it starts the link's own process
 * (main.ts), puts its two devices into the namespaces, and passes orders to it.
 */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { builtProgram } from '../installation.ts';
import { type Answer, DIRECTIONS, type Direction, type LinkCounts, type LinkSetup, type Order } from './control.ts';
import { checkImpairment, type ImpairmentOptions } from './impairment.ts';
import type { LinkControl, LinkOptions } from './link-control.ts';
import type { Namespace } from './namespace.ts';

let counter = 0;

/** Both directions alike: half of the round trip each way, and the rest the same. */
export function symmetric(rttMs: number, rest: ImpairmentOptions = {}): LinkOptions {
  const way = { ...rest, delayMs: rttMs / 2 };
  return { up: way, down: way };
}

export class Link implements LinkControl {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: ((answer: Answer) => void)[] = [];

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.#waiting.shift()?.(JSON.parse(line) as Answer));
    child.stdin.on('error', () => {});
    child.once('exit', () => {
      const gone: Answer = { kind: 'error', message: 'the process of the emulated link has ended' };
      for (const resolve of this.#waiting.splice(0)) resolve(gone);
    });
  }

  /** Joins the two namespaces. Their addresses are set on them, before or after. */
  static async join(client: Namespace, server: Namespace, options: LinkOptions): Promise<Link> {
    const name = `rv${process.pid.toString(36)}${(counter++).toString(36)}`;
    const setup: LinkSetup = {
      clientDevice: `${name}c`,
      serverDevice: `${name}s`,
      up: checkImpairment(options.up ?? {}),
      down: checkImpairment(options.down ?? {}),
      seed: options.seed ?? 1,
      nat: options.nat ?? false,
    };
    const child = spawn(process.execPath, [builtProgram('link')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // A Ctrl-C at the terminal is for the measuring process alone; this one ends with its standard input.
      detached: true,
    });
    const link = new Link(child);
    try {
      // Not as an argument: a trace is longer than one may be.
      await link.#tell(setup);
      await client.take(setup.clientDevice);
      await server.take(setup.serverDevice);
    } catch (error) {
      await link.close();
      throw error;
    }
    return link;
  }

  /** Packets that enter from now on meet these. */
  async impair(options: LinkOptions): Promise<void> {
    for (const direction of DIRECTIONS) {
      await this.#order({ kind: 'impair', direction, options: checkImpairment(options[direction] ?? {}) });
    }
  }

  /** A cut or mended cable; what is under way when it is cut is lost, too. */
  async setOutage(on: boolean, directions: readonly Direction[] = DIRECTIONS): Promise<void> {
    for (const direction of directions) await this.#order({ kind: 'outage', direction, on });
  }

  /** A firewall that lets no UDP through, as in some hotels; TCP passes. */
  async setFirewall(on: boolean): Promise<void> {
    await this.#order({ kind: 'firewall', on });
  }

  /** The NAT forgets the client's ports (only with `nat`). */
  async rebind(): Promise<void> {
    await this.#order({ kind: 'rebind' });
  }

  /** The same dice as those of a new link with this seed; a trace begins anew, what is under way stays so. */
  async reseed(seed: number): Promise<void> {
    await this.#order({ kind: 'reseed', seed });
  }

  async counts(): Promise<LinkCounts> {
    const answer = await this.#order({ kind: 'count' });
    if (answer.kind !== 'counts') throw new Error('the emulated link answered something else than its counts');
    return answer.counts;
  }

  /** Ends it; the devices go with it. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin.end();
    await exited;
  }

  #order(order: Order): Promise<Answer> {
    return this.#tell(order);
  }

  async #tell(line: LinkSetup | Order): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
    return await this.#answered();
  }

  async #answered(): Promise<Answer> {
    if (this.#child.exitCode !== null) throw new Error('the process of the emulated link has ended');
    const answer = await new Promise<Answer>((resolve) => this.#waiting.push(resolve));
    if (answer.kind === 'error') throw new Error(answer.message);
    return answer;
  }
}
