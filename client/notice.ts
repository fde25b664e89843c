/**
 * What the client itself has to say during a session, drawn over the first rows of the screen or the last: the bar while the server is
 * silent, the status line (status.ts), the list of escapes. Pure: which words, which cells, where, and when they change next.
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

const SPACE = 0x20;

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
  /** ssh went there by way of another host or a program, which UDP does not. */
  readonly behind: boolean;
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
  // Where ssh goes by another host, there may be no way but that one.
  const isOnlyBehind = !silence.heard && silence.behind;
  if (silence.finding === 'offline' && !isOnlyBehind)
    return `rove: no network on this side for ${duration} (~. quits)${kept}`;
  const where = `UDP port ${silence.port} of ${silence.host}`;
  if (!silence.heard) {
    const refused = silence.finding === 'refused';
    const fact = `rove: ${refused ? `refused by ${where}` : `no answer from ${where}`} for ${duration} (~. quits)`;
    if (silence.behind) {
      return `${fact}: ssh went by another host, but UDP has to get there straight. Open the port, or use plain ssh; still trying`;
    }
    if (refused) {
      return `${fact}: does a firewall reject it, or does a router forward ssh to a machine behind it? Open or forward the port; still trying`;
    }
    return `${fact}: is a firewall in the way? Open the port or ask for another with --udp-port; still trying`;
  }
  if (silence.finding === 'refused') {
    return `rove: nothing listens on ${where} for ${duration} (~. quits): was it restarted? Still trying${kept}`;
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

/** The end of the screen that the client's own lines stand at. */
export type Edge = 'top' | 'bottom';

/**
 * Where `count` lines go: where they were (`before`), or, if they are new, where they hide fewer rows with text; but never over the
 * cursor, if that can be. So they stay where they are until somebody types there.
 */
export function chooseEdge(screen: Screen, count: number, before: Edge | undefined): Edge {
  const last = screen.rows.length - count;
  const hidesCursor = { top: screen.cursorRow < count, bottom: screen.cursorRow >= last };
  const edge =
    before ?? (textRows(screen.rows.slice(-count)) < textRows(screen.rows.slice(0, count)) ? 'bottom' : 'top');
  const other = edge === 'top' ? 'bottom' : 'top';
  return hidesCursor[edge] && !hidesCursor[other] ? other : edge;
}

/** `screen` with `lines` over its rows at `edge`; cut to its width and height. Only printable ASCII is shown of them. */
export function overlay(screen: Screen, lines: readonly string[], edge: Edge): Screen {
  if (lines.length === 0) return screen;
  const top = edge === 'top' ? 0 : Math.max(0, screen.rows.length - lines.length);
  const rows = screen.rows.map((row, index) => {
    const line = lines[index - top];
    return line === undefined ? row : barRow(line, row.cols);
  });
  return { ...screen, rows };
}

function textRows(rows: readonly Row[]): number {
  return rows.filter(({ cells }) => cells.some((word, i) => i % CELL_WORDS === 0 && word !== 0 && word !== SPACE))
    .length;
}

function shownAfter(silence: Silence): number {
  return silence.heard || silence.finding !== 'none' ? SILENCE_SHOWN_MS : FIRST_SILENCE_SHOWN_MS;
}

function barRow(text: string, cols: number): Row {
  const cells = new Uint32Array(cols * CELL_WORDS);
  for (let col = 0; col < cols; col++) {
    const code = col < text.length ? text.charCodeAt(col) : SPACE;
    const at = col * CELL_WORDS;
    cells[at] = code >= SPACE && code < 0x7f ? code : 0x3f;
    cells[at + 1] = BAR_FOREGROUND;
    cells[at + 2] = BAR_BACKGROUND;
  }
  const row = new Row(cells, false, undefined);
  row.frozen = true;
  return row;
}
