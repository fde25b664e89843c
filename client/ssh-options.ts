/**
 * ssh's own options, as ssh(1) has them, put into lines of ssh_config(5): so that there is one place, the configuration, that knows what they
 * mean together with the files. Of most the last one counts, whatever the files say; `-o`, `-p`, `-l`, `-i` and `-J` are as good as lines of a
 * file, where the first wins. What the user would wait for in vain is refused with a reason, what makes a difference is said, and what makes
 * none is taken silently.
 */

import { existsSync } from 'node:fs';
import { LOG_LEVELS, type LogLevel } from './log.ts';
import { printable } from './printable.ts';
import { expandHome } from './ssh/config/tokens.ts';
import { UsageError } from './usage-error.ts';

/** Letters with a value. */
const WITH_VALUE = 'BbcDEeFIiJLlmOoPpQRSWw';
/** Letters without. */
const FLAGS = '1246AaCfGgKkMNnqsTtVvXxYy';
/** Those that mean something without a host. */
const WITHOUT_HOST = 'Eqvy';

/** Values that are the keyword's, before all lines. */
const KEYWORD_OF: Readonly<Record<string, string>> = {
  B: 'BindInterface',
  b: 'BindAddress',
  c: 'Ciphers',
  e: 'EscapeChar',
  I: 'PKCS11Provider',
  m: 'MACs',
  P: 'Tag',
  S: 'ControlPath',
  w: 'TunnelDevice',
};

/** Values that are a line among the others. */
const LINE_OF: Readonly<Record<string, string>> = {
  D: 'DynamicForward',
  l: 'User',
  p: 'Port',
};

/** Flags, before all lines. */
const FLAG_OF: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '4': { AddressFamily: 'inet' },
  '6': { AddressFamily: 'inet6' },
  A: { ForwardAgent: 'yes' },
  a: { ForwardAgent: 'no' },
  C: { Compression: 'yes' },
  f: { ForkAfterAuthentication: 'yes', StdinNull: 'yes' },
  g: { GatewayPorts: 'yes' },
  K: { GSSAPIAuthentication: 'yes', GSSAPIDelegateCredentials: 'yes' },
  k: { GSSAPIDelegateCredentials: 'no' },
  N: { SessionType: 'none', RequestTTY: 'no' },
  n: { StdinNull: 'yes' },
  q: { LogLevel: 'QUIET' },
  s: { SessionType: 'subsystem' },
  T: { RequestTTY: 'no' },
  w: { Tunnel: 'point-to-point' },
  X: { ForwardX11: 'yes' },
  x: { ForwardX11: 'no' },
  Y: { ForwardX11: 'yes', ForwardX11Trusted: 'yes' },
};

const NO_FORWARD = 'rove forwards nothing yet: leave it out, or use ssh beside rove for it';

/** Why there can be no session with an option. */
const REFUSAL_OF: Readonly<Record<string, string>> = {
  '1': 'version 1 of the ssh protocol is gone: leave it out',
  D: NO_FORWARD,
  f: 'rove does not go into the background: leave it out and end the line with &, or use ssh',
  L: NO_FORWARD,
  N: 'without a command there is nothing to do, as rove forwards nothing yet: use ssh',
  O: 'rove has no shared connection to be told something: use ssh',
  Q: 'what algorithms there are is told by ssh -Q',
  R: NO_FORWARD,
  W: NO_FORWARD,
  w: NO_FORWARD,
};

const NO_X11 = 'X11 is not forwarded yet: the session goes on without';

/** Whether an option takes a value; undefined for a letter that ssh does not know. */
export function takesValue(letter: string): boolean | undefined {
  if (letter.length === 1 && WITH_VALUE.includes(letter)) return true;
  return letter.length === 1 && FLAGS.includes(letter) ? false : undefined;
}

/** A port from 1 to 65535. Throws `UsageError`, which names `option`. */
export function parsePort(text: string, option: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new UsageError(`${option} ${text}: expected a port from 1 to 65535`);
  return port;
}

/** What ssh's options came to. */
export class SshOptions {
  /** `-F` */
  configFile: string | undefined;
  /** `-E` */
  logFile: string | undefined;
  /** What `-v` and `-q` ask for. */
  logLevel: LogLevel | undefined;
  /** `-G`: nothing is connected to, and nothing refused. */
  isDump = false;
  /** Anything was given that means nothing without a host. */
  isAboutHost = false;
  /** The built-in ssh can't, and the system's can. */
  needsSystemSsh = false;
  /** Why it can't be done at all. */
  refusal: string | undefined;
  /** What the user asked for and does not get, a line each. */
  readonly notes: string[] = [];
  #isVerbose = false;
  readonly #overrides = new Map<string, string>();
  readonly #lines: string[] = [];

  /** The lines, in the order in which the first of a keyword wins. */
  get directives(): readonly string[] {
    return [...[...this.#overrides].map(([keyword, value]) => directive(keyword, value)), ...this.#lines];
  }

  /** Adds a line after those before it. */
  add(keyword: string, value: string): void {
    this.#lines.push(directive(keyword, value));
  }

  /** Takes an option; `value` is empty for those without one. Throws `UsageError`. */
  take(letter: string, value: string): void {
    this.isAboutHost ||= !WITHOUT_HOST.includes(letter);
    const refusal = REFUSAL_OF[letter];
    if (refusal !== undefined) this.refusal ??= `-${letter}: ${refusal}`;
    check(letter, value);
    const keyword = KEYWORD_OF[letter];
    if (keyword !== undefined) this.#overrides.set(keyword, letter === 'e' ? escapeOf(value) : value);
    for (const [name, word] of Object.entries(FLAG_OF[letter] ?? {})) this.#overrides.set(name, word);
    const line = LINE_OF[letter];
    if (line !== undefined) this.add(line, value);
    this.#takeOther(letter, value);
  }

  #takeOther(letter: string, value: string): void {
    switch (letter) {
      case 'E':
        this.logFile = value;
        break;
      case 'F':
        this.configFile = value;
        break;
      case 'G':
        this.isDump = true;
        break;
      case 'i':
        // As with ssh, the keys that it takes otherwise are not given up for one that is not there.
        if (existsSync(expandHome(value))) this.add('IdentityFile', value);
        else this.notes.push(`-i ${printable(value, { lengthMax: 200 })}: there is no such file`);
        break;
      case 'J':
        if (this.#lines.some((line) => line.startsWith('ProxyJump='))) {
          throw new UsageError('-J may be given once: put commas between the hosts');
        }
        this.#lines.push(`ProxyJump=${value}`);
        break;
      case 'K':
        this.needsSystemSsh = true;
        break;
      case 'L':
        this.#lines.push(`LocalForward=${forwardOf(value)}`);
        break;
      case 'M':
        this.#overrides.set('ControlMaster', this.#overrides.get('ControlMaster') === 'yes' ? 'ask' : 'yes');
        break;
      case 'o':
        this.#lines.push(value);
        break;
      case 'q':
        this.logLevel = 'quiet';
        break;
      case 'R':
        this.#lines.push(`RemoteForward=${forwardOf(value)}`);
        break;
      case 't':
        this.#overrides.set('RequestTTY', this.#overrides.get('RequestTTY') === 'yes' ? 'force' : 'yes');
        break;
      case 'v': {
        // The first is that much, each further one a step from wherever it is then.
        const step = LOG_LEVELS.indexOf(this.logLevel ?? 'quiet') + 1;
        const louder = this.#isVerbose ? (LOG_LEVELS[step] ?? 'debug3') : 'debug1';
        this.#isVerbose = true;
        this.logLevel = louder;
        this.#overrides.set('LogLevel', louder.toUpperCase());
        break;
      }
      case 'X':
      case 'Y':
        if (!this.notes.includes(NO_X11)) this.notes.push(NO_X11);
        break;
    }
  }
}

/** Throws `UsageError` for a value that its option can't have. */
function check(letter: string, value: string): void {
  if (letter === 'p') parsePort(value, '-p');
  if (letter === 'e' && value !== 'none' && !/^(?:\^[@-_a-z]|[\x01-\x1f!-\x7f])$/.test(value)) {
    throw new UsageError(`-e ${value}: expected a character, ^ and a letter, or none`);
  }
}

/** A control character as the configuration has it. */
function escapeOf(value: string): string {
  return /^[\x01-\x1f\x7f]$/.test(value) ? `^${String.fromCharCode(value.charCodeAt(0) ^ 64)}` : value;
}

/** What listens, and what it leads to, as a line of the configuration has them: `[address:]port:host:port`, or paths of sockets. */
function forwardOf(value: string): string {
  const [, listen, to] = /^(.+?):((?:\[[^\]]*\]|[^:/[\]]+):\d+|\/.*)$/.exec(value) ?? [];
  return listen === undefined || to === undefined ? value : `${listen} ${to}`;
}

function directive(keyword: string, value: string): string {
  return `${keyword}="${value.replace(/["\\]/g, '\\$&')}"`;
}
