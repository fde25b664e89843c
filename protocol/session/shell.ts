/**
 * What both halves of a shell session agree on (SPEC.md §7, §8): the stream of keys, and how a state becomes another.
 *
 * ```
 * varint x    echoed grows by x >> 2; the tty follows if x & 1, the lines that scrolled off if x & 2
 * tty         u8: 0 unknown, else 1 | echo << 1 | canonical << 2, then u32 program
 * lines       varint: how many scrolled off since the base; varint: how many of them, the first, are the base's top rows
 * the rest    a screen diff (SPEC.md §9); nothing if the screen stays
 * ```
 */

import { DecodeError, Reader, Writer } from '../bytes.ts';
import { CELL_WORDS } from '../screen/cell.ts';
import { diffScreens } from '../screen/diff.ts';
import type { Link } from '../screen/extra.ts';
import { ALTERNATE_SCREEN } from '../screen/modes.ts';
import { patchScreen } from '../screen/patch.ts';
import type { Row } from '../screen/row.ts';
import type { Screen } from '../screen/screen.ts';
import type { SyncCodec } from '../sync/sync-state.ts';
import { equalTty, type Scrolled, type ShellState, type TtyState } from './shell-state.ts';

/** The stream of what the user does. */
export const INPUT_STREAM = 0;
/** The stream of the lines of the history that the client lacks. */
export const HISTORY_STREAM = 1;

const TTY_FOLLOWS = 1;
const LINES_FOLLOW = 2;

/** About what a cell takes beside its words, if it has something there. */
const REST_BYTES = 64;

/** Of rows that are frozen, and have something there. */
const restSizes = new WeakMap<Row, number>();

const TTY_KNOWN = 1;
const TTY_ECHO = 2;
const TTY_CANONICAL = 4;
const TTY_MASK = TTY_KNOWN | TTY_ECHO | TTY_CANONICAL;

/** How states are kept in step: `diff` is from an older one to a newer one. */
export const shellCodec: SyncCodec<ShellState> = {
  diff: (from, to) => {
    const writer = new Writer();
    const ttyFollows = !equalTty(from.tty, to.tty);
    const lines = to.scrolled.end - from.scrolled.end;
    writer.varint(4 * (to.echoed - from.echoed) + (lines > 0 ? LINES_FOLLOW : 0) + (ttyFollows ? TTY_FOLLOWS : 0));
    if (ttyFollows) writeTty(writer, to.tty);
    if (lines > 0) {
      writer.varint(lines);
      writer.varint(linesOf(from, to));
    }
    const screen = from.screen === to.screen ? undefined : diffScreens(from.screen, to.screen);
    if (screen !== undefined && !isEmpty(screen)) writer.bytes(screen);
    return writer.finish();
  },
  patch: (base, diff) => {
    const reader = new Reader(diff);
    const head = reader.varint();
    const echoed = base.echoed + Math.floor(head / 4);
    if (!Number.isSafeInteger(echoed)) throw new DecodeError('Cannot take a state: its echoed offset is over 2^53 - 1');
    const tty = (head & TTY_FOLLOWS) !== 0 ? readTty(reader) : base.tty;
    const scrolled = (head & LINES_FOLLOW) !== 0 ? readScrolled(reader, base) : notAnew(base.scrolled);
    const screen = reader.left === 0 ? base.screen : patchScreen(base.screen, reader.rest());
    return { screen, echoed, tty, scrolled };
  },
  size: ({ screen }) => screenSize(screen),
};

/** How many of the lines between the two states are the top rows of the first's screen, from its first row on. */
function linesOf(from: ShellState, to: ShellState): number {
  const { shared } = to.scrolled;
  if (shared === undefined || (from.screen.modes & ALTERNATE_SCREEN) !== 0) return 0;
  const { rows } = from.screen;
  const most = Math.min(rows.length, to.scrolled.end - from.scrolled.end);
  let lines = 0;
  while (lines < most && shared(from.scrolled.end + lines) === rows[lines]) lines++;
  return lines;
}

function readScrolled(reader: Reader, base: ShellState): Scrolled {
  const first = base.scrolled.end;
  const end = first + reader.varint();
  const known = reader.varint();
  if (!Number.isSafeInteger(end) || known > end - first || known > base.screen.rows.length)
    throw new DecodeError('Cannot take a state: more lines are known than have scrolled off');
  return { end, first, rows: base.screen.rows.slice(0, known) };
}

/** The same, with nothing to be learnt of it. */
function notAnew(scrolled: Scrolled): Scrolled {
  return scrolled.rows.length === 0 ? scrolled : { end: scrolled.end, first: scrolled.end, rows: [] };
}

/** A screen diff that changes nothing: the flags alone. */
function isEmpty(diff: Uint8Array): boolean {
  return diff.length === 1 && diff[0] === 0;
}

function screenSize({ cols, rows, properties }: Screen): number {
  let size = cols * rows.length * CELL_WORDS * Uint32Array.BYTES_PER_ELEMENT + (properties.copied?.bytes.length ?? 0);
  for (const row of rows) if (row.clusters !== undefined || row.extras !== undefined) size += restSize(row);
  return size;
}

/** What a row takes beside its words; looked up, as every state that comes asks it of all that are held. */
function restSize(row: Row): number {
  const known = restSizes.get(row);
  if (known !== undefined) return known;
  let size = ((row.clusters?.size ?? 0) + (row.extras?.size ?? 0)) * REST_BYTES;
  const links = new Set<Link>();
  for (const [, { link }] of row.extras ?? []) if (link !== undefined) links.add(link);
  for (const { id, uri } of links) size += id.length + uri.length;
  restSizes.set(row, size);
  return size;
}

function writeTty(writer: Writer, tty: TtyState | undefined): void {
  if (tty === undefined) {
    writer.u8(0);
    return;
  }
  writer.u8(TTY_KNOWN | (tty.echo ? TTY_ECHO : 0) | (tty.canonical ? TTY_CANONICAL : 0));
  writer.u32(tty.program);
}

function readTty(reader: Reader): TtyState | undefined {
  const flags = reader.u8();
  if (flags === 0) return undefined;
  if ((flags & TTY_KNOWN) === 0 || (flags & ~TTY_MASK) !== 0)
    throw new DecodeError(`Cannot read the state of a terminal: ${flags} is not one of its flags`);
  return { echo: (flags & TTY_ECHO) !== 0, canonical: (flags & TTY_CANONICAL) !== 0, program: reader.u32() };
}
