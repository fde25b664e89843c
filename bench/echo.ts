/**
 * How soon a typed key stands on the screen, on loopback: with the server to itself, and while another session of the same user
 * floods its own screen. What is left of fairness between sessions is the difference.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { figure, median, table } from './figures.ts';
import { Lab, labMissing, PROMPT } from './lab/lab.ts';
import type { ScreenTerminal } from './lab/screen-terminal.ts';
import { findShells, type Shell, SSH, withoutPrediction } from './lab/shells.ts';
import { percentile } from './measure/statistics.ts';

const KEYS = 150;
/** A line of keys is cleared before it wraps. */
const KEYS_A_LINE = 50;
/** Between keys, and a bit that is never in step with anyone's frames. */
const GAP_MS = 37;
const TIMEOUT_MS = 20_000;

/** Lines of a table; says why instead when it cannot be measured here. */
export async function benchEcho(): Promise<readonly string[]> {
  const impossible = labMissing();
  if (impossible !== undefined) return [`left out: ${impossible}`];
  const { shells, missing } = findShells();
  const rows: string[][] = [];
  for (const shell of shells) {
    const lab = await Lab.open();
    try {
      const terminal = await start(lab, shell);
      const alone = await typeKeys(terminal);
      const beside = shell === SSH ? [] : await besideFlood(lab, shell, terminal);
      const [quiet, busy] = [alone, beside].map((times) => [median(times), percentile(times, 0.9)]);
      rows.push([shell.name, ...[...(quiet ?? []), ...(busy ?? [])].map(figure)]);
    } finally {
      await lab.close();
    }
  }
  return [
    `from a key to its echo on the screen, loopback, ms (${KEYS} keys)`,
    ...table([['shell', 'p50', 'p90', 'p50 beside a flood', 'p90 beside a flood'], ...rows]),
    "ssh's flood is left out: its client prints all of it, and this process would be busy reading that",
    ...missing.map((why) => `left out: ${why}`),
  ];
}

async function start(lab: Lab, shell: Shell): Promise<ScreenTerminal> {
  const terminal = lab.start(withoutPrediction(shell).commandLine(lab));
  await terminal.waitFor(PROMPT.trimEnd(), TIMEOUT_MS);
  return terminal;
}

async function besideFlood(lab: Lab, shell: Shell, terminal: ScreenTerminal): Promise<readonly number[]> {
  const flooded = await start(lab, shell);
  flooded.type('yes\r');
  await flooded.waitFor(() => flooded.rows().every((row, index) => index > 20 || row === 'y'), TIMEOUT_MS);
  const times = await typeKeys(terminal);
  flooded.type('\x03');
  return times;
}

/** Ms from each key to its echo. */
async function typeKeys(terminal: ScreenTerminal): Promise<readonly number[]> {
  const times: number[] = [];
  terminal.type('\x0c');
  for (let key = 0; key < KEYS; key++) {
    const place = key % KEYS_A_LINE;
    if (place === 0) {
      terminal.type('\x15');
      await terminal.waitFor(() => terminal.rows()[terminal.cursor.y] === PROMPT.trimEnd(), TIMEOUT_MS);
    }
    await sleep(GAP_MS);
    const expected = `${PROMPT}${'x'.repeat(place + 1)}`;
    const typedAt = terminal.type('x');
    times.push((await terminal.waitFor(() => terminal.rows()[terminal.cursor.y] === expected, TIMEOUT_MS)) - typedAt);
  }
  terminal.type('\x15');
  return times;
}
