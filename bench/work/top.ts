/**
 * Watching top: a full screen that changes ten times a second, and how many of these changes the user gets to see.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Act } from './act.ts';
import { clearPrompt, isAtPrompt } from './prompt.ts';

const WATCH_MS = 4000;
/**
 * What comes closer together than this is one picture that was written in pieces: half of top's interval, and more than a packet
 * takes at 600 kbit/s (20 ms).
 */
const FRAME_MS = 50;
const TIMEOUT_MS = 60_000;

export const TOP: Act = {
  name: 'top',
  title: 'watching top -d 0.1',
  files: {},
  programs: ['top'],
  needsNetwork: false,
  endsSessions: false,
  async play({ terminal }) {
    await clearPrompt(terminal);
    terminal.type('top -d 0.1\r');
    await terminal.waitFor(/^ *PID USER/m, TIMEOUT_MS);
    let frames = 0;
    let lastAt = Number.NEGATIVE_INFINITY;
    const stop = terminal.onFrame((at) => {
      if (at - lastAt > FRAME_MS) frames++;
      lastAt = at;
    });
    await sleep(WATCH_MS);
    stop();
    terminal.type('q');
    await terminal.waitFor(() => isAtPrompt(terminal), TIMEOUT_MS);
    await clearPrompt(terminal);
    return { framesPerSecond: (frames * 1000) / WATCH_MS };
  },
};
