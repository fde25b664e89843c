/**
 * A place in a laboratory (lab/lab.ts): two namespaces, a real sshd, an emulated link. Everything can be seen and done here: what
 * the processes of both sides take, what passes the link, and the link itself.
 *
 * Between two sessions the server's side is cleared of what the first one left, as a mosh-server that waits for its client and sends
 * to it meanwhile: it would be in the next shell's figures. What is meant to outlive sessions (rove's daemon) does.
 */

import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT_ADDRESSES, Lab, type LabOptions, PROMPT } from '../lab/lab.ts';
import { commandLineOf, type ProcessState, processIds, processState, processTree } from '../lab/process-usage.ts';
import { ScreenTerminal } from '../lab/screen-terminal.ts';
import type { LabShell } from '../lab/shells.ts';
import { identity, UsageAccount } from '../lab/usage-account.ts';
import type { Traffic } from '../measure/result.ts';
import {
  COLS,
  type Place,
  type PlaceNetwork,
  type PlaceSession,
  PROMPT_TIMEOUT_MS,
  ROWS,
  type TurnUsage,
} from './place.ts';
import { inOneLine } from './screen-line.ts';

/** How long a session's processes have to go by themselves. */
const LEAVING_MS = 3000;
const LEAVING_POLL_MS = 50;
/** What the works' files say of their age: a listing must not differ from one turn to the next. */
const FILE_TIME = new Date('2012-06-13T12:00:00Z');

export class LabPlace implements Place {
  readonly title = 'a client and a server in network namespaces of this machine';
  readonly network: PlaceNetwork;
  readonly #lab: Lab;
  /** Before any session: sshd. */
  readonly #listeners: readonly number[];
  /** What ran on the server's side before the turn, by identity: sshd, daemons, a download. It is not a session's to take along. */
  #settled: ReadonlySet<string>;
  /** Who brought which process of the server's side, by identity: a daemon is charged to its own shell only. */
  readonly #owners = new Map<string, string>();
  readonly #references = new Set<ScreenTerminal>();
  /** Clients of the turn that is under way. */
  readonly #clients = new Set<number>();
  #account: { readonly shell: LabShell; readonly client: UsageAccount; readonly server: UsageAccount } | undefined;
  #moves = 0;
  #isAway = false;
  #isCut = false;

  private constructor(lab: Lab) {
    this.#lab = lab;
    const residents = statesOf(processIds(lab.server));
    this.#settled = new Set(residents.map(identity));
    this.#listeners = residents.map(({ pid }) => pid);
    this.network = {
      move: () => this.#move(),
      setOutage: (on) => this.#setOutage(on),
      traffic: () => this.#traffic(),
    };
  }

  /** Builds the lab. `options.link` must be there. */
  static async open(options: LabOptions): Promise<LabPlace> {
    return new LabPlace(await Lab.open(options));
  }

  /** For what else is to be done on this link: proofs, downloads. */
  get lab(): Lab {
    return this.#lab;
  }

  async open(shell: LabShell): Promise<PlaceSession> {
    const startedAt = performance.now();
    const terminal = this.#lab.start(shell.commandLine(this.#lab), { cols: COLS, rows: ROWS });
    this.#clients.add(terminal.pid);
    const close = (): Promise<void> => this.#end(terminal, shell);
    try {
      const promptAt = await terminal.waitFor(PROMPT.trimEnd(), PROMPT_TIMEOUT_MS);
      return { terminal, promptMs: promptAt - startedAt, close };
    } catch (error) {
      const why = new Error(`${shell.name} showed no prompt: ${inOneLine(error, terminal)}`, { cause: error });
      await close();
      throw why;
    }
  }

  async reference(): Promise<PlaceSession> {
    const { server, serverHome } = this.#lab;
    const startedAt = performance.now();
    const terminal = new ScreenTerminal({
      command: [...server.prefix, 'bash', '-l'],
      env: { HOME: serverHome },
      cwd: serverHome,
      cols: COLS,
      rows: ROWS,
    });
    this.#references.add(terminal);
    const close = async (): Promise<void> => {
      this.#references.delete(terminal);
      await terminal.close();
    };
    try {
      const promptAt = await terminal.waitFor(PROMPT.trimEnd(), PROMPT_TIMEOUT_MS);
      return { terminal, promptMs: promptAt - startedAt, close };
    } catch (error) {
      const why = new Error(`bash showed no prompt: ${inOneLine(error, terminal)}`, { cause: error });
      await close();
      throw why;
    }
  }

  async reseed(seed: number): Promise<void> {
    if (this.#isCut) await this.#setOutage(false);
    if (this.#isAway) await this.#lab.client.setAddresses(CLIENT_ADDRESSES);
    this.#isAway = false;
    await this.#lab.link.reseed(seed);
  }

  usage(shell: LabShell): () => Promise<TurnUsage> {
    this.#clients.clear();
    this.#settled = new Set(statesOf(processIds(this.#lab.server)).map(identity));
    const client = new UsageAccount({ list: () => [...this.#clients].flatMap(processTree) });
    const server = new UsageAccount({
      // What has a terminal over there is what the user runs, the same under every shell.
      list: () => statesOf(processIds(this.#lab.server)).filter(({ hasTerminal }) => !hasTerminal),
      isCharged: (known) => this.#owners.get(identity(known)) === shell.name,
      collectors: this.#listeners,
    });
    this.#account = { shell, client, server };
    return async () => {
      this.#sample();
      this.#account = undefined;
      return { client: client.usage, server: server.usage };
    };
  }

  async putFiles(files: Readonly<Record<string, string>>): Promise<void> {
    const folder = this.#lab.serverHome;
    for (const name of readdirSync(folder)) {
      if (!name.startsWith('.')) rmSync(join(folder, name), { recursive: true, force: true });
    }
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, content);
      utimesSync(path, FILE_TIME, FILE_TIME);
    }
  }

  has(program: string): Promise<boolean> {
    const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: this.#lab.serverHome };
    return new Promise((resolve) => {
      // A login shell, since that is where the works play.
      const child = execFile('bash', ['-lc', 'command -v -- "$0"', program], { env, timeout: 10_000 }, (error) =>
        resolve(error === null),
      );
      child.stdin?.end();
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#references].map((terminal) => terminal.close()));
    await this.#lab.close();
  }

  /** Another address of both families, and no way back to the old. */
  async #move(): Promise<void> {
    const subnet = 33 + (this.#moves++ % 200);
    this.#isAway = true;
    await this.#lab.client.setAddresses([`10.9.${subnet}.7/32`, `fd09:${subnet}::7/128`]);
  }

  async #setOutage(on: boolean): Promise<void> {
    this.#isCut = on;
    await this.#lab.link.setOutage(on);
  }

  async #traffic(): Promise<Traffic> {
    const { up, down } = await this.#lab.link.counts();
    return { upPackets: up.packets, upBytes: up.bytes, downPackets: down.packets, downBytes: down.bytes };
  }

  #sample(): void {
    const account = this.#account;
    if (account === undefined) return;
    account.client.sample();
    account.server.sample();
    for (const key of account.server.newcomers) this.#owners.set(key, account.shell.name);
  }

  async #end(terminal: ScreenTerminal, shell: LabShell): Promise<void> {
    this.#sample();
    // A cut link would keep the two sides from taking leave.
    if (this.#isCut) await this.#setOutage(false);
    await terminal.close();
    const giveUpAt = performance.now() + LEAVING_MS;
    let left = this.#leftOver(shell);
    // With the user's shell gone, every server lets go of the session, whether or not it heard of its client's end.
    signal(
      left.filter(({ hasTerminal }) => hasTerminal),
      'SIGHUP',
    );
    while (left.length > 0 && performance.now() < giveUpAt) {
      await sleep(LEAVING_POLL_MS);
      left = this.#leftOver(shell);
    }
    signal(left, 'SIGKILL');
  }

  /** What the turn's sessions have left in the server's namespace. */
  #leftOver(shell: LabShell): readonly ProcessState[] {
    const references = new Set([...this.#references].flatMap(({ pid }) => processTree(pid).map(identity)));
    return statesOf(processIds(this.#lab.server)).filter((state) => {
      const key = identity(state);
      return !this.#settled.has(key) && !references.has(key) && !shell.isDaemon(commandLineOf(state.pid));
    });
  }
}

function statesOf(pids: readonly number[]): readonly ProcessState[] {
  return pids.flatMap((pid) => processState(pid) ?? []);
}

function signal(processes: readonly ProcessState[], name: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, name);
    } catch {
      // It has gone by itself.
    }
  }
}
