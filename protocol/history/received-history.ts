/**
 * The client's history (SPEC.md §14). Most lines cost nothing: when a state says that the base's top rows scrolled off, they are here
 * already. What is missing is asked for, and comes by the history stream, in order; what the server leaves out is a gap. Only while
 * somebody looks at the history are gaps asked for, too, the newest first.
 *
 * ```
 * 0 … settled       here, or a gap for good
 * settled … #resume missing, asked for
 * #resume … end     here already, but not to be shown before what is missing
 * ```
 */

import { DecodeError } from '../bytes.ts';
import type { Row } from '../screen/row.ts';
import type { Scrolled } from '../session/shell-state.ts';
import type { Content, Room } from '../transport/content.ts';
import { encodeFrame } from '../transport/frames.ts';
import { HistoryLog } from './history-log.ts';
import type { HistoryView } from './history-view.ts';
import { type HistoryRecord, RecordReader } from './record-reader.ts';

/** Bytes of a HISTORY_NEED frame at most. */
const FRAME_BYTES = 1 + 8 + 8;
/** A gap is asked for so often without any of it coming, before it is given up, and after so many ms each time. */
const ASKED_MAX = 5;
const ASK_AGAIN_MS = 1_000;
/** However few lines the user wants, so many are kept until they are drawn. */
const LEAST_LINES = 1_000;
/** Lines that may wait for those before them; with more, all are asked for again. */
const WAITING_MAX = 1_000;

export class ReceivedHistory implements Content, HistoryView {
  readonly ridesWithAck = true;
  readonly pending = false;
  readonly outstanding = 0;
  readonly urgent = false;
  readonly sendAt = Number.POSITIVE_INFINITY;
  readonly #log: HistoryLog;
  readonly #reader = new RecordReader();
  #end = 0;
  /** The lines from here to `#end` wait in `#waiting`. */
  #resume = 0;
  #waiting: Row[] = [];
  /** How often the gaps were asked for since some of their lines came; undefined while they are not wanted. */
  #asked: number | undefined;
  #askAt = Number.POSITIVE_INFINITY;

  /** `limit`: lines kept. */
  constructor(limit: number) {
    this.#log = new HistoryLog(Math.max(limit, LEAST_LINES));
  }

  get end(): number {
    return this.#end;
  }

  get settled(): number {
    return this.#log.end;
  }

  get first(): number {
    return this.#log.first;
  }

  /** When an acknowledgement is due, by `onAsking`, so that it asks for a gap. */
  get askAt(): number {
    return this.#asked === undefined ? Number.POSITIVE_INFINITY : this.#askAt;
  }

  /** Whether gaps are to be filled. */
  fillGaps(wanted: boolean): void {
    this.#asked = wanted ? 0 : undefined;
    this.#askAt = Number.NEGATIVE_INFINITY;
  }

  /** An acknowledgement leaves for the sake of what it asks for. */
  onAsking(now: number): void {
    this.#asked = (this.#asked ?? 0) + 1;
    const isUseless = this.#asked > ASKED_MAX || this.#log.newestGap === undefined;
    this.#askAt = isUseless ? Number.POSITIVE_INFINITY : now + ASK_AGAIN_MS;
  }

  line(number: number): Row | undefined {
    return this.#log.line(number);
  }

  nextLine(number: number): number {
    return this.#log.nextLine(number);
  }

  lineBefore(number: number): number {
    return this.#log.lineBefore(number);
  }

  /** A newer state has come: so many lines have scrolled off, and these of them are known. */
  onState({ end, first, rows }: Scrolled): void {
    if (end <= this.#end) return;
    const known = first + rows.length;
    // What this state knows of lines that are here already says nothing new.
    const fresh = rows.slice(Math.max(0, this.#end - first));
    if (this.settled === this.#end) {
      for (const row of fresh) this.#log.push(row);
      this.#resume = this.settled;
    } else {
      this.#waiting.push(...fresh);
    }
    this.#end = end;
    if (known < end || this.#waiting.length > WAITING_MAX) this.#restart(end);
  }

  /** Bytes of the history stream, in order. Throws DecodeError. */
  onStream(bytes: Uint8Array): void {
    for (const record of this.#reader.push(bytes)) this.take(record);
  }

  /** What is missing is said with every acknowledgement. */
  write(_now: number, room: Room): undefined {
    if (room.left < FRAME_BYTES) return;
    if (this.settled < this.#resume) {
      encodeFrame(room.writer, { kind: 'history-need', from: this.settled, to: this.#resume });
    } else if (this.#asked !== undefined) {
      const gap = this.#log.newestGap;
      if (gap !== undefined) encodeFrame(room.writer, { kind: 'history-fill', ...gap });
    }
  }

  receive(): boolean {
    return false;
  }

  /** Lines of the stream. Throws DecodeError. */
  take({ first, lines }: HistoryRecord): void {
    if (first + lines.length > this.#end) throw new DecodeError('Cannot take lines: they have not scrolled off yet');
    this.#fill(first, lines);
    this.#log.skipTo(first);
    for (const [i, bytes] of lines.entries()) {
      if (first + i === this.settled) this.#log.pushBytes(bytes);
    }
    if (this.settled < this.#resume) return;
    const rows = this.#waiting.slice(this.settled - this.#resume);
    for (const row of rows) this.#log.push(row);
    this.#waiting = [];
    this.#resume = this.settled;
  }

  /** Lines of a gap. */
  #fill(first: number, lines: readonly Uint8Array[]): void {
    if (first >= this.settled || lines.length === 0) return;
    this.#log.fill(first, lines.slice(0, this.settled - first));
    if (this.#asked !== undefined) this.#asked = 0;
  }

  /** All before `line` that is not settled is missing; nothing waits. */
  #restart(line: number): void {
    this.#waiting = [];
    this.#resume = Math.max(line, this.settled);
  }
}
