/**
 * What a key does to the line it is typed into, if the program is a line editor like any other: the whole of the guess. It is made on a
 * draft, and says what to look for on the server's screen to know whether it came true.
 */

import { CODE_POINT_MASK, COLOR_KIND_MASK, COLOR_MASK, TAIL, WIDE } from '../../protocol/screen/cell.ts';
import { MAX_CLUSTER } from '../../protocol/screen/screen.ts';
import { widthOf } from '../../protocol/terminal/width.ts';
import { BLANK, type Draft, type Glyph, type Place, sameGlyph } from './draft.ts';
import type { KeyAction } from './key-parser.ts';

/** What is right of an insertion: it makes room, stays where it is and is written over, is no more than a suggestion, or nobody knows. */
export type TailHabit = 'shift' | 'stay' | 'suggestion' | 'unknown';

/** How the program at hand edits. */
export interface Manners {
  /** `kernel`: the line discipline's own editing; `editor`: a full-screen one; `line`: readline and its kind. */
  readonly kind: 'kernel' | 'line' | 'editor';
  /** For text drawn in this foreground. */
  tail(foreground: number): TailHabit;
  /** Which characters belong to a word, for Ctrl-W. */
  readonly wordLetters: RegExp;
  /** The command entered so many before this one, if that is known. */
  recall(back: number): string | undefined;
  /** So many rows of the prompt stand above the line when the screen was cleared; undefined where that is not known. */
  readonly rowsAbove: number | undefined;
  /** Ctrl-U takes the whole line, not only what is left of the cursor. */
  readonly killsWholeLine: boolean;
}

/** The line as far as it is known; rows are counted on the draft at the time, and move up when it scrolls. */
export interface Line {
  /** Where the text begins, after the prompt. */
  readonly home: Place | undefined;
  /** The place after the last letter. */
  readonly end: Place | undefined;
  /** It is a command that was entered before, so many ago, and as it was. */
  readonly recalled?: number;
}

/** A cell that tells whether the guess came true. */
export interface Expected {
  readonly row: number;
  readonly col: number;
  /** Undefined: whatever comes there, such as what closes up after a deletion. */
  readonly glyph: Glyph | undefined;
}

/** What became of the draft by one key. */
export interface Step {
  /** The cursor after it, as it is shown. */
  readonly row: number;
  readonly col: number;
  /** Rows that the draft has scrolled since its beginning: older places are that much higher now. */
  readonly scrolled: number;
  readonly line: Line;
  readonly expected: readonly Expected[];
  /** Whether anything on the screen is to change by it, so that seeing it says something. */
  readonly changes: boolean;
  /** The cursor went to the next row. */
  readonly wrapped: boolean;
  /** The cells from here to the right have moved or gone: what earlier steps expected there is not where it was. */
  readonly moved: Place | undefined;
}

/** So many blanks end what belongs to the line: a prompt at the right margin begins after them. */
const GAP = 3;
/** Lines between panes, columns and frames. */
const RULES: ReadonlySet<number | undefined> = new Set(['│', '┃', '║', '▏', '▕'].map((rule) => rule.codePointAt(0)));

/** Whether the character of a cell is a line between panes. */
export function isRule(content: number): boolean {
  return RULES.has(content & CODE_POINT_MASK);
}

/** Does `action` on the draft; undefined, and the draft as it was, when its effect can't be guessed. */
export function applyKey(draft: Draft, before: Line, action: KeyAction, manners: Manners): Step | undefined {
  if (action.kind === 'unknown') return undefined;
  if (action.kind === 'edit' && (action.edit === 'up' || action.edit === 'down')) {
    return applyRecall(draft, before, action.edit === 'up' ? 1 : -1, manners);
  }
  const line = { home: before.home, end: before.end };
  if (action.kind === 'letter') return applyLetter(draft, line, action.code, manners);
  switch (action.edit) {
    case 'left':
      return applyLeft(draft, line, manners);
    case 'right':
      return applyRight(draft, line, manners);
    case 'backspace':
      return applyBackspace(draft, line, manners);
    case 'delete':
      return applyDelete(draft, line, manners);
    case 'home':
      return manners.kind === 'line' && line.home !== undefined ? moveTo(draft, line, line.home) : undefined;
    case 'end':
      return manners.kind === 'line' && line.end !== undefined && !isSuggestion(draft, manners)
        ? moveTo(draft, line, line.end)
        : undefined;
    case 'kill-start':
      return applyKillStart(draft, line, manners);
    case 'kill-end':
      return applyKillEnd(draft, line, manners);
    case 'kill-word':
      return applyKillWord(draft, line, manners);
    case 'clear':
      return applyClear(draft, line, manners);
    default:
      return undefined;
  }
}

/** Where the text that begins at or left of `from` ends in its row. */
export function textEnd(draft: Draft, row: number, from: number): number {
  let end = from;
  let blanks = 0;
  for (let col = from; col < draft.cols && blanks < GAP; col++) {
    const { content } = draft.glyph(row, col);
    if (isRule(content)) break;
    blanks = isBlankCell(content) ? blanks + 1 : 0;
    if (blanks === 0) end = col + 1;
  }
  return end;
}

function applyLetter(draft: Draft, line: Line, code: number, manners: Manners): Step | undefined {
  const width = widthOf(code);
  if (width === 0) return applyMark(draft, line, code);
  if (width > draft.cols) return undefined;
  // The edge of a pane, where the program goes on elsewhere.
  if (isRule(draft.glyph(draft.row, draft.col).content)) return undefined;
  // A full-screen editor makes room for a line that wraps, or scrolls it sideways.
  if (manners.kind === 'editor' && draft.col + width >= draft.cols) return undefined;
  const scrolledBefore = draft.scrolled;
  let wrapped = false;
  if (draft.col + width > draft.cols) {
    draft.wrap();
    wrapped = true;
  }
  let known = scrollLine(line, draft.scrolled - scrolledBefore);
  const { row, col } = draft;
  const before = draft.glyph(row, col);
  const { habit: tail, end: tailEnd } = dropSuggestion(draft, row, tailAt(draft, row, col, line.end, manners), manners);
  const style = letterStyle(draft, row, col, line);
  if (tail === 'shift') {
    draft.move(row, col, tailEnd, width, roomAfter(draft, row, tailEnd, width, manners));
    known = { ...known, end: known.end && { row: known.end.row, col: Math.min(known.end.col + width, draft.cols) } };
  }
  // A suggestion stays as long as one types what it suggests.
  if (tail === 'suggestion' && before.content !== code) draft.erase(row, col, tailEnd);
  const content = code === 0x20 ? 0x20 : code;
  draft.write(row, col, content, width, style);
  draft.col = col + width;
  const glyph: Glyph = code === 0x20 ? BLANK : { content: width === 2 ? content | WIDE : content, text: undefined };
  const expected = [{ row, col, glyph }];
  if (known.end !== undefined && (tail === 'suggestion' || isBefore(known.end, draft)))
    known = { ...known, end: { row, col: draft.col } };
  const scrolledAtWrite = draft.scrolled;
  if (draft.col >= draft.cols && manners.kind !== 'kernel') {
    draft.wrap();
    wrapped = true;
    if (known.end?.row === row && known.end.col >= draft.cols) known = { ...known, end: { row: row + 1, col: 0 } };
  }
  const moved = draft.scrolled - scrolledAtWrite;
  return {
    ...finish(draft, scrollLine(known, moved), scrollExpected(expected, moved), !sameGlyph(before, glyph)),
    wrapped,
    moved: tail === 'shift' || tail === 'suggestion' ? { row: row - moved, col } : undefined,
  };
}

function applyMark(draft: Draft, line: Line, code: number): Step | undefined {
  if (draft.col === 0) return undefined;
  const isTail = (draft.glyph(draft.row, draft.col - 1).content & TAIL) !== 0;
  const col = draft.col - (isTail ? 2 : 1);
  const base = draft.glyph(draft.row, col);
  if (isBlankCell(base.content)) return undefined;
  const text = (base.text ?? String.fromCodePoint(base.content & CODE_POINT_MASK)) + String.fromCodePoint(code);
  if (text.length > MAX_CLUSTER) return undefined;
  draft.join(draft.row, col, text);
  return finish(draft, line, [{ row: draft.row, col, glyph: draft.glyph(draft.row, col) }], true);
}

function applyLeft(draft: Draft, line: Line, manners: Manners): Step | undefined {
  if (manners.kind === 'kernel') return undefined;
  const { home } = line;
  if (home !== undefined && !isBefore(home, draft)) return finish(draft, line, [], false);
  if (home === undefined && draft.col === 0) return undefined;
  if (draft.col === 0) {
    draft.row--;
    draft.col = draft.cols;
  }
  draft.col -= widthLeft(draft);
  return finish(draft, line, [], true);
}

function applyRight(draft: Draft, line: Line, manners: Manners): Step | undefined {
  if (manners.kind === 'kernel' || isSuggestion(draft, manners)) return undefined;
  const { end } = line;
  if (end !== undefined && !isBefore(draft, end)) return finish(draft, line, [], false);
  if (end === undefined && isBlankCell(draft.glyph(draft.row, draft.col).content)) return undefined;
  const width = (draft.glyph(draft.row, draft.col).content & WIDE) !== 0 ? 2 : 1;
  if (draft.col + width < draft.cols) draft.col += width;
  else if (draft.row < draft.height - 1 && draft.isWrapped(draft.row + 1)) {
    draft.row++;
    draft.col = 0;
  } else return undefined;
  return finish(draft, line, [], true);
}

function applyBackspace(draft: Draft, line: Line, manners: Manners): Step | undefined {
  const { home } = line;
  if (home !== undefined && !isBefore(home, draft)) return finish(draft, line, [], false);
  if (home === undefined && manners.kind !== 'editor') return undefined;
  if (draft.col === 0) {
    if (home === undefined || draft.row === 0) return undefined;
    draft.row--;
    draft.col = draft.cols;
  }
  draft.col -= widthLeft(draft);
  return removeTo(draft, line, draft.col + widthAt(draft), manners);
}

function applyDelete(draft: Draft, line: Line, manners: Manners): Step | undefined {
  if (manners.kind === 'kernel' || isSuggestion(draft, manners)) return undefined;
  if (line.end !== undefined && !isBefore(draft, line.end)) return finish(draft, line, [], false);
  if (draft.col >= draft.cols || isBlankCell(draft.glyph(draft.row, draft.col).content)) return undefined;
  return removeTo(draft, line, draft.col + widthAt(draft), manners);
}

function applyKillStart(draft: Draft, line: Line, manners: Manners): Step | undefined {
  const { home, end } = line;
  if (manners.kind === 'editor' || home?.row !== draft.row) return undefined;
  if (manners.killsWholeLine && end?.row !== draft.row) return undefined;
  const from = draft.col;
  draft.col = home.col;
  if (manners.killsWholeLine && end !== undefined) {
    draft.erase(draft.row, home.col, end.col);
    return { ...finish(draft, { home, end: home }, [], from !== home.col), moved: home };
  }
  return from === home.col ? finish(draft, line, [], false) : removeTo(draft, line, from, manners);
}

function applyKillEnd(draft: Draft, line: Line, manners: Manners): Step | undefined {
  const { home, end } = line;
  if (manners.kind !== 'line' || end === undefined || isSuggestion(draft, manners)) return undefined;
  for (let row = draft.row; row <= end.row; row++) {
    draft.erase(row, row === draft.row ? draft.col : 0, row === end.row ? end.col : draft.cols);
  }
  const changes = isBefore(draft, end);
  const here = { row: draft.row, col: draft.col };
  return { ...finish(draft, { home, end: here }, [], changes), moved: here };
}

function applyKillWord(draft: Draft, line: Line, manners: Manners): Step | undefined {
  const { home } = line;
  if (manners.kind === 'editor' || home?.row !== draft.row) return undefined;
  const isWord = (col: number): boolean => {
    const { content } = draft.glyph(draft.row, col);
    if (isBlankCell(content)) return false;
    return (content & TAIL) !== 0 || manners.wordLetters.test(String.fromCodePoint(content & CODE_POINT_MASK));
  };
  const from = draft.col;
  let to = from;
  while (to > home.col && !isWord(to - 1)) to--;
  while (to > home.col && isWord(to - 1)) to--;
  if (to === from) return finish(draft, line, [], false);
  draft.col = to;
  return removeTo(draft, line, from, manners);
}

/** Clears the screen but for the prompt and the line, which go to the top: as if the rows above had scrolled away. */
function applyClear(draft: Draft, line: Line, { kind, rowsAbove }: Manners): Step | undefined {
  const { home, end } = line;
  if (kind !== 'line' || rowsAbove === undefined || home === undefined || end === undefined) return undefined;
  const away = home.row - rowsAbove;
  if (away < 0) return undefined;
  draft.keep(away, Math.max(end.row, draft.row));
  const expected: Expected[] = [];
  for (let col = 0; col < home.col; col++)
    expected.push({ row: home.row - away, col, glyph: draft.glyph(home.row - away, col) });
  return finish(draft, scrollLine(line, away), expected, away > 0);
}

/** Brings back a command, where the line is empty or another that was brought back. */
function applyRecall(draft: Draft, line: Line, by: number, manners: Manners): Step | undefined {
  const { home, end, recalled = 0 } = line;
  if (manners.kind !== 'line' || home === undefined || end === undefined) return undefined;
  if (home.row !== draft.row || end.row !== draft.row || (recalled === 0 && end.col > home.col)) return undefined;
  const back = recalled + by;
  const command = back > 0 ? manners.recall(back) : undefined;
  if (command === undefined) return undefined;
  const codes = Array.from(command, (letter) => letter.codePointAt(0) ?? 0x20);
  const widths = codes.map(widthOf);
  const width = widths.reduce((sum, cells) => sum + cells, 0);
  if (widths.includes(0) || home.col + width >= draft.cols) return undefined;
  const { row } = draft;
  draft.erase(row, home.col, Math.max(end.col, textEnd(draft, row, home.col)));
  const expected: Expected[] = [];
  let { col } = home;
  for (const [index, code] of codes.entries()) {
    const cells = widths[index] ?? 1;
    draft.write(row, col, code, cells, [0, 0]);
    expected.push({ row, col, glyph: draft.glyph(row, col) });
    col += cells;
  }
  draft.col = col;
  const now = { home, end: { row, col }, recalled: back };
  return { ...finish(draft, now, expected, true), moved: home };
}

/** Removes the cells from the cursor to `until` - 1 of its row; what is right of them closes up where it does so. */
function removeTo(draft: Draft, line: Line, until: number, manners: Manners): Step | undefined {
  const { row, col } = draft;
  const count = until - col;
  const { habit: tail, end: tailEnd } = dropSuggestion(
    draft,
    row,
    tailAt(draft, row, until, line.end, manners),
    manners,
  );
  if (tail === 'shift') draft.move(row, until, Math.min(tailEnd, rightEdge(draft, manners)), -count, draft.cols);
  else draft.erase(row, col, tail === 'suggestion' ? tailEnd : until);
  const end = line.end;
  const closed = end?.row === row && end.col >= until ? { row, col: end.col - count } : end;
  const step = finish(draft, { home: line.home, end: closed }, [{ row, col, glyph: undefined }], true);
  return { ...step, moved: { row, col } };
}

function moveTo(draft: Draft, line: Line, to: Place): Step {
  const changes = draft.row !== to.row || draft.col !== to.col;
  draft.row = to.row;
  draft.col = to.col;
  return finish(draft, line, [], changes);
}

function finish(draft: Draft, line: Line, expected: readonly Expected[], changes: boolean): Step {
  const col = Math.min(draft.col, draft.cols - 1);
  return { row: draft.row, col, scrolled: draft.scrolled, line, expected, changes, wrapped: false, moved: undefined };
}

/** A letter is drawn as the text that it continues, or plainly; never like a suggestion that it replaces. */
function letterStyle(draft: Draft, row: number, col: number, { home }: Line): readonly [number, number] {
  const background = draft.style(row, col)[1] & (COLOR_KIND_MASK | COLOR_MASK);
  const continues = col > 0 && !isBlankCell(draft.glyph(row, col - 1).content);
  if (!continues || (home?.row === row && col <= home.col)) return [0, background];
  return draft.style(row, col - 1);
}

/** How far the tail may move: into the blanks after it, but never onto what comes after those. */
function roomAfter(draft: Draft, row: number, tailEnd: number, width: number, manners: Manners): number {
  const edge = rightEdge(draft, manners);
  let limit = Math.min(tailEnd, edge);
  while (limit < edge && limit < tailEnd + width && isBlankCell(draft.glyph(row, limit).content)) limit++;
  return limit;
}

/** Editors mark a line that goes on in the last column. */
function rightEdge(draft: Draft, manners: Manners): number {
  return manners.kind === 'editor' ? draft.cols - 1 : draft.cols;
}

interface Tail {
  readonly habit: TailHabit | 'none';
  readonly from: number;
  readonly end: number;
}

/** Text that moves takes no suggestion with it. */
function dropSuggestion(draft: Draft, row: number, tail: Tail, manners: Manners): Tail {
  if (tail.habit !== 'shift') return tail;
  for (let col = tail.from; col < tail.end; col++) {
    if (isBlankCell(draft.glyph(row, col).content) || manners.tail(draft.style(row, col)[0]) !== 'suggestion') continue;
    draft.erase(row, col, tail.end);
    return { ...tail, end: col };
  }
  return tail;
}

/** What is right of a place, up to where, and what it does when something is typed there. */
function tailAt(draft: Draft, row: number, col: number, lineEnd: Place | undefined, manners: Manners): Tail {
  if (lineEnd !== undefined && !isBefore({ row, col }, lineEnd)) {
    // Nothing of the line's own; a suggestion may be there all the same.
    const isBlank = col >= draft.cols || isBlankCell(draft.glyph(row, col).content);
    const habit = isBlank ? 'none' : manners.tail(draft.style(row, col)[0]);
    return habit === 'suggestion'
      ? { habit, from: col, end: textEnd(draft, row, col) }
      : { habit: 'none', from: col, end: col };
  }
  const end = textEnd(draft, row, col);
  if (end <= col) return { habit: 'none', from: col, end };
  let first = col;
  while (isBlankCell(draft.glyph(row, first).content)) first++;
  return { habit: manners.tail(draft.style(row, first)[0]), from: col, end };
}

/** Text that is not the user's: what is written over by what one types (fish's, zsh's autosuggestions). */
function isSuggestion(draft: Draft, manners: Manners): boolean {
  const { habit } = tailAt(draft, draft.row, draft.col, undefined, manners);
  return habit === 'stay' || habit === 'suggestion';
}

function widthLeft(draft: Draft): number {
  return draft.col > 1 && (draft.glyph(draft.row, draft.col - 1).content & TAIL) !== 0 ? 2 : 1;
}

function widthAt(draft: Draft): number {
  return (draft.glyph(draft.row, draft.col).content & WIDE) !== 0 ? 2 : 1;
}

function isBlankCell(content: number): boolean {
  return content === 0 || content === 0x20;
}

function isBefore(a: Place, b: Place): boolean {
  return a.row < b.row || (a.row === b.row && a.col < b.col);
}

function scrollLine(line: Line, by: number): Line {
  if (by === 0) return line;
  const up = (place: Place | undefined): Place | undefined => place && { row: place.row - by, col: place.col };
  return { home: up(line.home), end: up(line.end) };
}

function scrollExpected(expected: readonly Expected[], by: number): readonly Expected[] {
  return by === 0 ? expected : expected.map(({ row, col, glyph }) => ({ row: row - by, col, glyph }));
}
