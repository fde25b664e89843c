/**
 * The client gets another address, as between wifi and mobile. The user presses Enter at once; what counts is how soon the answer
 * stands on the screen. TCP's connections end here, and so do the sessions in them.
 */

import { performance } from 'node:perf_hooks';
import type { Act } from './act.ts';
import { ENTER } from './keyboard.ts';
import { clearPrompt, isAtPrompt, orNever, typeQuestion } from './prompt.ts';

/** Who has not recovered by then is taken for lost: the user opens another window. */
const TIMEOUT_MS = 15_000;

export const ADDRESS_CHANGE: Act = {
  name: 'address-change',
  title: 'another address for the client',
  files: {},
  programs: [],
  needsNetwork: true,
  endsSessions: true,
  async play({ terminal, dice, network }) {
    if (network === undefined) throw new Error('there is no network here that could give another address');
    const answer = await typeQuestion(terminal, dice);
    await network.move();
    const movedAt = performance.now();
    terminal.type(ENTER);
    const answeredAt = await orNever(terminal, () => terminal.rows().includes(answer), TIMEOUT_MS);
    if (answeredAt === null) return { recoverMs: null };
    await terminal.waitFor(() => isAtPrompt(terminal), TIMEOUT_MS);
    await clearPrompt(terminal);
    return { recoverMs: answeredAt - movedAt };
  },
};
