/**
 * `rove host command`: a command, or the login shell, on an ssh channel of its own without a terminal, its three streams joined to this
 * program's as they are. Nothing of rove's is in between or needed over there, so that rsync, git, sftp and pipes find what they find with ssh.
 */

import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { FAILED } from './failure.ts';
import { sentVariables } from './handed-environment.ts';
import type { Log } from './log.ts';
import { connectSsh } from './ssh/connect.ts';
import type { RemoteExit, RemoteProcess } from './ssh/connection.ts';
import type { Prompter } from './ssh/prompter.ts';
import type { Settings } from './ssh/settings.ts';
import type { RemoteTarget } from './ssh/target.ts';

/** What is run, where. */
export interface RemoteCommand {
  readonly target: RemoteTarget;
  readonly settings: Settings;
  /** Undefined: the login shell. */
  readonly command: string | undefined;
  /** `command` names a subsystem. */
  readonly subsystem: boolean;
  readonly prompter: Prompter;
  readonly log: Log;
}

/** Runs it to its end and gives the exit status for this program. Throws `UserError` if it does not come to run, or is cut off. */
export async function runRemoteCommand(what: RemoteCommand): Promise<number> {
  const { command, subsystem, settings, log } = what;
  const connection = connectSsh(what);
  try {
    const env = sentVariables(settings.session, process.env);
    log.tell('debug1', `running ${command === undefined ? 'the login shell' : command}, without a terminal`);
    const remote = await connection.run(command, { subsystem, env });
    const outcome = await Promise.race([joined(remote, settings.session.stdinNull), interrupted()]);
    if ('interruptedBy' in outcome) {
      log.tell('verbose', `Killed by signal ${outcome.interruptedBy}.`);
      return FAILED;
    }
    if (outcome.lost !== undefined) throw outcome.lost;
    if (outcome.signal !== undefined) log.tell('debug1', `the command was ended by SIG${outcome.signal}`);
    // As ssh has it, a command that a signal has ended has no status of its own.
    return outcome.code ?? FAILED;
  } finally {
    connection.close();
  }
}

/** Joins the streams until the program over there has ended and all that it said has gone out here. */
async function joined(remote: RemoteProcess, stdinNull: boolean): Promise<RemoteExit> {
  // Not before the login is over: until then, what is typed may be the answer to a question.
  if (stdinNull) {
    remote.stdin.end();
  } else {
    process.stdin.on('error', () => remote.stdin.end());
    process.stdin.pipe(remote.stdin);
  }
  const [exit] = await Promise.all([
    remote.exited,
    drained(remote.stdout, process.stdout),
    drained(remote.stderr, process.stderr),
  ]);
  return exit;
}

/** Passes on all of `from`; resolves when it has gone out, or when nobody takes it any more. */
function drained(from: Readable, to: Writable): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      from.unpipe(to);
      from.destroy();
      resolve();
    };
    // Whoever read it has gone, as `head` does: that is no fault, and the program over there is to learn of it.
    to.on('error', stop);
    // Once more with nothing, because what was written before is not out yet.
    from.once('close', () => to.write('', () => resolve()));
    from.pipe(to, { end: false });
  });
}

/** Resolves when a signal wants this program to end; the number is the signal's. */
function interrupted(): Promise<{ readonly interruptedBy: number }> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
      process.on(signal, () => resolve({ interruptedBy: constants.signals[signal] }));
    }
  });
}
