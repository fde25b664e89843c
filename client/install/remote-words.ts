/**
 * The command lines that are run on the host. The login shell may be sh, bash, zsh, fish or tcsh: to each, a word in single quotes without
 * quotes, backslashes, exclamation marks and line ends is itself, and what it holds is read by sh. tcsh takes at most 1,024 characters of
 * a word, so what is longer goes in by standard input.
 */

import { PROTOCOL_VERSION } from '../../protocol/constants.ts';

/** The command that is run when the user names no other. */
export const DEFAULT_SERVER = 'rove-server';

/** Where rove keeps what it installs, below the home. */
export const INSTALLED_FOLDER = '.local/share/rove';

/** The launcher in that folder that speaks this version of the protocol, whatever other rove-server is there. */
export const LAUNCHER = `rove-server-${PROTOCOL_VERSION}`;

/** The launcher for people and for clients of other versions, below the home. */
export const COMMON_LAUNCHER = '.local/bin/rove-server';

/** Exit status of a shell that has not found what it was to run. */
export const NOT_FOUND = 127;

const PLACES = [
  `"$HOME/${INSTALLED_FOLDER}/${LAUNCHER}"`,
  `"$(command -v ${DEFAULT_SERVER})"`,
  `"$HOME/${COMMON_LAUNCHER}"`,
];
const START = `for p in ${PLACES.join(' ')}; do test -x "$p" && exec "$p" connect; done; echo ${DEFAULT_SERVER}: not found >&2; exit ${NOT_FOUND}`;

/** Where Node is kept that is not on the PATH of non-interactive shells: by version managers, by hand, by Homebrew and snap. */
const NODES = [
  'node',
  'nodejs',
  '"$HOME"/.nvm/versions/node/*/bin/node',
  '"$HOME"/.local/share/fnm/node-versions/*/installation/bin/node',
  '"$HOME"/.local/share/mise/installs/node/*/bin/node',
  '"$HOME"/.asdf/installs/nodejs/*/bin/node',
  '"$HOME"/.volta/bin/node',
  '"$HOME"/n/bin/node',
  '"$HOME"/.local/bin/node',
  '/usr/local/bin/node',
  '/opt/homebrew/bin/node',
  '/snap/bin/node',
];

/** Node 20.19 or newer, in words that the oldest Node understands, without a quote. */
const IS_NEW_ENOUGH = 'v=process.versions.node.split(/[.]/);process.exit(v[0]>20||v[0]==20&&v[1]>18?0:1)';

/**
 * Starts `rove-server connect`: the one that rove has put there for this version of the protocol, that of the PATH, or that of
 * `~/.local/bin`, which the PATH of non-interactive shells often lacks. A `server` that the user has named is run as it is.
 */
export function startCommand(server: string): string {
  return server === DEFAULT_SERVER ? inSh(START) : `${server} connect`;
}

/**
 * The same unless there is a socket at `path`: then nothing is started, and the status is 0. Undefined where the path would have to be
 * quoted.
 */
export function startUnless(path: string, server: string): string | undefined {
  if (!/^[\w@%+=:,./-]+$/.test(path)) return undefined;
  const isThere = `test -S ${path}`;
  return server === DEFAULT_SERVER ? inSh(`${isThere} && exit 0; ${START}`) : `sh -c '${isThere}' || ${server} connect`;
}

/**
 * Has the host's Node run the script on standard input, the first Node found that is new enough. Status 127 if there is none; standard
 * error then tells the version of one that is too old.
 */
export function nodeCommand(): string {
  const run = `p=$(command -v "$n") && "$p" -e "${IS_NEW_ENOUGH}" 2>/dev/null && exec "$p" -`;
  const none = `command -v node >/dev/null && node --version >&2; exit ${NOT_FOUND}`;
  return inSh(`for n in ${NODES.join(' ')}; do ${run}; done; ${none}`);
}

/** `script` for sh, as one command line of any shell. */
function inSh(script: string): string {
  return `exec sh -c '${script}'`;
}
