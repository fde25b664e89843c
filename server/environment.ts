/**
 * The program of a session: the user's login shell, or a command run by it, and the environment it gets. That is the one SSH
 * gave to `rove-server connect`, without what described another terminal, with the client's terminal, locale and what
 * else its user sends, and with a character set of UTF-8 whatever the host's default is: rove's screens are UTF-8, and asking the administrator is no answer.
 *
 * A session that was asked for through the control socket, without any process of the login's, gets what the latest login gave. Its
 * SSH_CONNECTION and SSH_CLIENT so tell of that login: programs take them for "this is a remote shell", and in a roaming session the
 * addresses in them are out of date anyway.
 */

import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Request } from '../protocol/bootstrap/request.ts';
import { isInstalled, isUtf8, neutralUtf8 } from './locale.ts';

/** Who called `rove-server connect`, and how. */
export interface Caller {
  readonly env: Readonly<Record<string, string>>;
  /** File mode creation mask. */
  readonly umask: number;
}

/** What is to be started on the pty. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly umask: number;
}

/**
 * Variables that describe the terminal, the window or the program that `connect` was started from. npm's are there when rove
 * runs from its sources.
 */
const NOT_PASSED =
  /^(?:COLORTERM|COLUMNS|LINES|TERM|TERMCAP|TERMINFO|TERM_.*|WINDOWID|VTE_VERSION|KITTY_.*|ITERM_.*|WT_.*|WEZTERM_.*|GHOSTTY_.*|ALACRITTY_.*|KONSOLE_.*|TMUX.*|STY|SSH_TTY|PWD|OLDPWD|SHLVL|_|npm_.*|INIT_CWD|NODE|NODE_CHANNEL_.*)$/;

/**
 * What a client has no say in: what the server knows better, as sshd does, and what has the loader or a shell run other code, which would be a
 * way out for a user whose login shell is restricted.
 */
const OWN =
  /^(?:HOME|LOGNAME|MAIL|PATH|SHELL|TERM|USER|SSH_.*|ROVE_.*|LD_.*|DYLD_.*|GCONV_PATH|BASH_ENV|BASHOPTS|SHELLOPTS|ENV|ZDOTDIR|NODE_OPTIONS)$/;

/** The socket of an agent that sshd forwards: it is gone as soon as the SSH connection is. */
const FORWARDED_AGENT = /^\/tmp\/ssh-[^/]*\/agent\.\d+$|\/\.ssh\/agent\/s\.[^/]*\.sshd\./;

const LOCALE_VARIABLE = /^(?:LANG|LC_[A-Z]+)$/;

/** What to start for `request`. `session` is told to the program as $ROVE_SESSION, for `rove-server kill`. */
export function sessionProgram(caller: Caller, request: Request, session: string): Program {
  const { account, file } = accountOf(caller);
  const env: Record<string, string> = { ...account };
  for (const [name, value] of Object.entries(caller.env)) if (!NOT_PASSED.test(name)) env[name] = value;
  for (const [name, value] of Object.entries(request.env)) if (!OWN.test(name)) env[name] = value;
  if (FORWARDED_AGENT.test(env.SSH_AUTH_SOCK ?? '')) delete env.SSH_AUTH_SOCK;
  setUtf8(env);
  env.SHELL = file;
  env.TERM = request.term;
  env.ROVE_SESSION = session;
  const args = request.command === undefined ? ['-l'] : ['-c', request.command];
  // A home that is not mounted is no reason to have no shell.
  const cwd = existsSync(env.HOME ?? '') ? (env.HOME ?? '/') : '/';
  return { file, args, env, cwd, umask: caller.umask };
}

/** The user's shell and names, by the system's records; a container may have none of its user. */
function accountOf(caller: Caller): { account: Record<string, string>; file: string } {
  const ownShell = caller.env.SHELL || '/bin/sh';
  try {
    const { username, shell, homedir } = userInfo();
    return { account: { USER: username, LOGNAME: username, HOME: homedir }, file: shell || ownShell };
  } catch {
    return { account: { HOME: '/' }, file: ownShell };
  }
}

/** Leaves only locales that this host has, and makes the character set UTF-8. */
function setUtf8(env: Record<string, string>): void {
  for (const [name, value] of Object.entries(env)) {
    if (LOCALE_VARIABLE.test(name) && (value === '' || !isInstalled(value))) delete env[name];
  }
  if (isUtf8(env.LC_ALL ?? env.LC_CTYPE ?? env.LANG ?? '')) return;
  if (env.LC_ALL !== undefined) {
    env.LANG = env.LC_ALL;
    delete env.LC_ALL;
  }
  env.LC_CTYPE = neutralUtf8();
}
