/**
 * What sessions weigh on the server: resident memory of rove's daemon with 1, 10 and 100 of them, each with a real client and a
 * screen that has been written full, beside what as many mosh-servers and sshd sessions hold.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HistoryLog } from '../protocol/history/history-log.ts';
import { Emulator } from '../protocol/terminal/emulator.ts';
import { figure, table } from './figures.ts';
import { Lab, labMissing, PROMPT } from './lab/lab.ts';
import { residentBytes, runningProcesses } from './lab/process-usage.ts';
import { findShells, ROVE, type Shell } from './lab/shells.ts';

const COUNTS = [1, 10, 100];
/** Of the others each session has processes of its own, so that more tell nothing new. */
const COUNT_MAX_OF_PEERS = 10;
/** Started at the same time. */
const BATCH = 5;
const TIMEOUT_MS = 60_000;
const SETTLE_MS = 1500;

/** Sessions with a history that are kept at a time. */
const HISTORIES = 8;
const HISTORY_LINES = 10_000;

/** Lines of a table; says why instead when it cannot be measured here. */
export async function benchMemory(): Promise<readonly string[]> {
  const impossible = labMissing();
  const histories = historyLines();
  if (impossible !== undefined) return [...histories, `left out: ${impossible}`];
  const { shells, missing } = findShells();
  const rows: string[][] = [];
  for (const shell of shells) {
    const counts = COUNTS.filter((count) => shell === ROVE || count <= COUNT_MAX_OF_PEERS);
    const megabytes = await measure(shell, counts);
    const first = megabytes[0] ?? Number.NaN;
    const last = megabytes.at(-1) ?? Number.NaN;
    const each = (last - first) / ((counts.at(-1) ?? Number.NaN) - (counts[0] ?? Number.NaN));
    rows.push([shell.name, ...COUNTS.map((_, index) => figure(megabytes[index] ?? Number.NaN)), figure(each)]);
  }
  return [
    ...histories,
    'resident memory of the server side, MB, by sessions (each with its client, screen full, 80x24)',
    ...table([['shell', ...COUNTS.map(String), 'each further one'], ...rows]),
    ...missing.map((why) => `left out: ${why}`),
  ];
}

/** What an emulator with a full history takes, whatever leaves the screen. */
function historyLines(): readonly string[] {
  const kinds = [
    { name: 'plain text', line: (i: number) => `${i} ${'the quick brown fox '.repeat(4)}`.slice(0, 79) },
    { name: 'as ls colours it', line: (i: number) => `\x1b[0m\x1b[01;34mfolder${i}\x1b[0m  `.repeat(5) },
    { name: 'each letter in a colour of its own', line: (i: number) => letters(i) },
  ];
  return kinds.map(({ name, line }) => {
    const kept: unknown[] = [];
    const before = usedBytes();
    for (let i = 0; i < HISTORIES; i++) kept.push(filled(line));
    const each = (usedBytes() - before) / kept.length / 1e6;
    return `a session's screen and ${HISTORY_LINES} lines of history, 80x24, ${name}: ${figure(each)} MB`;
  });
}

function letters(line: number): string {
  let text = '';
  for (let col = 0; col < 79; col++)
    text += `\x1b[38;5;${(line + col) % 256}m${String.fromCharCode(0x21 + (col % 90))}`;
  return text;
}

function filled(line: (index: number) => string): unknown {
  const history = new HistoryLog(HISTORY_LINES, { lazy: true });
  const emulator = new Emulator({ cols: 80, rows: 24, history });
  const encoder = new TextEncoder();
  for (let i = 0; i < HISTORY_LINES + 100; i++) {
    emulator.write(encoder.encode(`${line(i)}\x1b[m\r\n`));
    // As the client's screens are taken.
    if (i % 20 === 0) emulator.snapshot();
  }
  history.compact(HISTORY_LINES);
  return { emulator, history };
}

/** Bytes in use after a collection. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The resident MB of all the shell's server processes together, at each of the counts. */
async function measure(shell: Shell, counts: readonly number[]): Promise<readonly number[]> {
  const lab = await Lab.open();
  try {
    const measured: number[] = [];
    let running = 0;
    for (const count of counts) {
      while (running < count) {
        const batch = Math.min(BATCH, count - running);
        await Promise.all(Array.from({ length: batch }, () => startFull(lab, shell)));
        running += batch;
      }
      await sleep(SETTLE_MS);
      const servers = runningProcesses(lab.server).filter(({ commandLine }) => shell.isServer(commandLine));
      measured.push(servers.reduce((sum, { pid }) => sum + residentBytes(pid), 0) / 1e6);
    }
    return measured;
  } finally {
    await lab.close();
  }
}

async function startFull(lab: Lab, shell: Shell): Promise<void> {
  const terminal = lab.start(shell.commandLine(lab));
  await terminal.waitFor(PROMPT.trimEnd(), TIMEOUT_MS);
  terminal.type("seq 1 1000; echo ful''l\r");
  await terminal.waitFor('full', TIMEOUT_MS);
}
