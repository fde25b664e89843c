/**
 * A TCP connection to a name: all its addresses are looked up and tried a little after one another, the first that answers wins
 * (RFC 8305, Happy Eyeballs). Node's own `autoSelectFamily` gives an attempt up after 250 ms, which a slow mobile link needs for
 * a healthy one; here the earlier attempts go on.
 */

import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { UserError } from '../user-error.ts';

/** Where to connect to. */
export interface Dial {
  readonly host: string;
  readonly port: number;
  readonly family: 4 | 6 | undefined;
  readonly timeoutMs: number;
  /** The address to connect from. */
  readonly bindAddress?: string | undefined;
  /** How often it is tried, a second apart; once by default. */
  readonly attempts?: number;
}

/** Head start of one address over the next (RFC 8305 §5 "Connection Attempt Delay"), in ms. */
const HEAD_START_MS = 250;

/** Between two attempts (ssh_config(5), ConnectionAttempts), in ms. */
const BETWEEN_ATTEMPTS_MS = 1000;

/** Most addresses of a name that are tried. */
const ADDRESSES_MAX = 8;

/** The connected socket, with Nagle's delay off. Throws `UserError`. */
export async function dial(options: Dial): Promise<Socket> {
  for (let left = options.attempts ?? 1; ; left--) {
    try {
      return await connectFirst(await resolve(options), options);
    } catch (error) {
      if (left <= 1) throw error;
      await new Promise((done) => setTimeout(done, BETWEEN_ATTEMPTS_MS));
    }
  }
}

/** A connection to the first of `addresses` that answers. `options.host` is for messages. Throws `UserError`. */
export function connectFirst(addresses: readonly string[], options: Dial): Promise<Socket> {
  return new Promise((done, fail) => {
    const attempts = new Set<Socket>();
    let next = 0;
    let headStart: NodeJS.Timeout | undefined;
    let refusal: NodeJS.ErrnoException | undefined;

    const settle = (): void => {
      clearTimeout(headStart);
      clearTimeout(deadline);
      for (const attempt of attempts) attempt.destroy();
    };
    const attemptNext = (): void => {
      clearTimeout(headStart);
      const address = addresses[next++];
      if (address === undefined) {
        if (attempts.size === 0) {
          settle();
          fail(new UserError(explain(options, refusal), { cause: refusal }));
        }
        return;
      }
      const socket = connect({
        host: address,
        port: options.port,
        noDelay: true,
        // A command may say nothing for days, to a host that has gone (TCPKeepAlive).
        keepAlive: true,
        autoSelectFamily: false,
        ...(options.bindAddress === undefined ? {} : { localAddress: options.bindAddress }),
      });
      attempts.add(socket);
      const refused = (error: NodeJS.ErrnoException): void => {
        attempts.delete(socket);
        refusal = error;
        attemptNext();
      };
      socket.once('error', refused);
      socket.once('connect', () => {
        socket.off('error', refused);
        // Whoever takes it over hears of a later error by its close.
        socket.on('error', () => undefined);
        attempts.delete(socket);
        settle();
        done(socket);
      });
      headStart = setTimeout(attemptNext, HEAD_START_MS);
    };
    const deadline = setTimeout(() => {
      settle();
      fail(new UserError(explain(options, undefined)));
    }, options.timeoutMs);
    attemptNext();
  });
}

/** The literal addresses of a name, in the order of the system's preference (RFC 6724). */
export async function resolve(options: Pick<Dial, 'host' | 'family' | 'timeoutMs'>): Promise<string[]> {
  const literal = isIP(options.host.replace(/%.*$/, ''));
  if (literal !== 0) {
    if (options.family !== undefined && literal !== options.family) {
      throw new UserError(`${options.host} is no IPv${options.family} address: leave out -${options.family}`);
    }
    return [options.host];
  }
  let timer: NodeJS.Timeout | undefined;
  try {
    const found = await Promise.race([
      lookup(options.host, { all: true, family: options.family ?? 0, verbatim: true }),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('no name server answers')), options.timeoutMs);
      }),
    ]);
    return [...new Set(found.map(({ address }) => address))].slice(0, ADDRESSES_MAX);
  } catch (cause) {
    throw new UserError(unresolved(options, cause), { cause });
  } finally {
    clearTimeout(timer);
  }
}

function unresolved(options: Pick<Dial, 'host' | 'family'>, cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const kind = options.family === undefined ? 'address' : `IPv${options.family} address`;
  if (code === 'EAI_AGAIN') return `cannot look up ${options.host}: no name server answers; is this machine online?`;
  if (code === 'ENOTFOUND' || code === 'ENODATA') {
    return `there is no ${kind} for the name ${options.host}: check the spelling, or your ssh configuration`;
  }
  return `cannot look up ${options.host}: ${cause instanceof Error ? cause.message : cause}`;
}

function explain(options: Dial, error: NodeJS.ErrnoException | undefined): string {
  const where = `${options.host} port ${options.port}`;
  switch (error?.code) {
    case undefined:
      return `${where} did not answer within ${options.timeoutMs / 1000} s: is the host up, and is the port right (-p)?`;
    case 'ECONNREFUSED':
      return `${where} refused the connection: does an ssh server run there, and is the port right (-p)?`;
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EADDRNOTAVAIL':
      return `there is no route to ${where}: is this machine online?`;
    default:
      return `cannot connect to ${where}: ${error?.message}`;
  }
}
