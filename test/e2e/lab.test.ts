/**
 * The lab as its users run it: one command, real shells, a real link; a short run, an interrupted one, and what it says when it
 * can't measure.
 */

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { builtProgram } from '../../bench/installation.ts';
import { parseReport } from '../../bench/report/json-file.ts';
import { MISSING, titled } from './subject.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'rove-lab-test-'));
/** So long that a busy machine's own delays are no reason to refuse the link: the lab takes 3 % for chance. */
const RTT_MS = 100;
const LINK = `--link=rtt=${RTT_MS}`;
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

describe.skipIf(MISSING !== undefined).concurrent(titled('rove bench'), () => {
  test('measures a shell on a link, and writes table, JSON and page', async () => {
    const base = join(FOLDER, 'short');
    const words = ['--shells=ssh', LINK, '--works=unpredictable', '--repetitions=1', '--time=1s', '--seed=5'];
    const { status, stdout, stderr } = await bench([...words, `--out=${base}`]).ended;
    expect(stderr).toContain('ssh 1: keys p50');
    expect(status).toBe(0);
    expect(stdout).toContain('ping through it');
    const report = parseReport(readFileSync(`${base}.json`, 'utf8'), base);
    expect(report.complete).toBe(true);
    const [link] = report.links;
    expect(link?.proof?.received).toBe(link?.proof?.sent);
    const [turn] = link?.turns ?? [];
    const keys = turn?.works.flatMap((work) => work.keys) ?? [];
    expect(turn?.failure).toBeUndefined();
    expect(keys.length).toBeGreaterThan(50);
    expect(keys.filter(({ shownMs }) => shownMs === null)).toEqual([]);
    // Nothing is shown before the server has.
    expect(keys.filter(({ shownMs }) => typeof shownMs === 'number' && shownMs < RTT_MS)).toEqual([]);
    expect(keys.filter(({ wrongMs }) => wrongMs !== undefined)).toEqual([]);
    expect(readFileSync(`${base}.html`, 'utf8')).toContain('<svg');
  });

  test('an interrupt ends it in order: what was measured is written, nothing is left behind', async () => {
    const base = join(FOLDER, 'interrupted');
    const run = bench(['--shells=ssh', LINK, '--works=unpredictable', '--seed=5', `--out=${base}`]);
    await run.said('playing unpredictable');
    await run.said('ssh 1: ');
    run.interrupt();
    const { status } = await run.ended;
    expect(status).toBe(130);
    const report = parseReport(readFileSync(`${base}.json`, 'utf8'), base);
    expect(report.complete).toBe(false);
    expect(report.links.flatMap(({ turns }) => turns).length).toBeGreaterThan(0);
    expect(existsSync(`${base}.html`)).toBe(true);
    expect(namespacesOf(run.pid)).toEqual([]);
  });
});

describe.concurrent('rove bench says in one line what to do', () => {
  test.for([
    [['--links=moon'], /^rove bench: --links: there is no moon: choose from lan, /],
    [['--link=rtt=fast'], /^rove bench: --link: .*rtt/],
    [['--compare=/nowhere.json'], /^rove bench: .*nowhere\.json/],
    [['--shell=et=no-such-program {host}'], /^rove bench: et is not there/],
    [['a', 'b'], /^rove bench: one host at a time/],
  ] as const)('%s', async ([words, expected]) => {
    const { status, stderr } = await bench(words).ended;
    expect(stderr).toMatch(expected);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBeGreaterThan(0);
  });

  test.skipIf(MISSING !== undefined)(titled('of a shell that never shows a prompt, and counts it'), async () => {
    const base = join(FOLDER, 'mute');
    const words = ['--shell=mute=false', '--shells=mute', LINK, '--works=unpredictable', '--repetitions=1'];
    const { stdout } = await bench([...words, '--time=1s', `--out=${base}`]).ended;
    expect(stdout).toMatch(/mute showed no prompt/);
    const report = parseReport(readFileSync(`${base}.json`, 'utf8'), base);
    expect(report.links[0]?.turns[0]?.promptMs).toBeNull();
  });
});

interface Run {
  readonly pid: number;
  readonly ended: Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>;
  /** Resolves when the text was on standard error. */
  said(text: string): Promise<void>;
  interrupt(): void;
}

function bench(words: readonly string[]): Run {
  const child = spawn(process.execPath, [builtProgram('rove'), 'bench', '--plain', ...words], {
    cwd: FOLDER,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, as a terminal gives to a command: the interrupt is for all of it.
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
    for (const look of waiting) look();
  });
  const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
  const pid = child.pid ?? 0;
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!stderr.includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      ended.then(() => reject(new Error(`it ended without having said "${text}":\n${stderr}`)));
      look();
    });
  return { pid, ended, said, interrupt: () => process.kill(-pid, 'SIGINT') };
}

function namespacesOf(pid: number): readonly string[] {
  const listed = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  return listed.split('\n').filter((line) => line.startsWith(`rove-${pid}-`));
}
