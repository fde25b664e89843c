/**
 * Text that the user typed where nothing stood: a question may be about to be asked there, whatever has echoed of it so far. What was typed
 * ahead into another program's terminal (tmux, ssh) is echoed by a kernel that says nothing of it here, until the program asks.
 */

import type { Screen } from '../../protocol/screen/screen.ts';
import type { Place } from './draft.ts';
import type { KeyAction } from './key-parser.ts';
import { leftText } from './prompt.ts';
import type { Situation } from './situation.ts';

/** Longer text is a line of somebody who goes on typing, and no secret. */
const TYPED_MAX = 128;

export class OwnText {
  /** The letters since the last line was entered. */
  #typed = '';

  typed(action: KeyAction): void {
    if (action.kind === 'letter') this.#typed = (this.#typed + String.fromCodePoint(action.code)).slice(-TYPED_MAX);
    else if (action.kind === 'unknown') this.#typed = '';
  }

  /** The situation, which is one of a secret where nothing but such text stands left of the place. */
  guard(situation: Situation | undefined, screen: Screen, at: Place): Situation | undefined {
    if (situation?.kind !== 'line' || situation.prior || situation.secret) return situation;
    const left = leftText(screen, at).text.trim();
    return left !== '' && this.#typed.includes(left) ? { ...situation, secret: true } : situation;
  }
}
