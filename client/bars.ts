/**
 * The lines that the client itself writes over the screen: the help for its escapes, how long the server has been silent, the status line,
 * and that it is leaving. Here is decided which of them are shown; their words are notice.ts's and status.ts's.
 */

import type { ShellClient } from '../protocol/session/shell-client.ts';
import { escapeHelp } from './escape.ts';
import type { LinkWatch } from './link-watch.ts';
import { type Silence, silenceChangesAt, silenceText, wrapText } from './notice.ts';
import type { PredictionCounts } from './predict/engine.ts';
import { StatusLine } from './status.ts';
import type { TerminalSize } from './tty.ts';

export interface BarsOptions {
  readonly core: ShellClient;
  readonly watch: LinkWatch;
  /** What the user calls the server, and its UDP port. */
  readonly host: string;
  readonly port: number;
  /** ssh went there by way of another host. */
  readonly behind?: boolean;
  /** What begins an escape. */
  readonly escape: string | undefined;
  /** Whether the status line is there from the start. */
  readonly status: boolean;
  /** What became of the predictions; undefined when nothing is ever predicted. */
  readonly letters: () => PredictionCounts | undefined;
}

export class Bars {
  readonly status: StatusLine;
  /** The help is shown, until the next key. */
  help = false;
  readonly #options: BarsOptions;

  constructor(options: BarsOptions) {
    this.#options = options;
    this.status = new StatusLine(options.status);
  }

  tick(now: number): void {
    const { connection } = this.#options.core;
    this.status.tick(now, () => ({
      heard: connection.heard,
      quietMs: now - connection.lastHeardAt,
      rttMs: connection.smoothedRtt,
      lossUp: connection.lossRates.sent,
      lossDown: connection.lossRates.received,
      bytesUp: connection.counters.sentBytes,
      bytesDown: connection.counters.receivedBytes,
      letters: this.#options.letters(),
    }));
  }

  /** When the lines are to be made anew. */
  nextTimeout(now: number): number {
    const silence = this.#silence(now);
    return Math.min(
      this.status.nextTimeout(),
      silence === undefined ? Number.POSITIVE_INFINITY : silenceChangesAt(silence, now),
    );
  }

  /** The lines of the moment for a terminal of this size, none mostly. */
  lines(now: number, { cols, rows }: TerminalSize, leaving: boolean): readonly string[] {
    if (leaving) return ['rove: ending the session ...'];
    if (this.help) return escapeHelp(this.#options.escape ?? '~');
    const silence = this.#silence(now);
    const bar = silence === undefined ? undefined : silenceText(silence, now);
    const lines = bar === undefined ? [] : wrapText(bar, cols);
    const status = this.status.text(cols);
    // With fewer rows, the one that is typed in could be hidden: news is worth that, a status is not.
    if (status !== undefined && 2 * (lines.length + 1) <= rows) lines.push(status);
    return lines;
  }

  #silence(now: number): Silence | undefined {
    const { core, watch, host, port, behind = false } = this.#options;
    const found = watch.silence(now);
    return found && { ...found, host, port, behind, unconfirmed: core.unacknowledgedInput };
  }
}
