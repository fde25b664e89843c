/** Enter has been answered though the server has not said so yet, where the next prompt of a line editor is on the screen. */

import type { EchoState } from '../../protocol/session/shell-state.ts';
import type { Confidence } from './confidence.ts';
import type { Run } from './run.ts';
import { type Mood, situationAt } from './situation.ts';

/** Whether the prompt after the line that the run is typed into is there. */
export function isNextPrompt(run: Run, state: EchoState | undefined, mood: Mood, confidence: Confidence): boolean {
  const { kind, prompt, prior, secret } = run.situation;
  if (kind !== 'line' || prompt === undefined || secret || !prior || state === undefined) return false;
  const { screen } = state;
  const at = { row: screen.cursorRow, col: screen.cursorCol };
  const found = situationAt(state, at, { ...mood, fresh: true, strange: false }, confidence);
  if (found === undefined || found.prompt !== prompt || !found.prior) return false;
  return at.row !== run.anchor.row || !run.hasSurroundings(screen, 0);
}
