/**
 * What the user asked for: the command line of `rove`, parsed into one record.
 *
 * The grammar is that of ssh, because that is what the fingers know: short options may stand together (`-4v`), carry their
 * value with or without a space (`-p2222`), and come before or after the host; the first word after the host that is no
 * option begins the command. What is rove's own is a long option.
 */

import { DEFAULT_SCROLLBACK, MAX_SCROLLBACK } from '../protocol/history/history-log.ts';
import { PREDICT_MODES, type PredictMode } from './predict/visibility.ts';
import { parseDestination } from './ssh/destination.ts';
import type { RemoteTarget } from './ssh/target.ts';
import { CLIPBOARD_PERMISSIONS, type ClipboardPermission } from './terminal/clipboard.ts';

/** What `rove` was told to do. A session without a target is one on this machine. */
export type Options =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  /** Measure shells: the lab reads the rest of the words. */
  | { readonly kind: 'bench'; readonly words: readonly string[] }
  /** Put a public key on a host. */
  | { readonly kind: 'copy-id'; readonly words: readonly string[] }
  /** Print what a shell completes by. */
  | { readonly kind: 'completion'; readonly words: readonly string[] }
  | { readonly kind: 'session'; readonly target: RemoteTarget | undefined; readonly session: SessionOptions };

/** How the session is to be, whichever way it is started. */
export interface SessionOptions {
  /** What the remote shell runs; undefined for a login shell. */
  readonly command: string | undefined;
  /** The UDP ports the daemon may take; undefined leaves it the choice. */
  readonly udpPort: { readonly first: number; readonly last: number } | undefined;
  /** How long the server keeps the session of a client that is away; undefined: for ever. */
  readonly keepMs: number | undefined;
  /** Lines kept, at both ends, of what has scrolled off; 0: none, and the terminal gets none for its own scrollback. */
  readonly scrollback: number;
  /** After so many ms of quiet the client asks whether the server is there, Infinity for never; undefined: as the protocol has it. */
  readonly keepaliveMs: number | undefined;
  /** Whether keys are shown before the server has. */
  readonly predict: PredictMode;
  /** What programs over there may do with this terminal's clipboard. */
  readonly clipboard: ClipboardPermission;
  /** Whether the status line is there from the start. */
  readonly status: boolean;
}

/** A command line that cannot be obeyed; the message is one line that says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What `rove --help` prints. */
export const USAGE = `rove: a shell that stays when the network goes

usage: rove [options] [user@]host [command]    a shell on another machine, started over ssh
       rove [options]                          a shell on this machine, by the same path
       rove bench [options] [[user@]host]      how fast shells are: see rove bench --help
                                               (a host of that name: rove -- bench)
       rove copy-id [-i FILE] [user@]host      put your public key there, so that it lets you in
       rove completion bash|zsh|fish           what a shell completes rove by

ssh's options
  -p PORT              the port of the ssh server
  -l USER              the user to log in as
  -i FILE              a private key to try (may be repeated)
  -F FILE              read FILE instead of ~/.ssh/config and /etc/ssh/ssh_config
  -4, -6               use IPv4 or IPv6 only
  -v                   say what happens; more of it with -vv

rove's own
  --ssh=COMMAND        let this ssh do the login, where the built-in one cannot: 'ssh -J jump'
  --server=COMMAND     what starts the server over there (rove-server)
  --udp-port=A[:B]     the UDP port of the server, or the first and the last (60001:60999)
  --keep=TIME          how long a session waits for a client that is away: 90s, 12h, 7d (for ever)
  --keepalive=SECONDS  ask the server after so much quiet (3, and 25 when unused), or off;
                       with more than 40 its output may wait for your next key
  --scrollback=LINES   how many lines that scroll off are kept for ~h and an outage (10000);
                       with 0 the terminal's own scrollback stays as it is, too
  --predict=WHEN       show keys before the server does: adaptive (on a slow link), always, never
  --clipboard=WHAT     let programs over there use the clipboard (OSC 52): write, read-write, off
  --status             show how the link is, all the time: round trip, loss, bytes, predictions
  --help, --version

In a session, at the start of a line: ~. ends it, ~^Z suspends the client, ~s shows how the link
is, ~h opens all that has scrolled off, ~? lists these.
`;

/** Options of ssh that take a value, and those that do not, which the built-in ssh does not know. */
const FOREIGN_WITH_VALUE = 'BbcDEeIJLmOoPQRSWw';
const FOREIGN_FLAGS = 'AaCfGgKkMNnqsTtVXxYy';

/** Ten years: more is surely a slip of the finger. */
const KEEP_MAX_MS = 10 * 366 * 24 * 60 * 60 * 1000;

/** An hour: what forgets a session sooner, a NAT or the server's patience, is not helped by more. */
const KEEPALIVE_MAX_S = 3_600;

/** Parses `arguments_`, without the two leading ones of Node. Throws `UsageError`. */
export function parseOptions(arguments_: readonly string[]): Options {
  if (arguments_[0] === 'bench') return { kind: 'bench', words: arguments_.slice(1) };
  if (arguments_[0] === 'copy-id') return { kind: 'copy-id', words: arguments_.slice(1) };
  if (arguments_[0] === 'completion') return { kind: 'completion', words: arguments_.slice(1) };
  const words = [...arguments_];
  const identityFiles: string[] = [];
  let port: number | undefined;
  let user: string | undefined;
  let configFile: string | undefined;
  let family: 4 | 6 | undefined;
  let verbosity = 0;
  let ssh: string | undefined;
  let server = 'rove-server';
  let host: string | undefined;
  let command: string | undefined;
  let udpPort: SessionOptions['udpPort'];
  let keepMs: number | undefined;
  let scrollback = DEFAULT_SCROLLBACK;
  let keepaliveMs: number | undefined;
  let predict: PredictMode = 'adaptive';
  let clipboard: ClipboardPermission = 'write';
  let status = false;

  const long = (word: string): Options['kind'] | undefined => {
    const [name = '', ...rest] = word.slice(2).split('=');
    const given = rest.length > 0 ? rest.join('=') : undefined;
    const value = (): string => {
      const text = given ?? words.shift();
      if (text === undefined || text === '') throw new UsageError(`--${name} needs a value: see rove --help`);
      return text;
    };
    const noValue = (): void => {
      if (given !== undefined) throw new UsageError(`--${name} takes no value`);
    };
    switch (name) {
      case 'help':
      case 'version':
        noValue();
        return name;
      case 'status':
        noValue();
        status = true;
        break;
      case 'ssh':
        ssh = value();
        break;
      case 'server':
        server = value();
        break;
      case 'udp-port':
        udpPort = parsePorts(value());
        break;
      case 'keep':
        keepMs = parseDuration(value());
        break;
      case 'scrollback':
        scrollback = parseScrollback(value());
        break;
      case 'keepalive':
        keepaliveMs = parseKeepalive(value());
        break;
      case 'predict':
        predict = parsePredict(value());
        break;
      case 'clipboard':
        clipboard = parseClipboard(value());
        break;
      default:
        throw new UsageError(`there is no option --${name}: see rove --help`);
    }
    return undefined;
  };

  const short = (cluster: string): void => {
    for (let at = 1; at < cluster.length; at++) {
      const letter = cluster.charAt(at);
      const value = (): string => {
        const text = at + 1 < cluster.length ? cluster.slice(at + 1) : words.shift();
        at = cluster.length;
        if (text === undefined || text === '') throw new UsageError(`-${letter} needs a value: see rove --help`);
        return text;
      };
      switch (letter) {
        // As in ssh, the first port and the first user that are named win.
        case 'p': {
          const parsed = parsePort(value(), '-p');
          port ??= parsed;
          break;
        }
        case 'l': {
          const named = value();
          user ??= named;
          break;
        }
        case 'i':
          identityFiles.push(value());
          break;
        case 'F':
          configFile = value();
          break;
        case '4':
          family = 4;
          break;
        case '6':
          family = 6;
          break;
        case 'v':
          verbosity++;
          break;
        default:
          if (FOREIGN_WITH_VALUE.includes(letter)) {
            throw new UsageError(
              `ssh's -${letter} is not built in yet: give it to the system's ssh, --ssh='ssh -${letter} …'`,
            );
          }
          if (FOREIGN_FLAGS.includes(letter)) {
            throw new UsageError(
              `ssh's -${letter} is not built in: give it to the system's ssh, --ssh='ssh -${letter}'`,
            );
          }
          throw new UsageError(`there is no option -${letter}: see rove --help`);
      }
    }
  };

  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--') {
      if (host === undefined) host = words.shift();
      if (words.length > 0) command = words.splice(0).join(' ');
    } else if (word.startsWith('--')) {
      const instead = long(word);
      if (instead === 'help' || instead === 'version') return { kind: instead };
    } else if (word.startsWith('-') && word.length > 1) {
      short(word);
    } else if (host === undefined) {
      host = word;
    } else {
      command = [word, ...words.splice(0)].join(' ');
    }
  }

  const session: SessionOptions = { command, udpPort, keepMs, scrollback, keepaliveMs, predict, clipboard, status };
  if (host === undefined) {
    const useless = port ?? user ?? configFile ?? ssh ?? identityFiles[0];
    if (useless !== undefined) throw new UsageError('no host was named: rove [options] [user@]host [command]');
    return { kind: 'session', target: undefined, session };
  }
  const destination = parseDestination(host);
  if (destination === undefined) {
    throw new UsageError(`"${host}" is no host: expected host, user@host or ssh://user@host:port`);
  }
  return {
    kind: 'session',
    target: {
      host: destination.host,
      user: user ?? destination.user,
      port: port ?? destination.port,
      identityFiles,
      configFile,
      family,
      verbosity,
      directives: [],
      install: 'ask',
      ssh,
      server,
    },
    session,
  };
}

/** A port, or the first and the last one of a range with a colon between. */
function parsePorts(text: string): { first: number; last: number } {
  const [first = '', last = first, ...more] = text.split(':');
  if (more.length > 0) throw new UsageError(`--udp-port=${text}: expected a port or FIRST:LAST`);
  const range = { first: parsePort(first, '--udp-port'), last: parsePort(last, '--udp-port') };
  if (range.last < range.first) throw new UsageError(`--udp-port=${text}: the last port comes before the first`);
  return range;
}

function parsePort(text: string, option: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw new UsageError(`${option} ${text}: expected a port from 1 to 65535`);
  return port;
}

function parsePredict(text: string): PredictMode {
  const mode = PREDICT_MODES.find((known) => known === text);
  if (mode === undefined) throw new UsageError(`--predict=${text}: expected ${PREDICT_MODES.join(', ')}`);
  return mode;
}

function parseClipboard(text: string): ClipboardPermission {
  const permission = CLIPBOARD_PERMISSIONS.find((known) => known === text);
  if (permission === undefined)
    throw new UsageError(`--clipboard=${text}: expected ${CLIPBOARD_PERMISSIONS.join(', ')}`);
  return permission;
}

function parseScrollback(text: string): number {
  const lines = /^\d{1,7}$/.test(text) ? Number(text) : MAX_SCROLLBACK + 1;
  if (lines > MAX_SCROLLBACK)
    throw new UsageError(`--scrollback=${text}: expected a number of lines, 0 to ${MAX_SCROLLBACK}`);
  return lines;
}

/** Seconds, or `off`: as ssh's ServerAliveInterval, 0 is that too. */
function parseKeepalive(text: string): number {
  if (text === 'off' || text === '0') return Number.POSITIVE_INFINITY;
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > KEEPALIVE_MAX_S) {
    throw new UsageError(`--keepalive=${text}: expected seconds from 1 to ${KEEPALIVE_MAX_S}, or off`);
  }
  return seconds * 1_000;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseDuration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const spanMs = Number(count) * (UNIT_MS[unit] ?? 0);
  if (!(spanMs > 0)) throw new UsageError(`--keep=${text}: expected a time such as 90s, 30m, 12h or 7d`);
  if (spanMs > KEEP_MAX_MS) throw new UsageError(`--keep=${text}: more than ten years; leave it out to keep for ever`);
  return spanMs;
}
