/**
 * Five seconds without a network, as in a tunnel. The user presses Enter in the dark; what counts is how soon after the light its
 * answer stands on the screen.
 */

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Act } from './act.ts';
import { ENTER } from './keyboard.ts';
import { clearPrompt, isAtPrompt, orNever, typeQuestion } from './prompt.ts';

/** From the loss of the network to the Enter, and from there to its return. */
const BEFORE_KEY_MS = 1000;
const AFTER_KEY_MS = 4000;
const TIMEOUT_MS = 60_000;

export const OUTAGE: Act = {
  name: 'outage',
  title: 'five seconds without a network',
  files: {},
  programs: [],
  needsNetwork: true,
  endsSessions: false,
  async play({ terminal, dice, network }) {
    if (network === undefined) throw new Error('there is no network here that could be cut');
    const answer = await typeQuestion(terminal, dice);
    await network.setOutage(true);
    try {
      await sleep(BEFORE_KEY_MS);
      terminal.type(ENTER);
      await sleep(AFTER_KEY_MS);
    } finally {
      await network.setOutage(false);
    }
    const backAt = performance.now();
    const answeredAt = await orNever(terminal, () => terminal.rows().includes(answer), TIMEOUT_MS);
    await terminal.waitFor(() => isAtPrompt(terminal), TIMEOUT_MS);
    await clearPrompt(terminal);
    // The first packet may pass before this process hears that the link is mended.
    return { recoverMs: answeredAt === null ? null : Math.max(0, answeredAt - backAt) };
  },
};
