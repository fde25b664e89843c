/**
 * What a flood costs: `cat` of 50 MB of coloured text over an emulated 50 Mbit/s, 40 ms link through the real programs, and how
 * long Ctrl-C takes to be seen while `yes` runs. The shells take turns, in one run on one machine.
 */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figure, median, table } from './figures.ts';
import { Lab, labMissing, PROMPT } from './lab/lab.ts';
import { cpuSeconds, type RunningProcess, runningProcesses } from './lab/process-usage.ts';
import type { ScreenTerminal } from './lab/screen-terminal.ts';
import { findShells, type Shell } from './lab/shells.ts';
import { symmetric } from './link/link.ts';
import { diceFrom } from './link/random.ts';

const RTT_MS = 40;
/** Twice what the link holds in a round trip, as the better routers have it. */
const LINK = symmetric(RTT_MS, { rateBps: 50e6, queueBytes: 500_000 });
const FLOOD_BYTES = 50_000_000;
const ROUNDS = 3;
const INTERRUPTS = 5;
/** How long `yes` runs before it is interrupted: every buffer on the way is full by then. */
const YES_MS = 1500;
const TIMEOUT_MS = 120_000;

/** What one round of one shell gave. */
interface Flood {
  readonly seconds: number;
  readonly serverCpu: number;
  readonly clientCpu: number;
  readonly downBytes: number;
  readonly upBytes: number;
  /** Beyond the round trip, in ms: until `^C` stands on the screen, and until the prompt does. */
  readonly interruptMs: number;
  readonly promptMs: number;
}

/** Lines of a table; says why instead when it cannot be measured here. */
export async function benchFlood(): Promise<readonly string[]> {
  const impossible = labMissing();
  if (impossible !== undefined) return [`left out: ${impossible}`];
  const { shells, missing } = findShells();
  const floods = new Map<Shell, Flood[]>(shells.map((shell) => [shell, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const shell of shells) floods.get(shell)?.push(await measure(shell));
  }
  const rows = [...floods].map(([{ name }, runs]) => {
    const of = (key: keyof Flood): string => figure(median(runs.map((run) => run[key])));
    const kB = (key: keyof Flood): string => figure(median(runs.map((run) => run[key])) / 1000);
    return [
      name,
      of('seconds'),
      of('serverCpu'),
      of('clientCpu'),
      kB('downBytes'),
      kB('upBytes'),
      of('interruptMs'),
      of('promptMs'),
    ];
  });
  return [
    `cat of ${FLOOD_BYTES / 1e6} MB of coloured text at 50 Mbit/s, rtt ${RTT_MS} ms; then Ctrl-C under yes (medians of ${ROUNDS} rounds in turn)`,
    ...table([
      ['shell', 'seconds', 'server CPU s', 'client CPU s', 'down kB', 'up kB', '^C ms - rtt', 'prompt ms - rtt'],
      ...rows,
    ]),
    ...missing.map((why) => `left out: ${why}`),
  ];
}

async function measure(shell: Shell): Promise<Flood> {
  const lab = await Lab.open({ link: LINK });
  try {
    await writeColouredText(join(lab.serverHome, 'flood.txt'), FLOOD_BYTES);
    const terminal = lab.start(shell.commandLine(lab));
    await terminal.waitFor(PROMPT.trimEnd(), TIMEOUT_MS);
    // A start has costs of its own, which are not the flood's.
    await sleep(500);
    const server = runningProcesses(lab.server).filter(({ commandLine }) => shell.isServer(commandLine));
    const client = runningProcesses(lab.client).filter(({ commandLine }) => shell.isClient(commandLine));
    const before = { counts: await lab.link.counts(), server: cpuOf(server), client: cpuOf(client) };
    // In two halves, so that the echo of the command does not look like its output.
    const startedAt = terminal.type("cat flood.txt; echo flood''-over\r");
    const overAt = await terminal.waitFor('flood-over', TIMEOUT_MS);
    await sleep(200);
    const after = { counts: await lab.link.counts(), server: cpuOf(server), client: cpuOf(client) };
    return {
      seconds: (overAt - startedAt) / 1000,
      serverCpu: after.server - before.server,
      clientCpu: after.client - before.client,
      downBytes: after.counts.down.bytes - before.counts.down.bytes,
      upBytes: after.counts.up.bytes - before.counts.up.bytes,
      ...(await interrupt(terminal)),
    };
  } finally {
    await lab.close();
  }
}

async function interrupt(terminal: ScreenTerminal): Promise<{ interruptMs: number; promptMs: number }> {
  const seen: number[] = [];
  const prompts: number[] = [];
  for (let turn = 0; turn < INTERRUPTS; turn++) {
    terminal.type('clear; yes\r');
    await terminal.waitFor(
      () =>
        terminal
          .rows()
          .slice(2, 20)
          .every((row) => row === 'y'),
      TIMEOUT_MS,
    );
    await sleep(YES_MS);
    const pressedAt = terminal.type('\x03');
    const isInterrupted = (row: string): boolean => row === '^C' || row === 'y^C';
    seen.push((await terminal.waitFor(() => terminal.rows().some(isInterrupted), TIMEOUT_MS)) - pressedAt);
    const isPrompt = (): boolean => terminal.rows()[terminal.cursor.y]?.startsWith(PROMPT.trimEnd()) === true;
    prompts.push((await terminal.waitFor(isPrompt, TIMEOUT_MS)) - pressedAt);
  }
  return { interruptMs: median(seen) - RTT_MS, promptMs: median(prompts) - RTT_MS };
}

function cpuOf(processes: readonly RunningProcess[]): number {
  return processes.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
}

/** Something like the output of a build or a long listing: words of changing colour, lines of changing length. */
export async function writeColouredText(path: string, bytes: number): Promise<void> {
  const dice = diceFrom(50);
  const words = [
    'src/session.ts',
    '-rw-r--r--',
    'warning:',
    'unused',
    'Compiling',
    '4096',
    'Nov',
    'main.rs',
    'note:',
    'ok',
    'in',
  ];
  const lines: string[] = [];
  let length = 0;
  // A few hundred kB, again and again: as text it is no duller than a million different lines.
  while (length < 300_000) {
    let line = '';
    for (let word = 2 + Math.floor(dice.next() * 12); word > 0; word--) {
      line += `\x1b[${dice.next() < 0.5 ? 0 : 1};3${Math.floor(dice.next() * 8)}m${words[Math.floor(dice.next() * words.length)]}\x1b[0m `;
    }
    lines.push(line);
    length += line.length + 1;
  }
  const block = `${lines.join('\n')}\n`;
  const out = createWriteStream(path);
  for (let left = bytes; left > 0; left -= block.length) {
    // Cut between lines: half of an escape sequence would swallow what comes after.
    const part = left >= block.length ? block : block.slice(0, block.lastIndexOf('\n', left) + 1);
    if (!out.write(part)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}
