/**
 * What the user asked for: the command line of `rove`, parsed into one record.
 *
 * The grammar is that of ssh, because that is what the fingers know: short options may stand together (`-4v`), carry their
 * value with or without a space (`-p2222`), and come before or after the host; the first word after the host that is no
 * option begins the command. What is rove's own is a long option.
 */

import { DEFAULT_SCROLLBACK, MAX_SCROLLBACK } from '../protocol/history/history-log.ts';
import { DEFAULT_SERVER } from './install/remote-words.ts';
import type { LogLevel } from './log.ts';
import { PREDICT_MODES, type PredictMode } from './predict/visibility.ts';
import { parseDestination } from './ssh/destination.ts';
import type { RemoteTarget } from './ssh/target.ts';
import { parsePort, SshOptions, takesValue } from './ssh-options.ts';
import { CLIPBOARD_PERMISSIONS, type ClipboardPermission } from './terminal/clipboard.ts';
import { UsageError } from './usage-error.ts';

/** What `rove` was told to do. A session without a target is one on this machine. */
export type Options =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  /** The same as ssh does it: on standard error. */
  | { readonly kind: 'version-of-ssh' }
  /** Measure shells: the lab reads the rest of the words. */
  | { readonly kind: 'bench'; readonly words: readonly string[] }
  /** Put a public key on a host. */
  | { readonly kind: 'copy-id'; readonly words: readonly string[] }
  /** Print what a shell completes by. */
  | { readonly kind: 'completion'; readonly words: readonly string[] }
  /** Print what the configuration comes to. */
  | { readonly kind: 'configuration'; readonly target: RemoteTarget }
  | {
      readonly kind: 'session';
      readonly target: RemoteTarget | undefined;
      readonly session: SessionOptions;
      readonly log: LogOptions;
      /** What the user asked for and does not get, a line each. */
      readonly notes: readonly string[];
    };

/** What is to be told, and where. */
export interface LogOptions {
  /** As `-v` and `-q` have it; undefined: as the configuration has it. */
  readonly level: LogLevel | undefined;
  /** In place of standard error. */
  readonly file: string | undefined;
}

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

/** Ten years: more is surely a slip of the finger. */
const KEEP_MAX_MS = 10 * 366 * 24 * 60 * 60 * 1000;

/** An hour: what forgets a session sooner, a NAT or the server's patience, is not helped by more. */
const KEEPALIVE_MAX_S = 3_600;

/** Parses `arguments_`, without the two leading ones of Node. Throws `UsageError`. */
export function parseOptions(arguments_: readonly string[]): Options {
  const [first, ...others] = arguments_;
  if (first === 'bench' || first === 'copy-id' || first === 'completion') return { kind: first, words: others };
  const words = [...arguments_];
  const ssh = new SshOptions();
  const own = new OwnOptions();
  let host: string | undefined;
  let command: string | undefined;

  const setHost = (word: string): void => {
    const destination = parseDestination(word);
    if (destination === undefined) {
      throw new UsageError(`"${word}" is no host: expected host, user@host or ssh://user@host:port`);
    }
    host = destination.host;
    if (destination.user !== undefined) ssh.add('User', destination.user);
    if (destination.port !== undefined) ssh.add('Port', String(destination.port));
  };

  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--') {
      const next = host === undefined ? words.shift() : undefined;
      if (next !== undefined) setHost(next);
      if (words.length > 0) command = words.splice(0).join(' ');
    } else if (word.startsWith('--')) {
      const instead = own.take(word, words);
      if (instead !== undefined) return { kind: instead };
    } else if (word.startsWith('-') && word.length > 1) {
      if (takeCluster(word, words, ssh) === 'version') return { kind: 'version-of-ssh' };
    } else if (host === undefined) {
      setHost(word);
    } else {
      command = [word, ...words.splice(0)].join(' ');
    }
  }

  // As ssh has it, an empty command is none.
  const session: SessionOptions = { ...own.session, command: command || undefined };
  const log = { level: ssh.logLevel, file: ssh.logFile };
  if (ssh.refusal !== undefined && !ssh.isDump) throw new UsageError(ssh.refusal);
  if (host === undefined) {
    if (ssh.isAboutHost || ssh.isDump || own.isAboutHost) {
      throw new UsageError('no host was named: rove [options] [user@]host [command]');
    }
    return { kind: 'session', target: undefined, session, log, notes: [] };
  }
  const target: RemoteTarget = {
    host,
    directives: ssh.directives,
    configFile: ssh.configFile,
    install: own.install,
    ssh: own.ssh ?? (ssh.needsSystemSsh ? 'ssh' : undefined),
    server: own.server,
  };
  if (ssh.isDump) return { kind: 'configuration', target };
  return { kind: 'session', target, session, log, notes: ssh.notes };
}

/** Takes short options that stand together, the last of which may have its value in the next word. */
function takeCluster(cluster: string, words: string[], ssh: SshOptions): 'version' | undefined {
  for (let at = 1; at < cluster.length; at++) {
    const letter = cluster.charAt(at);
    if (letter === 'V') return 'version';
    const hasValue = takesValue(letter);
    if (hasValue === undefined) throw new UsageError(`there is no option -${shown(letter)}: see rove --help`);
    if (!hasValue) {
      ssh.take(letter, '');
      continue;
    }
    const value = at + 1 < cluster.length ? cluster.slice(at + 1) : words.shift();
    if (value === undefined || value === '') throw new UsageError(`-${letter} needs a value: see rove --help`);
    ssh.take(letter, value);
    return undefined;
  }
  return undefined;
}

/** Rove's own options, which are long. */
class OwnOptions {
  ssh: string | undefined;
  server = DEFAULT_SERVER;
  install: RemoteTarget['install'] = 'ask';
  #udpPort: SessionOptions['udpPort'];
  #keepMs: number | undefined;
  #scrollback = DEFAULT_SCROLLBACK;
  #keepaliveMs: number | undefined;
  #predict: PredictMode = 'adaptive';
  #clipboard: ClipboardPermission = 'write';
  #status = false;

  get session(): Omit<SessionOptions, 'command'> {
    return {
      udpPort: this.#udpPort,
      keepMs: this.#keepMs,
      scrollback: this.#scrollback,
      keepaliveMs: this.#keepaliveMs,
      predict: this.#predict,
      clipboard: this.#clipboard,
      status: this.#status,
    };
  }

  /** Whether anything was said that means nothing without a host. */
  get isAboutHost(): boolean {
    return this.ssh !== undefined || this.install !== 'ask';
  }

  /** Takes `word`, whose value may be the first of `words`; tells if something else is to be done than to start a session. */
  take(word: string, words: string[]): 'help' | 'version' | undefined {
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
        this.#status = true;
        break;
      case 'install':
        noValue();
        this.install = 'always';
        break;
      case 'no-install':
        noValue();
        this.install = 'never';
        break;
      case 'ssh':
        this.ssh = value();
        break;
      case 'server':
        this.server = value();
        break;
      case 'udp-port':
        this.#udpPort = parsePorts(value());
        break;
      case 'keep':
        this.#keepMs = parseDuration(value());
        break;
      case 'scrollback':
        this.#scrollback = parseScrollback(value());
        break;
      case 'keepalive':
        this.#keepaliveMs = parseKeepalive(value());
        break;
      case 'predict':
        this.#predict = parsePredict(value());
        break;
      case 'clipboard':
        this.#clipboard = parseClipboard(value());
        break;
      default:
        throw new UsageError(`there is no option --${name}: see rove --help`);
    }
    return undefined;
  }
}

/** A letter that may be half of a character, or worse. */
function shown(letter: string): string {
  return /[!-~]/.test(letter) ? letter : `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A port, or the first and the last one of a range with a colon between. */
function parsePorts(text: string): { first: number; last: number } {
  const [first = '', last = first, ...more] = text.split(':');
  if (more.length > 0) throw new UsageError(`--udp-port=${text}: expected a port or FIRST:LAST`);
  const range = { first: parsePort(first, '--udp-port'), last: parsePort(last, '--udp-port') };
  if (range.last < range.first) throw new UsageError(`--udp-port=${text}: the last port comes before the first`);
  return range;
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
