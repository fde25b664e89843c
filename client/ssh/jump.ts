/**
 * The way to a host: TCP, a program, or through other hosts (ssh_config(5), ProxyJump). Each of these is logged in on by itself, with its own
 * configuration, keys and known host keys, and connects on to the next; the first is reached as its own configuration says, through
 * further ones if that wants it. Everything is asked for at once, so that a hop costs what a login costs and no more.
 */

import type { Log } from '../log.ts';
import { UserError } from '../user-error.ts';
import { NeedsSystemSsh } from './auth/needs-system-ssh.ts';
import { dial } from './dial.ts';
import { type Carrier, EmbeddedConnection } from './embedded-connection.ts';
import type { KeyExchangeMemory } from './key-exchange-memory.ts';
import type { Prompter } from './prompter.ts';
import { startProxy } from './proxy-command.ts';
import type { JumpHost, Settings } from './settings.ts';

/** What is needed on the way. */
export interface WayOptions {
  readonly prompter: Prompter;
  readonly log: Log;
  readonly memory: KeyExchangeMemory | undefined;
  /** What the configuration says of a host that is jumped through. */
  readonly resolve: (jump: JumpHost) => Promise<Settings>;
}

/** Hosts in a row: beyond this it is a configuration that sends each to the next. */
const HOPS_MAX = 16;

/** A carrier to the host of `settings`. Rejects with `UserError`; whatever was opened for it is closed then. */
export function carryTo(settings: Settings, options: WayOptions): Promise<Carrier> {
  return carry(settings, options, 0);
}

async function carry(settings: Settings, options: WayOptions, hops: number): Promise<Carrier> {
  if (settings.jumps.length > 0) return carryThrough(settings, options, hops);
  if (settings.proxyCommand !== undefined) {
    options.log.tell('debug1', `${settings.label}: by the proxy command ${settings.proxyCommand}`);
    const { stream, whyEnded } = await startProxy(settings.proxyCommand, settings.label);
    return { socket: stream, address: undefined, whyEnded, close: () => stream.destroy() };
  }
  const socket = await dial(settings);
  return { socket, address: socket.remoteAddress ?? settings.host };
}

async function carryThrough(settings: Settings, options: WayOptions, hops: number): Promise<Carrier> {
  if (hops + settings.jumps.length > HOPS_MAX) {
    throw new UserError(
      `the way to ${settings.label} goes through more than ${HOPS_MAX} hosts: is there a loop in ProxyJump?`,
    );
  }
  const { prompter, log, memory } = options;
  const resolved = await Promise.all(settings.jumps.map((jump) => resolveHop(jump, settings, options)));
  log.tell('debug1', `${settings.label}: through ${resolved.map(({ label }) => label).join(', ')}`);
  let last: EmbeddedConnection | undefined;
  for (const hop of resolved) {
    const carrier = last === undefined ? carry(hop, options, hops + resolved.length) : carryOver(last, hop);
    last = new EmbeddedConnection({ settings: hop, carrier, prompter, log, memory });
  }
  if (last === undefined) throw new Error('a way through nobody');
  return carryOver(last, settings);
}

async function resolveHop(jump: JumpHost, settings: Settings, options: WayOptions): Promise<Settings> {
  const hop = await options.resolve(jump);
  if (hop.handOver.length > 0) {
    throw new NeedsSystemSsh(`the built-in ssh has no ${hop.handOver.join(', ')}, which ${hop.label} wants`);
  }
  if (hop.host === settings.host && hop.port === settings.port && hop.user === settings.user) {
    throw new UserError(
      `${settings.label} is to be reached through itself: give it "ProxyJump none" in the configuration`,
    );
  }
  return hop;
}

/** The way from one host to the next; who closes it closes the connection that it is on. */
async function carryOver(connection: EmbeddedConnection, to: Settings): Promise<Carrier> {
  try {
    const socket = await connection.forwardTo(to.host, to.port);
    return {
      socket,
      address: undefined,
      whyEnded: () => connection.failure,
      close: () => connection.close(),
    };
  } catch (error) {
    connection.close();
    throw error;
  }
}
