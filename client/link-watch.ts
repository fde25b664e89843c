/**
 * What the client does about its way to the server besides sending: it takes new local ports while the server is silent, asks
 * whether anything holds the port over there, and watches this machine's addresses. All by `now`, with a deadline, like the core.
 */

import type { Connection } from '../protocol/transport/connection.ts';
import type { PathId } from '../protocol/transport/paths.ts';
import type { Silence } from './notice.ts';
import type { Sockets } from './sockets.ts';

/** Silence between two changes of the local ports, in ms (mosh: 10 s). */
const HOP_MS = 10_000;
/** Silence before the first question whether anything holds the port, and between two of them, in ms. */
const PROBE_FIRST_MS = 1_500;
const PROBE_MS = 5_000;
/** So long a refusal or a failure to send says something of the present, in ms. */
const FINDING_MS = 6_000;
/** How often this machine's addresses are looked at, in ms, while the user waits or an answer is missing: with the waking up, half a ms of CPU each time … */
const ADDRESSES_MS = 40;
/** … while the session is in use, so that output goes on soon at the new address, too … */
const ADDRESSES_IN_USE_MS = 200;
/** … while the server has been silent for longer than anybody waits … */
const ADDRESSES_SILENT_MS = 1_000;
/** … and otherwise. */
const ADDRESSES_IDLE_MS = 5_000;
/** How long after the last key the user counts as typing, in ms … */
const TYPING_MS = 10_000;
/** … and the next key is close, in ms: it finds the new way by itself. Until then nobody looks, unless an answer is missing. */
const KEY_GAP_MS = 250;
/** How long after the beginning of a silence somebody waits, in ms. */
const WAITING_MS = 60_000;
/** In a session that is used the server is heard so often, in ms: the protocol asks every 3 s for a minute after the last content. */
const IN_USE_MS = 4_000;
/** An answer this late is missing, in ms. */
const MISSING_MS = 500;

export interface LinkWatchOptions {
  readonly now: number;
  readonly connection: Connection;
  readonly sockets: Pick<Sockets, 'paths' | 'open' | 'settle' | 'probe'>;
  /** The server's, literal. */
  readonly addresses: readonly string[];
  /** This machine's addresses as one text that differs when they do. */
  readonly localAddresses: () => string;
}

export class LinkWatch {
  readonly #options: LinkWatchOptions;
  /** Paths that the connection was given. */
  #paths: PathId[];
  #since: number | undefined;
  #probeAt = Number.POSITIVE_INFINITY;
  #hopAt = Number.POSITIVE_INFINITY;
  #refusals = new Map<string, number>();
  #failures = new Map<PathId, number>();
  #typedAt = Number.NEGATIVE_INFINITY;
  #lookAt: number;
  #localAddresses: string;

  /** The connection has been given the sockets' paths. */
  constructor(options: LinkWatchOptions) {
    this.#options = options;
    this.#paths = options.sockets.paths;
    this.#lookAt = options.now + ADDRESSES_MS;
    this.#localAddresses = options.localAddresses();
  }

  /** An authentic datagram came by `path`. */
  onHeard(now: number, path: PathId): void {
    for (const gone of this.#options.sockets.settle(path)) this.#forget(now, gone);
    this.#refusals.clear();
    this.#failures.clear();
  }

  onTyped(now: number): void {
    this.#typedAt = now;
    const byItself = this.#since === undefined;
    this.#lookAt = byItself ? now + KEY_GAP_MS : Math.min(this.#lookAt, now + ADDRESSES_MS);
  }

  onUnreachable(now: number, path: PathId): void {
    if (this.#paths.includes(path)) this.#failures.set(path, now);
  }

  onRefused(now: number, address: string): void {
    if (this.#since !== undefined) this.#refusals.set(address, now);
  }

  /** What is known of the server's silence; undefined while it answers. */
  silence(now: number): Omit<Silence, 'host' | 'port' | 'behind' | 'unconfirmed'> | undefined {
    const { connection } = this.#options;
    const since = connection.unansweredSince;
    return since === undefined ? undefined : { since, heard: connection.heard, finding: this.#finding(now) };
  }

  /** Does what is due at `now`. */
  tick(now: number): void {
    const { connection, sockets, addresses, localAddresses } = this.#options;
    const since = connection.unansweredSince;
    if (since !== this.#since) {
      this.#since = since;
      this.#probeAt = since === undefined ? Number.POSITIVE_INFINITY : since + PROBE_FIRST_MS;
      this.#hopAt = since === undefined ? Number.POSITIVE_INFINITY : since + HOP_MS;
      if (since !== undefined) this.#lookAt = Math.min(this.#lookAt, since + ADDRESSES_MS);
      else this.#lookAt = Math.max(this.#lookAt, this.#typedAt + KEY_GAP_MS);
    }
    if (this.#probeAt <= now) {
      this.#probeAt = now + PROBE_MS;
      for (const address of addresses) sockets.probe(address);
    }
    if (this.#hopAt <= now) {
      this.#hopAt = now + HOP_MS;
      this.#hop(now);
    }
    if (this.#lookAt <= now) {
      this.#lookAt = now + this.#lookInterval(now);
      const found = localAddresses();
      if (found !== this.#localAddresses) connection.probe();
      this.#localAddresses = found;
    }
  }

  /** When `tick` has something to do. */
  nextTimeout(now: number): number {
    const { unansweredSince } = this.#options.connection;
    // The first tick after a datagram left unanswered sets the deadlines for it.
    const noticeAt = unansweredSince === this.#since ? Number.POSITIVE_INFINITY : (unansweredSince ?? now) + MISSING_MS;
    return Math.min(this.#probeAt, this.#hopAt, this.#lookAt, noticeAt);
  }

  #lookInterval(now: number): number {
    const { unansweredSince, lastHeardAt } = this.#options.connection;
    if (now - this.#typedAt < TYPING_MS) return ADDRESSES_MS;
    const missing = unansweredSince !== undefined && now - unansweredSince > MISSING_MS;
    if (missing) return now - unansweredSince < WAITING_MS ? ADDRESSES_MS : ADDRESSES_SILENT_MS;
    return now - lastHeardAt < IN_USE_MS ? ADDRESSES_IN_USE_MS : ADDRESSES_IDLE_MS;
  }

  #finding(now: number): Silence['finding'] {
    const recent = (at: number | undefined): boolean => at !== undefined && now - at < FINDING_MS;
    if (this.#paths.length > 0 && this.#paths.every((path) => recent(this.#failures.get(path)))) return 'offline';
    // The one that the packets go to now: of others, nobody may ever have listened there.
    const address = addressOf(this.#options.connection.currentPath);
    return address !== undefined && recent(this.#refusals.get(address)) ? 'refused' : 'none';
  }

  /** New local ports; the old ones only listen from now on. */
  #hop(now: number): void {
    const { connection, sockets } = this.#options;
    const old = this.#paths;
    const address = addressOf(connection.currentPath);
    const gone = sockets.open();
    this.#paths = sockets.paths;
    // The address in use last: when the current path goes, the last one becomes current.
    const likeliestLast = this.#paths.toReversed();
    likeliestLast.push(...this.#paths.filter((path) => addressOf(path) === address));
    for (const path of likeliestLast) connection.addPath(path);
    for (const path of [...old, ...gone]) this.#forget(now, path);
    connection.probe();
  }

  #forget(now: number, path: PathId): void {
    this.#options.connection.removePath(now, path);
    this.#paths = this.#paths.filter((known) => known !== path);
    this.#failures.delete(path);
  }
}

function addressOf(path: PathId | undefined): string | undefined {
  return path?.split('|')[1];
}
