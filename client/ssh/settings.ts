/**
 * All that holds for one hop of a connection: the command line, the user's and the system's ssh_config(5) and ssh's defaults, resolved
 * once, tokens replaced, before the network is touched. Plain data, so that every part of the client can be tried without a file.
 */

import type { ParsedKey } from 'ssh2';
import type { LogLevel } from '../log.ts';

/** How to get to one host, whom to trust there and as whom to log in. */
export interface Settings {
  /** What to call the host when talking to the user: the word that was typed (`%n`). */
  readonly label: string;
  /** The name or address to connect to (HostName); known_hosts goes by it too, unless `hostKeys.alias` is there. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** AddressFamily. */
  readonly family: 4 | 6 | undefined;
  /** BindAddress, or an address of BindInterface. */
  readonly bindAddress: string | undefined;
  /** ConnectTimeout: for the TCP connection, and again for the ssh handshake. */
  readonly timeoutMs: number;
  /** ConnectionAttempts, a second apart. */
  readonly attempts: number;
  /** ProxyJump: the hosts to go through, the first reached first; each is resolved by itself. Empty: none. */
  readonly jumps: readonly JumpHost[];
  /** ProxyCommand, tokens replaced, for the user's shell. Never together with `jumps`. */
  readonly proxyCommand: string | undefined;
  readonly hostKeys: HostKeyPolicy;
  readonly identities: Identities;
  readonly methods: Methods;
  /** NumberOfPasswordPrompts: how often a password or a passphrase is asked for. */
  readonly prompts: number;
  /** BatchMode: no question may be asked. */
  readonly batch: boolean;
  readonly algorithms: Algorithms;
  readonly session: SessionSettings;
  /** LogLevel. */
  readonly logLevel: LogLevel;
  /** ServerAliveInterval in ms (0: off) and ServerAliveCountMax, for a command that runs over the ssh connection itself. */
  readonly alive: { readonly intervalMs: number; readonly countMax: number };
  /** What the built-in ssh cannot do and the connection depends on: keywords as ssh_config(5) spells them. The system's ssh can. */
  readonly handOver: readonly string[];
  /** Keywords that were given and are left aside without harm. */
  readonly leftAside: readonly string[];
}

/** One host of a ProxyJump. */
export interface JumpHost {
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

/** What the user's configuration says about host keys. */
export interface HostKeyPolicy {
  /** UserKnownHostsFile; new keys are recorded in the first. */
  readonly userFiles: readonly string[];
  /** GlobalKnownHostsFile */
  readonly globalFiles: readonly string[];
  /** StrictHostKeyChecking */
  readonly strict: 'yes' | 'ask' | 'accept-new' | 'no';
  /** HashKnownHosts */
  readonly hashed: boolean;
  /** HostKeyAlias: the name to look up in place of the host's and the port. */
  readonly alias: string | undefined;
  /** UpdateHostKeys */
  readonly update: 'yes' | 'ask' | 'no';
  /** CheckHostIP: the address is looked up, too. */
  readonly checkAddress: boolean;
  /** RevokedHostKeys: a text file of public keys that are never good. */
  readonly revokedFile: string | undefined;
  /** The one key that is right, as ssh sends it; no file is asked then. */
  readonly pinned?: Uint8Array;
}

/** Where the user's keys are. */
export interface Identities {
  /** IdentityAgent, else SSH_AUTH_SOCK: the agent's socket. */
  readonly agent: string | undefined;
  /** IdentityFile, or ssh's defaults. */
  readonly files: readonly string[];
  /** CertificateFile */
  readonly certificates: readonly string[];
  /** The files were named by the user, not ssh's defaults: one that is missing is worth a word. */
  readonly named: boolean;
  /** IdentitiesOnly: of the agent's keys only those of `files`. */
  readonly only: boolean;
  /** AddKeysToAgent: a key that was unlocked is given to the agent, `confirm` and a lifetime as its constraints. */
  readonly addToAgent: 'no' | 'ask' | { readonly confirm: boolean; readonly lifetimeS: number | undefined };
  /** Private keys that are in no file. */
  readonly inMemory?: readonly ParsedKey[];
}

/** The methods that are left on, and their order. */
export interface Methods {
  /** PubkeyAuthentication */
  readonly publicKey: boolean;
  /** KbdInteractiveAuthentication */
  readonly keyboardInteractive: boolean;
  /** PasswordAuthentication */
  readonly password: boolean;
  /** PreferredAuthentications, of those that are known here. */
  readonly preferred: readonly Method[];
}

/** A method of RFC 4252 or RFC 4256. */
export type Method = 'publickey' | 'keyboard-interactive' | 'password';

/** Lists of algorithms in order of preference; undefined leaves the library's. Made of `+`, `-`, `^` and wildcards already. */
export interface Algorithms {
  /** KexAlgorithms */
  readonly kex: readonly string[] | undefined;
  /** HostKeyAlgorithms */
  readonly hostKey: readonly string[] | undefined;
  /** Ciphers */
  readonly cipher: readonly string[] | undefined;
  /** MACs */
  readonly mac: readonly string[] | undefined;
  /** PubkeyAcceptedAlgorithms */
  readonly publicKey: readonly string[] | undefined;
}

/** What is to run there, and how. */
export interface SessionSettings {
  /** RemoteCommand */
  readonly command: string | undefined;
  /** RequestTTY */
  readonly tty: 'auto' | 'yes' | 'no' | 'force';
  /** SessionType */
  readonly type: 'default' | 'none' | 'subsystem';
  /** StdinNull */
  readonly stdinNull: boolean;
  /** ForkAfterAuthentication */
  readonly fork: boolean;
  /** SendEnv: patterns of names, already without those that `-NAME` took back. */
  readonly sendEnv: readonly string[];
  /** SetEnv */
  readonly setEnv: Readonly<Record<string, string>>;
  /** EscapeChar: a character, or undefined for none. */
  readonly escape: string | undefined;
  /** ForwardAgent */
  readonly forwardAgent: boolean;
}

/** ssh's own defaults. The names of files are the caller's to add. */
export const DEFAULT_SETTINGS: Omit<Settings, 'label' | 'host' | 'user'> = {
  port: 22,
  family: undefined,
  bindAddress: undefined,
  // Long enough for a bad mobile link, short enough not to be taken for a hang.
  timeoutMs: 15_000,
  attempts: 1,
  jumps: [],
  proxyCommand: undefined,
  hostKeys: {
    userFiles: [],
    globalFiles: [],
    strict: 'ask',
    hashed: false,
    alias: undefined,
    update: 'no',
    checkAddress: false,
    revokedFile: undefined,
  },
  identities: { agent: undefined, files: [], certificates: [], named: false, only: false, addToAgent: 'no' },
  methods: {
    publicKey: true,
    keyboardInteractive: true,
    password: true,
    preferred: ['publickey', 'keyboard-interactive', 'password'],
  },
  prompts: 3,
  batch: false,
  algorithms: { kex: undefined, hostKey: undefined, cipher: undefined, mac: undefined, publicKey: undefined },
  session: {
    command: undefined,
    tty: 'auto',
    type: 'default',
    stdinNull: false,
    fork: false,
    sendEnv: [],
    setEnv: {},
    escape: '~',
    forwardAgent: false,
  },
  logLevel: 'info',
  alive: { intervalMs: 0, countMax: 3 },
  handOver: [],
  leftAside: [],
};
