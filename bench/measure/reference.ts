/**
 * What the remote screen shows when a work is typed: learnt once without a network between, key by key, letting the screen settle
 * after each. It is the truth that shells are judged by, found without knowing anything about the programs.
 */

import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { ScreenTerminal } from '../lab/screen-terminal.ts';
import type { Stroke } from '../work/stroke.ts';
import { describeDifference, readScreen, type ScreenState } from './screen-state.ts';

export interface Reference {
  readonly strokes: readonly Stroke[];
  /** One more than strokes: `states[0]` before the first one, `states[i + 1]` after stroke i. */
  readonly states: readonly ScreenState[];
  /** Whether the cell has ever held that text, if only for an instant, since `states[firstState(strokes)]`. */
  everHeld(row: number, col: number, text: string): boolean;
}

export interface LearnOptions {
  /** The screen has settled when nothing was printed for so long; on a real path, three round trips more. */
  readonly settleMs?: number;
  /** The same after a stroke that is waited for, which may start a program. */
  readonly awaitedSettleMs?: number;
}

const SETTLE_MS = 60;
const AWAITED_SETTLE_MS = 200;
/** How long a key that is waited for may take to have an effect at all, and any key until the screen is at rest. */
const EFFECT_MS_MAX = 10_000;
const REST_MS_MAX = 20_000;
/** Any other key that should have an effect is given this long: some have none, such as a backspace with nothing before it. */
const ECHO_MS_MAX = 500;

/**
 * The state from which a work counts. A first stroke that is waited for but not measured sets the stage (it clears the screen,
 * say): what was there before it is not part of the work.
 */
export function firstState(strokes: readonly Stroke[]): 0 | 1 {
  return strokes[0]?.awaited === true && !strokes[0].measured ? 1 : 0;
}

/** Types the work into a terminal at its beginning. Throws a line that says at which stroke the work can't be learnt. */
export async function learnReference(
  terminal: ScreenTerminal,
  strokes: readonly Stroke[],
  options: LearnOptions = {},
): Promise<Reference> {
  const { settleMs = SETTLE_MS, awaitedSettleMs = Math.max(settleMs, AWAITED_SETTLE_MS) } = options;
  await atRest(terminal, settleMs, 'before the first stroke');
  let screen = readScreen(terminal);
  let held = new HeldTexts(screen);
  const stop = terminal.onFrame(() => {
    const next = readScreen(terminal, screen);
    held.add(screen, next);
    screen = next;
  }, 'step');
  const states = [screen];
  try {
    for (const [index, stroke] of strokes.entries()) {
      const name = strokeName(strokes, index);
      const printed = terminal.outputBytes;
      const typedAt = performance.now();
      terminal.type(stroke.keys);
      if (stroke.kind !== 'silent') {
        const effectMs = stroke.awaited ? EFFECT_MS_MAX : Math.max(ECHO_MS_MAX, settleMs);
        while (terminal.outputBytes === printed && performance.now() < typedAt + effectMs) await quiet(terminal, 2);
        if (stroke.awaited && terminal.outputBytes === printed) {
          throw new Error(`${name} has no effect within ${EFFECT_MS_MAX / 1_000} s`);
        }
      }
      await atRest(terminal, stroke.awaited ? awaitedSettleMs : settleMs, `after ${name}`, typedAt);
      states.push(screen);
      if (index + 1 === firstState(strokes)) held = new HeldTexts(screen);
    }
  } finally {
    stop();
  }
  return { strokes, states, everHeld: (row, col, text) => held.has(row, col, text) };
}

/** Why two learnings of the same work do not agree, a line each: a work must play the same way every time to be judged by. */
export function checkReference(a: Reference, b: Reference): string[] {
  if (a.states.length !== b.states.length) return [`${a.strokes.length} strokes are not ${b.strokes.length}`];
  return a.states.flatMap((state, index) => {
    const other = b.states[index];
    if (other === undefined || index < firstState(a.strokes)) return [];
    const how = describeDifference(other, state);
    const when = index === 0 ? 'before the first stroke' : `after ${strokeName(a.strokes, index - 1)}`;
    return how === undefined ? [] : [`${when}, the second time ${how}`];
  });
}

/** What either of two learnings that agree has seen. */
export function joinReferences(a: Reference, b: Reference): Reference {
  return { ...a, everHeld: (row, col, text) => a.everHeld(row, col, text) || b.everHeld(row, col, text) };
}

/** `stroke 3 ("l")`, counted from 1. */
export function strokeName(strokes: readonly Stroke[], index: number): string {
  return `stroke ${index + 1} (${JSON.stringify(strokes[index]?.keys ?? '')})`;
}

/** Every text that each cell has held. */
class HeldTexts {
  readonly #cells: ReadonlyArray<readonly Set<string>[]>;

  constructor(screen: ScreenState) {
    this.#cells = screen.rows.map(({ cells }) => cells.map((text) => new Set([text])));
  }

  add(before: ScreenState, after: ScreenState): void {
    for (const [row, now] of after.rows.entries()) {
      if (now === before.rows[row]) continue;
      for (const [col, text] of now.cells.entries()) this.#cells[row]?.[col]?.add(text);
    }
  }

  has(row: number, col: number, text: string): boolean {
    return this.#cells[row]?.[col]?.has(text) ?? false;
  }
}

/** Resolves when nothing was printed for so long, nor since a key was typed. */
async function atRest(terminal: ScreenTerminal, settleMs: number, when: string, typedAt = 0): Promise<void> {
  const deadline = performance.now() + REST_MS_MAX;
  for (;;) {
    if (terminal.status !== undefined) throw new Error(`the program ended with ${terminal.status} ${when}`);
    const now = performance.now();
    const restMs = Math.max(terminal.lastOutputAt, typedAt) + settleMs - now;
    if (restMs <= 0) return;
    if (now > deadline) throw new Error(`the screen does not come to rest ${when}`);
    await quiet(terminal, restMs);
  }
}

/** Waits, and then reads what came meanwhile: after a delay of this process's own, its timers come before its input. */
async function quiet(terminal: ScreenTerminal, ms: number): Promise<void> {
  await Promise.race([sleep(ms), terminal.exited]);
  await nextTurn();
  await nextTurn();
}
