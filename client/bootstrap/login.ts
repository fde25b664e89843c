/**
 * Everything that the built-in ssh goes by for one login: the command line first, then the user's ssh configuration, then ssh's
 * defaults. Resolved once, before the network is touched.
 */

import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { ParsedKey } from 'ssh2';
import { BootstrapError } from './bootstrap-error.ts';
import type { HostKeyPolicy } from './host-key-check.ts';
import {
  type ConfigQuery,
  expandPath,
  expandTokens,
  readSshConfig,
  refuseUnsupported,
  type Tokens,
} from './ssh-config.ts';
import type { RemoteTarget } from './target.ts';

/** How to log in on one host. */
export interface Login {
  /** What to call the host when talking to the user: the word that was typed. */
  readonly label: string;
  /** The name or address to connect to; known_hosts goes by it too. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly family: 4 | 6 | undefined;
  /** For the TCP connection, and again for the ssh handshake. */
  readonly timeoutMs: number;
  readonly hostKeys: HostKeyPolicy;
  readonly identities: Identities;
  /** The methods that the configuration leaves on. */
  readonly methods: { readonly publicKey: boolean; readonly keyboardInteractive: boolean; readonly password: boolean };
  /** How often a password or a passphrase is asked for. */
  readonly prompts: number;
  /** No question may be asked. */
  readonly batch: boolean;
}

/** Where the user's keys are. */
export interface Identities {
  /** The agent's socket. */
  readonly agent: string | undefined;
  readonly files: readonly string[];
  /** The files were named by the user, not ssh's defaults: one that is missing is worth a word. */
  readonly named: boolean;
  /** Of the agent's keys only those of `files`. */
  readonly only: boolean;
  /** Private keys that are in no file. */
  readonly inMemory?: readonly ParsedKey[];
}

const DEFAULT_PORT = 22;

/** Long enough for a bad mobile link, short enough not to be taken for a hang. */
const TIMEOUT_MS = 15_000;

/** ssh's default keys that the built-in ssh can use, the strongest first. */
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** Resolves `target` with the user's configuration. Throws `BootstrapError`. */
export async function resolveLogin(target: RemoteTarget): Promise<Login> {
  const query: ConfigQuery = { host: target.host, user: target.user, file: target.configFile };
  const config = await readSshConfig(query);
  refuseUnsupported(config, query);
  const first = (keyword: string): string | undefined => config.get(keyword)?.[0];
  const flag = (keyword: string, otherwise: boolean): boolean => {
    const value = first(keyword)?.toLowerCase();
    return value === undefined ? otherwise : value === 'yes' || value === 'true';
  };

  const user = target.user ?? first('user') ?? userInfo().username;
  const port = target.port ?? number(first('port'), 'Port', 65_535) ?? DEFAULT_PORT;
  const typed: Tokens = { original: target.host, host: target.host, port, user };
  const host = expandTokens(first('hostname') ?? target.host, typed, 'HostName');
  const tokens: Tokens = { ...typed, host };
  const ssh = join(homedir(), '.ssh');

  const named = [...target.identityFiles, ...(config.get('identityfile') ?? [])];
  const files = named
    .filter((file) => file.toLowerCase() !== 'none')
    .map((file) => expandPath(file, tokens, 'IdentityFile'));
  const timeoutS = number(first('connecttimeout'), 'ConnectTimeout', 3600);
  const challenge = flag('challengeresponseauthentication', true);

  return {
    label: target.host,
    host,
    port,
    user,
    family: target.family ?? family(first('addressfamily')),
    timeoutMs: timeoutS === undefined ? TIMEOUT_MS : timeoutS * 1000,
    hostKeys: {
      userFiles: (config.get('userknownhostsfile') ?? [join(ssh, 'known_hosts'), join(ssh, 'known_hosts2')])
        .filter((file) => file.toLowerCase() !== 'none')
        .map((file) => expandPath(file, tokens, 'UserKnownHostsFile')),
      globalFiles: config.get('globalknownhostsfile') ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
      strict: strictness(first('stricthostkeychecking')),
      hashed: flag('hashknownhosts', false),
      alias: first('hostkeyalias'),
    },
    identities: {
      agent: agentSocket(first('identityagent'), tokens),
      files: named.length > 0 ? [...new Set(files)] : DEFAULT_KEYS.map((name) => join(ssh, name)),
      named: named.length > 0,
      only: flag('identitiesonly', false),
    },
    methods: {
      publicKey: first('pubkeyauthentication')?.toLowerCase() !== 'no',
      keyboardInteractive: flag('kbdinteractiveauthentication', challenge),
      password: flag('passwordauthentication', true),
    },
    prompts: number(first('numberofpasswordprompts'), 'NumberOfPasswordPrompts', 100) ?? 3,
    batch: flag('batchmode', false),
  };
}

function agentSocket(configured: string | undefined, tokens: Tokens): string | undefined {
  const inherited = process.env.SSH_AUTH_SOCK === '' ? undefined : process.env.SSH_AUTH_SOCK;
  if (configured === undefined || configured === 'SSH_AUTH_SOCK') return inherited;
  if (configured.toLowerCase() === 'none') return undefined;
  if (configured.startsWith('$') && !configured.startsWith('${')) return process.env[configured.slice(1)];
  return expandPath(configured, tokens, 'IdentityAgent');
}

function strictness(value: string | undefined): HostKeyPolicy['strict'] {
  switch (value?.toLowerCase()) {
    case undefined:
    case 'ask':
      return 'ask';
    case 'yes':
    case 'true':
      return 'yes';
    case 'accept-new':
      return 'accept-new';
    case 'no':
    case 'false':
    case 'off':
      return 'no';
    default:
      throw new BootstrapError(`StrictHostKeyChecking ${value}: expected yes, no, ask or accept-new`);
  }
}

function family(value: string | undefined): 4 | 6 | undefined {
  if (value?.toLowerCase() === 'inet') return 4;
  if (value?.toLowerCase() === 'inet6') return 6;
  return undefined;
}

function number(value: string | undefined, keyword: string, max: number): number | undefined {
  if (value === undefined || value.toLowerCase() === 'none') return undefined;
  if (!/^\d{1,9}$/.test(value) || Number(value) < 1 || Number(value) > max) {
    throw new BootstrapError(`${keyword} ${value} in the ssh configuration: expected a number from 1 to ${max}`);
  }
  return Number(value);
}
