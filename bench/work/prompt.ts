/**
 * The prompt as acts use it: waiting for it, clearing it, and asking something there that only the other side can answer.
 */

import { PROMPT } from '../lab/lab.ts';
import type { ScreenTerminal } from '../lab/screen-terminal.ts';
import type { Dice } from '../link/random.ts';
import { drawInteger } from './chance.ts';
import { CTRL_L } from './keyboard.ts';

/** What is typed or cleared stands by then on any link that lets anything through: TCP's retransmissions back off to half of this. */
const PATIENCE_MS = 30_000;

/** Whether the cursor stands at an empty prompt. */
export function isAtPrompt(terminal: ScreenTerminal): boolean {
  const { x, y } = terminal.cursor;
  return x === PROMPT.length && terminal.rows()[y] === PROMPT.trimEnd();
}

/** Clears the screen; resolves when nothing but the prompt stands on it. Rejects after `PATIENCE_MS`. */
export async function clearPrompt(terminal: ScreenTerminal): Promise<void> {
  terminal.type(CTRL_L);
  const isClear = (): boolean => terminal.cursor.y === 0 && terminal.screenText().trimEnd() === PROMPT.trimEnd();
  await terminal.waitFor(() => isClear() && isAtPrompt(terminal), PATIENCE_MS);
}

/**
 * Types a sum at the prompt, but not Enter, and waits until it stands there. Gives the row that will be its answer: no client can
 * show that before the other side has got the Enter.
 */
export async function typeQuestion(terminal: ScreenTerminal, dice: Dice): Promise<string> {
  const [a, b] = [drawInteger(dice, 1000, 9999), drawInteger(dice, 1000, 9999)];
  const question = `echo $((${a}*${b}))`;
  await clearPrompt(terminal);
  terminal.type(question);
  await terminal.waitFor(`${PROMPT}${question}`, PATIENCE_MS);
  return String(a * b);
}

/** When, by performance.now(), the condition held; null when it did not within `timeoutMs`. Rejects when the session ends. */
export async function orNever(
  terminal: ScreenTerminal,
  isSo: () => boolean,
  timeoutMs: number,
): Promise<number | null> {
  try {
    return await terminal.waitFor(isSo, timeoutMs);
  } catch (error) {
    if (terminal.status !== undefined) throw error;
    return null;
  }
}
