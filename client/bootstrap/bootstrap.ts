/**
 * The bootstrap: over ssh to the other machine, the server started there, the keys agreed, and what the UDP session needs brought
 * back. The ssh connection proves who is who and carries two lines; when the answer has been read, it is over. See SPEC.md §5.
 */

import type { SessionAnswer } from '../../protocol/bootstrap/answer.ts';
import { installServer } from '../install/installer.ts';
import { DEFAULT_SERVER, startCommand, startUnless } from '../install/remote-words.ts';
import type { Log } from '../log.ts';
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
import { type ServerStart, type Started, startServer, talkToServer, tryServer } from './server-start.ts';

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

/** What a session is started from. */
export interface BootstrapOptions {
  readonly target: RemoteTarget;
  /** All that holds for `target`. */
  readonly settings: Settings;
  /** The line for `rove-server connect`. */
  readonly request: RequestLine;
  readonly prompter: Prompter;
  readonly log: Log;
}

/** Starts a session. Throws `UserError`, whose message is for the user. */
export async function bootstrap(options: BootstrapOptions): Promise<Bootstrapped> {
  const { target, settings, prompter, log } = options;
  const once = madeOnce(options.request);
  const { install } = target;
  const { family } = settings;
  const common = { target, prompter, log, request: once, family };
  if (target.ssh !== undefined) {
    // It reads the configuration itself, perhaps another one.
    const connection = connectSystemSsh({ target, command: target.ssh, log, whileWaiting: once });
    return await startOver({ ...common, connection, install, known: undefined });
  }
  return await startOver({
    ...common,
    connection: connectSsh({ settings, target, prompter, log, whileWaiting: once }),
    install: install === 'ask' && settings.batch ? 'never' : install,
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
  const { target, connection, log, request } = start;
  const { server, host } = target;
  const run = { host, server, command: startCommand(server), request };
  const known = await startKnown(start, run);
  if (known?.kind === 'session') return known.answer;
  if (known === undefined) log.tell('debug1', `running ${run.command}`);
  const started = known ?? (await tryServer(connection, run));
  if (started.kind === 'session') return started.answer;
  if (server !== DEFAULT_SERVER || started.kind === 'silent') throw started.error;
  await installServer({ ...start, label: host, ...reasonFor(started.kind, started.error, host) });
  return await startServer(connection, run);
}

/**
 * Asks the daemon that is known to run at its socket. The command goes along, to start a server only if that socket has gone: so nothing
 * is lost when it has. And OpenSSH's sshd turns Nagle's delay off no sooner than something runs, without which its answers to the login
 * and to the channel would take a round trip longer. Undefined if there is nothing known, or nobody there.
 */
async function startKnown(start: Start, run: ServerStart): Promise<Started | undefined> {
  const { connection, log, request, known } = start;
  const path = known?.memory.find(known.key);
  if (known === undefined || path === undefined) return undefined;
  log.tell('debug1', `asking the control socket ${path}`);
  const command = startUnless(path, run.server);
  // First, because the first channel's command travels with the login.
  const running = command === undefined ? undefined : connection.run(command);
  running?.catch(() => undefined);
  const answer = await askControlSocket(connection, path, request);
  if (answer !== undefined) return { kind: 'session', answer };
  log.tell('debug1', 'no session came from the control socket');
  if (running === undefined) {
    known.memory.forget(known.key);
    return undefined;
  }
  const started = await talkToServer(await running, run);
  if (started.kind !== 'silent') {
    known.memory.forget(known.key);
    return started;
  }
  // The socket is there and not for us: the ssh server allows no such channels, or the daemon hangs or was killed.
  known.memory.close(known.key);
  return undefined;
}

/** Why a server is to be put there, and what the user is told if it is not. */
function reasonFor(
  kind: 'missing' | 'older' | 'newer',
  error: UserError,
  host: string,
): { problem: string; refusal: UserError } {
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

/** The addresses reached, then those that the server names; of one family if the user wants only that. */
export function candidates(reached: readonly string[], answer: SessionAnswer, family: 4 | 6 | undefined): string[] {
  // A dual-stack socket shows an IPv4 peer in IPv6's clothes.
  const plain = [...reached, ...answer.addresses].map((address) => address.replace(/^::ffff:(?=\d+\.)/i, ''));
  const wanted = plain.filter((address) => family === undefined || address.includes(':') === (family === 6));
  return [...new Set(wanted)].slice(0, ADDRESSES_MAX);
}
