/** What processes took, on real ones: shells and Nodes that burn time and memory as they are told, line by line. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { cpuSeconds, type ProcessState, processState, processTree } from '../../bench/lab/process-usage.ts';
import { UsageAccount, type UsageAccountOptions } from '../../bench/lab/usage-account.ts';

const MISSING = existsSync('/proc/self/stat') ? undefined : 'there is no /proc of Linux';
const MB = 1e6;

/** Does a thing a line, and says when it is done: here, or in a child that is waited for, or in one that is left alone. */
const WORKER = `
  const { spawn, spawnSync } = require('node:child_process');
  const burn = (ms) => { const until = process.cpuUsage(); while (process.cpuUsage(until).user < ms * 1000); };
  const blocks = [];
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const [what, amount] = line.split(' ');
    const script = 'const until = process.cpuUsage(); while (process.cpuUsage(until).user < ' + amount + ' * 1000);';
    if (what === 'burn') burn(Number(amount));
    if (what === 'fill') blocks.push(Buffer.alloc(Number(amount) * 1e6, 1));
    if (what === 'free') blocks.length = 0;
    if (what === 'child') spawnSync(process.execPath, ['-e', script]);
    if (what === 'keep') {
      const child = spawn(process.execPath, ['-e', script + 'console.log(1); setInterval(() => {}, 1000)'], { stdio: ['ignore', 'pipe', 'ignore'] });
      child.stdout.once('data', () => console.log('done'));
    } else console.log('done');
  });
`;

class Worker {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    this.#child = spawn(process.execPath, ['-e', WORKER], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async do(line: string): Promise<void> {
    this.#child.stdin.write(`${line}\n`);
    await this.#lines.next();
  }

  async end(): Promise<void> {
    for (const { pid } of processTree(this.pid)) process.kill(pid, 'SIGKILL');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }
}

const workers: Worker[] = [];

async function worker(): Promise<Worker> {
  const made = new Worker();
  workers.push(made);
  await made.do('burn 0');
  return made;
}

afterEach(async () => {
  for (const made of workers.splice(0)) await made.end();
});

/** An account of whatever is in `pids` and below, and what it comes to after a look. */
function account(pids: number[], options: Omit<UsageAccountOptions, 'list'> = {}) {
  const list = (): ProcessState[] => pids.flatMap(processTree);
  const made = new UsageAccount({ list, ...options });
  return () => {
    made.sample();
    return made.usage;
  };
}

describe.skipIf(MISSING !== undefined)('what processes took', () => {
  test('is known of one by its id, and nothing of one that is not there', async () => {
    const { pid } = await worker();
    expect(processState(pid)).toMatchObject({ pid, parent: process.pid });
    expect(processTree(pid).map((found) => found.pid)).toEqual([pid]);
    expect(processState(2 ** 22 + 1)).toBeUndefined();
    expect(cpuSeconds(2 ** 22 + 1)).toBe(0);
  });

  test('is all that a new process used, its children with it, running or ended', async () => {
    const pids: number[] = [];
    const look = account(pids);
    const made = await worker();
    pids.push(made.pid);
    const before = look().cpuSeconds;
    await made.do('burn 100');
    const burnt = look().cpuSeconds;
    expect(burnt - before).toBeGreaterThanOrEqual(0.08);
    await made.do('child 100');
    const ended = look().cpuSeconds;
    expect(ended - burnt).toBeGreaterThanOrEqual(0.08);
    await made.do('keep 100');
    expect(look().cpuSeconds - ended).toBeGreaterThanOrEqual(0.08);
  });

  test('stays in the account when they have ended', async () => {
    const pids: number[] = [];
    const look = account(pids);
    for (let round = 1; round <= 2; round++) {
      const made = await worker();
      pids.push(made.pid);
      await made.do('burn 100');
      look();
      await made.end();
      expect(look().cpuSeconds).toBeGreaterThanOrEqual(0.08 * round);
    }
  });

  test('is only what it used since, of one that was there before and is charged', async () => {
    const made = await worker();
    await made.do('burn 200');
    const look = account([made.pid], { isCharged: ({ pid }) => pid === made.pid });
    expect(look().cpuSeconds).toBeLessThan(0.15);
    await made.do('burn 100');
    const burnt = look().cpuSeconds;
    expect(burnt).toBeGreaterThanOrEqual(0.08);
    // Its children may be of earlier sessions: their time, when they end, is not charged.
    await made.do('child 200');
    expect(look().cpuSeconds - burnt).toBeLessThan(0.15);
  });

  test('is nothing, of one that was there before and is not charged', async () => {
    const made = await worker();
    const look = account([made.pid]);
    await made.do('burn 100');
    await made.do('child 100');
    expect(look()).toEqual({ cpuSeconds: 0, peakMemoryBytes: 0 });
  });

  test('is the time but not the memory of a listener, with the children that it waited for', async () => {
    const made = await worker();
    const look = account([made.pid], { collectors: [made.pid] });
    await made.do('child 100');
    expect(look().cpuSeconds).toBeGreaterThanOrEqual(0.08);
    expect(look().peakMemoryBytes).toBe(0);
  });

  test('is the peak of memory, whenever it was, but none from before', async () => {
    const made = await worker();
    await made.do('fill 100');
    await made.do('free 0');
    const pids = [made.pid];
    const isCharged = ({ pid }: ProcessState): boolean => pid === made.pid;
    const look = account(pids, { isCharged });
    const idle = look().peakMemoryBytes;
    expect(idle).toBeGreaterThan(10 * MB);
    await made.do('fill 150');
    await made.do('free 0');
    expect(look().peakMemoryBytes).toBeGreaterThan(150 * MB);
    await made.end();
    expect(look().peakMemoryBytes).toBeGreaterThan(150 * MB);
  });
});
