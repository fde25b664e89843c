/**
 * A run of typing from a place on the server's screen: what each key should lead to, one after the other, and how much of it a newer
 * screen of the server shows. When that shows the effect of the first keys, the rest is played again on top of it: so whatever else
 * the server has changed is always shown as it is.
 */

import { ALTERNATE_SCREEN } from '../../protocol/screen/modes.ts';
import { equalRows } from '../../protocol/screen/row.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import { Draft, glyphOf, type Place, sameGlyph } from './draft.ts';
import type { KeyAction } from './key-parser.ts';
import { applyKey, type Expected, type Line, type Manners, type Step, textEnd } from './line-edit.ts';
import type { Situation } from './situation.ts';

/** So many rows above the cursor tell a prompt that is the next from one that is still the same. */
const SURROUNDINGS = 3;

export class Run {
  readonly situation: Situation;
  readonly manners: Manners;
  /** A letter of it has been shown by the server. */
  confirmed = false;
  /** The server's screen is nothing that the guesses lead through: they are not shown until it is again. */
  hidden = false;
  /** The first of them should have been there by then, and are not. */
  lateSince: number | undefined;
  /** The screen is none that they lead through, and only one that they do can mend it. */
  #lost = false;
  #base: Screen;
  #anchor: Place;
  #line: Line;
  #draft: Draft;
  #steps: Step[] = [];
  /** The keys of the steps. */
  #actions: KeyAction[] = [];

  constructor(base: Screen, at: Place, situation: Situation, manners: Manners) {
    this.situation = situation;
    this.manners = manners;
    this.#base = base;
    this.#anchor = at;
    this.#draft = new Draft(base, at);
    const style = this.#draft.style(at.row, at.col);
    const tail = manners.tail(style[0]);
    const isOther = tail === 'stay' || tail === 'suggestion';
    const endCol = isOther ? at.col : Math.max(at.col, textEnd(this.#draft, at.row, at.col));
    const isWhole = endCol < base.cols && situation.kind !== 'editor';
    this.#line = { home: situation.home, end: isWhole ? { row: at.row, col: endCol } : undefined };
  }

  get base(): Screen {
    return this.#base;
  }

  get anchor(): Place {
    return this.#anchor;
  }

  get visible(): boolean {
    return !this.hidden && this.lateSince === undefined && !this.#lost;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** What each key leads to. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** The text of the line as it is guessed to be; undefined where it is not known where that begins or ends. */
  get lineText(): string | undefined {
    const { home, end } = this.#steps.at(-1)?.line ?? this.#line;
    return home === undefined || end === undefined ? undefined : this.#draft.text(home, end);
  }

  /** Plays one more key; false when its effect can't be guessed. */
  extend(action: KeyAction): boolean {
    const step = applyKey(this.#draft, this.#steps.at(-1)?.line ?? this.#line, action, this.manners);
    if (step === undefined) return false;
    this.#steps.push(step);
    this.#actions.push(action);
    return true;
  }

  /** Goes on from a newer screen, on which `done` keys have had their effect and `rest` have not. */
  rebase(screen: Screen, done: number): void {
    const rest = this.#actions.slice(done);
    this.#line = this.#steps[done - 1]?.line ?? this.#line;
    this.#base = screen;
    this.#anchor = { row: screen.cursorRow, col: screen.cursorCol };
    this.#draft = new Draft(screen);
    this.#steps = [];
    this.#actions = [];
    this.hidden = false;
    this.lateSince = undefined;
    this.#lost = false;
    for (const action of rest) if (!this.extend(action)) return;
  }

  /** Forgets the first keys, whose effect is shown, though nothing can be said of the screen as a whole. */
  drop(count: number): void {
    const last = this.#steps.splice(0, count).at(-1);
    this.#actions.splice(0, count);
    if (last !== undefined) this.#anchor = last;
    this.#lost = true;
  }

  /**
   * After how many keys, at least `from`, the guess is what `screen` shows, at the cursor and where the keys wrote. Where the cursor
   * does not tell (a deletion leaves it where it is), the number of which the row is most like the screen's; the least of such. With
   * `strict`, the rows above must be the same, too: a new prompt may look like the old one.
   */
  findMatch(screen: Screen, from: number, strict: boolean): number | undefined {
    const found: number[] = [];
    for (let count = from; count <= this.#steps.length; count++)
      if (this.#matches(screen, count, strict)) found.push(count);
    return found.length > 1 ? this.#nearest(screen, found) : found[0];
  }

  /** Whether the screen may be about to show the rest of it. */
  isUnseen(screen: Screen): boolean {
    return this.#steps.length > 0 && this.findMatch(screen, 0, true) !== undefined;
  }

  /** The first of the first `judged` steps of which the screen does not show what it should; undefined if it may be right. */
  findContradiction(screen: Screen, judged: number): number | undefined {
    let found: number | undefined;
    // What later keys may have written over already tells nothing.
    const scrolled = this.#steps[judged - 1]?.scrolled ?? 0;
    this.#eachExpected(this.#steps.length, scrolled, (cell, index, row) => {
      if (index < judged && !isShown(screen, cell, row)) found = index;
      return true;
    });
    return found;
  }

  /** Whether the guesses, made on an older screen, still belong where they are on this one. */
  belongsOn(screen: Screen): boolean {
    const base = this.#base;
    if (screen === base) return true;
    if (this.#draft.scrolled > 0 || ((screen.modes ^ base.modes) & ALTERNATE_SCREEN) !== 0) return false;
    const { row, col } = this.#anchor;
    if (screen.rows[row] === base.rows[row]) return true;
    for (let left = 0; left < col; left++) {
      if (!sameGlyph(glyphOf(screen.rows[row], left), glyphOf(base.rows[row], left))) return false;
    }
    return true;
  }

  /** The rows above the line are those that the run began under. */
  hasSurroundings(screen: Screen, scrolled: number): boolean {
    return sameAbove(this.#base, this.#anchor.row, screen, this.#anchor.row - scrolled);
  }

  /** `screen` with the first `count` guesses over it. */
  show(screen: Screen, count: number, underlined: boolean): Screen {
    let draft = this.#draft;
    if (count < this.#steps.length) {
      draft = new Draft(this.#base, this.#anchor);
      this.#play(draft, 0, count);
    }
    return draft.compose(screen, underlined);
  }

  /** Plays the keys `from` to `to` - 1 on a draft that has seen those before. */
  #play(draft: Draft, from: number, to: number): void {
    for (let index = from; index < to; index++) {
      const action = this.#actions[index];
      const line = this.#steps[index - 1]?.line ?? this.#line;
      if (action === undefined || applyKey(draft, line, action, this.manners) === undefined) return;
    }
  }

  #nearest(screen: Screen, counts: readonly number[]): number | undefined {
    const draft = new Draft(this.#base, this.#anchor);
    let [nearest] = counts;
    let least = Number.POSITIVE_INFINITY;
    let played = 0;
    for (const count of counts) {
      this.#play(draft, played, count);
      played = count;
      const difference = draft.difference(draft.row, screen);
      if (difference < least) {
        least = difference;
        nearest = count;
      }
    }
    return nearest;
  }

  #matches(screen: Screen, count: number, strict: boolean): boolean {
    const step = this.#steps[count - 1];
    const { row, col } = step ?? { row: this.#anchor.row, col: Math.min(this.#anchor.col, screen.cols - 1) };
    if (screen.cursorRow !== row || screen.cursorCol !== col) return false;
    if (strict && !this.hasSurroundings(screen, step?.scrolled ?? 0)) return false;
    const scrolled = step?.scrolled ?? 0;
    return this.#eachExpected(count, scrolled, (cell, _index, at) => isShown(screen, cell, at));
  }

  /** Visits what the first `count` steps lead to, each cell once, the newest first, on a screen that has scrolled so far; stops at false. */
  #eachExpected(
    count: number,
    scrolled: number,
    visit: (cell: Expected, index: number, row: number) => boolean,
  ): boolean {
    const seen = new Set<number>();
    const moved = new Map<number, number>();
    for (let index = count - 1; index >= 0; index--) {
      const step = this.#steps[index];
      if (step === undefined) break;
      for (const cell of step.expected) {
        const row = cell.row + step.scrolled;
        const place = row * this.#base.cols + cell.col;
        if (seen.has(place) || cell.col >= (moved.get(row) ?? Number.POSITIVE_INFINITY)) continue;
        seen.add(place);
        if (!visit(cell, index, row - scrolled)) return false;
      }
      if (step.moved === undefined) continue;
      const row = step.moved.row + step.scrolled;
      moved.set(row, Math.min(step.moved.col, moved.get(row) ?? Number.POSITIVE_INFINITY));
    }
    return true;
  }
}

/** Whether the rows above two rows are the same. */
export function sameAbove(a: Screen, rowOfA: number, b: Screen, rowOfB: number): boolean {
  for (let above = 1; above <= SURROUNDINGS; above++) {
    const [before, after] = [a.rows[rowOfA - above], b.rows[rowOfB - above]];
    if (before === undefined || after === undefined) return true;
    if (!equalRows(before, after)) return false;
  }
  return true;
}

function isShown(screen: Screen, { glyph, col }: Expected, row: number): boolean {
  return glyph === undefined || row < 0 || sameGlyph(glyphOf(screen.rows[row], col), glyph);
}
