/**
 * Which way packets go (SPEC.md §6; RFC 9000 §8 and §9). A path is a name that the program gives to a pair of a local socket and a
 * remote address; nothing here looks inside. The client has candidates and changes between them; the server follows the newest
 * authentic packet, sends a path that has not proved itself no more than three times what came from it, and falls back to the
 * last proved path when the new one stays silent.
 */

import { equalBytes } from '../bytes.ts';
import { AMPLIFICATION_LIMIT, MAX_PATHS } from '../constants.ts';
import type { Random } from '../crypto/random.ts';

/** A program's name for a local socket and a remote address. */
export type PathId = string;

const CHALLENGE_BYTES = 8;
/** A path that hasn't proved itself for so long, in ms, is left for the last one that had: three probe timeouts of a bad link. */
const PATIENCE_MS = 3_000;
/** Challenges are repeated after one timeout, two, four, … up to two to this. */
const MAX_DOUBLINGS = 6;

interface Path {
  validated: boolean;
  received: number;
  sent: number;
  challenge: Uint8Array | undefined;
  /** When the challenge is to be sent, again. */
  challengeAt: number;
  challenges: number;
  /** When the path is given up unless it has proved itself. */
  giveUpAt: number;
  /** Responses owed, newest last. */
  response: Uint8Array | undefined;
}

export class Paths {
  readonly #random: Random;
  readonly #validate: boolean;
  /** Least recently used first. */
  readonly #paths = new Map<PathId, Path>();
  #current: PathId | undefined;
  #proved: PathId | undefined;

  /** `validate`: whether addresses have to prove themselves (the server's do, the client chose its own). */
  constructor(random: Random, validate: boolean) {
    this.#random = random;
    this.#validate = validate;
  }

  /** Where packets go now. */
  get current(): PathId | undefined {
    return this.#current;
  }

  /** All known, least recently used first. */
  get known(): readonly PathId[] {
    return [...this.#paths.keys()];
  }

  /** Adds a candidate; the first becomes the current one. */
  add(id: PathId): void {
    this.#touch(id);
    this.#current ??= id;
  }

  /** Forgets a path; true when it was the current one, and another has taken its place if there is any. */
  remove(id: PathId): boolean {
    this.#paths.delete(id);
    if (this.#proved === id) this.#proved = undefined;
    if (this.#current !== id) return false;
    this.#current = [...this.#paths.keys()].at(-1);
    return true;
  }

  /** The next candidate after the current one; false when there is no other. */
  rotate(): boolean {
    // Whose turn it was comes last, so that all have one.
    if (this.#current !== undefined) this.#touch(this.#current);
    const [next] = [...this.#paths.keys()].filter((id) => id !== this.#current);
    if (next === undefined) return false;
    this.#touch(next);
    this.#current = next;
    return true;
  }

  /** Notes an authentic datagram; true when it moved the current path: it came by another and is the newest. */
  onReceived(now: number, id: PathId, size: number, newest: boolean): boolean {
    const path = this.#touch(id);
    path.received += size;
    if (!newest) return false;
    const moved = this.#current !== id;
    this.#current = id;
    if (path.validated) this.#proved = id;
    if (this.#validate && !path.validated && (moved || path.challenge === undefined)) this.#startChallenge(now, path);
    return moved;
  }

  onSent(id: PathId, size: number): void {
    const path = this.#paths.get(id);
    if (path !== undefined) path.sent += size;
  }

  /** Bytes that may go by `id` now. */
  allowance(id: PathId): number {
    const path = this.#paths.get(id);
    if (path === undefined) return 0;
    if (!this.#validate || path.validated) return Number.POSITIVE_INFINITY;
    return Math.max(0, AMPLIFICATION_LIMIT * path.received - path.sent);
  }

  onChallenge(id: PathId, data: Uint8Array): void {
    const path = this.#paths.get(id);
    if (path !== undefined) path.response = data.slice();
  }

  /** The peer answered a challenge, by whatever path the answer came. */
  onResponse(data: Uint8Array): void {
    for (const [id, path] of this.#paths) {
      if (path.challenge === undefined || !equalBytes(path.challenge, data)) continue;
      path.validated = true;
      stopChallenge(path);
      if (id === this.#current) this.#proved = id;
    }
  }

  /** A path that owes a response, and the response. */
  nextResponse(): { readonly path: PathId; readonly data: Uint8Array } | undefined {
    for (const [id, path] of this.#paths) {
      if (path.response === undefined) continue;
      const data = path.response;
      path.response = undefined;
      return { path: id, data };
    }
    return undefined;
  }

  /** The challenge due for the current path, which is thereby sent: again after `timeout` ms. */
  takeChallenge(now: number, timeout: number): Uint8Array | undefined {
    const path = this.#currentPath;
    if (path?.challenge === undefined || path.challengeAt > now) return undefined;
    path.challengeAt = now + timeout * 2 ** Math.min(path.challenges, MAX_DOUBLINGS);
    path.challenges++;
    return path.challenge;
  }

  /** When `takeChallenge` has something to give. */
  get challengeAt(): number {
    return this.#currentPath?.challengeAt ?? Number.POSITIVE_INFINITY;
  }

  /** When `tick` has something to do. */
  get giveUpAt(): number {
    return this.#currentPath?.giveUpAt ?? Number.POSITIVE_INFINITY;
  }

  /** Leaves a current path that stayed silent; true when an earlier one is current again. */
  tick(now: number): boolean {
    const path = this.#currentPath;
    if (path === undefined || path.giveUpAt > now) return false;
    path.giveUpAt = Number.POSITIVE_INFINITY;
    if (this.#proved === undefined || this.#proved === this.#current) return false;
    stopChallenge(path);
    this.#current = this.#proved;
    return true;
  }

  get #currentPath(): Path | undefined {
    return this.#current === undefined ? undefined : this.#paths.get(this.#current);
  }

  #startChallenge(now: number, path: Path): void {
    path.challenge ??= this.#random(CHALLENGE_BYTES);
    path.challengeAt = now;
    path.challenges = 0;
    path.giveUpAt = now + PATIENCE_MS;
  }

  #touch(id: PathId): Path {
    const path = this.#paths.get(id) ?? {
      validated: false,
      received: 0,
      sent: 0,
      challenge: undefined,
      challengeAt: Number.POSITIVE_INFINITY,
      challenges: 0,
      giveUpAt: Number.POSITIVE_INFINITY,
      response: undefined,
    };
    this.#paths.delete(id);
    this.#paths.set(id, path);
    if (this.#paths.size > MAX_PATHS) {
      const oldest = [...this.#paths.keys()].find(
        (known) => known !== this.#current && known !== this.#proved && known !== id,
      );
      if (oldest !== undefined) this.#paths.delete(oldest);
    }
    return path;
  }
}

function stopChallenge(path: Path): void {
  path.challenge = undefined;
  path.challengeAt = Number.POSITIVE_INFINITY;
  path.giveUpAt = Number.POSITIVE_INFINITY;
}
