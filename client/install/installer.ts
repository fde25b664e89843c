/**
 * Puts rove-server on a host that has Node and lacks it, or has one that speaks another version of the protocol: over the ssh connection
 * that is there already, below the user's home, with nothing but Node over there.
 */

import type { Log } from '../log.ts';
import { printable } from '../printable.ts';
import type { RemoteProcess, SshConnection } from '../ssh/connection.ts';
import { NobodyToAsk, type Prompter } from '../ssh/prompter.ts';
import { UserError } from '../user-error.ts';
import { type HostFacts, hostFacts } from './host-facts.ts';
import { factsScript, type InstallReport, installScript, REPORT_MARK } from './remote-script.ts';
import { COMMON_LAUNCHER, INSTALLED_FOLDER, LAUNCHER, NOT_FOUND, nodeCommand } from './remote-words.ts';
import { packServer, type ServerArchive } from './server-archive.ts';

/** Why and with whose leave the server is put there. */
export interface Installation {
  readonly connection: SshConnection;
  /** What the user calls the host. */
  readonly label: string;
  /** One sentence without its full stop: why there is no session yet. */
  readonly problem: string;
  /** What the user is told if it is not to be. */
  readonly refusal: UserError;
  /** Whether to do it unasked, ask first, or not do it. */
  readonly install: 'ask' | 'always' | 'never';
  readonly prompter: Prompter;
  readonly log: Log;
}

/** How long the host's Node may take to say what it is, and to install, sending included, in ms. */
const FACTS_MS_MAX = 30_000;
const INSTALL_MS_MAX = 600_000;
/** Kept of the output of the scripts, from the end, in bytes. */
const OUTPUT_BYTES_MAX = 64 * 1024;
/** Shown of what the host says, in characters. */
const SAID_LENGTH_MAX = 300;
/** How often the question is put. */
const QUESTIONS_MAX = 3;

/** Returns when the server is there. Throws `UserError` when it cannot be, or is not to be. */
export async function installServer(installation: Installation): Promise<void> {
  const { label, log, install } = installation;
  if (install === 'never') throw installation.refusal;
  const facts = await readHostFacts(installation);
  log.tell(
    'debug1',
    `${label} has Node ${facts.node} (ABI ${facts.abi}) on ${facts.platform} ${facts.arch} ${facts.libc}`,
  );
  const archive = packServer(facts);
  if (install === 'ask' && !(await mayInstall(installation, archive))) throw installation.refusal;
  log.tell('info', `sending rove-server to ${label} (${megabytes(archive)} MB)`);
  const order = {
    name: archive.name,
    sha256: archive.sha256,
    folder: INSTALLED_FOLDER,
    launcher: LAUNCHER,
    commonLauncher: COMMON_LAUNCHER,
  };
  const report = installReport(await runNode(installation, installScript(order, archive.bytes), INSTALL_MS_MAX));
  if (report === undefined)
    throw new UserError(`cannot install rove-server on ${label}: its answer is not to be understood`);
  if (!report.ok) throw new UserError(failureText(label, report));
  const folder = printable(report.folder, { lengthMax: SAID_LENGTH_MAX });
  log.tell('info', `rove-server is installed on ${label}, in ${folder}`);
  if (report.kept !== undefined) {
    log.tell('info', `~/${COMMON_LAUNCHER} on ${label} is not of rove's making and stays as it is`);
  }
  if (!report.koffi)
    log.tell('verbose', `without the library for calls of libc: ${label} cannot tell how its terminals echo`);
}

async function readHostFacts(installation: Installation): Promise<HostFacts> {
  const facts = hostFacts(await runNode(installation, factsScript(), FACTS_MS_MAX));
  if (facts !== undefined) return facts;
  throw new UserError(
    `${installation.problem}, and the Node there does not say what it is: install rove there by hand`,
  );
}

async function mayInstall(installation: Installation, archive: ServerArchive): Promise<boolean> {
  const question = `${installation.problem}. Put it under ~/.local there (no root, ${megabytes(archive)} MB)? [Y/n] `;
  try {
    for (let asked = 0; asked < QUESTIONS_MAX; asked++) {
      const answer = await installation.prompter.ask(question, { echo: true });
      if (/^\s*(?:y|yes)?\s*$/i.test(answer)) return true;
      if (/^\s*(?:n|no)\s*$/i.test(answer)) return false;
    }
  } catch (error) {
    if (!(error instanceof NobodyToAsk)) throw error;
  }
  return false;
}

/** What was sent, in words of the question. */
function megabytes(archive: ServerArchive): string {
  return Math.max(archive.bytes.length / 1_000_000, 0.1).toFixed(1);
}

/** Runs `script` there and returns what it reports, still to be checked. */
async function runNode(installation: Installation, script: string, withinMs: number): Promise<unknown> {
  const { connection, label } = installation;
  const remote = await connection.run(nodeCommand());
  const output = new Tail();
  const errors = new Tail();
  remote.stdout.on('data', (bytes: Uint8Array) => output.push(bytes));
  remote.stderr.on('data', (bytes: Uint8Array) => errors.push(bytes));
  // Whoever does not read it is judged by the status.
  remote.stdin.on('error', () => undefined);
  remote.stdin.end(script);
  const { code } = await exitOf(remote, withinMs, label);
  const hex = new RegExp(`${REPORT_MARK} ([0-9a-f]+) \\.`).exec(output.text)?.[1];
  if (hex !== undefined) return parsed(hex);
  const said = errors.text;
  if (code === NOT_FOUND) {
    const old = /^v\d+\.\d+\.\d+$/m.exec(said)?.[0];
    const found = old === undefined ? 'there is no Node there to run it' : `the Node there is too old (${old})`;
    throw new UserError(
      `${installation.problem}, and ${found}: install Node 20.19 or newer on ${label}, for all or in your home, and try again`,
    );
  }
  const words = printable(said.trim().split('\n').slice(-3).join(' / '), { lengthMax: SAID_LENGTH_MAX });
  throw new UserError(
    `${installation.problem}, and Node did not run on ${label} (status ${code ?? 'unknown'}). It said: ${words || 'nothing'}`,
  );
}

async function exitOf(remote: RemoteProcess, withinMs: number, label: string): Promise<{ code: number | undefined }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new UserError(`the installation on ${label} has taken longer than ${withinMs / 1000} s: try again`);
    timer = setTimeout(() => reject(error), withinMs);
  });
  try {
    return await Promise.race([remote.exited, late]);
  } finally {
    clearTimeout(timer);
  }
}

function parsed(hex: string): unknown {
  try {
    return JSON.parse(Buffer.from(hex, 'hex').toString());
  } catch {
    return undefined;
  }
}

function installReport(value: unknown): InstallReport | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { ok, folder, koffi, kept, doing, code, message } = value as Record<string, unknown>;
  if (ok === true && typeof folder === 'string' && typeof koffi === 'boolean') {
    return { ok, folder, koffi, ...(typeof kept === 'string' ? { kept } : {}) };
  }
  if (ok !== false || typeof doing !== 'string' || typeof code !== 'string' || typeof message !== 'string')
    return undefined;
  return { ok, doing, code, message };
}

/** One line for what the host's Node could not do. */
export function failureText(label: string, { doing, code, message }: Extract<InstallReport, { ok: false }>): string {
  const said = printable(message, { lengthMax: SAID_LENGTH_MAX });
  return printable(`cannot install rove-server on ${label}: could not ${doing}: ${reason(code, said)}`, {
    lengthMax: 1000,
  });
}

function reason(code: string, said: string): string {
  switch (code) {
    case 'ENOSPC':
      return 'the disk is full; make room for 4 MB';
    case 'EDQUOT':
      return 'your quota is used up; make room for 4 MB';
    case 'EROFS':
      return 'the file system is read-only; install rove there for all users';
    case 'EACCES':
    case 'EPERM':
      return `that is not allowed (${said})`;
    case 'ERR_DLOPEN_FAILED':
      if (/failed to map segment|operation not permitted|cannot enable executable/i.test(said)) {
        return 'the home may hold no programs (it is mounted noexec); install rove there for all users';
      }
      if (/GLIBC|GLIBCXX|ld-musl|libc\.musl/.test(said))
        return `the system's C library does not fit (${said}); install rove there with npm`;
      return said;
    default:
      return said;
  }
}

/** The end of some output. */
class Tail {
  #bytes = Buffer.alloc(0);

  push(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]).subarray(-OUTPUT_BYTES_MAX);
  }

  get text(): string {
    return this.#bytes.toString();
  }
}
