/**
 * What the client itself has to say during a session, drawn over the screen: the bar in the first row while the server is silent
 * (in the last, if the user types in the first), and the list of escapes. Pure: which words, which cells, and when they change next.
 */

import { BOLD, CELL_WORDS, COLOR_PALETTE } from '../protocol/screen/cell.ts';
import { Row } from '../protocol/screen/row.ts';
import type { Screen } from '../protocol/screen/screen.ts';

/** How long an answer may be missing before the bar says so, in ms: well over the round trip of any link one works on. */
export const SILENCE_SHOWN_MS = 2_000;
/** The same before the server's very first datagram, since the bootstrap's end: then it is likely to be a firewall. */
export const FIRST_SILENCE_SHOWN_MS = 4_500;

/** White on blue. */
const BAR_FOREGROUND = BOLD | COLOR_PALETTE | 15;
const BAR_BACKGROUND = COLOR_PALETTE | 4;

/** Rows of the screen that a text may take on a narrow terminal. */
const MAX_LINES = 3;

/** What is known about a server that does not answer. */
export interface Silence {
  /** When the first datagram without an answer left. */
  readonly since: number;
  /** Whether the server has ever been heard in this session. */
  readonly heard: boolean;
  /** What sending and probing told: nothing, that this machine has no way out, or that no program holds the port over there. */
  readonly finding: 'none' | 'offline' | 'refused';
  readonly host: string;
  readonly port: number;
  /** Bytes typed that the server has not confirmed. */
  readonly unconfirmed: number;
}

/** The bar's text; undefined while it is too early for one. */
export function silenceText(silence: Silence, now: number): string | undefined {
  const span = now - silence.since;
  if (span < shownAfter(silence)) return undefined;
  // The clock of the bar and the timer that moves it may differ by a fraction of a millisecond.
  const duration = spanText(span + 1);
  const kept = silence.unconfirmed > 0 ? '; what you typed is kept' : '';
  if (silence.finding === 'offline') return `rove: no network on this side for ${duration} (~. quits)${kept}`;
  const where = `UDP port ${silence.port} of ${silence.host}`;
  if (silence.finding === 'refused') {
    return `rove: nothing listens on ${where} for ${duration} (~. quits): was it restarted? Still trying${kept}`;
  }
  if (!silence.heard) {
    return `rove: no answer from ${where} for ${duration} (~. quits): is a firewall in the way? Open the port or ask for another with --udp-port; still trying`;
  }
  return `rove: no answer for ${duration} (~. quits), still trying${kept}`;
}

/** When `silenceText` has something new to say. */
export function silenceChangesAt(silence: Silence, now: number): number {
  const span = now - silence.since;
  const first = shownAfter(silence);
  return silence.since + (span < first ? first : Math.floor((span + 1) / 1_000 + 1) * 1_000);
}

/** Words for a span of time, in its two largest units. */
export function spanText(spanMs: number): string {
  const seconds = Math.floor(spanMs / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return `${minutes} min ${seconds % 60} s`;
  return days === 0 ? `${hours} h ${minutes % 60} min` : `${days} d ${hours % 24} h`;
}

/** `text` in lines of at most `cols` characters, cut at spaces where there are any; at most three of them. */
export function wrapText(text: string, cols: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > cols && lines.length < MAX_LINES - 1) {
    const space = rest.lastIndexOf(' ', cols);
    const end = space > 0 ? space : cols;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  lines.push(rest.slice(0, cols));
  return lines;
}

/**
 * `screen` with `lines` over its first rows, or over its last where the cursor would be among the first; cut to its width and
 * height. Only printable ASCII is shown of them.
 */
export function overlay(screen: Screen, lines: readonly string[]): Screen {
  if (lines.length === 0) return screen;
  const last = screen.rows.length - lines.length;
  const top = screen.cursorRow < lines.length && screen.cursorRow < last ? last : 0;
  const rows = screen.rows.map((row, index) => {
    const line = lines[index - top];
    return line === undefined ? row : barRow(line, row.cols);
  });
  return { ...screen, rows };
}

function shownAfter(silence: Silence): number {
  return silence.heard || silence.finding !== 'none' ? SILENCE_SHOWN_MS : FIRST_SILENCE_SHOWN_MS;
}

function barRow(text: string, cols: number): Row {
  const cells = new Uint32Array(cols * CELL_WORDS);
  for (let col = 0; col < cols; col++) {
    const code = col < text.length ? text.charCodeAt(col) : 0x20;
    const at = col * CELL_WORDS;
    cells[at] = code >= 0x20 && code < 0x7f ? code : 0x3f;
    cells[at + 1] = BAR_FOREGROUND;
    cells[at + 2] = BAR_BACKGROUND;
  }
  const row = new Row(cells, false, undefined);
  row.frozen = true;
  return row;
}
