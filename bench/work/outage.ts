/**
 * Five seconds without a network, as in a tunnel. The user presses Enter in the dark; what counts is how soon after the light its
 * answer stands on the screen.
 */

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Act } from './act.ts';
import { drawInteger } from './chance.ts';
import { ENTER } from './keyboard.ts';
import { clearPrompt, isAtPrompt, orNever, typeQuestion } from './prompt.ts';

const OUTAGE_MS = 5000;
/**
 * The Enter comes this late at least and at most, drawn each time: at one fixed moment the retransmissions of a shell, which double
 * their distance from there on, would fall right behind the outage or far from it by luck, and the same way in every repetition.
 */
const KEY_MS_MIN = 200;
const KEY_MS_MAX = 4500;
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
    const keyMs = drawInteger(dice, KEY_MS_MIN, KEY_MS_MAX);
    await network.setOutage(true);
    try {
      await sleep(keyMs);
      terminal.type(ENTER);
      await sleep(OUTAGE_MS - keyMs);
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
