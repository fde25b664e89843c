/** What `rove -G` prints: all that holds for a host, keyword by keyword, as `ssh -G` does. */

import type { RemoteTarget } from '../target.ts';
import { shownJumps } from './jumps.ts';
import { KEYWORDS, type Keyword } from './keywords.ts';
import { type Resolved, resolveTarget } from './resolve.ts';
import { updatesHostKeys } from './settings-of.ts';
import { expandPath, expandTokens, type Tokens } from './tokens.ts';

const IDENTITY_FILES = ['rsa', 'ecdsa', 'ecdsa_sk', 'ed25519', 'ed25519_sk', 'xmss', 'dsa'].map(
  (type) => `~/.ssh/id_${type}`,
);
const FORWARDS = new Set(['DynamicForward', 'LocalForward', 'RemoteForward']);

/** The lines for `target`. Throws `UserError`. */
export async function dumpSettings(target: RemoteTarget): Promise<string> {
  const resolved = await resolveTarget(target);
  const lines = [`host ${resolved.original}`];
  const isCleared = resolved.values.get('clearallforwardings')?.[0] === 'yes';
  for (const known of KEYWORDS) {
    if (known.print === 'never' || (isCleared && FORWARDS.has(known.name))) continue;
    const values = shown(known, resolved);
    if (values === undefined) continue;
    const name =
      known.name === 'CanonicalizePermittedCNAMEs' ? 'canonicalizePermittedcnames' : known.name.toLowerCase();
    if (known.print === 'line') lines.push(`${name} ${values.join(' ')}`);
    else lines.push(...values.map((value) => `${name} ${value}`));
  }
  return `${lines.join('\n')}\n`;
}

function shown(known: Keyword, { original, host, user, values }: Resolved): readonly string[] | undefined {
  const name = known.name.toLowerCase();
  const given = values.get(name);
  const tokens: Tokens = {
    original,
    host,
    user,
    port: Number(values.get('port')?.[0] ?? '22'),
    alias: values.get('hostkeyalias')?.[0],
    jump: values.get('proxyjump')?.[0],
  };
  const [first] = given ?? [];
  switch (known.name) {
    case 'User':
      return [user];
    case 'HostName':
      return [host];
    case 'IdentityFile':
      return given ?? IDENTITY_FILES;
    case 'UserKnownHostsFile':
      return (given ?? known.otherwise)?.map((path) => expandPath(path, tokens, known.name));
    case 'UpdateHostKeys': {
      const wish = updatesHostKeys((other) => values.get(other));
      return [{ yes: 'true', no: 'false', ask: 'ask' }[wish]];
    }
    case 'ProxyUseFdpass':
      // There is no program then.
      return shownOf('proxyjump', values) === undefined ? (given ?? known.otherwise) : ['no'];
    case 'ServerAliveInterval':
      return given ?? [values.get('batchmode')?.[0] === 'yes' ? '300' : '0'];
    case 'ProxyJump':
      return shownOf('proxyjump', values)?.map(shownJumps);
    case 'RemoteCommand':
      return first === undefined || first.toLowerCase() === 'none'
        ? undefined
        : [expandTokens(first, tokens, known.name)];
    case 'ControlPath':
    case 'ForwardAgent':
    case 'IdentityAgent':
      if (first === undefined) return known.otherwise;
      if (known.name === 'ControlPath' && first.toLowerCase() === 'none') return undefined;
      return [/^(?:\$\w|yes$|no$|none$|SSH_AUTH_SOCK$)/.test(first) ? first : expandPath(first, tokens, known.name)];
    default:
      if (known.otherwise === undefined && first?.toLowerCase() === known.idle && known.idle !== undefined)
        return undefined;
      return given ?? known.otherwise;
  }
}

function shownOf(name: string, values: Resolved['values']): readonly string[] | undefined {
  const given = values.get(name);
  return given?.[0]?.toLowerCase() === 'none' ? undefined : given;
}
