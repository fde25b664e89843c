/**
 * How long from the command to the prompt: on loopback and over a 273 ms path (MIT to Singapore, in mosh's paper), ssh, mosh
 * and rove in turn, with the same sshd behind all of them.
 */

import { performance } from 'node:perf_hooks';
import { figure, median, table } from './figures.ts';
import { Lab, labMissing, PROMPT } from './lab/lab.ts';
import type { ScreenTerminal } from './lab/screen-terminal.ts';
import { findShells, ROVE, type Shell } from './lab/shells.ts';
import { symmetric } from './link/link.ts';

const ROUNDS = 7;
const LONG_RTT_MS = 273;
const TIMEOUT_MS = 60_000;

/** Lines of a table; says why instead when it cannot be measured here. */
export async function benchStart(): Promise<readonly string[]> {
  const impossible = labMissing();
  if (impossible !== undefined) return [`left out: ${impossible}`];
  const { shells, missing } = findShells();
  const near = await Lab.open();
  const far = await Lab.open({ link: symmetric(LONG_RTT_MS) });
  try {
    const nearMs = await measure(near, shells);
    const farMs = await measure(far, shells);
    const sshFar = median(farMs.get('ssh') ?? []);
    const rows = [...nearMs].map(([name, times]) => {
      const farMedian = median(farMs.get(name) ?? []);
      return [name, figure(median(times)), figure(farMedian), figure((farMedian - sshFar) / LONG_RTT_MS)];
    });
    return [
      `from the command to the prompt, ms (medians of ${ROUNDS} rounds in turn)`,
      ...table([['shell', 'loopback', `rtt ${LONG_RTT_MS}`, 'round trips over ssh'], ...rows]),
      ...missing.map((why) => `left out: ${why}`),
    ];
  } finally {
    await near.close();
    await far.close();
  }
}

/** The times of each shell by name, and those of rove with its daemon already there. */
async function measure(lab: Lab, shells: readonly Shell[]): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map<string, number[]>();
  const note = (name: string, ms: number): void => {
    times.set(name, [...(times.get(name) ?? []), ms]);
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const shell of shells) {
      const { terminal, ms } = await start(lab, shell);
      note(shell.name, ms);
      if (shell === ROVE) {
        const second = await start(lab, shell);
        note('rove, daemon there', second.ms);
        await leave(second.terminal);
      }
      await leave(terminal);
    }
  }
  return times;
}

async function start(lab: Lab, shell: Shell): Promise<{ terminal: ScreenTerminal; ms: number }> {
  const startedAt = performance.now();
  const terminal = lab.start(shell.commandLine(lab));
  const at = await terminal.waitFor(PROMPT.trimEnd(), TIMEOUT_MS);
  return { terminal, ms: at - startedAt };
}

async function leave(terminal: ScreenTerminal): Promise<void> {
  terminal.type('exit\r');
  await terminal.exited;
}
