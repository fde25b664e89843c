/** The keywords of ssh_config(5) that `-o` takes, for completion: as they are spelled, each with what may be its value. */

import type { Value } from './option-table.ts';

const TEXT: Value = { kind: 'text' };
const FILE: Value = { kind: 'file' };
const YES_NO = word('yes', 'no');
const YES_NO_ASK = word('yes', 'no', 'ask');

function word(...words: string[]): Value {
  return { kind: 'word', words };
}

/** By keyword. Those of `Host`, `Match` and `Include` are no business of `-o`. */
export const DIRECTIVES: Readonly<Record<string, Value>> = {
  AddKeysToAgent: word('yes', 'no', 'ask', 'confirm'),
  AddressFamily: word('any', 'inet', 'inet6'),
  BatchMode: YES_NO,
  BindAddress: TEXT,
  BindInterface: TEXT,
  CanonicalDomains: TEXT,
  CanonicalizeFallbackLocal: YES_NO,
  CanonicalizeHostname: word('yes', 'no', 'always'),
  CanonicalizeMaxDots: TEXT,
  CanonicalizePermittedCNAMEs: TEXT,
  CASignatureAlgorithms: TEXT,
  CertificateFile: FILE,
  CheckHostIP: YES_NO,
  Ciphers: TEXT,
  Compression: YES_NO,
  ConnectionAttempts: TEXT,
  ConnectTimeout: TEXT,
  EscapeChar: word('none'),
  FingerprintHash: word('sha256', 'md5'),
  ForkAfterAuthentication: YES_NO,
  ForwardAgent: YES_NO,
  GlobalKnownHostsFile: FILE,
  GSSAPIAuthentication: YES_NO,
  HashKnownHosts: YES_NO,
  HostbasedAuthentication: YES_NO,
  HostKeyAlgorithms: TEXT,
  HostKeyAlias: TEXT,
  HostName: { kind: 'host' },
  IdentitiesOnly: YES_NO,
  IdentityAgent: FILE,
  IdentityFile: FILE,
  IgnoreUnknown: TEXT,
  IPQoS: TEXT,
  KbdInteractiveAuthentication: YES_NO,
  KexAlgorithms: TEXT,
  LogLevel: word('QUIET', 'FATAL', 'ERROR', 'INFO', 'VERBOSE', 'DEBUG', 'DEBUG1', 'DEBUG2', 'DEBUG3'),
  MACs: TEXT,
  NoHostAuthenticationForLocalhost: YES_NO,
  NumberOfPasswordPrompts: TEXT,
  PasswordAuthentication: YES_NO,
  PKCS11Provider: FILE,
  Port: TEXT,
  PreferredAuthentications: word('publickey', 'keyboard-interactive', 'password'),
  ProxyCommand: TEXT,
  ProxyJump: { kind: 'hosts' },
  PubkeyAcceptedAlgorithms: TEXT,
  PubkeyAuthentication: YES_NO,
  RekeyLimit: TEXT,
  RemoteCommand: TEXT,
  RequestTTY: word('auto', 'force', 'no', 'yes'),
  RequiredRSASize: TEXT,
  RevokedHostKeys: FILE,
  SendEnv: TEXT,
  ServerAliveCountMax: TEXT,
  ServerAliveInterval: TEXT,
  SessionType: word('default', 'none', 'subsystem'),
  SetEnv: TEXT,
  StdinNull: YES_NO,
  StrictHostKeyChecking: word('yes', 'no', 'ask', 'accept-new', 'off'),
  Tag: TEXT,
  TCPKeepAlive: YES_NO,
  UpdateHostKeys: YES_NO_ASK,
  User: TEXT,
  UserKnownHostsFile: FILE,
  VerifyHostKeyDNS: YES_NO_ASK,
  VisualHostKey: YES_NO,
};
