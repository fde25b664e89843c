/**
 * The sessions of the corpus: which program, how it is set up, and what is typed into it. Some are held out: the engine is never tuned
 * on them (test/fixtures/sessions/README.md).
 */

import { diceFor } from '../../bench/work/chance.ts';
import { CLEAR_PLANS } from './clear-sessions.ts';
import { EMACS_PLANS } from './emacs-sessions.ts';
import { PROGRAM_PLANS } from './program-sessions.ts';
import type { RecordedProgram } from './recorder.ts';
import { Script } from './script.ts';
import { SHELL_PLANS } from './shell-sessions.ts';

/** All sessions, with what is typed in each. */
export const SESSIONS: readonly RecordedProgram[] = [
  ...SHELL_PLANS,
  ...PROGRAM_PLANS,
  ...EMACS_PLANS,
  ...CLEAR_PLANS,
].map(({ type, heldOut, ...plan }, index) => ({
  ...plan,
  heldOut: heldOut === true,
  keys: type(new Script(diceFor(plan.name, index))).keys,
}));
