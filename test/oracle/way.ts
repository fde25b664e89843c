/**
 * All between a program and the user's terminal, without the network: the server's emulator, states and their differences, lines of the
 * history as they come or late, the client's display, and a terminal that shows it. States may be skipped, and lines be on their way.
 */

import { Display } from '../../client/display.ts';
import { Writer } from '../../protocol/bytes.ts';
import { HistoryLog } from '../../protocol/history/history-log.ts';
import { ReceivedHistory } from '../../protocol/history/received-history.ts';
import { type Capabilities, FULL_TERMINAL } from '../../protocol/render/capabilities.ts';
import type { Row } from '../../protocol/screen/row.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import { shellCodec } from '../../protocol/session/shell.ts';
import { blankState, type ShellState } from '../../protocol/session/shell-state.ts';
import { compress } from '../../protocol/sync/compression.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { decodeFrames } from '../../protocol/transport/frames.ts';

/** Lines kept at either end: more than any test writes. */
const SCROLLBACK = 20_000;
/** Lines in a record of the history stream. */
const RECORD_LINES = 16;
/** Room for a frame that asks for lines. */
const NEED_BYTES = 32;

/** A size in cells. */
export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** What takes the bytes that are for the user's terminal. */
export interface LocalTerminal {
  write(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
}

export class Way {
  readonly #there: Emulator;
  readonly #lines = new HistoryLog(SCROLLBACK);
  readonly #received = new ReceivedHistory(SCROLLBACK);
  readonly #display: Display;
  readonly #terminals: readonly LocalTerminal[];
  #size: Size;
  /** The newest state that has arrived, as the server has it, and as the client has it. */
  #sent: ShellState;
  #state: ShellState;
  /** Bytes that went to the terminal. */
  written = 0;

  constructor(size: Size, terminals: readonly LocalTerminal[], capabilities: Capabilities = FULL_TERMINAL) {
    this.#size = size;
    this.#there = new Emulator({ ...size, history: this.#lines });
    this.#terminals = terminals;
    this.#sent = blankState(size.cols, size.rows);
    this.#state = this.#sent;
    this.#display = new Display((bytes) => this.#write(bytes), capabilities);
    this.#write(this.#display.enter(size));
  }

  /** The program writes. */
  output(bytes: Uint8Array): void {
    this.#there.write(bytes);
  }

  /** The user changes the terminal's size: the client draws at once, the server's screen follows. */
  resize(size: Size): void {
    this.#size = size;
    for (const terminal of this.#terminals) terminal.resize(size.cols, size.rows);
    this.#there.resize(size.cols, size.rows);
    this.draw();
  }

  /** The newest state reaches the client; with `lines`, what of the history it lacks does, too. It is drawn. */
  arrive(lines: boolean): void {
    const screen = this.#there.snapshot();
    const end = this.#there.scrolled;
    const shared = (line: number): Row | undefined => this.#lines.shared(line);
    const next: ShellState = { screen, echoed: 0, tty: undefined, scrolled: { end, first: end, rows: [], shared } };
    this.#state = shellCodec.patch(this.#state, shellCodec.diff(this.#sent, next));
    this.#sent = next;
    this.#received.onState(this.#state.scrolled);
    if (lines) this.#sendLines();
    this.draw();
  }

  draw(): void {
    this.#display.draw(this.#state.screen, [], this.#size, this.#received);
  }

  /** What the program sees, at once: nothing held back. */
  get screen(): Screen {
    return this.#there.snapshot();
  }

  /** All that has scrolled off. */
  get history(): Row[] {
    return linesOf(this.#lines);
  }

  /** The end of a frame that a program began is not waited for. */
  release(): void {
    this.#there.release();
  }

  leave(): void {
    this.#write(this.#display.leave());
  }

  #write(bytes: Uint8Array): boolean {
    this.written += bytes.length;
    for (const terminal of this.#terminals) terminal.write(bytes);
    return true;
  }

  /** What the client asks for, in one record after another. */
  #sendLines(): void {
    for (let need = this.#need(); need !== undefined; need = this.#need()) {
      // Those that a program has taken out of the scrollback again are not here any more.
      const first = Math.min(this.#lines.nextLine(need.from), need.to);
      const lines = new Writer();
      let count = 0;
      for (; count < RECORD_LINES && first + count < need.to; count++) {
        const bytes = this.#lines.bytesOf(first + count);
        if (bytes === undefined) break;
        lines.varint(bytes.length);
        lines.bytes(bytes);
      }
      const payload = compress(lines.finish());
      const record = new Writer();
      for (const value of [first, count, payload.length]) record.varint(value);
      record.bytes(payload);
      this.#received.onStream(record.finish());
    }
  }

  #need(): { readonly from: number; readonly to: number } | undefined {
    const writer = new Writer();
    this.#received.write(0, { writer, left: NEED_BYTES, probe: false });
    const bytes = writer.finish();
    if (bytes.length === 0) return undefined;
    const [frame] = decodeFrames(bytes);
    return frame?.kind === 'history-need' ? frame : undefined;
  }
}

/** All lines of a history. */
export function linesOf(log: HistoryLog): Row[] {
  const rows: Row[] = [];
  for (let number = log.nextLine(log.first); number < log.end; number++) {
    const row = log.line(number);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
