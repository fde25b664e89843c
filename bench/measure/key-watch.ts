/**
 * Types a work into a session with its gaps and times every key to the screen: the thin driver around the judge.
 */

import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ScreenTerminal } from '../lab/screen-terminal.ts';
import type { Stroke } from '../work/stroke.ts';
import { KeyJudge } from './key-judge.ts';
import { firstState, type Reference } from './reference.ts';
import { INTERRUPTED, type KeyReport } from './result.ts';
import { describeDifference, isSameScreen, readScreen, type ScreenState } from './screen-state.ts';

export interface WatchOptions {
  /** A key that is not on the screen by then is never shown. */
  readonly timeoutMs: number;
  /** Called with each measured key as it is shown or given up; whether anything was wrong meanwhile is known only at the end. */
  readonly onKey?: (key: KeyReport) => void;
  /** Stops the typing; keys whose fate is not known then are left out. */
  readonly signal?: AbortSignal;
}

export interface WatchedKeys {
  /** Those that are measured, in the order in which they were typed. */
  readonly keys: readonly KeyReport[];
  /** Why the work was given up, in one line. */
  readonly failure?: string;
}

/** So many keys in a row that are never shown, and the work is given up. */
const LATE_IN_A_ROW_MAX = 3;
/**
 * A stroke that sets the stage may find it set, and then some shells print nothing. So long its output is waited for all the same:
 * letters that are typed while it is still on its way would be held back by a client that guesses.
 */
const STAGE_MS = 1_000;
/** How long wrong letters are looked for after the last key stood. */
const GRACE_MS = 50;

/** Types `strokes`, which the reference was learnt from, into a session that shows what the reference begins with, or soon will. */
export async function typeAndWatch(
  terminal: ScreenTerminal,
  strokes: readonly Stroke[],
  reference: Reference,
  options: WatchOptions,
): Promise<WatchedKeys> {
  const startedAt = performance.now();
  const alarm = new Alarm(options.signal);
  terminal.exited.then(() => alarm.ring());
  const begun = await begin(terminal, reference, options, alarm);
  if ('failure' in begun) {
    alarm.disarm();
    return { keys: [], failure: begun.failure };
  }
  const { first, stoodAt } = begun;
  let screen = begun.screen;
  const judge = new KeyJudge(reference, { timeoutMs: options.timeoutMs, startedAt, first, screen });
  const tell = (decided: readonly number[]): void => {
    for (const index of decided) {
      const report = judge.report(index);
      if (strokes[index]?.measured === true && report !== undefined) options.onKey?.(report);
    }
    if (decided.length > 0) alarm.ring();
  };
  const stop = terminal.onFrame((at) => {
    screen = readScreen(terminal, screen);
    tell(judge.frame(at, screen));
  });
  /** Why there is nothing to wait for any more. */
  const obstacle = (): string | undefined => {
    if (options.signal?.aborted === true) return INTERRUPTED;
    if (terminal.status !== undefined) return `the session ended with status ${terminal.status}`;
    if (judge.lateInARow < LATE_IN_A_ROW_MAX) return undefined;
    return `${judge.lateInARow} keys in a row not on the screen within ${options.timeoutMs} ms`;
  };
  /** Resolves when the condition holds, and gives up keys meanwhile; gives the obstacle if there is one before. */
  const until = async (isSo: () => boolean, deadline = Number.POSITIVE_INFINITY): Promise<string | undefined> => {
    for (;;) {
      tell(judge.expire(performance.now()));
      const failure = obstacle();
      if (failure !== undefined || isSo() || performance.now() >= deadline) return failure;
      await alarm.wait(Math.min(deadline, judge.deadline ?? Number.POSITIVE_INFINITY));
    }
  };
  let failure: string | undefined;
  try {
    let dueAt = stoodAt;
    for (let index = first; index < strokes.length && failure === undefined; index++) {
      const stroke = strokes[index];
      if (stroke === undefined) break;
      dueAt += stroke.gapMs;
      failure = await until(() => false, dueAt);
      if (failure !== undefined) break;
      // Before the write: the echo may be there by the time it returns.
      judge.typed(performance.now());
      terminal.type(stroke.keys);
      if (!stroke.awaited) continue;
      failure = await until(() => judge.isDecided(index));
      dueAt = judge.shownAt(index) ?? performance.now();
    }
    failure ??= await until(() => strokes.every((_, index) => index < first || judge.isDecided(index)));
    if (failure === undefined) await until(() => false, performance.now() + GRACE_MS);
  } finally {
    stop();
    alarm.disarm();
    judge.end(performance.now());
  }
  const keys = strokes.flatMap((stroke, index) => {
    const report = judge.report(index);
    if (!stroke.measured || report === undefined) return [];
    return options.signal?.aborted === true && !judge.isDecided(index) ? [] : [report];
  });
  return failure === undefined ? { keys } : { keys, failure };
}

type Beginning =
  | { readonly first: number; readonly stoodAt: number; readonly screen: ScreenState }
  | { readonly failure: string };

/** Brings the screen to the state that the work counts from, and waits until it stands. */
async function begin(
  terminal: ScreenTerminal,
  reference: Reference,
  options: WatchOptions,
  alarm: Alarm,
): Promise<Beginning> {
  const first = firstState(reference.strokes);
  const expected = reference.states[first];
  if (expected === undefined) return { failure: 'the reference has no beginning' };
  if (first === 1) terminal.type(reference.strokes[0]?.keys ?? '');
  let screen = readScreen(terminal);
  const typedAt = performance.now();
  let stoodAt: number | undefined;
  const stop = terminal.onFrame((at) => {
    screen = readScreen(terminal, screen);
    stoodAt = at;
    if (isSameScreen(screen, expected)) alarm.ring();
  });
  try {
    const deadline = typedAt + options.timeoutMs;
    for (;;) {
      const now = performance.now();
      if (options.signal?.aborted === true) return { failure: 'interrupted' };
      const isSet = isSameScreen(screen, expected);
      if (isSet && (first === 0 || stoodAt !== undefined || now >= Math.min(deadline, typedAt + STAGE_MS))) {
        return { first, stoodAt: stoodAt ?? now, screen };
      }
      if (terminal.status !== undefined) return { failure: `the session ended with status ${terminal.status}` };
      if (now >= deadline) {
        return { failure: `the screen is not what the work begins with: ${describeDifference(screen, expected)}` };
      }
      await alarm.wait(isSet ? Math.min(deadline, typedAt + STAGE_MS) : deadline);
    }
  } finally {
    stop();
  }
}

/** Wakes the one who waits, at a time or sooner. */
class Alarm {
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.ring();
  #wake: () => void = () => {};

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort);
  }

  ring(): void {
    this.#wake();
  }

  /** Resolves at `at` or when it rings; what this process could have read by then is read. */
  async wait(at: number): Promise<void> {
    const ms = Math.min(Math.max(0, at - performance.now()), 2 ** 31 - 1);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    // After a delay of this process's own, timers come before input.
    await nextTurn();
  }

  disarm(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}
