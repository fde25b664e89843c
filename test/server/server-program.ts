/** The real `rove-server`, bundled as it ships, run as real processes with a state directory of its own. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll } from 'vitest';
import { type Answer, AnswerFinder } from '../../protocol/bootstrap/answer.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Beside the real one, because the program looks for package.json one level up; one for each worker of the test runner. */
const OUTFILE = join(ROOT, 'dist', `.rove-server-${process.pid}.mjs`);

afterAll(() => rmSync(OUTFILE, { force: true }));

let bundled: Promise<string> | undefined;

/** The bundle's path; made once for each test file. */
export function serverEntry(): Promise<string> {
  bundled ??= bundle();
  return bundled;
}

async function bundle(): Promise<string> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['server/main.ts'],
    outfile: OUTFILE,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    external: ['@homebridge/node-pty-prebuilt-multiarch', 'koffi', '*.node'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
  });
  return OUTFILE;
}

/** What became of one `rove-server connect`. */
export interface Connected {
  readonly answer: Answer | undefined;
  /** Exit status; undefined when the process stays, as the daemon. */
  readonly status: number | undefined;
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A host with its own state directory. To be stopped after the test. */
export class TestHost {
  readonly directory: string;
  readonly env: Record<string, string>;
  readonly #entry: string;
  readonly #children: ChildProcess[] = [];

  private constructor(entry: string) {
    this.#entry = entry;
    this.directory = mkdtempSync(join(tmpdir(), 'rove-test-'));
    this.env = {
      PATH: process.env.PATH ?? '',
      HOME: this.directory,
      ROVE_STATE_DIR: join(this.directory, 'state'),
      LANG: 'C',
    };
  }

  static async start(): Promise<TestHost> {
    return new TestHost(await serverEntry());
  }

  /** The command line that runs the server. */
  get command(): string[] {
    return [process.execPath, this.#entry];
  }

  /** Runs `rove-server connect` with `input` on its standard input, until its output ends. `log` ends the path of a daemon's log. */
  async connect(input: string, env: Record<string, string> = {}, log = '/log'): Promise<Connected> {
    const [file = '', ...args] = this.command;
    const child = spawn(file, [...args, 'connect'], { env: { ...this.env, ...env }, detached: true, cwd: '/' });
    this.#children.push(child);
    const exited = once(child, 'exit');
    const finder = new AnswerFinder();
    let answer: Answer | undefined;
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (bytes: Buffer) => {
      stdout += bytes.toString();
      answer = finder.push(bytes);
    });
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes.toString();
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    await Promise.all([once(child.stdout, 'close'), once(child.stderr, 'close')]);
    const status = await statusOf(child, exited, log);
    return { answer, status, pid: child.pid ?? 0, stdout, stderr };
  }

  /** Runs another command to its end. */
  run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    const [file = '', ...rest] = this.command;
    return spawnSync(file, [...rest, ...args], { env: this.env, encoding: 'utf8', cwd: '/' });
  }

  /** The processes started here that are still there. */
  alive(): number[] {
    return this.#children.map((child) => child.pid ?? 0).filter((pid) => this.isAlive(pid));
  }

  isAlive(pid: number): boolean {
    try {
      return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return false;
    }
  }

  /** The end of one of the processes. */
  async gone(pid: number): Promise<void> {
    const child = this.#children.find((candidate) => candidate.pid === pid);
    if (child !== undefined && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  async stop(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A process that has let go of its output either ends, with a status, or is the daemon: its errors go to the log then. */
async function statusOf(child: ChildProcess, exited: Promise<unknown[]>, log: string): Promise<number | undefined> {
  while (child.exitCode === null && child.signalCode === null) {
    if (errorsGoTo(child.pid ?? 0).endsWith(log)) return undefined;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await exited;
  return child.exitCode ?? -1;
}

function errorsGoTo(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/2`);
  } catch {
    return '';
  }
}
