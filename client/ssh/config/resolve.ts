/**
 * From what the user typed to all that holds for the connection: the command line, the files, a second reading where the configuration asks for
 * one, and ssh's defaults. Gives the raw values for `rove -G`, and `Settings` for the rest of the client.
 */

import { userInfo } from 'node:os';
import type { JumpHost, Settings } from '../settings.ts';
import type { RemoteTarget } from '../target.ts';
import { canonicalName } from './canonical.ts';
import { configFiles } from './config-files.ts';
import { type ConfigValues, ConfigWalk } from './config-walk.ts';
import { settingsOf } from './settings-of.ts';
import { expandHome, expandTokens } from './tokens.ts';

/** What holds for a host, before it is given its types. */
export interface Resolved {
  /** As it was typed. */
  readonly original: string;
  /** The name or address to connect to. */
  readonly host: string;
  readonly user: string;
  readonly values: ConfigValues;
}

/** What the part of a target is that the configuration is looked up by. */
export type ConfigQuery = Pick<RemoteTarget, 'host' | 'directives' | 'configFile'>;

/** Reads the configuration for `query`. Throws `UserError` for a file or a value that cannot be followed. */
export async function resolveConfig(query: ConfigQuery): Promise<Resolved> {
  const walk = new ConfigWalk(query.host);
  for (const line of query.directives) walk.directive(line);
  const files = configFiles(query.configFile === undefined ? undefined : expandHome(query.configFile));
  for (const file of files) walk.file(file, { host: query.host, isFinal: false });
  const host = await canonicalName(hostNameOf(walk, query.host).toLowerCase(), walk.values);
  const wish = walk.values.get('canonicalizehostname')?.[0] ?? 'false';
  if (walk.wantsFinal || wish !== 'false') {
    walk.settle(host);
    for (const file of files) walk.file(file, { host, isFinal: true });
  }
  const user = walk.values.get('user')?.[0] ?? userInfo().username;
  return { original: query.host, host, user, values: walk.values };
}

/** The configuration for `target`. Throws `UserError`. */
export function resolveTarget(target: RemoteTarget): Promise<Resolved> {
  return resolveConfig(target);
}

/** All that holds for the host of `target`. Throws `UserError`. */
export async function resolveSettings(target: RemoteTarget): Promise<Settings> {
  return settingsOf(await resolveTarget(target));
}

/**
 * The same for a host that is jumped through. As with ssh, which starts itself again for it, the files hold for it and the command line, but for
 * `-F`, does not.
 */
export async function resolveJump(jump: JumpHost, target: Pick<RemoteTarget, 'configFile'>): Promise<Settings> {
  const directives = [
    ...(jump.user === undefined ? [] : [`User="${quoted(jump.user)}"`]),
    ...(jump.port === undefined ? [] : [`Port=${jump.port}`]),
  ];
  return settingsOf(await resolveConfig({ host: jump.host, configFile: target.configFile, directives }));
}

function hostNameOf(walk: ConfigWalk, typed: string): string {
  const named = walk.values.get('hostname')?.[0];
  if (named === undefined) return typed;
  const tokens = { original: typed, host: typed, port: 0, user: '', alias: undefined, jump: undefined };
  return expandTokens(named, tokens, 'HostName', 'h');
}

function quoted(word: string): string {
  return word.replace(/["\\]/g, '\\$&');
}
