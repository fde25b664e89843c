/** Letters that were typed ahead and may be on the screen before the server says that they were answered. */

import type { EchoState } from '../../protocol/session/shell-state.ts';
import type { Confidence } from './confidence.ts';
import type { Place } from './draft.ts';
import type { PendingKey } from './pending-key.ts';
import { leftText } from './prompt.ts';
import { isTrusted, type Mood, type Situation, situationAt } from './situation.ts';

/** So many of them are looked for. */
const AHEAD_MAX = 64;

/** How many of the first keys stand left of the cursor, after a prompt that is known, and the situation at that prompt. */
export function shownAhead(
  keys: readonly PendingKey[],
  state: EchoState,
  at: Place,
  mood: Mood,
  confidence: Confidence,
): { readonly count: number; readonly situation: Situation } | undefined {
  const left = leftText(state.screen, at);
  const letters: string[] = [];
  for (const { action } of keys) {
    if (action.kind !== 'letter' || letters.length === AHEAD_MAX) break;
    letters.push(String.fromCodePoint(action.code));
  }
  for (let count = letters.length; count > 0; count--) {
    const ahead = letters.slice(0, count).join('');
    const from = left.places[left.text.length - ahead.length];
    if (from === undefined || ahead.endsWith(' ') || !left.text.endsWith(ahead)) continue;
    const situation = situationAt(state, from, mood, confidence);
    if (situation === undefined || situation.kind === 'kernel' || !isTrusted(situation, confidence)) continue;
    return { count, situation };
  }
  return undefined;
}
