/**
 * The directory in which a user's daemon is found: `~/.local/state/rove/<host>`, mode 0700.
 *
 * It is in the home and not in $XDG_RUNTIME_DIR, because systemd removes that at the user's last logout, while a roaming
 * session goes on: the daemon would become invisible, and the next connect would start another one beside it. The host's
 * name is part of the path because homes are shared over networks and sockets are not.
 */

import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { errorCode, errorMessage, Failure } from './failure.ts';

const REMEDY = 'or set ROVE_STATE_DIR to a directory of your own, mode 0700';

/** Where the directory of this user on this host is, by the environment alone. */
export function stateDirectory(env: NodeJS.ProcessEnv): string {
  const own = env.ROVE_STATE_DIR;
  if (own !== undefined && own !== '') {
    if (!isAbsolute(own)) throw new Failure('state-directory', `ROVE_STATE_DIR is not an absolute path: ${own}`);
    return own;
  }
  const xdg = env.XDG_STATE_HOME;
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), '.local', 'state');
  return join(base, 'rove', hostname().replace(/[^\w.-]/g, '_') || 'localhost');
}

/**
 * Makes `path` if it is missing, refuses it unless it is ours alone, and makes it the working directory: names in it are then
 * short enough for a socket's address, and stay in the directory that was checked.
 */
export function enterStateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (lstatSync(path).isSymbolicLink()) throw refusal(path, 'is a symbolic link');
    process.chdir(path);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const why = errorCode(error) === 'EEXIST' ? 'it is not a directory' : errorMessage(error);
    throw new Failure('state-directory', `Cannot use ${path}: ${why}. Repair that, ${REMEDY}`, { cause: error });
  }
  const stat = statSync('.');
  if (stat.uid !== process.geteuid?.()) throw refusal(path, `belongs to user ${stat.uid}`);
  if ((stat.mode & 0o077) !== 0) throw refusal(path, `can be entered by others: chmod 700 ${path}`);
}

function refusal(path: string, why: string): Failure {
  return new Failure('state-directory', `${path} is not safe, it ${why}, ${REMEDY}`);
}
