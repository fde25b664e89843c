/**
 * The connection by the system's ssh (`--ssh`, or what the built-in one cannot: Kerberos, PKCS#11, security keys): one process for each
 * command, with the user's own options, so that it reads the same configuration and asks its questions itself on the terminal. OpenSSH's
 * share one login (ssh_config(5), ControlMaster), so that the user is asked once, unless the configuration has them share one already.
 */

import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Duplex, Readable, Transform, type Writable } from 'node:stream';
import type { Log } from '../log.ts';
import { UserError } from '../user-error.ts';
import { splitWords } from './command-line.ts';
import type { RemoteExit, RemoteProcess, RunOptions, SshConnection } from './connection.ts';
import { resolve } from './dial.ts';
import type { RemoteTarget } from './target.ts';

/** ssh's own status for a failure of its own, which it has explained on standard error by then. */
const SSH_FAILED = 255;

/** Finding out where ssh would go must not hold up the session, in ms. */
const LOOKUP_MS = 2000;

/** How often a command that waits for the login of another looks for it, in ms. */
const TURN_MS = 50;

/** How long a login outlives its last command, should nobody be left to end it, in seconds. */
const PERSIST_S = 60;

/** What one is made from. */
export interface SystemOptions {
  readonly target: RemoteTarget;
  /** A command line: `ssh`, or what the user gave. */
  readonly command: string;
  readonly log: Log;
  readonly whileWaiting?: (() => void) | undefined;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** Whatever is run over it goes by a process of its own. */
export class SystemConnection implements SshConnection {
  readonly ready: Promise<void>;
  readonly #target: RemoteTarget;
  readonly #log: Log;
  readonly #program: string;
  readonly #common: readonly string[];
  readonly #known: Promise<ReadonlyMap<string, string>>;
  readonly #whileWaiting: (() => void) | undefined;
  readonly #children = new Set<Child>();
  #addresses: readonly string[] = [];
  /** Holds the socket by which commands share one login. */
  #shared: string | undefined;
  /** A command has been started that logs in. */
  #hasFirst = false;
  #closed = false;
  #onReady: () => void = () => undefined;
  #onFailed: (error: Error) => void = () => undefined;

  constructor(options: SystemOptions) {
    const [program, ...words] = splitWords(options.command, '--ssh');
    this.#target = options.target;
    this.#log = options.log;
    this.#program = program;
    this.#common = [...words, ...passedOptions(options.target)];
    this.#whileWaiting = options.whileWaiting;
    this.ready = new Promise((done, fail) => {
      this.#onReady = done;
      this.#onFailed = fail;
    });
    this.ready.catch(() => undefined);
    this.#known = this.#lookUp();
    // The name is not needed before the login is over.
    void this.#known.then(async (known) => {
      this.#addresses = await addressesOf(known);
    });
  }

  get address(): string | undefined {
    return this.#addresses[0];
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Variables are the configuration's business here: ssh sends what it says itself. */
  async run(command: string | undefined, options: RunOptions = {}): Promise<RemoteProcess> {
    const known = await this.#known;
    const sharing = this.#sharing(known);
    if (this.#closed) throw new UserError(`the connection to ${this.#target.host} was closed`);
    await this.#turn();
    const isSubsystem = options.subsystem === true;
    const kind = isSubsystem ? ['-s'] : [];
    const words = [
      ...sharing,
      ...plainSession(known, isSubsystem),
      ...this.#common,
      '-T',
      ...kind,
      '--',
      this.#target.host,
    ];
    const child = await this.#spawn(command === undefined ? words : [...words, command]);
    if (this.#whileWaiting !== undefined) setImmediate(this.#whileWaiting);
    return this.#processOf(child);
  }

  openSocket(path: string): Promise<Duplex> {
    return Promise.reject(new UserError(`the system's ssh connects to no socket for others: ${path}`));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onFailed(new UserError(`the connection to ${this.#target.host} was closed`));
    for (const child of this.#children) {
      child.stdin.destroy();
      child.stdout.destroy();
      child.kill();
      child.unref();
    }
    if (this.#shared === undefined) return;
    const folder = this.#shared;
    // By a shell, since nobody waits for it: this process may be over before that, and the user's configuration gone.
    const words = ['-F', 'none', '-O', 'exit', '-o', controlPath(folder), '--', this.#target.host];
    const script = ['-c', '"$@"; rm -rf -- "$0"', folder, this.#program, ...words];
    const child = spawn('/bin/sh', script, { stdio: 'ignore', detached: true });
    child.once('error', () => rmSync(folder, { recursive: true, force: true }));
    child.unref();
  }

  /** Lets the first command log in, should there be others, so that the user is asked once. */
  async #turn(): Promise<void> {
    const folder = this.#shared;
    if (folder === undefined) return;
    if (!this.#hasFirst) {
      this.#hasFirst = true;
      return;
    }
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    this.ready.then(settle, settle);
    while (!settled && !existsSync(join(folder, 'ssh'))) await new Promise((done) => setTimeout(done, TURN_MS));
    if (this.#closed) throw new UserError(`the connection to ${this.#target.host} was closed`);
  }

  /** What shares the login; nothing where the user's configuration shares it, or where the program may be none of OpenSSH's. */
  #sharing(known: ReadonlyMap<string, string>): readonly string[] {
    const path = known.get('controlpath');
    if (basename(this.#program) !== 'ssh' || known.size === 0 || (path !== undefined && path !== 'none')) return [];
    // Only the user gets into a folder that mkdtemp has made.
    this.#shared ??= mkdtempSync(join(tmpdir(), 'rove-ssh-'));
    const options = ['ControlMaster=auto', controlPath(this.#shared), `ControlPersist=${PERSIST_S}`];
    return options.flatMap((option) => ['-o', option]);
  }

  #spawn(words: readonly string[]): Promise<Child> {
    this.#log.tell('debug1', `running ${[this.#program, ...words].join(' ')}`);
    return new Promise((done, fail) => {
      const child = spawn(this.#program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
      child.once('spawn', () => done(child));
      child.once('error', (cause: NodeJS.ErrnoException) => {
        const why = cause.code === 'ENOENT' ? 'there is no such program' : cause.message;
        const error = new UserError(`cannot run ${this.#program}: ${why}; leave out --ssh, or correct it`, { cause });
        this.#onFailed(error);
        fail(error);
      });
    });
  }

  #processOf(child: Child): RemoteProcess {
    this.#children.add(child);
    // A command that ends before it has read its input is judged by its status.
    child.stdin.on('error', () => undefined);
    let said = false;
    const stdout = new Transform({
      transform: (bytes, _encoding, done) => {
        said = true;
        this.#onReady();
        done(null, bytes);
      },
    });
    child.stdout.pipe(stdout);
    // If nobody takes the output any more, ssh is to learn of it.
    stdout.once('close', () => child.stdout.destroy());
    const exited = new Promise<RemoteExit>((done) => {
      child.once('close', (code, signal) => {
        this.#children.delete(child);
        const exit = { code: code ?? undefined, signal: signal?.replace(/^SIG/, '') };
        if (code !== SSH_FAILED || said) {
          this.#onReady();
          if (stdout.destroyed || stdout.readableLength === 0) done(exit);
          else stdout.once('close', () => done(exit));
          return;
        }
        const lost = new UserError(`${this.#program} could not log in on ${this.#target.host}: see what it said above`);
        this.#onFailed(lost);
        done({ ...exit, lost });
      });
    });
    return {
      stdin: child.stdin,
      stdout,
      // ssh's own words are among them: they go where ssh sends them.
      stderr: Readable.from([]),
      exited,
      signal: () => child.kill(),
    };
  }

  /** The configuration as ssh has it for this host (`ssh -G`), by keyword; empty if it does not say. */
  #lookUp(): Promise<ReadonlyMap<string, string>> {
    return new Promise((done) => {
      const words = [...this.#common, '-G', '--', this.#target.host];
      execFile(this.#program, words, { timeout: LOOKUP_MS }, (error, stdout) => {
        const lines = error === null ? stdout.split('\n') : [];
        const pairs = lines.flatMap((line): [string, string][] => {
          const [keyword = '', ...rest] = line.split(' ');
          return rest.length > 0 ? [[keyword, rest.join(' ')]] : [];
        });
        done(new Map(pairs.reverse()));
      });
    });
  }
}

/** Where the commands find the login that they share. */
function controlPath(folder: string): string {
  return `ControlPath=${join(folder, 'ssh').replaceAll('%', '%%')}`;
}

/** Options that take back what the configuration says of sessions: what runs, and on which streams, is decided here. */
function plainSession(known: ReadonlyMap<string, string>, isSubsystem: boolean): readonly string[] {
  const sessiontype = isSubsystem ? 'subsystem' : 'default';
  const plain = { remotecommand: 'none', sessiontype, stdinnull: 'no', forkafterauthentication: 'no' };
  return Object.entries(plain).flatMap(([keyword, value]) =>
    (known.get(keyword) ?? value) === value ? [] : ['-o', `${keyword}=${value}`],
  );
}

/** What the user gave, as ssh takes it. */
function passedOptions(target: RemoteTarget): string[] {
  return [
    ...(target.configFile === undefined ? [] : ['-F', target.configFile]),
    ...target.directives.flatMap((directive) => ['-o', directive]),
  ];
}

/** Where ssh goes, by its own account; nowhere if it goes by way of others. */
async function addressesOf(known: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const proxied = ['proxyjump', 'proxycommand'].some((keyword) => (known.get(keyword) ?? 'none') !== 'none');
  const host = known.get('hostname');
  if (proxied || host === undefined) return [];
  const family = known.get('addressfamily');
  try {
    return await resolve({
      host,
      family: family === 'inet' ? 4 : family === 'inet6' ? 6 : undefined,
      timeoutMs: LOOKUP_MS,
    });
  } catch {
    return [];
  }
}
