/**
 * The bootstrap: over ssh to the other machine, the server started there, the keys agreed, and what the UDP session needs brought
 * back. The ssh connection proves who is who and carries two lines; when the answer has been read, it is over. See SPEC.md §5.
 */

import type { SessionAnswer } from '../../protocol/bootstrap/answer.ts';
import { installServer } from '../install/installer.ts';
import { DEFAULT_SERVER, startCommand } from '../install/remote-words.ts';
import { Log, type LogLevel } from '../log.ts';
import { resolveSettings } from '../ssh/config/resolve.ts';
import { connectSsh, connectSystemSsh } from '../ssh/connect.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { resolve } from '../ssh/dial.ts';
import type { Prompter } from '../ssh/prompter.ts';
import type { Settings } from '../ssh/settings.ts';
import type { RemoteTarget } from '../ssh/target.ts';
import { UserError } from '../user-error.ts';
import { programVersion } from '../version.ts';
import { ControlMemory, controlKey } from './control-memory.ts';
import { askControlSocket } from './control-socket.ts';
import { madeOnce, type RequestLine } from './request-line.ts';
import { type Started, startServer, tryServer } from './server-start.ts';

/** What a session starts from. */
export interface Bootstrapped {
  readonly answer: SessionAnswer;
  /** Literal IP addresses to send to, the likeliest first: the one that ssh reached, then the server's own list. */
  readonly addresses: readonly string[];
  /** ssh went there by way of another host or program, which UDP does not. */
  readonly behind: boolean;
  /** To be called when the session has ended and the server knows. */
  readonly over: () => void;
}

/** Most addresses handed on. */
const ADDRESSES_MAX = 16;

/** Looking up the address of a host that ssh reaches by way of others must not hold up the session, in ms. */
const LOOKUP_MS = 2_000;

/** Starts a session on `target`. `request` is the line for `rove-server connect`. Throws `UserError`, whose message is for the user. */
export async function bootstrap(target: RemoteTarget, request: RequestLine, prompter: Prompter): Promise<Bootstrapped> {
  const once = madeOnce(request);
  const log = new Log(levelOf(target.verbosity), (line) => prompter.tell(line));
  const { ssh, install } = target;
  const common = { target, prompter, log, request: once };
  if (ssh !== undefined) {
    // It reads the configuration itself, perhaps another one.
    const connection = connectSystemSsh({ target, command: ssh, log, whileWaiting: once });
    return await startOver({ ...common, connection, install, family: target.family, known: undefined });
  }
  const settings = await resolveSettings(target);
  return await startOver({
    ...common,
    connection: connectSsh({ settings, target, prompter, log, whileWaiting: once }),
    install: install === 'ask' && settings.batch ? 'never' : install,
    family: settings.family,
    known: { memory: new ControlMemory(), key: controlKey(settings, target.server) },
    // Where ssh goes by way of others, UDP may still go straight.
    named: settings.jumps.length > 0 || settings.proxyCommand !== undefined ? lookUp(settings) : undefined,
  });
}

interface Start {
  readonly target: RemoteTarget;
  readonly connection: SshConnection;
  readonly prompter: Prompter;
  readonly log: Log;
  readonly request: () => string;
  readonly install: RemoteTarget['install'];
  readonly family: 4 | 6 | undefined;
  /** What is remembered of the host's daemon. */
  readonly known: { readonly memory: ControlMemory; readonly key: string } | undefined;
  /** Further addresses to try first. */
  readonly named?: Promise<readonly string[]> | undefined;
}

async function startOver(start: Start): Promise<Bootstrapped> {
  const { connection, log, known } = start;
  try {
    const answer = await startSession(start);
    if (answer.control !== undefined) known?.memory.keep(known.key, answer.control);
    if (answer.program !== programVersion()) {
      log.tell(
        'debug1',
        `rove-server there is ${answer.program}, rove here ${programVersion()}: they speak the same protocol`,
      );
    }
    const reached = connection.addresses;
    const addresses = candidates([...reached, ...((await start.named) ?? [])], answer, start.family);
    return { answer, addresses, behind: reached.length === 0, over: () => known?.memory.release(known.key) };
  } finally {
    connection.close();
  }
}

/** From the daemon that is known to run, else from the command, else from the server that is put there. */
async function startSession(start: Start): Promise<SessionAnswer> {
  const { target, connection, log, request, known } = start;
  const path = known?.memory.find(known.key);
  if (path !== undefined) {
    const answer = await askControlSocket(connection, path, request);
    log.tell(
      'debug1',
      `control socket ${path}: ${answer === undefined ? 'none there, the command is run' : 'a session'}`,
    );
    if (answer !== undefined) return answer;
    known?.memory.forget(known.key);
  }
  const { server, host } = target;
  const run = { host, server, command: startCommand(server), request };
  log.tell('debug1', `running ${run.command}`);
  const started = await tryServer(connection, run);
  if (started.kind === 'session') return started.answer;
  if (server !== DEFAULT_SERVER) throw started.error;
  await installServer({ ...start, label: host, ...reasonFor(started, host) });
  return await startServer(connection, run);
}

/** Why a server is to be put there, and what the user is told if it is not. */
function reasonFor(
  started: Exclude<Started, { kind: 'session' }>,
  host: string,
): { problem: string; refusal: UserError } {
  const { kind, error } = started;
  if (kind === 'missing') return { problem: `rove-server is not installed on ${host}`, refusal: error };
  const problem = `rove-server on ${host} speaks ${kind === 'older' ? 'an older' : 'a newer'} version of the protocol`;
  return { problem, refusal: new UserError(`${error.message}, or put this version there, too, with --install`) };
}

/** The addresses of the name that the configuration has for the host: ssh did not reach it from here, UDP may. */
async function lookUp({ host, family }: Settings): Promise<string[]> {
  try {
    return await resolve({ host, family, timeoutMs: LOOKUP_MS });
  } catch {
    return [];
  }
}

function levelOf(verbosity: number): LogLevel {
  return (['info', 'debug1', 'debug2'] as const)[verbosity] ?? 'debug3';
}

/** The addresses reached, then those that the server names; of one family if the user wants only that. */
export function candidates(reached: readonly string[], answer: SessionAnswer, family: 4 | 6 | undefined): string[] {
  // A dual-stack socket shows an IPv4 peer in IPv6's clothes.
  const plain = [...reached, ...answer.addresses].map((address) => address.replace(/^::ffff:(?=\d+\.)/i, ''));
  const wanted = plain.filter((address) => family === undefined || address.includes(':') === (family === 6));
  return [...new Set(wanted)].slice(0, ADDRESSES_MAX);
}
