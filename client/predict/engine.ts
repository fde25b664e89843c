/**
 * The prediction engine: shows what is typed before the server has, where it has reason to believe that the program will echo it, and
 * takes it back where the program did not. The idea is mosh's (Winstein and Balakrishnan, "Mosh: An Interactive Remote Shell for Mobile
 * Clients", USENIX ATC 2012, §3.2); here what gives confidence is what was learnt of the prompt and the program, not only of the
 * line, and the server says up to which key the program has had time to answer.
 *
 * Keys wait in `#keys` from when they are typed until their effect is on the server's screen, or the server says that it would be.
 * Those at the front that can be guessed make a run (run.ts); a key of unknown effect ends it, and what comes after that key waits
 * until the key was answered. Pure: no clock, no I/O, and no way to change what is sent.
 */

import type { Screen } from '../../protocol/screen/screen.ts';
import { type EchoState, equalTty } from '../../protocol/session/shell-state.ts';
import { ClearMemory } from './clear-memory.ts';
import { CommandMemory } from './command-memory.ts';
import { Confidence } from './confidence.ts';
import type { Place } from './draft.ts';
import { EnteredLines } from './entered-lines.ts';
import { KernelEcho } from './kernel-echo.ts';
import { KeyParser } from './key-parser.ts';
import { isShell } from './known-programs.ts';
import { LateLine } from './late-line.ts';
import { isNextPrompt } from './next-prompt.ts';
import { OwnText } from './own-text.ts';
import { isEnter, isVisible, type PendingKey } from './pending-key.ts';
import { Run } from './run.ts';
import { isTrusted, type Mood, mannersOf, moodAfter, situationAt } from './situation.ts';
import { editIsTrusted, skillKey, wrapIsTrusted } from './skills.ts';
import { TailMemory } from './tail-memory.ts';
import { shownAhead } from './typed-ahead.ts';
import { type PredictMode, Visibility } from './visibility.ts';

/** Keys that may wait; with more, no guess is made until the server has caught up. */
const KEYS_MAX = 512;
/** Where the kernel echoes, a letter is shown at once only if nothing has changed for so long before it: echo may be about to end. */
const SETTLED_MS = 100;
/** So much later than it should have an editing key may work. */
const LATE_MS = 200;

/** How many letters, and what became of them. */
export interface PredictionCounts {
  /** Letters typed. */
  readonly typed: number;
  /** Those of them that were shown as they were typed. */
  readonly atOnce: number;
  /** Letters that were shown and taken back. */
  readonly wrong: number;
}

export class PredictionEngine {
  readonly #parser = new KeyParser();
  readonly #visibility: Visibility;
  readonly #confidence = new Confidence();
  readonly #tails = new TailMemory();
  readonly #commands = new CommandMemory();
  readonly #clears = new ClearMemory();
  readonly #entered = new EnteredLines();
  readonly #own = new OwnText();
  readonly #counts = { typed: 0, atOnce: 0, wrong: 0 };
  #state: EchoState | undefined;
  #keys: PendingKey[] = [];
  #run: Run | undefined;
  #lateLine: LateLine | undefined;
  /** Of the input stream: before this was answered, nothing can be said. */
  #blindUntil = 0;
  #lastOffset = 0;
  /** What follows such a key may be the rest of a command: Ctrl-X b. */
  #afterStrange = false;
  #mood: Mood = { fresh: false, strange: false, visit: 0 };
  /** When the tty or the place of the cursor last changed by itself. */
  #changedAt = Number.NEGATIVE_INFINITY;
  readonly #kernel = new KernelEcho();
  #composed:
    | { readonly screen: Screen; readonly of: Screen; readonly count: number; readonly marked: boolean }
    | undefined;

  constructor(options: { readonly mode: PredictMode }) {
    this.#visibility = new Visibility(options.mode);
  }

  /** For the status line. */
  get counts(): PredictionCounts {
    return this.#counts;
  }

  /** The user typed `bytes`; `offset` is the position in the input stream after them. The bytes are borrowed during the call. */
  typed(now: number, bytes: Uint8Array, offset: number): void {
    const actions = this.#parser.push(bytes);
    this.#lastOffset = offset;
    if (this.#run?.lateSince !== undefined) this.#judge(now, this.#run, this.#screen());
    for (const action of actions) {
      this.#own.typed(action);
      if (action.kind === 'letter') this.#counts.typed++;
      if (action.kind === 'unknown' && action.cause === 'enter')
        this.#commands.entered(this.#run, this.#state?.tty, this.#keys.length, this.#shownCount(now));
      const line = this.#entered.typed(action, this.#state?.screen, this.#cursor());
      this.#keys.push({ action, offset, typedAt: now, held: this.#afterStrange, shown: false, line });
      this.#afterStrange = action.kind === 'unknown' && action.cause === 'strange';
      const covered = this.#run?.steps.length ?? 0;
      this.#extend(now, this.#keys.length === 1);
      if (action.kind === 'letter' && (this.#run?.steps.length ?? 0) > covered) {
        const count = this.#shownCount(now);
        if (count === this.#keys.length) this.#counts.atOnce++;
      }
    }
    if (this.#keys.length > KEYS_MAX) this.#goBlind();
    if (actions.length > 0) this.#composed = undefined;
  }

  /** A newer state of the server came, and what the connection thinks of its round trip in ms. */
  server(now: number, state: EchoState, smoothedRtt: number): void {
    const before = this.#state;
    this.#state = state;
    this.#composed = undefined;
    this.#visibility.measured(smoothedRtt, this.#keys.length === 0);
    if (before !== undefined) this.#compare(now, before, state);
    this.#judgeLateLine(state.screen);
    this.#clears.learn(state.screen, state.echoed);
    if (state.tty?.canonical === true && !state.tty.echo) {
      this.#kernel.hides(state.tty.program);
      this.#goBlind();
    }
    if (this.#run !== undefined) this.#judge(now, this.#run, state.screen);
    else this.#answered(now, this.#judgedCount());
    this.#extend(now, false);
  }

  /** What to show: the server's screen with what is guessed over it; the very object of the server's when nothing is. */
  overlay(now: number): Screen {
    const screen = this.#screen();
    const count = this.#shownCount(now);
    const run = this.#run;
    if (run === undefined || count === 0) return screen;
    const marked = this.#visibility.isMarked(now, this.#oldestAt());
    const last = this.#composed;
    if (last?.of === screen && last.count === count && last.marked === marked) return last.screen;
    for (const key of this.#keys.slice(0, count)) key.shown = true;
    const composed = run.show(screen, count, marked);
    this.#composed = { screen: composed, of: screen, count, marked };
    return composed;
  }

  /** When `overlay` may give something else though nothing was typed and nothing came; Infinity if it won't. */
  nextTimeout(now: number): number {
    if ((this.#run?.steps.length ?? 0) === 0) return Number.POSITIVE_INFINITY;
    return this.#visibility.nextTimeout(now, this.#oldestAt());
  }

  /** Nothing is known of the screen any more (another size, a session that was resumed); what was learnt is kept. */
  reset(): void {
    this.#goBlind();
    this.#composed = undefined;
  }

  /** Where the cursor is, with the guesses so far. */
  #cursor(): Place {
    const { cursorRow = 0, cursorCol = 0 } = this.#state?.screen ?? {};
    return this.#run?.steps.at(-1) ?? { row: cursorRow, col: cursorCol };
  }

  #screen(): Screen {
    if (this.#state === undefined) throw new Error('there is no screen before the first state of the server');
    return this.#state.screen;
  }

  #oldestAt(): number {
    return this.#keys[0]?.typedAt ?? Number.POSITIVE_INFINITY;
  }

  /** How many of the waiting keys have been answered. Offsets only grow. */
  #judgedCount(): number {
    const echoed = this.#state?.echoed ?? 0;
    const index = this.#keys.findIndex(({ offset }) => offset > echoed);
    return index === -1 ? this.#keys.length : index;
  }

  /** Forgets the keys that wait, and guesses nothing before all of them were answered. */
  #goBlind(): void {
    this.#entered.answered(this.#keys);
    this.#keys = [];
    this.#run = undefined;
    this.#kernel.forget();
    this.#blindUntil = Math.max(this.#blindUntil, this.#lastOffset);
    this.#mood = { ...this.#mood, fresh: false };
  }

  /** What has changed besides the text. */
  #compare(now: number, before: EchoState, { screen, tty }: EchoState): void {
    const old = before.screen;
    if (old.cols !== screen.cols || old.rows.length !== screen.rows.length) this.#goBlind();
    if (before.tty?.program !== tty?.program) this.#mood = { ...this.#mood, visit: this.#mood.visit + 1 };
    if (!equalTty(before.tty, tty)) {
      // Whoever reads now has its own way with what was typed for another.
      const isOther = before.tty?.program !== tty?.program && this.#run?.situation.kind === 'kernel';
      if (isOther || before.tty?.canonical !== tty?.canonical) this.#dropRun();
      this.#changedAt = now;
    }
    const moved = old.cursorRow !== screen.cursorRow || old.cursorCol !== screen.cursorCol;
    if (moved && (this.#keys[0]?.action.kind ?? 'unknown') === 'unknown') this.#changedAt = now;
  }

  /** The guesses so far are void, though the keys are still on their way. */
  #dropRun(): void {
    if (this.#run === undefined) return;
    this.#run = undefined;
    this.#kernel.forget();
    for (const key of this.#keys) key.held = true;
  }

  #judge(now: number, run: Run, screen: Screen): void {
    const judged = this.#judgedCount();
    const covered = run.steps.length;
    if (judged > covered) {
      this.#answered(now, judged);
      return;
    }
    const next = this.#keys[covered];
    const match = run.findMatch(screen, judged, next !== undefined);
    if (match !== undefined) {
      if (match === 0 && screen === run.base) return;
      this.#confirm(run, screen, match);
      return;
    }
    if (
      next !== undefined &&
      judged === 0 &&
      isEnter(next) &&
      isNextPrompt(run, this.#state, this.#mood, this.#confidence)
    ) {
      this.#answered(now, covered + 1);
      return;
    }
    if (judged === 0) {
      if (this.#keys.length === 0) this.#run = undefined;
      else run.hidden = next !== undefined || !run.belongsOn(screen);
      return;
    }
    if (this.#isLate(now, run, screen, judged)) return;
    const wrong = run.findContradiction(screen, judged);
    if (wrong !== undefined || judged === this.#keys.length) {
      this.#contradict(run, wrong ?? judged - 1, judged, wrong !== undefined);
      this.#holdLine(run);
    } else if (run.lost) {
      this.#keys.splice(0, judged);
      this.#run = undefined;
      this.#holdLine(run);
    } else {
      this.#keys.splice(0, judged);
      run.drop(judged);
    }
  }

  /** Nothing is wrong where echo is only overdue, be it that the machine is busy: nothing is shown until it comes, or something else. */
  #isLate(now: number, run: Run, screen: Screen, judged: number): boolean {
    const { situation } = run;
    if (situation.kind === 'kernel' || !(run.confirmed || isTrusted(situation, this.#confidence))) return false;
    // An editing key may be ignored where it can do nothing: it is waited for in lines only, and not for long.
    const since = run.lateSince ?? now;
    const mayWork = situation.kind === 'line' && now - since < LATE_MS;
    const isAwaited = ({ action }: PendingKey): boolean =>
      action.kind !== 'edit' || (mayWork && editIsTrusted(situation, action.edit, action.key, this.#confidence));
    if (!this.#keys.slice(0, judged).every(isAwaited)) return false;
    const seen = run.findMatch(screen, 0, true);
    if (seen === undefined) return false;
    this.#confirm(run, screen, seen);
    run.lateSince = seen > 0 ? now : since;
    for (const key of this.#keys) this.#takeBack(key);
    return true;
  }

  #judgeLateLine(screen: Screen): void {
    const run = this.#lateLine?.run;
    const isEchoed = this.#lateLine?.isEchoed(screen);
    if (run === undefined || isEchoed === undefined) return;
    this.#lateLine = undefined;
    if (!isEchoed) for (const name of run.situation.keys) this.#confidence.contradict(name);
  }

  /** What waits of a line that the screen has left, a secret perhaps, does not belong to the line where the cursor is now. */
  #holdLine(run?: Run): void {
    const screen = this.#screen();
    if (run !== undefined && screen.cursorRow === run.anchor.row && run.belongsOn(screen)) return;
    for (const key of this.#keys) {
      if (key.action.kind === 'unknown') return;
      key.held = true;
    }
  }

  /** The first keys, the last of them of unknown effect perhaps, have been answered: what comes after begins anew. */
  #answered(now: number, count: number): void {
    if (count === 0) return;
    const answered = this.#keys.splice(0, count);
    const situation = this.#run?.situation;
    if (situation?.kind === 'kernel' && this.#kernel.believes(this.#state, situation, answered))
      for (const name of situation.keys) this.#confidence.confirm(name);
    for (const { action } of answered) this.#mood = moodAfter(this.#mood, action);
    const screen = this.#screen();
    const run = this.#run;
    const from = run?.isUnseen(screen) ? { row: screen.cursorRow, col: screen.cursorCol } : undefined;
    this.#entered.answered(answered, from);
    this.#lateLine = run?.lateSince !== undefined ? new LateLine(run) : undefined;
    this.#judgeLateLine(screen);
    this.#run = undefined;
    this.#kernel.forget();
    this.#changedAt = now;
    if (answered.at(-1)?.action.kind !== 'unknown') this.#holdLine();
  }

  /** The server shows the effect of the first `count` keys. */
  #confirm(run: Run, screen: Screen, count: number): void {
    this.#learnFrom(run, screen, count);
    this.#keys.splice(0, count);
    const covered = run.steps.length - count;
    run.rebase(screen, count);
    const stuck = run.steps.length < covered ? this.#keys[run.steps.length] : undefined;
    if (stuck !== undefined) this.#giveUp(run, stuck);
  }

  /** The key does what nobody can guess. */
  #giveUp(run: Run, key: PendingKey): void {
    const isClear = key.action.kind === 'edit' && key.action.edit === 'clear';
    if (isClear) this.#clears.typed(run, key.offset);
    key.action = { kind: 'unknown', cause: isClear ? 'interrupt' : 'line' };
  }

  #learnFrom(run: Run, screen: Screen, count: number): void {
    const { situation } = run;
    this.#tails.learn(run, screen, this.#keys.slice(0, count));
    for (let index = 0; index < count; index++) {
      const step = run.steps[index];
      const key = this.#keys[index];
      if (step?.changes !== true || key === undefined) continue;
      const { action } = key;
      if (step.wrapped) this.#confidence.confirm(skillKey(situation, 'wrap'));
      if (action.kind === 'edit') this.#confidence.confirm(skillKey(situation, action.key));
      if (action.kind === 'edit' && step.expected.length > 0) this.#entered.clear();
      // A star for each letter is what a password prompt may show, and a blank shows nothing.
      if (action.kind !== 'letter' || action.code === 0x2a || action.code === 0x20) continue;
      if (situation.kind === 'kernel') {
        this.#kernel.saw(key.offset);
      } else if (!situation.secret) {
        run.confirmed = true;
        this.#entered.clear();
        for (const name of situation.keys) this.#confidence.confirm(name);
      }
    }
  }

  /** The first of the judged keys that is not what the server shows is number `wrong`. */
  #contradict(run: Run, wrong: number, judged: number, isLetter: boolean): void {
    const { situation } = run;
    const suspects = this.#keys.slice(0, wrong + 1);
    const edits = suspects.flatMap(({ action }) => (action.kind === 'edit' ? [action.key] : []));
    if (run.steps.slice(0, wrong + 1).some(({ wrapped }) => wrapped)) edits.push('wrap');
    for (const edit of edits) this.#confidence.contradict(skillKey(situation, edit));
    // Where the line before had not been seen to come, the prompt is not to blame.
    const isToBlame = situation.kind === 'kernel' || !suspects.some(({ held }) => held);
    if (edits.length === 0 && isLetter && isToBlame)
      for (const name of situation.keys) this.#confidence.contradict(name);
    if (isLetter) for (const key of this.#keys) this.#takeBack(key);
    this.#keys.splice(0, judged);
    this.#run = undefined;
  }

  #takeBack(key: PendingKey): void {
    if (key.shown && key.action.kind === 'letter') this.#counts.wrong++;
    key.shown = false;
  }

  /** Makes guesses of the keys that have none, as far as that goes. `live`: they were typed on the screen as it is. */
  #extend(now: number, live: boolean): void {
    const state = this.#state;
    if (state === undefined || this.#blindUntil > state.echoed || this.#keys.length === 0) return;
    if (this.#run === undefined && !this.#begin(state, live)) return;
    const isLate = this.#entered.standOn(state.screen);
    const run = this.#run;
    if (run === undefined) return;
    for (let index = run.steps.length; index < this.#keys.length; index++) {
      const key = this.#keys[index];
      if (key === undefined || key.action.kind === 'unknown') return;
      if (!run.extend(key.action)) {
        this.#giveUp(run, key);
        return;
      }
      key.held ||= isLate;
      if (run.situation.kind === 'kernel') key.held ||= !this.#mayShowEcho(now, run, key);
    }
  }

  #mayShowEcho(now: number, run: Run, key: PendingKey): boolean {
    if (key.typedAt < now || now - this.#changedAt < SETTLED_MS) return false;
    return !this.#kernel.isAsker(this.#state?.tty?.program ?? 0) && isTrusted(run.situation, this.#confidence);
  }

  /** Begins a run where the cursor is, if that is where the first waiting key goes. */
  #begin(state: EchoState, live: boolean): boolean {
    if (this.#keys[0]?.action.kind === 'unknown') return false;
    const { screen, tty } = state;
    const at = { row: screen.cursorRow, col: screen.cursorCol };
    let situation = this.#own.guard(situationAt(state, at, this.#mood, this.#confidence), screen, at);
    if (situation === undefined) {
      this.#goBlind();
      return false;
    }
    const ahead = live ? undefined : shownAhead(this.#keys, state, at, this.#mood, this.#confidence);
    if (ahead !== undefined) {
      this.#keys.splice(0, ahead.count);
      situation = ahead.situation;
    }
    // A line that was entered before it was shown may have been read by now, and what asked for it be gone.
    if (!live && this.#keys.some(({ action }) => action.kind === 'unknown')) this.#holdLine();
    // Whether a blank or a deletion that was typed ahead is there already, nobody can see.
    if (!live && !isVisible(this.#keys[0])) for (const key of this.#keys) key.held = true;
    this.#mood = { ...this.#mood, fresh: false };
    if (isShell(tty?.program ?? 0)) this.#clears.met(situation);
    const { program } = situation;
    const recall = (back: number): string | undefined => this.#commands.recall(program, back);
    const manners = mannersOf(
      situation,
      tty,
      (key) => this.#tails.habitOf(key),
      recall,
      this.#clears.rowsAbove(situation),
    );
    this.#run = new Run(screen, at, situation, manners);
    return true;
  }

  /** How many of the waiting keys are shown. */
  #shownCount(now: number): number {
    const run = this.#run;
    if (run === undefined || run.steps.length === 0 || !run.visible) return 0;
    if (!this.#visibility.isShown(now, this.#oldestAt())) return 0;
    const { situation } = run;
    const isKernel = situation.kind === 'kernel';
    // Where the kernel echoes, each key was judged when it was typed.
    if (situation.secret || !(isKernel || run.confirmed || isTrusted(situation, this.#confidence))) return 0;
    let count = 0;
    for (const step of run.steps) {
      const key = this.#keys[count];
      if (key === undefined || key.held) break;
      if (!wrapIsTrusted(situation, step, this.#confidence)) break;
      const { action } = key;
      if (action.kind === 'edit' && !editIsTrusted(situation, action.edit, action.key, this.#confidence)) break;
      count++;
    }
    return count;
  }
}
