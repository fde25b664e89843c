/**
 * The sending half of the history (SPEC.md §14): lines that the client says it lacks, as records in a reliable stream, when there is
 * nothing better to send. The screen goes first: not before it has been quiet for a moment does a record leave, and then as a trickle
 * of half the link's rate, so that no key finds a queue.
 *
 * When more is missing than the link carries in a few seconds, only the newest of it is sent: the lines before are a gap.
 */

import { Writer } from '../bytes.ts';
import { compress } from '../sync/compression.ts';
import { StreamSender } from '../sync/stream-sender.ts';
import type { Carried, Content, Room } from '../transport/content.ts';
import type { Frame } from '../transport/frames.ts';
import type { HistoryLog } from './history-log.ts';
import { MAX_RECORD_BYTES, MAX_RECORD_LINES } from './record-reader.ts';

/** How long the screen has to have been quiet, in ms. */
const QUIET_MS = 40;
/** Unacknowledged bytes from which on no further record is made: what is missing may change. */
const BUFFERED_MAX = 16_384;
/** What is missing is sent whole if it is sent within this time, in ms … */
const BACKLOG_MS = 4_000;
/** … at this ratio of its size to what deflate makes of it … */
const DEFLATED = 3;
/** … or is no more than so many bytes. */
const BACKLOG_MIN = 131_072;

export interface HistorySenderOptions {
  readonly stream: number;
  readonly log: HistoryLog;
  /** When the screen's last frame was sent; Infinity while one waits to be. */
  readonly quietSince: () => number;
  /** What the link carries, in bytes a ms. */
  readonly rate: () => number;
}

export class HistorySender implements Content {
  readonly ridesWithAck = false;
  readonly urgent = false;
  readonly #options: HistorySenderOptions;
  readonly #stream: StreamSender;
  /** The next line to be put into the stream. */
  #next = 0;
  /** The client has the lines from here on, as far as it has said. */
  #wantedTo = 0;
  /** When the packets sent so far are paid for. */
  #paidAt = Number.NEGATIVE_INFINITY;

  constructor(options: HistorySenderOptions) {
    this.#options = options;
    this.#stream = new StreamSender(options.stream);
  }

  get pending(): boolean {
    return this.#stream.pending;
  }

  get outstanding(): number {
    return this.pending ? Number.POSITIVE_INFINITY : 0;
  }

  get sendAt(): number {
    if (this.#stream.sendAt === Number.POSITIVE_INFINITY && !this.#mayFill) return Number.POSITIVE_INFINITY;
    return Math.max(this.#options.quietSince() + QUIET_MS, this.#paidAt);
  }

  write(now: number, room: Room): Carried | undefined {
    while (this.#mayFill) this.#stream.push(this.#record());
    const before = room.writer.length;
    const carried = this.#stream.write(now, room);
    const written = room.writer.length - before;
    if (written > 0) this.#paidAt = now + (2 * written) / Math.max(this.#options.rate(), Number.EPSILON);
    return carried;
  }

  receive(now: number, frame: Frame): boolean {
    if (frame.kind !== 'history-need') return this.#stream.receive(now, frame);
    const to = Math.min(frame.to, this.#options.log.end);
    if (to > this.#wantedTo) {
      this.#wantedTo = to;
      this.#next = Math.max(this.#next, Math.min(frame.from, to));
      this.#leaveOut();
    }
    return true;
  }

  get #mayFill(): boolean {
    return this.#next < this.#wantedTo && this.#stream.unacknowledged < BUFFERED_MAX;
  }

  /** Leaves out the oldest of what is wanted, if all of it would take too long. */
  #leaveOut(): void {
    const { log, rate } = this.#options;
    const most = Math.max(BACKLOG_MIN, (rate() / 2) * BACKLOG_MS * DEFLATED);
    if (log.size(this.#next, this.#wantedTo) <= most) return;
    let [low, high] = [this.#next, this.#wantedTo];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (log.size(middle, this.#wantedTo) <= most) high = middle;
      else low = middle + 1;
    }
    this.#next = low;
  }

  /** The next lines, or that there are none before `#wantedTo`. */
  #record(): Uint8Array {
    const { log } = this.#options;
    const first = Math.min(log.nextLine(this.#next), this.#wantedTo);
    const lines = new Writer();
    let count = 0;
    for (; count < MAX_RECORD_LINES && first + count < this.#wantedTo; count++) {
      const bytes = log.bytesOf(first + count);
      if (bytes === undefined || lines.length + bytes.length + 4 > MAX_RECORD_BYTES) break;
      lines.varint(bytes.length);
      lines.bytes(bytes);
    }
    this.#next = first + count;
    const payload = compress(lines.finish());
    const record = new Writer();
    record.varint(first);
    record.varint(count);
    record.varint(payload.length);
    record.bytes(payload);
    return record.finish();
  }
}
