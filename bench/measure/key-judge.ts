/**
 * Decides when each key stood on the screen, and what was shown wrongly meanwhile. Pure: what is typed when and what the screen
 * shows when go in, a report of every key comes out.
 *
 * A key stands on the screen when the cells that it changes, by the reference, show what it changes them to; of a letter or an edit,
 * those in the cursor's rows, as the letter is what one looks for, and not the column number in a status line. Keys are met in their
 * order: the letter before a backspace is met before the backspace is, so that a screen which lags does not pass for one that is
 * ahead. Where a key's cells were written over before anybody saw them (a letter and its deletion in one update), the whole screen
 * decides: if it is what a later key leads to and nothing that came in between, all keys up to that one are met.
 *
 * What error is left, and on which side:
 * - Late: keys that were written over at once stand, by this rule, only with the next key that leads to a screen of its own. If
 *   none follows (letter, backspace, pause), the time is that of the last output before the time-out, when the screen was right; where
 *   there was no output, they count as never shown.
 * - Early, by the time of one redraw: where a program passes through the final text of a key's cells on its way to it, such as
 *   a screen that is cleared before it is drawn. The rest of the same output is on the way then.
 * - None: a cell that a wrong guess happens to make right. The user saw the right thing, at that time.
 */

import type { Stroke, StrokeKind } from '../work/stroke.ts';
import type { Reference } from './reference.ts';
import type { KeyReport } from './result.ts';
import { type CellPlace, difference, isSameCursor, isSameScreen, type ScreenState } from './screen-state.ts';
import { WrongCells } from './wrong-cells.ts';

export interface JudgeOptions {
  readonly timeoutMs: number;
  /** The moment that reports count from. */
  readonly startedAt: number;
  /** The first stroke that is judged; the screen is in the state before it. */
  readonly first: number;
  readonly screen: ScreenState;
}

/**
 * What became of a stroke. `late` was given up as never shown, but keeps its place in the order until it is met; `plain` changes
 * nothing that could be seen; `unseen` is past, but when it stood can't be known.
 */
type Fate =
  | { readonly kind: 'untyped' }
  | { readonly kind: 'pending' | 'late' | 'plain' | 'unseen'; readonly typedAt: number }
  | { readonly kind: 'shown'; readonly typedAt: number; readonly shownMs: number };

const UNTYPED: Fate = { kind: 'untyped' };

export class KeyJudge {
  readonly #strokes: readonly Stroke[];
  readonly #reference: Reference;
  readonly #options: JudgeOptions;
  readonly #fates: Fate[];
  readonly #needs: readonly (readonly CellPlace[])[];
  /** Equal numbers for equal states. */
  readonly #looks: readonly number[];
  readonly #wrong: WrongCells;
  /** The first stroke that is not met. All before it are. */
  #next: number;
  /** The strokes before this one are typed. */
  #typed: number;
  #screen: ScreenState;
  #frameAt = Number.NEGATIVE_INFINITY;
  #lateInARow = 0;

  constructor(reference: Reference, options: JudgeOptions) {
    const { strokes, states } = reference;
    this.#strokes = strokes;
    this.#reference = reference;
    this.#options = options;
    this.#fates = strokes.map(() => UNTYPED);
    this.#needs = strokes.map(({ kind }, index) => needsOf(kind, stateOf(states, index), stateOf(states, index + 1)));
    this.#looks = looksOf(states);
    this.#wrong = new WrongCells(reference, options.screen);
    this.#screen = options.screen;
    this.#next = options.first;
    this.#typed = options.first;
  }

  /** Keys that were given up as never shown with none shown since. */
  get lateInARow(): number {
    return this.#lateInARow;
  }

  /** When the next key is given up; `expire` is due then. Changes with every other call. */
  get deadline(): number | undefined {
    const fate = this.#fates.slice(this.#next, this.#typed).find(({ kind }) => kind === 'pending');
    return fate === undefined || fate.kind === 'untyped' ? undefined : fate.typedAt + this.#options.timeoutMs;
  }

  /** Whether it is known what became of a stroke. */
  isDecided(index: number): boolean {
    const kind = this.#fates[index]?.kind;
    return kind !== 'untyped' && kind !== 'pending';
  }

  /** When a stroke stood on the screen; undefined when it did not, or has nothing to show. */
  shownAt(index: number): number | undefined {
    const fate = this.#fates[index];
    return fate?.kind === 'shown' ? fate.typedAt + fate.shownMs : undefined;
  }

  /** The next stroke was typed at `now`. */
  typed(now: number): void {
    const index = this.#typed++;
    const isPlain = this.#looks[index] === this.#looks[index + 1] || this.#strokes[index]?.kind === 'silent';
    this.#fates[index] = { kind: isPlain ? 'plain' : 'pending', typedAt: now };
    this.#passPlain();
  }

  /** The screen changed at `at`, which is not before the frame before. Gives the strokes that stand on it for the first time. */
  frame(at: number, screen: ScreenState): readonly number[] {
    const before = this.#next;
    this.#screen = screen;
    this.#frameAt = at;
    this.#wrong.frame(at, screen, this.#typed - 1);
    while (this.#isTypedBefore(this.#next, at) && this.#stands(this.#next)) this.#pass(this.#next, at);
    const reached = this.#reached(at);
    while (this.#next <= reached) this.#pass(this.#next, at);
    return this.#shownSince(before);
  }

  /** Gives up what was typed too long before `now`. Gives the strokes whose fate is known since. */
  expire(now: number): readonly number[] {
    const deadline = this.deadline;
    if (deadline === undefined || now < deadline) return [];
    const before = this.#next;
    const last = this.#typed - 1;
    if (this.#isAtRest(last, now)) {
      // The keys in between undid each other before they were seen: they stood, at the latest, with the last frame. Where none came
      // after they were typed there was nothing to see.
      const at = this.#isTypedBefore(last, this.#frameAt) ? this.#frameAt : Number.NEGATIVE_INFINITY;
      while (this.#next <= last) this.#pass(this.#next, at);
      return range(before, this.#next).filter((index) => this.#fates[index]?.kind !== 'plain');
    }
    const late: number[] = [];
    for (const index of range(this.#next, this.#typed)) {
      const fate = this.#fates[index];
      if (fate?.kind !== 'pending' || now < fate.typedAt + this.#options.timeoutMs) continue;
      this.#fates[index] = { kind: 'late', typedAt: fate.typedAt };
      this.#lateInARow++;
      late.push(index);
    }
    return late;
  }

  /** Nothing more is watched after `at`. */
  end(at: number): void {
    this.#wrong.end(at);
  }

  /** The report of a stroke so far: what was wrong is known only at the end. Undefined when it was not typed. */
  report(index: number): KeyReport | undefined {
    const fate = this.#fates[index];
    const stroke = this.#strokes[index];
    if (stroke === undefined || fate === undefined || fate.kind === 'untyped') return undefined;
    const wrongMs = this.#wrong.wrongMs(index);
    return {
      kind: stroke.kind,
      keys: stroke.keys,
      atMs: fate.typedAt - this.#options.startedAt,
      ...(fate.kind === 'plain' ? {} : { shownMs: fate.kind === 'shown' ? fate.shownMs : null }),
      ...(wrongMs === undefined ? {} : { wrongMs }),
    };
  }

  #stands(index: number): boolean {
    const state = stateOf(this.#reference.states, index + 1);
    const needs = this.#needs[index] ?? [];
    if (needs.length === 0) return isSameCursor(this.#screen, state);
    return needs.every(({ row, col }) => this.#screen.rows[row]?.cells[col] === state.rows[row]?.cells[col]);
  }

  /** The last stroke that the whole screen proves to be done; -1: it proves none. */
  #reached(at: number): number {
    for (let index = this.#typed - 1; index >= this.#next; index--) {
      if (!this.#isTypedBefore(index, at)) continue;
      const look = this.#looks[index + 1];
      const isOwn = !this.#looks.slice(this.#next, index + 1).includes(look ?? -1);
      if (isOwn && isSameScreen(this.#screen, stateOf(this.#reference.states, index + 1))) return index;
    }
    return -1;
  }

  /** Whether all is as it should be, and has been for so long that the screen can't be the one from before the keys any more. */
  #isAtRest(last: number, now: number): boolean {
    const fate = this.#fates[last];
    if (fate === undefined || fate.kind === 'untyped') return false;
    const isLongAgo = now - Math.max(fate.typedAt, this.#frameAt) >= this.#options.timeoutMs / 2;
    return isLongAgo && isSameScreen(this.#screen, stateOf(this.#reference.states, last + 1));
  }

  #isTypedBefore(index: number, at: number): boolean {
    const fate = this.#fates[index];
    return fate !== undefined && fate.kind !== 'untyped' && fate.typedAt <= at;
  }

  #pass(index: number, at: number): void {
    const fate = this.#fates[index];
    if (fate?.kind === 'pending') {
      const isSeen = fate.typedAt <= at;
      this.#fates[index] = isSeen
        ? { kind: 'shown', typedAt: fate.typedAt, shownMs: at - fate.typedAt }
        : { kind: 'unseen', typedAt: fate.typedAt };
      this.#lateInARow = 0;
    }
    this.#next = index + 1;
    this.#passPlain();
  }

  #passPlain(): void {
    while (this.#fates[this.#next]?.kind === 'plain') this.#next++;
  }

  #shownSince(first: number): readonly number[] {
    return range(first, this.#next).filter((index) => this.#fates[index]?.kind === 'shown');
  }
}

function stateOf(states: readonly ScreenState[], index: number): ScreenState {
  const state = states[index];
  if (state === undefined) throw new Error(`the reference has no state ${index}`);
  return state;
}

/** The cells that must show the state after a stroke; none: the cursor must. */
function needsOf(kind: StrokeKind, before: ScreenState, after: ScreenState): readonly CellPlace[] {
  const all = difference(before, after);
  if (kind !== 'letter' && kind !== 'edit') return all;
  const near = all.filter(({ row }) => row === before.cursorRow || row === after.cursorRow);
  return near.length > 0 || !isSameCursor(before, after) ? near : all;
}

function looksOf(states: readonly ScreenState[]): readonly number[] {
  const known = new Map<string, number>();
  return states.map(({ rows, cursorRow, cursorCol }) => {
    const look = `${rows.map(({ text }) => text).join('\n')}\n${cursorRow} ${cursorCol}`;
    const number = known.get(look) ?? known.size;
    known.set(look, number);
    return number;
  });
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, offset) => from + offset);
}
