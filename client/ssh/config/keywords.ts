/**
 * Every keyword of ssh_config(5): how its value is read, what holds without it, how `ssh -G` prints it, and what becomes of it here. The
 * order is that of `ssh -G`. Keywords of newer versions of ssh than the one that is compared with stand at the end and are not printed.
 */

import { offeredAlgorithms } from './algorithm-lists.ts';
import { readForward, readListen, readRemoteForward } from './forwards.ts';
import { areJumps } from './jumps.ts';
import {
  addKeysToAgent,
  algorithms,
  assignments,
  choice,
  controlPersist,
  escapeChar,
  flag,
  integer,
  ipQos,
  mask,
  permittedHosts,
  permittedNames,
  port,
  type ReadValue,
  rekeyLimit,
  text,
  texts,
  textsOrNone,
  time,
  truth,
  tunnelDevice,
  variables,
} from './values.ts';
import { BadLine } from './words.ts';

/** What becomes of a value that differs from the default. */
type Use =
  | 'honoured'
  /** Said at -v; the connection is as safe and as good without. */
  | 'aside'
  /** The connection depends on it: the system's ssh has to make it. */
  | 'hand-over';

/** How it is printed: all values on one line, a line for each, or not at all. */
type Print = 'line' | 'each' | 'never';

/** One keyword. */
export interface Keyword {
  /** As ssh_config(5) spells it. */
  readonly name: string;
  readonly use: Use;
  /** The value that is a hand-over's or an aside's least: with it the keyword may as well not be there. */
  readonly idle: string | undefined;
  readonly read: ReadValue;
  /** `raw`: the line's rest is the value, quotes and all. */
  readonly raw: boolean;
  /** Values of several lines add up. */
  readonly adds: boolean;
  readonly print: Print;
  /** What holds without it; undefined: nothing, and it is not printed. */
  readonly otherwise: readonly string[] | undefined;
  /** More words than are read are passed over. */
  readonly loose: boolean;
}

function keyword(name: string, read: ReadValue, otherwise?: string, options: Partial<Keyword> = {}): Keyword {
  return {
    name,
    read,
    use: 'honoured',
    idle: otherwise,
    raw: false,
    adds: false,
    print: 'line',
    otherwise: otherwise?.split(' '),
    loose: false,
    ...options,
  };
}

function aside(name: string, read: ReadValue, otherwise?: string, options: Partial<Keyword> = {}): Keyword {
  return keyword(name, read, otherwise, { use: 'aside', ...options });
}

const command: Partial<Keyword> = { raw: true };
const added: Partial<Keyword> = { adds: true, print: 'each' };

const rest: ReadValue = (words) => {
  const [word] = words.splice(0);
  if (word === undefined || word === '') throw new BadLine('missing argument');
  return [word];
};

const firstOfTexts: ReadValue = (words) => textsOrNone('logverbose')(words).slice(0, 1);

const jumps: ReadValue = (words) => {
  const [value = ''] = rest(words);
  if (!areJumps(value)) throw new BadLine(`Invalid ProxyJump "${value}"`);
  return [value];
};

const LOG_LEVELS = ['silent', 'quiet', 'fatal', 'error', 'info', 'verbose', 'debug', 'debug1', 'debug2', 'debug3'];
const logLevel: ReadValue = (words) => {
  const word = words.shift() ?? '';
  const name = word.toLowerCase();
  if (!LOG_LEVELS.includes(name)) throw new BadLine(`unsupported log level '${word}'`);
  // `ssh -G` knows them by this name.
  if (name === 'silent' || name === 'quiet') return ['SILENT'];
  return [(name === 'debug1' ? 'debug' : name).toUpperCase()];
};

const FACILITIES = [
  'daemon',
  'user',
  'auth',
  'authpriv',
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((number) => `local${number}`),
];
const facility: ReadValue = (words) => {
  const word = words.shift() ?? '';
  if (!FACILITIES.includes(word.toLowerCase())) throw new BadLine(`unsupported log facility '${word}'`);
  return [word.toUpperCase()];
};

const upperHash: ReadValue = (words) => choice(['md5', 'sha256'])(words).map((name) => name.toUpperCase());

const keyList = (what: string): ReadValue => algorithms('key', what);

/** In the order of `ssh -G`. */
export const KEYWORDS: readonly Keyword[] = [
  keyword('User', text),
  keyword('HostName', text),
  keyword('Port', port, '22'),
  keyword('AddressFamily', choice(['inet', 'inet6', 'any']), 'any'),
  keyword('BatchMode', flag, 'no'),
  keyword('CanonicalizeFallbackLocal', flag, 'yes'),
  keyword('CanonicalizeHostname', truth('always'), 'false'),
  keyword('CheckHostIP', flag, 'no'),
  aside('Compression', choice(['yes', 'no']), 'no'),
  aside('ControlMaster', truth('auto', 'ask', 'autoask'), 'false'),
  aside('EnableSSHKeysign', flag, 'no'),
  aside('ClearAllForwardings', flag, 'no'),
  aside('ExitOnForwardFailure', flag, 'no'),
  aside('FingerprintHash', upperHash, 'SHA256'),
  aside('ForwardX11', flag, 'no'),
  aside('ForwardX11Trusted', flag, 'yes'),
  aside('GatewayPorts', flag, 'no'),
  aside('GSSAPIAuthentication', flag, 'no'),
  aside('GSSAPIKeyExchange', flag, 'no'),
  aside('GSSAPIDelegateCredentials', flag, 'no'),
  aside('GSSAPITrustDNS', flag, 'no'),
  aside('GSSAPIRenewalForcesRekey', flag, 'no'),
  aside('GSSAPIClientIdentity', text),
  aside('GSSAPIServerIdentity', text),
  aside(
    'GSSAPIKexAlgorithms',
    text,
    ['group14-sha256', 'group16-sha512', 'nistp256-sha256', 'curve25519-sha256', 'group14-sha1', 'gex-sha1']
      .map((name) => `gss-${name}-`)
      .join(','),
  ),
  keyword('HashKnownHosts', flag, 'no'),
  aside('HostbasedAuthentication', flag, 'no'),
  keyword('IdentitiesOnly', flag, 'no'),
  keyword('KbdInteractiveAuthentication', flag, 'yes'),
  aside('NoHostAuthenticationForLocalhost', flag, 'no'),
  keyword('PasswordAuthentication', flag, 'yes'),
  aside('PermitLocalCommand', flag, 'no'),
  keyword('ProxyUseFdpass', flag, 'no', { use: 'hand-over' }),
  keyword('PubkeyAuthentication', truth('unbound', 'host-bound'), 'true'),
  keyword('RequestTTY', truth('force', 'auto'), 'auto'),
  keyword('SessionType', choice(['none', 'subsystem', 'default']), 'default'),
  keyword('StdinNull', flag, 'no'),
  keyword('ForkAfterAuthentication', flag, 'no'),
  aside('StreamLocalBindUnlink', flag, 'no'),
  keyword('StrictHostKeyChecking', truth('ask', 'off', 'accept-new'), 'ask'),
  aside('TCPKeepAlive', flag, 'yes'),
  aside(
    'Tunnel',
    choice(['ethernet', 'point-to-point', 'true', 'yes', 'false', 'no'], {
      true: 'point-to-point',
      yes: 'point-to-point',
      no: 'false',
    }),
    'false',
  ),
  aside('VerifyHostKeyDNS', truth('ask'), 'false'),
  aside('VisualHostKey', flag, 'no'),
  keyword('UpdateHostKeys', truth('ask'), 'true'),
  aside('EnableEscapeCommandline', flag, 'no'),
  keyword('CanonicalizeMaxDots', integer, '1'),
  keyword('ConnectionAttempts', integer, '1'),
  aside('ForwardX11Timeout', time, '1200'),
  keyword('NumberOfPasswordPrompts', integer, '3'),
  keyword('ServerAliveCountMax', integer, '3'),
  keyword('ServerAliveInterval', time, '0'),
  keyword('RequiredRSASize', integer, '1024', { use: 'hand-over' }),
  keyword('BindAddress', text),
  keyword('BindInterface', text),
  keyword('Ciphers', algorithms('cipher', 'SSH2 cipher spec'), offeredAlgorithms('cipher')),
  aside('ControlPath', text, undefined, { idle: 'none' }),
  keyword('HostKeyAlgorithms', keyList('protocol 2 host key algorithms'), offeredAlgorithms('key')),
  keyword('HostKeyAlias', text),
  aside('HostbasedAcceptedAlgorithms', keyList('key types'), offeredAlgorithms('key')),
  keyword('IdentityAgent', text),
  keyword('IgnoreUnknown', text),
  aside('KbdInteractiveDevices', text),
  keyword('KexAlgorithms', algorithms('kex', 'SSH2 KexAlgorithms'), offeredAlgorithms('kex')),
  keyword('CASignatureAlgorithms', algorithms('ca', 'CA signature algorithms'), offeredAlgorithms('ca'), {
    use: 'hand-over',
  }),
  aside('LocalCommand', text, undefined, { ...command, idle: 'none' }),
  keyword('RemoteCommand', text, undefined, { ...command, idle: 'none' }),
  keyword('LogLevel', logLevel, 'INFO'),
  keyword('MACs', algorithms('mac', 'SSH2 MAC spec'), offeredAlgorithms('mac')),
  keyword('PKCS11Provider', text, undefined, { use: 'hand-over', idle: 'none' }),
  keyword('SecurityKeyProvider', text, 'internal', { use: 'hand-over' }),
  keyword('PreferredAuthentications', text),
  keyword('PubkeyAcceptedAlgorithms', keyList('key types'), offeredAlgorithms('key')),
  keyword('RevokedHostKeys', text, undefined, { idle: 'none' }),
  aside('XAuthLocation', text, '/usr/bin/xauth'),
  keyword('KnownHostsCommand', text, undefined, { ...command, use: 'hand-over', idle: 'none' }),
  aside('DynamicForward', readListen, undefined, added),
  aside('LocalForward', readForward, undefined, added),
  aside('RemoteForward', readRemoteForward, undefined, added),
  keyword('IdentityFile', text, undefined, added),
  keyword('CanonicalDomains', textsOrNone('canonicaldomains'), 'none'),
  keyword('CertificateFile', text, undefined, added),
  keyword(
    'GlobalKnownHostsFile',
    textsOrNone('globalknownhostsfile'),
    '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2',
  ),
  keyword('UserKnownHostsFile', textsOrNone('userknownhostsfile'), '~/.ssh/known_hosts ~/.ssh/known_hosts2'),
  keyword('SendEnv', variables, undefined, added),
  keyword('SetEnv', assignments, undefined, { print: 'each' }),
  aside('LogVerbose', firstOfTexts, 'none'),
  aside('PermitRemoteOpen', permittedHosts, 'any'),
  keyword('AddKeysToAgent', addKeysToAgent, 'false'),
  keyword('ForwardAgent', text, 'no'),
  keyword('ConnectTimeout', time, 'none'),
  aside('TunnelDevice', tunnelDevice, 'any:any'),
  keyword('CanonicalizePermittedCNAMEs', permittedNames, 'none'),
  aside('ControlPersist', controlPersist, 'no'),
  keyword('EscapeChar', escapeChar, '~'),
  aside('IPQoS', ipQos, 'lowdelay throughput'),
  aside('RekeyLimit', rekeyLimit, '0 0'),
  aside('StreamLocalBindMask', mask, '0177'),
  aside('SyslogFacility', facility, 'USER'),
  keyword('ProxyCommand', text, undefined, { ...command, idle: 'none' }),
  keyword('ProxyJump', jumps, undefined, { loose: true, idle: 'none' }),
  // Of newer versions, and of Apple's.
  aside('ChannelTimeout', texts, undefined, { print: 'never' }),
  aside('ObscureKeystrokeTiming', texts, undefined, { print: 'never' }),
  keyword('Tag', text, undefined, { print: 'never' }),
  aside('VersionAddendum', text, undefined, { ...command, print: 'never' }),
  aside('WarnWeakCrypto', texts, undefined, { print: 'never' }),
  keyword('RefuseConnection', text, undefined, { use: 'hand-over', print: 'never' }),
  aside('UseKeychain', flag, undefined, { print: 'never' }),
];

/** By their names in lower case, other spellings included. */
export const KEYWORD_BY_NAME: ReadonlyMap<string, Keyword> = new Map([
  ...KEYWORDS.map((known) => [known.name.toLowerCase(), known] as const),
  ...Object.entries({
    challengeresponseauthentication: 'kbdinteractiveauthentication',
    dsaauthentication: 'pubkeyauthentication',
    hostbasedkeytypes: 'hostbasedacceptedalgorithms',
    identityfile2: 'identityfile',
    keepalive: 'tcpkeepalive',
    keyexchange: 'kexalgorithms',
    pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
    skeyauthentication: 'kbdinteractiveauthentication',
    smartcarddevice: 'pkcs11provider',
    tisauthentication: 'kbdinteractiveauthentication',
  }).flatMap(([alias, name]) => {
    const known = KEYWORDS.find((one) => one.name.toLowerCase() === name);
    return known === undefined ? [] : [[alias, known] as const];
  }),
]);

/** Keywords that mean nothing any more and are no mistake. */
export const PAST_KEYWORDS: ReadonlySet<string> = new Set([
  'afstokenpassing',
  'cipher',
  'compressionlevel',
  'fallbacktorsh',
  'globalknownhostsfile2',
  'kerberosauthentication',
  'kerberostgtpassing',
  'protocol',
  'rhostsauthentication',
  'rhostsrsaauthentication',
  'rsaauthentication',
  'useprivilegedport',
  'userknownhostsfile2',
  'useroaming',
  'usersh',
]);
