/**
 * How many round trips lie between the command line and the first byte of a remote command's output, TCP's own among them: ssh and rove in
 * turn with the same key over two long paths to the same sshd. What either program takes for itself is the same on both paths, so that the
 * difference of the two medians is round trips alone.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { figure, median, table } from './figures.ts';
import { builtProgram, isBuilt } from './installation.ts';
import { HOST, Lab, labMissing } from './lab/lab.ts';
import { symmetric } from './link/link.ts';

const ROUNDS = 5;
/** Long enough that what the programs do for themselves fits into the waiting on both paths alike. */
const SHORT_RTT_MS = 400;
const LONG_RTT_MS = 1000;
const TIMEOUT_MS = 60_000;
const WORD = 'here';
/** A folder that nobody can make. */
const NOWHERE = '/dev/null/nowhere';

interface Program {
  readonly words: readonly string[];
  /** Where it remembers the hosts that it knows. */
  readonly cache: string;
}

/** Lines of a table; says why instead when it cannot be measured here. */
export async function benchHandshake(): Promise<readonly string[]> {
  const impossible = labMissing();
  if (impossible !== undefined) return [`left out: ${impossible}`];
  if (!isBuilt('rove')) return ['left out: rove is not built: run node build/ensure.mjs'];
  const lab = await Lab.open({ link: symmetric(SHORT_RTT_MS) });
  try {
    const options = ['-F', lab.sshConfig];
    const rove = [process.execPath, builtProgram('rove'), ...options];
    const programs = new Map<string, Program>([
      ['ssh', { words: ['ssh', ...options], cache: NOWHERE }],
      ['rove, to a new host', { words: rove, cache: NOWHERE }],
      // Its first run makes it one.
      ['rove, to a known host', { words: rove, cache: lab.stateDirectory }],
    ]);
    await measure(lab, new Map([...programs].slice(-1)), 1);
    const short = await measure(lab, programs);
    await lab.link.impair(symmetric(LONG_RTT_MS));
    const long = await measure(lab, programs);
    const rows = [...programs.keys()].map((name) => {
      const [shortMs, longMs] = [median(short.get(name) ?? []), median(long.get(name) ?? [])];
      return [name, figure(shortMs), figure(longMs), figure((longMs - shortMs) / (LONG_RTT_MS - SHORT_RTT_MS))];
    });
    return [
      `from the command line to a remote command's first byte, ms (medians of ${ROUNDS} rounds in turn)`,
      ...table([['program', `rtt ${SHORT_RTT_MS}`, `rtt ${LONG_RTT_MS}`, 'round trips'], ...rows]),
    ];
  } finally {
    await lab.close();
  }
}

/** The times of each program by name. */
async function measure(
  lab: Lab,
  programs: ReadonlyMap<string, Program>,
  rounds: number = ROUNDS,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, { words, cache }] of programs) {
      const line = [...lab.client.prefix, ...words, HOST, `echo ${WORD}`];
      times.set(name, [...(times.get(name) ?? []), await timeOf(line, { ...process.env, XDG_CACHE_HOME: cache })]);
    }
  }
  return times;
}

/** Runs a command line without a terminal until it has ended. Throws if it says anything else than the word, with what it did say. */
async function timeOf([program = '', ...words]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const startedAt = performance.now();
  const child: ChildProcess = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS });
  let firstAt: number | undefined;
  let said = '';
  let complaints = '';
  child.stdout?.on('data', (bytes: Buffer) => {
    firstAt ??= performance.now();
    said += bytes.toString();
  });
  child.stderr?.on('data', (bytes: Buffer) => {
    complaints += bytes.toString();
  });
  await once(child, 'close');
  if (firstAt === undefined || said.trim() !== WORD) throw new Error(`${program} said: ${said}${complaints}`.trim());
  return firstAt - startedAt;
}
