/**
 * The same link by the kernel's hands: a veth pair between the namespaces and `tc netem` (tc-netem(8)) on both ends, for those who
 * trust netem more than this project's own emulator, or want to compare. What netem does not do as asked is refused.
 *
 * Two things differ. netem's reordering sends a share of the packets at once instead of holding a share back; and its queue is
 * counted in packets, those that are only being delayed among them, so the limit here makes room for these.
 */

import { execFile, spawnSync } from 'node:child_process';
import process from 'node:process';
import { DIRECTIONS, type Direction, type DirectionCounts, type LinkCounts } from './control.ts';
import { checkImpairment, type ImpairmentOptions } from './impairment.ts';
import type { LinkControl, LinkOptions } from './link-control.ts';
import { Namespace } from './namespace.ts';

const PACKET_BYTES = 1500;
const QUEUE_BYTES_DEFAULT = 256 * 1024;
/** Without a rate nothing queues: room for all that is under way. */
const LIMIT_PACKETS = 65_536;
/** With a rate, netem keeps packets in order under jitter; this one delays none of them noticeably. */
const RATE_FOR_ORDER_BPS = 10e9;
const ETHERNET_BYTES = 14;

/** Why this kernel has no netem, and what to do; undefined when it has. Needs root. */
export async function netemMissing(): Promise<string | undefined> {
  let trial: Namespace;
  try {
    trial = await Namespace.make('netem');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  try {
    const command = ['-n', trial.name, 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms'];
    const { error, status, stderr } = spawnSync('tc', command, { encoding: 'utf8' });
    if (error !== undefined) return 'tc is not installed: apt install iproute2, or leave out --netem';
    if (status === 0) return undefined;
    const why = stderr.trim().split('\n')[0] ?? '';
    return `this kernel has no netem (${why}): modprobe sch_netem, or leave out --netem`;
  } finally {
    trial.remove();
  }
}

/**
 * The words after `tc -n NAMESPACE` that make `device` do to what leaves it what `options` say. `seed` where this tc knows that
 * word (iproute2 6.6). Throws RangeError for what netem cannot do.
 */
export function netemArguments(device: string, options: ImpairmentOptions, seed?: number): readonly string[] {
  checkImpairment(options);
  const { delayMs = 0, jitterMs = 0, loss = 0, burst, rateBps, trace, reorder = 0, duplicate = 0 } = options;
  if (trace !== undefined) throw new RangeError('netem cannot replay a trace: leave out --netem, or the trace');
  if (reorder > 0 && delayMs + jitterMs === 0)
    throw new RangeError('netem reorders only with a delay: give the link a delay');
  const words = ['qdisc', 'replace', 'dev', device, 'root', 'netem', 'limit', `${limitPackets(options)}`];
  // netem spreads jitter to both sides of the delay.
  if (delayMs + jitterMs > 0) words.push('delay', milliseconds(delayMs + jitterMs / 2));
  if (jitterMs > 0) words.push(milliseconds(jitterMs / 2));
  // Its two-state model has a loss for each state, so that both kinds of loss are one.
  if (burst !== undefined)
    words.push('loss', 'gemodel', percent(burst.enter), percent(burst.leave), '100%', percent(loss));
  else if (loss > 0) words.push('loss', 'random', percent(loss));
  if (duplicate > 0) words.push('duplicate', percent(duplicate));
  if (reorder > 0) words.push('reorder', percent(reorder));
  if (rateBps !== undefined) words.push('rate', `${Math.round(rateBps)}bit`);
  else if (jitterMs > 0 && reorder === 0) words.push('rate', `${RATE_FOR_ORDER_BPS}bit`);
  if (seed !== undefined) words.push('seed', `${seed}`);
  return words;
}

/** One direction's counts out of `tc -s -j qdisc show dev DEVICE`. What netem does not tell apart is 0. */
export function netemCounts(json: string): DirectionCounts {
  const all = JSON.parse(json) as readonly Readonly<Record<string, unknown>>[];
  const found = all.find(({ kind }) => kind === 'netem') ?? {};
  const number = (name: string): number => (typeof found[name] === 'number' ? found[name] : 0);
  const delivered = number('packets');
  const none = { outage: 0, loss: 0, queue: 0, unmapped: 0, firewall: 0, overflow: 0, refused: 0 };
  return {
    packets: delivered + number('drops') + number('qlen'),
    bytes: Math.max(0, number('bytes') - ETHERNET_BYTES * delivered) + number('backlog'),
    udpPackets: 0,
    udpBytes: 0,
    delivered,
    dropped: { ...none, loss: number('drops') },
    latenessMsMax: 0,
    latenessMsMean: 0,
  };
}

interface End {
  readonly namespace: Namespace;
  readonly device: string;
}

let counter = 0;

export class NetemLink implements LinkControl {
  /** What goes up leaves at the client's end. */
  readonly #ends: Readonly<Record<Direction, End>>;
  readonly #knowsSeed: boolean;
  #options: LinkOptions;
  #seed: number;
  #cut: ReadonlySet<Direction> = new Set();

  private constructor(ends: Readonly<Record<Direction, End>>, options: LinkOptions, knowsSeed: boolean) {
    this.#ends = ends;
    this.#options = options;
    this.#seed = options.seed ?? 1;
    this.#knowsSeed = knowsSeed;
  }

  /** Joins the two namespaces. Throws with one line where netem is missing or cannot do what is asked. */
  static async join(client: Namespace, server: Namespace, options: LinkOptions): Promise<NetemLink> {
    if (options.nat === true) throw new RangeError('there is no NAT with netem: leave out --netem');
    const name = `rv${process.pid.toString(36)}${(counter++).toString(36)}`;
    const ends = {
      up: { namespace: client, device: `${name}c` },
      down: { namespace: server, device: `${name}s` },
    };
    for (const direction of DIRECTIONS) netemArguments(ends[direction].device, options[direction] ?? {});
    const help = spawnSync('tc', ['qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'help'], { encoding: 'utf8' });
    const link = new NetemLink(ends, options, /\bseed\b/.test(`${help.stderr}${help.stdout}`));
    // No ARP: it would be lost and delayed like the rest. Two ends with one address take each other's frames without asking.
    const address = '02:00:00:00:00:01';
    const pair = ['link', 'add', ends.up.device, 'address', address, 'type', 'veth', 'peer'];
    await run('ip', [...pair, 'name', ends.down.device, 'address', address]);
    try {
      for (const { namespace, device } of Object.values(ends)) {
        await run('ip', ['link', 'set', device, 'arp', 'off']);
        await namespace.take(device);
      }
      await link.impair(options);
    } catch (error) {
      await link.close();
      throw error;
    }
    return link;
  }

  async impair(options: LinkOptions): Promise<void> {
    this.#options = options;
    for (const direction of DIRECTIONS) await this.#set(direction);
  }

  /** The same dice again where this tc can seed netem; others otherwise. */
  async reseed(seed: number): Promise<void> {
    this.#seed = seed;
    await this.impair(this.#options);
  }

  async setOutage(on: boolean, directions: readonly Direction[] = DIRECTIONS): Promise<void> {
    const cut = new Set(this.#cut);
    for (const direction of directions) {
      if (on) cut.add(direction);
      else cut.delete(direction);
    }
    this.#cut = cut;
    for (const direction of directions) await this.#set(direction);
  }

  async setFirewall(): Promise<void> {
    throw new Error('there is no firewall with netem: leave out --netem');
  }

  async rebind(): Promise<void> {
    throw new Error('there is no NAT with netem: leave out --netem');
  }

  async counts(): Promise<LinkCounts> {
    const count = async ({ namespace, device }: End): Promise<DirectionCounts> =>
      netemCounts(await run('tc', ['-n', namespace.name, '-s', '-j', 'qdisc', 'show', 'dev', device]));
    return { up: await count(this.#ends.up), down: await count(this.#ends.down) };
  }

  /** Both ends go with one, wherever it has come to; with its namespace, too. */
  async close(): Promise<void> {
    const { namespace, device } = this.#ends.up;
    for (const where of [['-n', namespace.name], []]) {
      await run('ip', [...where, 'link', 'del', device]).catch(() => '');
    }
  }

  async #set(direction: Direction): Promise<void> {
    const { namespace, device } = this.#ends[direction];
    const options = this.#cut.has(direction) ? { loss: 1 } : (this.#options[direction] ?? {});
    const seed = this.#knowsSeed ? this.#seed + DIRECTIONS.indexOf(direction) : undefined;
    await run('tc', ['-n', namespace.name, ...netemArguments(device, options, seed)]);
  }
}

function limitPackets({
  delayMs = 0,
  jitterMs = 0,
  rateBps,
  queueBytes = QUEUE_BYTES_DEFAULT,
}: ImpairmentOptions): number {
  if (rateBps === undefined) return LIMIT_PACKETS;
  const underWayBytes = (rateBps / 8000) * (delayMs + jitterMs);
  return Math.max(1, Math.min(LIMIT_PACKETS, Math.ceil((queueBytes + underWayBytes) / PACKET_BYTES)));
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(6))}%`;
}

/** In microseconds: tc reads no fractions of a millisecond in every version. */
function milliseconds(ms: number): string {
  return `${Math.round(ms * 1000)}us`;
}

function run(command: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, [...words], (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} ${words.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }));
    });
  });
}
