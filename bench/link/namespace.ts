/**
 * Network namespaces: a client's and a server's own network stack on one machine, made by `ip netns` and removed together
 * with every process in them, however this process ends: in order, by an exception, or by a signal. What a killed process
 * left behind is swept away by the next. The machine's own addresses and routes are never touched.
 */

import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import process from 'node:process';
import { onTheWayOut } from '../way-out.ts';

/** An address with the length of its prefix, as ip takes it: `10.9.0.1/32`, `fd09::1/128`. */
export type Address = string;

const NAME = /^rove-(\d+)-/;
let counter = 0;
let isSwept = false;

/** Why this machine cannot give namespaces with TUN devices in them, in a few words; undefined when it can. */
export function namespacesMissing(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces need Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return 'there is no /dev/net/tun';
  }
  const trial = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  if (trial.error !== undefined) return 'ip is not installed (Debian: apt install iproute2)';
  const name = `rove-${process.pid}-trial`;
  const added = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (added.status !== 0) return `ip netns is not permitted here: ${added.stderr.trim()}`;
  spawnSync('ip', ['netns', 'del', name]);
  return undefined;
}

export class Namespace {
  readonly name: string;
  /** Put before a command line, it runs that command in here. */
  readonly prefix: readonly string[];
  #device: string | undefined;
  #forget: (() => void) | undefined;

  private constructor(name: string) {
    this.name = name;
    this.prefix = ['ip', 'netns', 'exec', name];
  }

  /** A new one, with nothing but a loopback. `role` is for the eyes of whoever lists them. */
  static async make(role: string): Promise<Namespace> {
    if (!isSwept) sweep();
    isSwept = true;
    const namespace = new Namespace(`rove-${process.pid}-${counter++}-${role}`);
    await ip(['netns', 'add', namespace.name]);
    namespace.#forget = onTheWayOut(() => removeByName(namespace.name));
    await ip(['-n', namespace.name, 'link', 'set', 'lo', 'up']);
    return namespace;
  }

  /** Takes a network device out of the machine's own namespace into this one, and makes it ready for addresses. */
  async take(device: string): Promise<void> {
    await ip(['link', 'set', device, 'netns', this.name]);
    this.#device = device;
    // No link-local address: its router solicitations would be packets that nobody asked for.
    await this.#batch([`link set ${device} addrgenmode none`, `link set ${device} txqueuelen 10000 up`]);
  }

  /** From now on these addresses and no others, with all the world behind the device. None: no network at all. */
  async setAddresses(addresses: readonly Address[]): Promise<void> {
    const device = this.#device;
    if (device === undefined) throw new Error(`namespace ${this.name} has no device to give addresses to`);
    const isV6 = (address: Address): boolean => address.includes(':');
    // IPv4 routes go with the last address, IPv6 ones would stay.
    const lines = [`addr flush dev ${device}`, `-6 route flush dev ${device}`];
    for (const address of addresses) lines.push(`addr add ${address} dev ${device}${isV6(address) ? ' nodad' : ''}`);
    // A default route with no address to send from would be a black hole instead of an honest "unreachable".
    if (!addresses.every(isV6)) lines.push(`-4 route replace default dev ${device}`);
    if (addresses.some(isV6)) lines.push(`-6 route replace default dev ${device}`);
    await this.#batch(lines);
  }

  /** Ends every process that runs in it, and removes it. */
  remove(): void {
    if (this.#forget === undefined) return;
    this.#forget();
    this.#forget = undefined;
    removeByName(this.name);
  }

  async #batch(lines: readonly string[]): Promise<void> {
    // ip's batch lines cannot change the address family: one call for each is short enough.
    for (const line of lines) await ip(['-n', this.name, ...line.split(' ')]);
  }
}

function ip(parts: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('ip', [...parts], (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`ip ${parts.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }));
    });
  });
}

function removeByName(name: string): void {
  const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
  // Whoever is in there was started in there, so it is ours.
  for (const line of (stdout ?? '').split('\n')) {
    const pid = Number(line);
    if (pid > 1) killQuietly(pid);
  }
  spawnSync('ip', ['netns', 'del', name]);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has gone by itself.
  }
}

/** Removes the namespaces of processes that no longer live. */
function sweep(): void {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  for (const line of (stdout ?? '').split('\n')) {
    const name = line.split(' ')[0] ?? '';
    const pid = Number(NAME.exec(name)?.[1] ?? 0);
    if (pid > 0 && !isAlive(pid)) removeByName(name);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
