/**
 * A packet-delivery trace, as mahimahi records and replays it (Netravali et al., USENIX ATC 2015; mm-link(1)): one
 * whole millisecond a line, repeats allowed, and each of them an opportunity for 1,500 bytes to pass. From its end the
 * trace begins again, its last stamp being the new zero. Cellular links are measured so: their rate is never a number.
 *
 * An opportunity carries bytes, not packets: several small ones fit into it, a large one may span two. What nobody
 * waits for is lost. Pure code: sizes and moments in, moments out, so that the same offers give the same answers.
 */

/** Stamps in ms, not decreasing, the last one above 0. */
export type DeliveryTrace = readonly number[];

export const OPPORTUNITY_BYTES = 1500;
export const OPPORTUNITIES_MAX = 1_000_000;
/** A day: a stamp beyond it is no millisecond of a trace. */
const STAMP_MS_MAX = 86_400_000;

/** Reads the file's text. Throws RangeError with one line that says which line is wrong; `name` is for that. */
export function parseDeliveryTrace(text: string, name: string): DeliveryTrace {
  const stamps: number[] = [];
  const lines = text.split('\n', OPPORTUNITIES_MAX + 2);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > OPPORTUNITIES_MAX) {
    throw new RangeError(`${name}: a trace has at most ${OPPORTUNITIES_MAX} lines: cut it`);
  }
  for (const [index, line] of lines.entries()) {
    const word = line.trim();
    const stamp = /^\d{1,9}$/.test(word) ? Number(word) : Number.NaN;
    if (!(stamp <= STAMP_MS_MAX)) {
      const seen = word.length > 20 ? `${word.slice(0, 20)}…` : word;
      throw new RangeError(`${name}, line ${index + 1}: expected a whole number of milliseconds, not "${seen}"`);
    }
    if (stamp < (stamps.at(-1) ?? 0)) {
      throw new RangeError(
        `${name}, line ${index + 1}: ${stamp} comes after ${stamps.at(-1)}: stamps must not decrease`,
      );
    }
    stamps.push(stamp);
  }
  if (stamps.length === 0) throw new RangeError(`${name}: a trace needs at least one line, a millisecond`);
  if (stamps.at(-1) === 0) throw new RangeError(`${name}, line ${stamps.length}: the last stamp must be above 0`);
  return stamps;
}

/** The same rules for stamps that come from elsewhere. */
export function checkDeliveryTrace(stamps: DeliveryTrace): DeliveryTrace {
  if (stamps.length === 0 || stamps.length > OPPORTUNITIES_MAX) {
    throw new RangeError(`a trace has 1 to ${OPPORTUNITIES_MAX} stamps: ${stamps.length}`);
  }
  let before = 0;
  for (const [index, stamp] of stamps.entries()) {
    if (!(Number.isInteger(stamp) && stamp >= before && stamp <= STAMP_MS_MAX)) {
      throw new RangeError(`stamp ${index + 1} of a trace must be a whole number from ${before} on: ${stamp}`);
    }
    before = stamp;
  }
  if (before === 0) throw new RangeError('the last stamp of a trace must be above 0');
  return stamps;
}

/** What a trace carries when there is always something to carry, in bits a second. */
export function traceRateBps(trace: DeliveryTrace): number {
  return (trace.length * OPPORTUNITY_BYTES * 8000) / (trace.at(-1) ?? Number.NaN);
}

/** The longest time without an opportunity, ms. */
export function traceGapMsMax(trace: DeliveryTrace): number {
  let longest = 0;
  let before = 0;
  for (const stamp of trace) {
    longest = Math.max(longest, stamp - before);
    before = stamp;
  }
  return longest;
}

/** The wire that such a trace makes, first in first out. `now` must not run backwards. */
export class TraceWire {
  readonly #trace: DeliveryTrace;
  readonly #periodMs: number;
  readonly #startAt: number;
  /** The opportunity that the last packet ended in, counted through all rounds, and what it has left. */
  #index = 0;
  #left = OPPORTUNITY_BYTES;
  /** When each packet leaves that has not yet, and its bytes: what waits in the queue. */
  #waiting: { readonly at: number; readonly size: number }[] = [];
  #head = 0;
  #waitingBytes = 0;

  /** The trace's zero is at `startAt`. */
  constructor(trace: DeliveryTrace, startAt: number) {
    this.#trace = trace;
    this.#periodMs = trace.at(-1) ?? Number.NaN;
    this.#startAt = startAt;
  }

  /** Bytes of packets whose last byte has not left. */
  waitingBytes(now: number): number {
    for (let first = this.#waiting[this.#head]; first !== undefined && first.at <= now; ) {
      this.#waitingBytes -= first.size;
      first = this.#waiting[++this.#head];
    }
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return this.#waitingBytes;
  }

  /** Takes a packet, and says when its last byte leaves. */
  send(now: number, size: number): number {
    if (this.#timeOf(this.#index) < now) {
      this.#index = this.#firstFrom(now);
      this.#left = OPPORTUNITY_BYTES;
    }
    const beyond = size - this.#left;
    if (beyond > 0) {
      const more = Math.ceil(beyond / OPPORTUNITY_BYTES);
      this.#index += more;
      this.#left = more * OPPORTUNITY_BYTES - beyond;
    } else {
      this.#left -= size;
    }
    const at = Math.max(now, this.#timeOf(this.#index));
    this.#waiting.push({ at, size });
    this.#waitingBytes += size;
    return at;
  }

  #timeOf(index: number): number {
    const round = Math.floor(index / this.#trace.length);
    return this.#startAt + round * this.#periodMs + (this.#trace[index % this.#trace.length] ?? 0);
  }

  /** The first opportunity at `now` or later. */
  #firstFrom(now: number): number {
    const sinceStart = now - this.#startAt;
    // A round covers (0, period], so that the last stamp of one comes before the zeros of the next.
    const round = Math.max(0, Math.ceil(sinceStart / this.#periodMs) - 1);
    const within = Math.min(sinceStart - round * this.#periodMs, this.#periodMs);
    let low = 0;
    let high = this.#trace.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#trace[middle] ?? 0) >= within) high = middle;
      else low = middle + 1;
    }
    return Math.max(this.#index, round * this.#trace.length + low);
  }
}
