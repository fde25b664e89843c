/**
 * Every option of `rove`, as data: what completion offers and the manual must tell. Tests hold it against `--help`, the parser and the
 * manual, in both directions, so that none of them says more or less than the others.
 */

import { PREDICT_MODES } from '../predict/visibility.ts';
import { CLIPBOARD_PERMISSIONS } from '../terminal/clipboard.ts';

/** What an option's value may be. */
export type Value =
  /** One of these words. */
  | { readonly kind: 'word'; readonly words: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'host' }
  /** Hosts with commas between. */
  | { readonly kind: 'hosts' }
  /** A line of ssh_config(5): `Keyword=value`. */
  | { readonly kind: 'directive' }
  /** A command of this machine. */
  | { readonly kind: 'command' }
  /** Anything: nothing can be offered. */
  | { readonly kind: 'text' };

/** One option. */
export interface Option {
  /** With its dash or dashes. */
  readonly name: string;
  /** Undefined: it takes none. */
  readonly value?: Value;
  /** A few words, for the line beside it. */
  readonly about: string;
}

const FILE: Value = { kind: 'file' };
const TEXT: Value = { kind: 'text' };

/** Those of ssh, which all have one letter; without those that are refused, or make no difference. */
export const SSH_OPTIONS: readonly Option[] = [
  { name: '-4', about: 'use IPv4 only' },
  { name: '-6', about: 'use IPv6 only' },
  { name: '-A', about: 'forward the agent' },
  { name: '-a', about: 'do not forward the agent' },
  { name: '-B', value: TEXT, about: 'connect from this interface' },
  { name: '-b', value: TEXT, about: 'connect from this address' },
  { name: '-C', about: 'compress' },
  { name: '-c', value: TEXT, about: 'ciphers, in order of preference' },
  { name: '-E', value: FILE, about: 'write the log to a file' },
  { name: '-e', value: { kind: 'word', words: ['none'] }, about: 'the escape character' },
  { name: '-F', value: FILE, about: 'read this configuration' },
  { name: '-G', about: 'print what the configuration comes to' },
  { name: '-I', value: FILE, about: 'a PKCS#11 library with keys' },
  { name: '-i', value: FILE, about: 'a private key to try' },
  { name: '-J', value: { kind: 'hosts' }, about: 'go through these hosts' },
  { name: '-K', about: 'log in by GSSAPI, and forward its credentials' },
  { name: '-k', about: 'do not forward credentials of GSSAPI' },
  { name: '-l', value: TEXT, about: 'the user to log in as' },
  { name: '-m', value: TEXT, about: 'MACs, in order of preference' },
  { name: '-n', about: 'standard input is /dev/null' },
  { name: '-o', value: { kind: 'directive' }, about: 'a line of ssh_config' },
  { name: '-P', value: TEXT, about: 'a tag that the configuration may match' },
  { name: '-p', value: TEXT, about: 'the port of the ssh server' },
  { name: '-q', about: 'say nothing but errors' },
  { name: '-s', about: 'the command is a subsystem' },
  { name: '-T', about: 'no terminal over there' },
  { name: '-t', about: 'a terminal over there, for a command too' },
  { name: '-V', about: 'print the version' },
  { name: '-v', about: 'say what happens; more with -vv, -vvv' },
  { name: '-X', about: 'forward windows (X11)' },
  { name: '-x', about: 'do not forward windows' },
  { name: '-Y', about: 'forward windows, and trust them' },
];

/** Rove's own. */
export const ROVE_OPTIONS: readonly Option[] = [
  {
    name: '--clipboard',
    value: { kind: 'word', words: CLIPBOARD_PERMISSIONS },
    about: 'the clipboard for programs over there',
  },
  { name: '--help', about: 'print how it is used' },
  { name: '--install', about: 'put rove-server there if it is missing' },
  { name: '--keep', value: TEXT, about: 'how long a session waits for its client' },
  { name: '--keepalive', value: { kind: 'word', words: ['off'] }, about: 'ask the server after so much quiet' },
  { name: '--no-install', about: 'never put rove-server there' },
  { name: '--predict', value: { kind: 'word', words: PREDICT_MODES }, about: 'show keys before the server does' },
  { name: '--scrollback', value: TEXT, about: 'lines kept of what scrolls off' },
  { name: '--server', value: TEXT, about: 'what starts the server over there' },
  { name: '--ssh', value: { kind: 'command' }, about: 'let this ssh do the login' },
  { name: '--status', about: 'show how the link is, all the time' },
  { name: '--udp-port', value: TEXT, about: 'the UDP port of the server, or a range' },
  { name: '--version', about: 'print the version' },
];

/** What `rove copy-id` takes beside ssh's options. */
export const COPY_ID_OPTIONS: readonly Option[] = [
  { name: '-f', about: 'add the key without trying whether it is let in' },
  { name: '-n', about: 'say what would be added, and add nothing' },
];

/** The words that are no host when they come first. */
export const SUBCOMMANDS: readonly Option[] = [
  { name: 'bench', about: 'measure how fast shells are' },
  { name: 'completion', about: 'print what a shell completes by' },
  { name: 'copy-id', about: 'put a public key on a host' },
];

/** The shells that `rove completion` knows. */
export const SHELLS = ['bash', 'fish', 'zsh'] as const;
/** One of them. */
export type Shell = (typeof SHELLS)[number];
