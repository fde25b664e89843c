/** The values of a configuration as `Settings`: typed, with files expanded and defaults in place. */

import { homedir, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { LOG_LEVELS, type LogLevel } from '../../log.ts';
import { UserError } from '../../user-error.ts';
import { DEFAULT_SETTINGS, type Method, type Settings } from '../settings.ts';
import { parseJumps } from './jumps.ts';
import { KEYWORD_BY_NAME, KEYWORDS } from './keywords.ts';
import type { Resolved } from './resolve.ts';
import { expandPath, expandTokens, type Tokens } from './tokens.ts';

/** ssh's own keys, in its order, but for kinds that are gone. */
const DEFAULT_KEYS = ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk'];

const METHODS: readonly Method[] = ['publickey', 'keyboard-interactive', 'password'];
/** Debian's ssh watches over a connection that nobody is there to watch. */
const BATCH_ALIVE_S = 300;

/** All of them. Throws `UserError` for a value that cannot be followed. */
export function settingsOf(resolved: Resolved): Settings {
  const read = new Reader(resolved);
  const { tokens } = read;
  const jumps = parseJumps(read.one('proxyjump') ?? 'none');
  const proxyCommand = jumps.length > 0 ? undefined : read.unlessNone('proxycommand');
  const batch = read.is('batchmode');
  const interval = read.number('serveraliveinterval') ?? (batch ? BATCH_ALIVE_S : 0);
  const family = familyOf(read.one('addressfamily'));
  const timeoutS = Number(read.unlessNone('connecttimeout') ?? 0);
  return {
    label: resolved.original,
    host: resolved.host,
    port: tokens.port,
    user: resolved.user,
    family,
    bindAddress: read.one('bindaddress') ?? interfaceAddress(read.one('bindinterface'), family),
    timeoutMs: timeoutS === 0 ? DEFAULT_SETTINGS.timeoutMs : timeoutS * 1000,
    attempts: Math.max(1, read.number('connectionattempts') ?? 1),
    jumps,
    proxyCommand: proxyCommand && expandTokens(proxyCommand, tokens, 'ProxyCommand', 'hknpr'),
    hostKeys: hostKeys(read),
    identities: identities(read),
    methods: methods(read),
    prompts: read.number('numberofpasswordprompts') ?? 3,
    batch,
    algorithms: {
      kex: read.list('kexalgorithms'),
      hostKey: read.list('hostkeyalgorithms'),
      cipher: read.list('ciphers'),
      mac: read.list('macs'),
      publicKey: read.list('pubkeyacceptedalgorithms'),
    },
    session: session(read),
    logLevel: logLevel(read.one('loglevel')),
    alive: { intervalMs: interval * 1000, countMax: read.number('serveralivecountmax') ?? 3 },
    handOver: handOver(read, proxyCommand !== undefined),
    leftAside: differing(read, 'aside'),
  };
}

class Reader {
  readonly tokens: Tokens;
  readonly #values: Resolved['values'];

  constructor({ original, host, user, values }: Resolved) {
    this.#values = values;
    this.tokens = {
      original,
      host,
      user,
      port: Number(values.get('port')?.[0] ?? DEFAULT_SETTINGS.port),
      alias: values.get('hostkeyalias')?.[0],
      jump: values.get('proxyjump')?.[0],
    };
  }

  all(name: string): readonly string[] | undefined {
    return this.#values.get(name);
  }

  one(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  /** `none` is as good as nothing. */
  unlessNone(name: string): string | undefined {
    const value = this.one(name);
    return value?.toLowerCase() === 'none' ? undefined : value;
  }

  /** A flag that is off unless it is given. */
  is(name: string): boolean {
    return this.one(name) === 'yes';
  }

  number(name: string): number | undefined {
    const value = this.one(name);
    return value === undefined ? undefined : Number(value);
  }

  list(name: string): readonly string[] | undefined {
    return this.one(name)?.split(',');
  }

  paths(name: string): readonly string[] | undefined {
    return this.all(name)
      ?.filter((path) => path.toLowerCase() !== 'none')
      .map((path) => expandPath(path, this.tokens, KEYWORD_BY_NAME.get(name)?.name ?? name));
  }
}

function hostKeys(read: Reader): Settings['hostKeys'] {
  const ssh = join(homedir(), '.ssh');
  const strict: Readonly<Record<string, Settings['hostKeys']['strict']>> = {
    true: 'yes',
    false: 'no',
    'accept-new': 'accept-new',
  };
  const revoked = read.unlessNone('revokedhostkeys');
  return {
    userFiles: read.paths('userknownhostsfile') ?? [join(ssh, 'known_hosts'), join(ssh, 'known_hosts2')],
    globalFiles: read.paths('globalknownhostsfile') ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    strict: strict[read.one('stricthostkeychecking') ?? ''] ?? 'ask',
    hashed: read.is('hashknownhosts'),
    alias: read.one('hostkeyalias'),
    update: updatesHostKeys(read.all.bind(read)),
    checkAddress: read.is('checkhostip'),
    revokedFile: revoked === undefined ? undefined : expandPath(revoked, read.tokens, 'RevokedHostKeys'),
  };
}

/** UpdateHostKeys: on where nothing says otherwise and the files are ssh's own. */
export function updatesHostKeys(all: (name: string) => readonly string[] | undefined): 'yes' | 'ask' | 'no' {
  const given = all('updatehostkeys')?.[0];
  if (given !== undefined) return given === 'ask' ? 'ask' : given === 'true' ? 'yes' : 'no';
  const dns = all('verifyhostkeydns')?.[0] ?? 'false';
  return all('userknownhostsfile') === undefined && dns === 'false' ? 'yes' : 'no';
}

function identities(read: Reader): Settings['identities'] {
  const files = read.paths('identityfile');
  return {
    agent: agentSocket(read),
    files: files ?? DEFAULT_KEYS.map((name) => join(homedir(), '.ssh', name)),
    certificates: read.paths('certificatefile') ?? [],
    named: files !== undefined,
    only: read.is('identitiesonly'),
    addToAgent: addToAgent(read.all('addkeystoagent') ?? ['false']),
  };
}

function agentSocket(read: Reader): string | undefined {
  const variable = (name: string): string | undefined => process.env[name] || undefined;
  const given = read.one('identityagent');
  if (given === undefined || given === 'SSH_AUTH_SOCK') return variable('SSH_AUTH_SOCK');
  if (given.toLowerCase() === 'none') return undefined;
  if (/^\$\w/.test(given)) return variable(given.slice(1));
  return expandPath(given, read.tokens, 'IdentityAgent');
}

function addToAgent([first, second]: readonly string[]): Settings['identities']['addToAgent'] {
  switch (first) {
    case 'false':
    case undefined:
      return 'no';
    case 'ask':
      return 'ask';
    case 'true':
      return { confirm: false, lifetimeS: undefined };
    case 'confirm':
      return { confirm: true, lifetimeS: second === undefined ? undefined : Number(second) };
    default:
      return { confirm: false, lifetimeS: Number(first) };
  }
}

function methods(read: Reader): Settings['methods'] {
  const preferred = preferences(read);
  return {
    publicKey: read.one('pubkeyauthentication') !== 'false',
    keyboardInteractive: read.one('kbdinteractiveauthentication') !== 'no',
    password: read.one('passwordauthentication') !== 'no',
    preferred: preferred.filter((name): name is Method => METHODS.some((method) => method === name)),
  };
}

function preferences(read: Reader): readonly string[] {
  return read.list('preferredauthentications')?.map((name) => name.trim().toLowerCase()) ?? METHODS;
}

function session(read: Reader): Settings['session'] {
  const ttys: Readonly<Record<string, Settings['session']['tty']>> = { true: 'yes', false: 'no', force: 'force' };
  const type = read.one('sessiontype');
  const command = read.unlessNone('remotecommand');
  const agent = read.one('forwardagent');
  return {
    command: command && expandTokens(command, read.tokens, 'RemoteCommand'),
    tty: ttys[read.one('requesttty') ?? ''] ?? 'auto',
    type: type === 'none' || type === 'subsystem' ? type : 'default',
    stdinNull: read.is('stdinnull'),
    fork: read.is('forkafterauthentication'),
    sendEnv: read.all('sendenv') ?? [],
    setEnv: Object.fromEntries(
      (read.all('setenv') ?? []).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
    ),
    escape: escapeOf(read.one('escapechar')),
    forwardAgent: agent !== undefined && agent !== 'no' && agent !== 'false',
  };
}

function escapeOf(shown: string | undefined): string | undefined {
  if (shown === undefined) return '~';
  if (shown === 'none') return undefined;
  return shown.startsWith('\\^') ? String.fromCharCode(shown.charCodeAt(2) & 31) : shown;
}

function logLevel(shown: string | undefined): LogLevel {
  if (shown === 'SILENT') return 'quiet';
  if (shown === 'DEBUG') return 'debug1';
  return LOG_LEVELS.find((level) => level === shown?.toLowerCase()) ?? 'info';
}

/** What the built-in ssh cannot do although the connection, or its safety, depends on it. */
function handOver(read: Reader, hasProxyCommand: boolean): string[] {
  const wanted = differing(read, 'hand-over').filter((name) => {
    if (name === 'ProxyUseFdpass') return hasProxyCommand;
    if (name === 'RequiredRSASize') return (read.number('requiredrsasize') ?? 0) > 1024;
    return true;
  });
  const preferred = preferences(read);
  const has = (method: string): boolean => METHODS.some((known) => known === method);
  return preferred.some(has) ? wanted : [...wanted, 'PreferredAuthentications'];
}

/** The keywords of a use that were given another value than the one that holds anyway. */
function differing(read: Reader, use: 'aside' | 'hand-over'): string[] {
  return KEYWORDS.filter((known) => {
    const values = read.all(known.name.toLowerCase());
    if (known.use !== use || values === undefined) return false;
    return values.join(' ') !== (known.otherwise?.join(' ') ?? known.idle) && values[0]?.toLowerCase() !== known.idle;
  }).map(({ name }) => name);
}

function familyOf(shown: string | undefined): 4 | 6 | undefined {
  if (shown === 'inet') return 4;
  return shown === 'inet6' ? 6 : undefined;
}

/** An address of the interface. Throws `UserError` if it has none. */
function interfaceAddress(name: string | undefined, family: 4 | 6 | undefined): string | undefined {
  if (name === undefined) return undefined;
  const addresses = networkInterfaces()[name] ?? [];
  const usable = addresses.filter(
    ({ family: of, address }) =>
      (family === undefined || of === `IPv${family}`) && !(of === 'IPv6' && address.startsWith('fe80')),
  );
  const [first] = usable;
  if (first === undefined) throw new UserError(`BindInterface ${name}: it has no address here; see: ip address`);
  return first.address;
}
