/**
 * How long from the command to the prompt: on loopback, over a path of 100 ms and one of 273 ms (MIT to Singapore, in mosh's paper), ssh,
 * mosh and rove in turn, with the same sshd behind all of them. rove three times: when it has to start its daemon, when the daemon runs
 * and is asked at its own socket, and when it runs and its client does not know, so that the command is run.
 */

import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { figure, median, table } from './figures.ts';
import { Lab, labMissing, PROMPT } from './lab/lab.ts';
import type { ScreenTerminal } from './lab/screen-terminal.ts';
import { findShells, ROVE, type Shell } from './lab/shells.ts';
import { symmetric } from './link/link.ts';

const ROUNDS = 7;
const RTTS_MS = [100, 273];
const TIMEOUT_MS = 60_000;

/** Lines of a table; says why instead when it cannot be measured here. */
export async function benchStart(): Promise<readonly string[]> {
  const impossible = labMissing();
  if (impossible !== undefined) return [`left out: ${impossible}`];
  const { shells, missing } = findShells();
  const near = await measureIn(undefined, shells);
  const far: ReadonlyMap<string, number>[] = [];
  for (const rttMs of RTTS_MS) far.push(await measureIn(rttMs, shells));
  const rows = [...near].map(([name, nearMs]) => [
    name,
    figure(nearMs),
    ...RTTS_MS.flatMap((rttMs, at) => {
      const ms = far[at]?.get(name) ?? Number.NaN;
      const ssh = far[at]?.get('ssh') ?? Number.NaN;
      return [figure(ms), figure((ms - ssh) / rttMs)];
    }),
  ]);
  const columns = RTTS_MS.flatMap((rttMs) => [`rtt ${rttMs}`, 'round trips over ssh']);
  return [
    `from the command to the prompt, ms (medians of ${ROUNDS} rounds in turn)`,
    ...table([['shell', 'loopback', ...columns], ...rows]),
    ...missing.map((why) => `left out: ${why}`),
  ];
}

/** The medians by name, in a lab of its own. */
async function measureIn(rttMs: number | undefined, shells: readonly Shell[]): Promise<ReadonlyMap<string, number>> {
  const lab = await Lab.open(rttMs === undefined ? {} : { link: symmetric(rttMs) });
  try {
    return new Map([...(await measure(lab, shells))].map(([name, times]) => [name, median(times)]));
  } finally {
    await lab.close();
  }
}

/** The times of each shell by name, and those of rove with its daemon already there, by both ways. */
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
        note('rove, daemon asked', second.ms);
        await leave(second.terminal);
        // With this memory no session begins before another one has ended, and what has ended is forgotten.
        const third = await start(lab, shell, { XDG_CACHE_HOME: join(lab.serverHome, 'another-cache') });
        note('rove, daemon there', third.ms);
        await leave(third.terminal);
      }
      await leave(terminal);
    }
  }
  return times;
}

async function start(
  lab: Lab,
  shell: Shell,
  env: Readonly<Record<string, string>> = {},
): Promise<{ terminal: ScreenTerminal; ms: number }> {
  const startedAt = performance.now();
  const terminal = lab.start(shell.commandLine(lab), { env });
  const at = await terminal.waitFor(PROMPT.trimEnd(), TIMEOUT_MS);
  return { terminal, ms: at - startedAt };
}

async function leave(terminal: ScreenTerminal): Promise<void> {
  terminal.type('exit\r');
  await terminal.exited;
}
