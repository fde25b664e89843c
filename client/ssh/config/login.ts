/**
 * Everything that the built-in ssh goes by for one login: the command line first, then the user's ssh configuration, then ssh's
 * defaults. Resolved once, before the network is touched.
 */

import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../user-error.ts';
import { DEFAULT_SETTINGS, type HostKeyPolicy, type Settings } from '../settings.ts';
import type { RemoteTarget } from '../target.ts';
import {
  type ConfigQuery,
  expandPath,
  expandTokens,
  readSshConfig,
  refuseUnsupported,
  type Tokens,
} from './ssh-config.ts';

const DEFAULT_PORT = 22;

/** ssh's default keys that the built-in ssh can use, the strongest first. */
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** Resolves `target` with the user's configuration. Throws `UserError`. */
export async function resolveLogin(target: RemoteTarget): Promise<Settings> {
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
    ...DEFAULT_SETTINGS,
    label: target.host,
    host,
    port,
    user,
    family: target.family ?? family(first('addressfamily')),
    timeoutMs: timeoutS === undefined ? DEFAULT_SETTINGS.timeoutMs : timeoutS * 1000,
    hostKeys: {
      ...DEFAULT_SETTINGS.hostKeys,
      userFiles: (config.get('userknownhostsfile') ?? [join(ssh, 'known_hosts'), join(ssh, 'known_hosts2')])
        .filter((file) => file.toLowerCase() !== 'none')
        .map((file) => expandPath(file, tokens, 'UserKnownHostsFile')),
      globalFiles: config.get('globalknownhostsfile') ?? ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
      strict: strictness(first('stricthostkeychecking')),
      hashed: flag('hashknownhosts', false),
      alias: first('hostkeyalias'),
    },
    identities: {
      ...DEFAULT_SETTINGS.identities,
      agent: agentSocket(first('identityagent'), tokens),
      files: named.length > 0 ? [...new Set(files)] : DEFAULT_KEYS.map((name) => join(ssh, name)),
      named: named.length > 0,
      only: flag('identitiesonly', false),
    },
    methods: {
      ...DEFAULT_SETTINGS.methods,
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
      throw new UserError(`StrictHostKeyChecking ${value}: expected yes, no, ask or accept-new`);
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
    throw new UserError(`${keyword} ${value} in the ssh configuration: expected a number from 1 to ${max}`);
  }
  return Number(value);
}
