/**
 * One shell from beginning to end: the bootstrap, the session, and what the user is told when it is over. Signals are handled
 * here, so that whatever ends the program, the terminal is given back first.
 */

import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { encodeRequest, isPassedVariable, MAX_VARIABLE_BYTES } from '../protocol/bootstrap/request.ts';
import { DecodeError } from '../protocol/bytes.ts';
import { PROTOCOL_VERSION } from '../protocol/constants.ts';
import { acceptAnswer, createOffer, type Offer } from '../protocol/crypto/agreement.ts';
import type { Random } from '../protocol/crypto/random.ts';
import { ShellClient } from '../protocol/session/shell-client.ts';
import { type Bootstrapped, bootstrap } from './bootstrap/bootstrap.ts';
import type { SessionOptions as Wishes } from './options.ts';
import { printable } from './printable.ts';
import { type Clock, Session, type SessionEnd } from './session.ts';
import type { RemoteTarget } from './ssh/target.ts';
import { TerminalPrompter } from './ssh/terminal-prompter.ts';
import { readTerminfo } from './terminal/terminfo.ts';
import { type TerminalSize, Tty } from './tty.ts';
import { UserError } from './user-error.ts';
import { programVersion } from './version.ts';

const FAILED = 255;
/** What the server's emulator is, whatever the terminal on this side is called: all programs over there talk to it. */
const TERM = 'xterm-256color';
/** Digits of a session's id that name it for `rove-server kill`. */
const SHORT_ID = 8;

const random: Random = (length) => new Uint8Array(randomBytes(length));
const clock: Clock = { now: () => performance.now(), wall: () => Date.now() };

/** Runs a shell on `target`, or on this machine, and gives the exit status. */
export async function runShell(target: RemoteTarget | undefined, wishes: Wishes): Promise<number> {
  if (!Tty.isThere())
    return fail('standard input and output have to be a terminal: run rove from one, or use ssh in a pipe');
  const verbose = (target?.verbosity ?? 0) > 0;
  const host = target?.host ?? 'this machine';
  const terminal = new Tty();
  const size = terminal.size;
  let session: Session | undefined;
  const crash = (error: unknown): void => {
    if (session === undefined) process.exit(fail(messageOf(error), verbose ? error : undefined));
    else session.fail(error);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  process.on('exit', () => terminal.close());
  try {
    const { offer, started } = await start(target, wishes, size);
    const secret = acceptAnswer(offer, started.answer.answer);
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
      initialSize: size,
      clock,
      suspend: stopProcess,
    });
    session.core.connection.setKeepalive(wishes.keepaliveMs);
    const signal = watchSignals(session);
    const end = await session.ended;
    if (end.kind === 'ended' || end.delivered) started.over();
    const id = Buffer.from(started.answer.connectionId).toString('hex').slice(0, SHORT_ID);
    if (verbose) tellCounters(session);
    return signal() ?? tellEnd(end, host, id);
  } catch (error) {
    terminal.close();
    const ours = !(error instanceof UserError || error instanceof DecodeError);
    return fail(messageOf(error), verbose && ours ? error : undefined);
  }
}

async function start(
  target: RemoteTarget | undefined,
  wishes: Wishes,
  size: TerminalSize,
): Promise<{ offer: Offer; started: Bootstrapped }> {
  let offer: Offer | undefined;
  const request = (): string => {
    offer = createOffer(random);
    return encodeRequest({
      version: PROTOCOL_VERSION,
      program: programVersion(),
      offer: offer.message,
      term: TERM,
      ...size,
      env: passedEnvironment(),
      ...(wishes.command === undefined ? {} : { command: wishes.command }),
      ...(wishes.udpPort === undefined ? {} : { udpPort: wishes.udpPort }),
      scrollback: wishes.scrollback,
      ...(wishes.keepMs === undefined ? {} : { keepMs: wishes.keepMs }),
    });
  };
  const prompter = new TerminalPrompter();
  const started =
    target === undefined
      ? await (await import('./local/local-bootstrap.ts')).bootstrapLocal(request, prompter)
      : await bootstrap(target, request, prompter);
  if (offer === undefined) throw new Error('the bootstrap has an answer to a question that was not asked');
  if (started.addresses.length === 0) {
    throw new UserError('the server names no address of the wanted family: leave out -4 or -6');
  }
  return { offer, started };
}

/** The locale and the terminal's colours; what could not be sent is left out. */
function passedEnvironment(): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value === undefined || !isPassedVariable(name) || /\p{Cc}/u.test(value)) continue;
    if (Buffer.byteLength(value) <= MAX_VARIABLE_BYTES) passed[name] = value;
  }
  return passed;
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

function tellEnd(end: SessionEnd, host: string, id: string): number {
  switch (end.kind) {
    case 'ended':
      if (end.reason !== '') tell(`rove: ${end.reason}`);
      return end.status;
    case 'left':
      if (end.delivered) tell(`rove: session on ${host} ended`);
      else tell(`rove: ${host} does not answer: if the session goes on there, "rove-server kill ${id}" on it ends it`);
      return FAILED;
    case 'terminal-lost':
      return FAILED;
  }
}

function tellCounters(session: Session): void {
  const { counters, smoothedRtt } = session.core.connection;
  const drops = Object.values(counters.drops).reduce((sum, count) => sum + count, 0);
  tell(
    `rove: sent ${counters.sent} datagrams (${counters.sentBytes} bytes), received ${counters.received} (${counters.receivedBytes} bytes), ` +
      `lost ${counters.lost}, dropped ${drops}, round trip ${smoothedRtt.toFixed(1)} ms`,
  );
}

/** Tells what went wrong, with the stack of a fault of ours if it is wanted. */
function fail(message: string, fault?: unknown): number {
  tell(`rove: ${message}`);
  if (fault instanceof Error && fault.stack !== undefined) tell(fault.stack);
  return FAILED;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Longest text told, in characters: a stack fits. */
const TOLD_LENGTH_MAX = 16 * 1024;

/** Whatever a server may have had a say in, nothing of it acts on the terminal; which may be gone. */
function tell(text: string): void {
  try {
    process.stderr.write(`${printable(text, { lengthMax: TOLD_LENGTH_MAX, lines: true })}\n`);
  } catch {
    // Then there is nobody to tell.
  }
}
