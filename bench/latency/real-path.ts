/**
 * A place over a real path: the shells go to a host of the user's, over whatever network there is, as the user. Nothing is emulated
 * and nothing needs root. What the lab itself has to do over there goes through one ssh connection of its own (OpenSSH's
 * ControlMaster), which no shell under test shares, into one scratch directory, which is removed at the end.
 */

import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { printable } from '../../client/printable.ts';
import type { Destination } from '../../client/ssh/destination.ts';
import { PROMPT } from '../lab/lab.ts';
import { processTree } from '../lab/process-usage.ts';
import { ScreenTerminal } from '../lab/screen-terminal.ts';
import { type LabShell, type ShellTarget, SSH } from '../lab/shells.ts';
import { UsageAccount } from '../lab/usage-account.ts';
import type { LearnOptions } from '../measure/reference.ts';
import { onTheWayOut } from '../way-out.ts';
import { COLS, type Place, type PlaceSession, PROMPT_TIMEOUT_MS, ROWS, type TurnUsage } from './place.ts';
import { inOneLine } from './screen-line.ts';

/** A login, with a slow resolver on the way. */
const LOGIN_TIMEOUT_MS = 30_000;
/** A prompt is one when nothing more has come for so long: longer than a start-up file thinks between two lines. */
const QUIET_MS = 600;
const QUIET_POLL_MS = 20;
/** What a client and its server have for each step of taking leave. */
const LEAVING_MS = 2000;
/** A screen is at rest when nothing came for so long and three round trips; after Enter, so much longer. */
const SETTLE_MS = 60;
const AWAITED_MS = 140;
/** What a prompt ends with, in the shells and themes that people use. */
const PROMPT_END = /[$#%>❯➜→λ»›]$/u;
/** Only these go over to it, and the system's own. */
const PASSED_ENVIRONMENT = /^(HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|SSH_\w+|XDG_\w+|MOSH_\w+|KRB5\w*|TZ)$/;

export class RealPath implements Place {
  readonly title: string;
  readonly settling: LearnOptions;
  readonly #target: ShellTarget;
  readonly #folder: string;
  readonly #ssh: readonly string[];
  readonly #scratch: string;
  readonly #forget: () => void;
  readonly #terminals = new Set<ScreenTerminal>();
  readonly #clients = new Set<number>();
  #account: UsageAccount | undefined;

  private constructor(target: ShellTarget, folder: string, ssh: readonly string[], scratch: string) {
    this.#target = target;
    this.#folder = folder;
    this.#ssh = ssh;
    this.#scratch = scratch;
    this.title = `the path to ${target.host}`;
    const settleMs = SETTLE_MS + 3 * roundTripMs(ssh);
    this.settling = { settleMs, awaitedSettleMs: settleMs + AWAITED_MS };
    this.#forget = onTheWayOut(() => this.#clear());
  }

  /** Logs in, and makes the scratch directory. Throws one line that says what to do when ssh does not get in unasked, or bash is missing. */
  static open(destination: Destination, sshConfig?: string): RealPath {
    const { user, port } = destination;
    const host = user === undefined ? destination.host : `${user}@${destination.host}`;
    const target: ShellTarget = {
      host,
      ...(port === undefined ? {} : { port }),
      ...(sshConfig === undefined ? {} : { sshConfig }),
    };
    const folder = mkdtempSync(join(tmpdir(), 'rove-path-'));
    const ssh = [
      'ssh',
      ...(sshConfig === undefined ? [] : ['-F', sshConfig]),
      ...(port === undefined ? [] : ['-p', `${port}`]),
      ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=15'],
      ...['-o', 'ControlMaster=auto', '-o', 'ControlPersist=yes', '-o', `ControlPath=${join(folder, 'control')}`],
      ...['-T', host],
    ];
    const login = run(ssh, 'command -v bash >/dev/null || exit 77; umask 077; mktemp -d');
    const scratch = login.stdout.trim().split('\n').at(-1) ?? '';
    const why = loginFailure(host, login, scratch);
    if (why === undefined) return new RealPath(target, folder, ssh, scratch);
    closeMaster(ssh);
    rmSync(folder, { recursive: true, force: true });
    throw new Error(why);
  }

  async open(shell: LabShell): Promise<PlaceSession> {
    return await this.#start(shell.name, shell.commandLine(this.#target), true);
  }

  async reference(): Promise<PlaceSession> {
    return await this.#start(SSH.name, SSH.commandLine(this.#target), false);
  }

  async reseed(): Promise<void> {}

  usage(): () => Promise<TurnUsage> {
    this.#clients.clear();
    if (process.platform !== 'linux') return async () => ({});
    const account = new UsageAccount({ list: () => [...this.#clients].flatMap(processTree) });
    this.#account = account;
    return async () => {
      account.sample();
      this.#account = undefined;
      return { client: account.usage };
    };
  }

  async putFiles(files: Readonly<Record<string, string>>): Promise<void> {
    const script = ['rm -rf -- ./*'];
    for (const [name, content] of Object.entries(files)) {
      const lines = Buffer.from(content)
        .toString('base64')
        .replace(/(.{76})/g, '$1\n');
      if (name.includes('/')) script.push(`mkdir -p -- "$(dirname -- ${quoted(name)})"`);
      script.push(`base64 -d > ${quoted(name)} <<'END-OF-FILE'\n${lines}\nEND-OF-FILE`);
      script.push(`touch -t 201206131200 -- ${quoted(name)}`);
    }
    await this.#doThere(script.join('\n'));
  }

  async has(program: string): Promise<boolean> {
    const { status } = run(this.#ssh, `bash -lc 'command -v -- "$0"' ${quoted(program)}`);
    return status === 0;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#terminals].map((terminal) => terminal.close()));
    this.#forget();
    this.#clear();
  }

  /** Starts a client and brings it to the prompt: as the user has it first, then in a plain bash in the scratch directory. */
  async #start(name: string, command: readonly string[], isCounted: boolean): Promise<PlaceSession> {
    const env: Record<string, string> = {};
    for (const [key, value] of Object.entries(process.env)) {
      if (value !== undefined && PASSED_ENVIRONMENT.test(key)) env[key] = value;
    }
    const startedAt = performance.now();
    const terminal = new ScreenTerminal({ command, env, cols: COLS, rows: ROWS });
    this.#terminals.add(terminal);
    if (isCounted) this.#clients.add(terminal.pid);
    const close = async (): Promise<void> => {
      if (isCounted) this.#account?.sample();
      await leave(terminal);
      this.#terminals.delete(terminal);
    };
    try {
      const promptAt = await firstPrompt(terminal);
      // The prompt in two halves, so that the echo of this line does not look like it; no start-up file of any kind.
      terminal.type(
        `cd ${quoted(this.#scratch)} && exec env -u PROMPT_COMMAND PS1='la''b$ ' INPUTRC=/dev/null HISTFILE=/dev/null bash --norc --noprofile\r`,
      );
      await terminal.waitFor(() => rowAtCursor(terminal) === PROMPT, PROMPT_TIMEOUT_MS);
      return { terminal, promptMs: promptAt - startedAt, close };
    } catch (error) {
      const why = new Error(`${name} showed no prompt: ${inOneLine(error, terminal)}`, { cause: error });
      await close();
      throw why;
    }
  }

  /** Runs a script of sh in the scratch directory. */
  #doThere(script: string): Promise<void> {
    const [file = '', ...words] = this.#ssh;
    const child = spawn(file, [...words, `cd ${quoted(this.#scratch)} && exec sh -s`], {
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: LOGIN_TIMEOUT_MS,
    });
    let complaint = '';
    child.stderr.on('data', (bytes: Buffer) => {
      complaint = (complaint + bytes.toString()).slice(-1000);
    });
    child.stdin.on('error', () => {});
    child.stdin.end(`${script}\n`);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`the files for a work could not be put on ${this.#target.host}: ${lastLine(complaint)}`));
      });
    });
  }

  #clear(): void {
    run(this.#ssh, `rm -rf -- ${quoted(this.#scratch)}`);
    closeMaster(this.#ssh);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Leaves as a user would, so that no server waits for a client that will never come back; by force when that takes too long. */
async function leave(terminal: ScreenTerminal): Promise<void> {
  if (terminal.status === undefined) {
    // bash forgets what was typed behind a Ctrl-C in one go.
    terminal.type('\x03');
    await sleep(QUIET_POLL_MS);
    const isBack = await terminal.waitFor(() => rowAtCursor(terminal) === PROMPT, LEAVING_MS).catch(() => undefined);
    if (isBack !== undefined) {
      terminal.type('exit\r');
      await Promise.race([terminal.exited, sleep(LEAVING_MS, undefined, { ref: false })]);
    }
  }
  await terminal.close();
}

/** When the prompt stood, whatever it looks like: the screen is quiet, and the cursor stands behind what a prompt ends with. */
async function firstPrompt(terminal: ScreenTerminal): Promise<number> {
  const giveUpAt = performance.now() + PROMPT_TIMEOUT_MS;
  while (terminal.status === undefined && performance.now() < giveUpAt) {
    const quietMs = performance.now() - terminal.lastOutputAt;
    if (quietMs >= QUIET_MS && PROMPT_END.test(rowAtCursor(terminal).trimEnd())) return terminal.lastOutputAt;
    await sleep(QUIET_POLL_MS);
  }
  throw new Error(
    terminal.status === undefined
      ? `not within ${PROMPT_TIMEOUT_MS / 1000} s (it must end with $, #, %, > or the like)`
      : `its client ended with ${terminal.status}`,
  );
}

/** The row of the cursor, up to the cursor. */
function rowAtCursor(terminal: ScreenTerminal): string {
  const { x, y } = terminal.cursor;
  return (terminal.rows()[y] ?? '').padEnd(COLS).slice(0, x);
}

function loginFailure(host: string, login: SpawnSyncReturns<string>, scratch: string): string | undefined {
  if (login.error !== undefined) return 'ssh is not installed (Debian: apt install openssh-client)';
  if (login.status === 77) return `there is no bash on ${host}, and the works need one: install it there`;
  if (login.status === 0 && scratch.startsWith('/')) return undefined;
  const why = lastLine(login.stderr) || `it ended with ${login.status}`;
  return `ssh ${host} does not get in without asking: ${why} (it must: use a key and an agent, and try ssh -o BatchMode=yes ${host})`;
}

/** A command that does nothing, the quickest of three: the round trip, and a little more. */
function roundTripMs(ssh: readonly string[]): number {
  const times = [1, 2, 3].map(() => {
    const startedAt = performance.now();
    run(ssh, ':');
    return performance.now() - startedAt;
  });
  return Math.ceil(Math.min(...times));
}

function closeMaster(ssh: readonly string[]): void {
  const [file = '', ...words] = ssh;
  spawnSync(file, ['-O', 'exit', ...words], { stdio: 'ignore', timeout: LOGIN_TIMEOUT_MS });
}

function run(ssh: readonly string[], script: string): SpawnSyncReturns<string> {
  const [file = '', ...words] = ssh;
  return spawnSync(file, [...words, script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LOGIN_TIMEOUT_MS,
  });
}

/** The last line that says something: ssh's warnings come before its error. */
function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1) ?? '';
  return printable(line.trim(), { lengthMax: 160 });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
