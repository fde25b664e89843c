/**
 * One shell from beginning to end: the bootstrap, the session, and what the user is told when it is over. Signals are handled
 * here, so that whatever ends the program, the terminal is given back first.
 */

import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { encodeRequest } from '../protocol/bootstrap/request.ts';
import { PROTOCOL_VERSION } from '../protocol/constants.ts';
import { acceptAnswer, createOffer, type Offer } from '../protocol/crypto/agreement.ts';
import type { Random } from '../protocol/crypto/random.ts';
import { ShellClient } from '../protocol/session/shell-client.ts';
import { type Bootstrapped, bootstrap } from './bootstrap/bootstrap.ts';
import type { Clock } from './clock.ts';
import { FAILED, tellFailure } from './failure.ts';
import { sessionVariables } from './handed-environment.ts';
import type { Log, OpenLog } from './log.ts';
import type { SessionOptions as Wishes } from './options.ts';
import { Session, type SessionEnd } from './session.ts';
import { countersOf, traceSession } from './session-trace.ts';
import type { Prompter } from './ssh/prompter.ts';
import { DEFAULT_SETTINGS, type Settings } from './ssh/settings.ts';
import type { RemoteTarget } from './ssh/target.ts';
import { readTerminfo } from './terminal/terminfo.ts';
import { type TerminalSize, Tty } from './tty.ts';
import { UserError } from './user-error.ts';
import { programVersion } from './version.ts';

/** What the server's emulator is, whatever the terminal on this side is called: all programs over there talk to it. */
const TERM = 'xterm-256color';
/** Digits of a session's id that name it for `rove-server kill`. */
const SHORT_ID = 8;
/** On this machine there is no configuration. */
const NOTHING_SENT = { sendEnv: [], setEnv: {} };

const random: Random = (length) => new Uint8Array(randomBytes(length));
const clock: Clock = { now: () => performance.now(), wall: () => Date.now() };

/** What a shell is made from. */
export interface ShellOptions {
  /** Where it is; undefined: on this machine. */
  readonly place: { readonly target: RemoteTarget; readonly settings: Settings } | undefined;
  /** What it runs; undefined: the login shell. */
  readonly command: string | undefined;
  readonly wishes: Wishes;
  readonly prompter: Prompter;
  readonly log: OpenLog;
}

/** Runs a shell and gives the exit status. */
export async function runShell(options: ShellOptions): Promise<number> {
  const { place, wishes } = options;
  const { log, setDrawn } = options.log;
  if (!Tty.isThere()) throw new UserError('standard input and output have to be a terminal: run rove from one');
  const fail = (error: unknown): number => {
    setDrawn(false);
    tellFailure(log, error);
    return FAILED;
  };
  const host = place?.target.host ?? 'this machine';
  const terminal = new Tty();
  const size = terminal.size;
  let session: Session | undefined;
  const crash = (error: unknown): void => {
    if (session === undefined) process.exit(fail(error));
    else session.fail(error);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  process.on('exit', () => terminal.close());
  try {
    const { offer, started } = await start(options, size);
    const secret = acceptAnswer(offer, started.answer.answer);
    log.tell('debug1', `session at UDP port ${started.answer.port} of ${started.addresses.join(', ')}`);
    setDrawn(true);
    session = new Session({
      core: (now, paths) =>
        new ShellClient({
          now,
          connectionId: started.answer.connectionId,
          secret,
          random,
          ...size,
          scrollback: wishes.scrollback,
          paths,
        }),
      addresses: started.addresses,
      port: started.answer.port,
      host,
      behind: started.behind,
      terminal,
      environment: process.env,
      terminfo: readTerminfo(process.env.TERM ?? '', process.env),
      clipboard: wishes.clipboard,
      predict: wishes.predict,
      status: wishes.status,
      escape: place === undefined ? DEFAULT_SETTINGS.session.escape : place.settings.session.escape,
      initialSize: size,
      clock,
      suspend: stopProcess,
    });
    session.core.connection.setKeepalive(wishes.keepaliveMs);
    const signal = watchSignals(session);
    const trace = traceSession(session, log);
    const end = await session.ended;
    trace.end();
    setDrawn(false);
    if (end.kind === 'ended' || end.delivered) started.over();
    const id = Buffer.from(started.answer.connectionId).toString('hex').slice(0, SHORT_ID);
    log.tell('debug1', countersOf(session));
    return signal() ?? tellEnd(log, end, host, id);
  } catch (error) {
    terminal.close();
    return fail(error);
  }
}

async function start(
  { place, command, wishes, prompter, log: { log } }: ShellOptions,
  size: TerminalSize,
): Promise<{ offer: Offer; started: Bootstrapped }> {
  let offer: Offer | undefined;
  const { variables, leftOut } = sessionVariables(place?.settings.session ?? NOTHING_SENT, process.env);
  if (leftOut.length > 0)
    log.tell('verbose', `variables that are too many or too long stay here: ${leftOut.join(' ')}`);
  const request = (): string => {
    offer = createOffer(random);
    return encodeRequest({
      version: PROTOCOL_VERSION,
      program: programVersion(),
      offer: offer.message,
      term: TERM,
      ...size,
      env: variables,
      ...(command === undefined ? {} : { command }),
      ...(wishes.udpPort === undefined ? {} : { udpPort: wishes.udpPort }),
      scrollback: wishes.scrollback,
      ...(wishes.keepMs === undefined ? {} : { keepMs: wishes.keepMs }),
    });
  };
  const started =
    place === undefined
      ? await (await import('./local/local-bootstrap.ts')).bootstrapLocal(request, prompter, log)
      : await bootstrap({ ...place, request, prompter, log });
  if (offer === undefined) throw new Error('the bootstrap has an answer to a question that was not asked');
  if (started.addresses.length === 0) {
    throw new UserError('the server names no address of the wanted family: leave out -4 or -6');
  }
  return { offer, started };
}

/** Signals from now on. Gives the exit status for the signal that ended the session, if one did. */
function watchSignals(session: Session): () => number | undefined {
  let status: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      status ??= 128 + constants.signals[signal];
      session.leave(signal === 'SIGHUP' ? 'terminal-lost' : 'left');
    });
  }
  process.on('SIGTSTP', () => session.suspend());
  process.on('SIGCONT', () => session.continued());
  return () => status;
}

/** Stops this program's job, as Ctrl-Z does where the terminal is not raw; returns when it goes on. */
function stopProcess(): void {
  const listeners = process.listeners('SIGTSTP');
  process.removeAllListeners('SIGTSTP');
  process.kill(0, 'SIGTSTP');
  for (const listener of listeners) process.on('SIGTSTP', listener);
}

function tellEnd(log: Log, end: SessionEnd, host: string, id: string): number {
  switch (end.kind) {
    case 'ended':
      if (end.reason !== '') log.tell('info', `rove: ${end.reason}`);
      return end.status;
    case 'left':
      log.tell(
        'info',
        end.delivered
          ? `rove: session on ${host} ended`
          : `rove: ${host} does not answer: if the session goes on there, "rove-server kill ${id}" on it ends it`,
      );
      return FAILED;
    case 'terminal-lost':
      return FAILED;
  }
}
