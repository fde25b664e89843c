/**
 * Which of its two ways rove goes: a session that roams, on a terminal of its own over there, or a command over the ssh connection itself
 * with pipes as clean as ssh's. What decides is what decides with ssh whether there is a terminal: `-t`, `-T`, RequestTTY, whether there is a
 * command, and whether there is a terminal here.
 */

import type { SessionSettings } from './ssh/settings.ts';

/** What is to be done. */
export type Plan =
  /** A session; without a command, the login shell. */
  | { readonly kind: 'session'; readonly command: string | undefined }
  | {
      readonly kind: 'pipes';
      readonly command: string | undefined;
      /** `command` names a subsystem. */
      readonly subsystem: boolean;
      /** What the user is told first. */
      readonly notice: string | undefined;
    }
  /** `why` is for the user. */
  | { readonly kind: 'refused'; readonly why: string };

/** What the plan is made from. */
export interface Circumstances {
  /** The command of the command line. */
  readonly command: string | undefined;
  readonly settings: SessionSettings;
  /** Whether standard input is a terminal. */
  readonly input: boolean;
  /** Whether standard output is one. */
  readonly output: boolean;
}

/** Decides. */
export function makePlan({ command: typed, settings, input, output }: Circumstances): Plan {
  const { tty, type, stdinNull, fork } = settings;
  if (typed !== undefined && settings.command !== undefined) {
    return refused(
      'the configuration has a RemoteCommand for this host: leave out the command, or -o RemoteCommand=none',
    );
  }
  if (fork) return refused('rove does not go into the background (ForkAfterAuthentication): use ssh for this');
  if (type === 'none')
    return refused('a session without a command (SessionType none) is for forwarding: use ssh for it');
  const command = typed ?? settings.command;
  if (type === 'subsystem') {
    if (command === undefined) return refused('-s needs the name of a subsystem after the host, such as sftp');
    return { kind: 'pipes', command, subsystem: true, notice: undefined };
  }
  const isAsked = tty === 'yes' || tty === 'force';
  const isWanted = isAsked || (tty !== 'no' && command === undefined);
  const pipes = (notice: string | undefined): Plan => ({ kind: 'pipes', command, subsystem: false, notice });
  if (!isWanted) return pipes(undefined);
  if (input && output && !stdinNull) return { kind: 'session', command };
  if (tty === 'force') {
    const what = input && !stdinNull ? 'output' : 'input';
    return refused(
      `standard ${what} is no terminal, and rove has none to give to the other side: leave out -tt, or use ssh`,
    );
  }
  const what = input && !stdinNull ? 'stdout' : 'stdin';
  return pipes(`Pseudo-terminal will not be allocated because ${what} is not a terminal.`);
}

function refused(why: string): Plan {
  return { kind: 'refused', why };
}
