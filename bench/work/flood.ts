/**
 * A flood, and Ctrl-C: a program prints numbers as fast as they are taken, until every buffer on the way is full, and the user wants
 * it to stop. How long it goes on is how much the session had in store. Numbers, since every line and so every screen is new.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../figures.ts';
import type { ScreenTerminal } from '../lab/screen-terminal.ts';
import { orInfinity } from '../measure/statistics.ts';
import type { Act } from './act.ts';
import { CTRL_C } from './keyboard.ts';
import { clearPrompt, isAtPrompt, orNever } from './prompt.ts';

const ROUNDS = 3;
/** The flood runs for so long before it is interrupted. */
const FLOOD_MS = 1500;
/** From Ctrl-C; who sends what the buffers hold over a slow link needs tens of seconds. */
const TIMEOUT_MS = 60_000;

interface Interrupt {
  readonly shownMs: number | null;
  readonly promptMs: number | null;
}

export const FLOOD: Act = {
  name: 'flood',
  title: 'a flood of lines, and Ctrl-C',
  files: {},
  programs: ['seq'],
  needsNetwork: false,
  endsSessions: false,
  async play({ terminal }) {
    const rounds: Interrupt[] = [];
    // Who needs a minute once need not show it again.
    while (rounds.length < ROUNDS && rounds.at(-1)?.promptMs !== null) rounds.push(await interruptFlood(terminal));
    await clearPrompt(terminal);
    return {
      interruptMs: medianOrNull(rounds.map(({ shownMs }) => shownMs)),
      promptAfterInterruptMs: medianOrNull(rounds.map(({ promptMs }) => promptMs)),
    };
  },
};

async function interruptFlood(terminal: ScreenTerminal): Promise<Interrupt> {
  await clearPrompt(terminal);
  terminal.type('seq 99999999\r');
  const isFlooded = (): boolean =>
    terminal
      .rows()
      .slice(0, -1)
      .every((row) => /^\d+$/.test(row));
  await terminal.waitFor(isFlooded, TIMEOUT_MS);
  await sleep(FLOOD_MS);
  const pressedAt = terminal.type(CTRL_C);
  const since = (at: number | null): number | null => (at === null ? null : at - pressedAt);
  // Some show the end of it all at once.
  const isSeen = (): boolean => isAtPrompt(terminal) || terminal.rows().some((row) => row.includes('^C'));
  const shownMs = since(await orNever(terminal, isSeen, TIMEOUT_MS));
  const promptMs = since(await orNever(terminal, () => isAtPrompt(terminal), TIMEOUT_MS - (shownMs ?? TIMEOUT_MS)));
  // The next work needs the prompt, however late it comes.
  if (promptMs === null) await terminal.waitFor(() => isAtPrompt(terminal), TIMEOUT_MS);
  return { shownMs, promptMs };
}

/** What never came is later than all that did. */
function medianOrNull(times: readonly (number | null)[]): number | null {
  const middle = median(times.map(orInfinity));
  return Number.isFinite(middle) ? middle : null;
}
