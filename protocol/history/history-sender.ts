/**
 * The sending half of the history (SPEC.md §14): lines that the client says it lacks, as records in a reliable stream, when there is
 * nothing better to send. The screen goes first: not before it has been quiet for a moment does a record leave, and then as a trickle
 * of half the link's rate, so that no key finds a queue.
 *
 * When more is missing than the link carries in a few seconds, only the newest of it is sent: the lines before are a gap. A client that
 * wants them after all, for somebody who looks there, asks again: then they come from the newest back to the oldest.
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
/** Bytes of a line's length. */
const LINE_HEAD_BYTES = 2;
/** Lines of a gap that are sent before the client has to ask again, having got some: it may not want them any more. */
const FILLED_AHEAD = 2_048;
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
  /** Where a gap is to be filled from, the line after those that are still to be put into the stream, and the one after the gap. */
  #fill = { from: 0, next: 0, to: 0 };
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
    if (frame.kind !== 'history-need' && frame.kind !== 'history-fill') return this.#stream.receive(now, frame);
    const to = Math.min(frame.to, this.#options.log.end);
    const from = Math.min(frame.from, to);
    if (frame.kind === 'history-fill') {
      this.#fillGap(from, Math.min(to, this.#next));
    } else if (to > this.#wantedTo) {
      this.#wantedTo = to;
      this.#next = Math.max(this.#next, from);
      this.#leaveOut();
    }
    return true;
  }

  get #mayFill(): boolean {
    const isWanted = this.#next < this.#wantedTo || this.#filledTo < this.#fill.next;
    return isWanted && this.#stream.unacknowledged < BUFFERED_MAX;
  }

  /** The oldest line of the gap that can still be sent. */
  get #filledTo(): number {
    return Math.max(this.#fill.from, this.#options.log.first);
  }

  /** The client wants a gap, or, having got some of it, the rest. */
  #fillGap(from: number, to: number): void {
    const isAnother = from >= this.#fill.to || to > this.#fill.to;
    const next = isAnother ? to : Math.min(to, this.#fill.next);
    this.#fill = { from: Math.max(from, to - FILLED_AHEAD), next, to: isAnother ? to : this.#fill.to };
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

  #record(): Uint8Array {
    return this.#next < this.#wantedTo ? this.#nextRecord() : this.#fillingRecord();
  }

  /** The next lines, or that there are none before `#wantedTo`. */
  #nextRecord(): Uint8Array {
    const { log } = this.#options;
    const first = Math.min(log.nextLine(this.#next), this.#wantedTo);
    const lines: Uint8Array[] = [];
    for (let size = 0; lines.length < MAX_RECORD_LINES && first + lines.length < this.#wantedTo; ) {
      const line = log.bytesOf(first + lines.length);
      size += LINE_HEAD_BYTES + (line?.length ?? 0);
      if (line === undefined || size > MAX_RECORD_BYTES) break;
      lines.push(line);
    }
    this.#next = first + lines.length;
    return encodeRecord(first, lines);
  }

  /** The newest lines that the gap still lacks. */
  #fillingRecord(): Uint8Array {
    const { log } = this.#options;
    const lines: Uint8Array[] = [];
    for (let size = 0; lines.length < MAX_RECORD_LINES && this.#fill.next > this.#filledTo; ) {
      const line = log.bytesOf(this.#fill.next - 1);
      size += LINE_HEAD_BYTES + (line?.length ?? 0);
      if (line === undefined || size > MAX_RECORD_BYTES) break;
      lines.unshift(line);
      this.#fill.next--;
    }
    return encodeRecord(this.#fill.next, lines);
  }
}

function encodeRecord(first: number, lines: readonly Uint8Array[]): Uint8Array {
  const content = new Writer();
  for (const line of lines) {
    content.varint(line.length);
    content.bytes(line);
  }
  const payload = compress(content.finish());
  const record = new Writer();
  record.varint(first);
  record.varint(lines.length);
  record.varint(payload.length);
  record.bytes(payload);
  return record.finish();
}
