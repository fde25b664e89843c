/**
 * The kinds of values that the keywords of ssh_config(5) take: each reads the words of a line and gives them as `ssh -G` prints them, or
 * throws `BadLine` with what is wrong, in ssh's words where users may know them.
 */

import { type AlgorithmKind, assembleAlgorithms } from './algorithm-lists.ts';
import { BadLine } from './words.ts';

/** Takes its words off the front of `words`, which is changed; words that are left are an error, but for those kinds that say `loose`. */
export type ReadValue = (words: string[]) => readonly string[];

const INT_MAX = 2 ** 31 - 1;
const UNIT_S: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

function take(words: string[], what = 'argument'): string {
  const word = words.shift();
  if (word === undefined || word === '') throw new BadLine(`missing ${what}`);
  return word;
}

/** One of some words; `shown` says how `ssh -G` prints those that it prints otherwise. */
export function choice(names: readonly string[], shown: Readonly<Record<string, string>> = {}): ReadValue {
  return (words) => {
    const word = take(words);
    const name = names.find((known) => known === word.toLowerCase());
    if (name === undefined) throw new BadLine(`unsupported option "${word}"`);
    return [shown[name] ?? name];
  };
}

/** `yes` or `no`. */
export const flag = choice(['yes', 'no', 'true', 'false'], { true: 'yes', false: 'no' });

/** Those of three or more that ssh prints as `true` and `false`. */
export function truth(...others: readonly string[]): ReadValue {
  return choice(['true', 'false', 'yes', 'no', ...others], { yes: 'true', no: 'false', off: 'false' });
}

/** A word as it stands. */
export const text: ReadValue = (words) => [take(words)];

/** The same; `none` is printed by leaving the line out. */
export const textOrNone: ReadValue = text;

/** All words, at least one. */
export const texts: ReadValue = (words) => {
  const all = words.splice(0);
  if (all.length === 0 || all.includes('')) throw new BadLine('missing argument');
  return all;
};

/** All words; `none` only alone. */
export function textsOrNone(keyword: string): ReadValue {
  return (words) => {
    const all = texts(words);
    if (all.length > 1 && all.some((word) => word.toLowerCase() === 'none')) {
      throw new BadLine(`keyword ${keyword} "none" argument must appear alone.`);
    }
    return all;
  };
}

/** A whole number from 0. */
export const integer: ReadValue = (words) => {
  const word = take(words);
  if (/^-\d+$/.test(word)) throw new BadLine('integer value too small.');
  if (!/^[+]?\d+$/.test(word)) throw new BadLine('integer value invalid.');
  if (Number(word) > INT_MAX) throw new BadLine('integer value too large.');
  return [String(Number(word))];
};

/** Seconds, of a span such as `1h30m`; undefined for what is none. */
export function secondsOf(span: string): number | undefined {
  if (!/^(?:\d+[smhdwSMHDW]?)+$/.test(span)) return undefined;
  let seconds = 0;
  for (const [, count, unit = ''] of span.matchAll(/(\d+)([smhdw]?)/gi)) {
    seconds += Number(count) * (UNIT_S[unit.toLowerCase()] ?? 0);
  }
  return seconds <= INT_MAX ? seconds : undefined;
}

/** A span of time, printed in seconds, or `none`. */
export const time: ReadValue = (words) => {
  const word = take(words);
  if (word.toLowerCase() === 'none') return ['none'];
  const seconds = secondsOf(word);
  if (seconds === undefined) throw new BadLine('invalid time value.');
  return [String(seconds)];
};

/** A TCP port, or a service's name that people write there. */
export const port: ReadValue = (words) => {
  const word = take(words);
  const number = /^\d{1,5}$/.test(word) ? Number(word) : 0;
  if (number < 1 || number > 65_535) throw new BadLine(`Bad port '${word}'.`);
  return [String(number)];
};

/** A list of algorithms, whole or as a change of ssh's own. */
export function algorithms(kind: AlgorithmKind, what: string): ReadValue {
  return (words) => {
    const word = take(words);
    const list = assembleAlgorithms(kind, word);
    if (list === undefined) throw new BadLine(`Bad ${what} '${word}'.`);
    return [list];
  };
}

/** AddKeysToAgent: `yes`, `no`, `ask`, `confirm` and a lifetime. */
export const addKeysToAgent: ReadValue = (words) => {
  const first = take(words);
  const known: Readonly<Record<string, string>> = {
    yes: 'true',
    true: 'true',
    no: 'false',
    false: 'false',
    ask: 'ask',
    confirm: 'confirm',
  };
  const name = known[first.toLowerCase()];
  if (name !== undefined && name !== 'confirm') return [name];
  const span = name === 'confirm' ? words.shift() : first;
  if (span === undefined) return ['confirm'];
  const seconds = secondsOf(span);
  if (seconds === undefined) throw new BadLine('unsupported option');
  return name === 'confirm' ? ['confirm', String(seconds)] : [String(seconds)];
};

/** EscapeChar: a character, `^` and a letter, or `none`; printed as vis(3) does. */
export const escapeChar: ReadValue = (words) => {
  const word = take(words);
  if (word.toLowerCase() === 'none') return ['none'];
  if (/^\^[@-_a-z]$/.test(word)) return [`\\^${String.fromCharCode((word.charCodeAt(1) & 31) | 64)}`];
  if ([...word].length !== 1 || word.length !== 1) throw new BadLine('Bad escape character.');
  return [word];
};

/** RekeyLimit: bytes and seconds, `0` for the default. */
export const rekeyLimit: ReadValue = (words) => {
  const amount = take(words);
  let bytes = 0;
  if (amount !== 'default') {
    const [, count, unit = ''] = /^(\d+)([KMGTkmgt]?)$/.exec(amount) ?? [];
    if (count === undefined) throw new BadLine(`Bad number '${amount}': Invalid argument`);
    bytes = Number(count) * (UNIT_BYTES[unit.toUpperCase()] ?? 1);
    if (bytes !== 0 && bytes < 16) throw new BadLine('RekeyLimit too small');
  }
  const span = words.shift();
  const seconds = span === undefined || span === 'none' ? 0 : secondsOf(span);
  if (seconds === undefined) throw new BadLine('invalid time value.');
  return [String(bytes), String(seconds)];
};

const IPQOS: readonly string[] = [
  ...[11, 12, 13, 21, 22, 23, 31, 32, 33, 41, 42, 43].map((number) => `af${number}`),
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((number) => `cs${number}`),
  ...['ef', 'le', 'lowdelay', 'throughput', 'reliability', 'none'],
];
const IPQOS_NUMBERS: Readonly<Record<number, string>> = { 16: 'lowdelay', 8: 'throughput', 4: 'reliability' };

/** IPQoS: one or two names or numbers. */
export const ipQos: ReadValue = (words) => {
  const read = (word: string): string => {
    const name = word.toLowerCase();
    if (IPQOS.includes(name)) return name;
    const number = /^(?:0x[0-9a-f]{1,2}|\d{1,3})$/.test(name) ? Number(name) : 256;
    if (number > 255) throw new BadLine(`Bad IPQoS value: ${word}`);
    return IPQOS_NUMBERS[number] ?? `0x${number.toString(16).padStart(2, '0')}`;
  };
  const first = read(take(words));
  const second = words.shift();
  return [first, second === undefined ? first : read(second)];
};

/** An octal mask of permissions. */
export const mask: ReadValue = (words) => {
  const word = take(words);
  if (!/^[0-7]{1,7}$/.test(word) || Number.parseInt(word, 8) > 0o777) throw new BadLine('Bad mask.');
  return [`0${Number.parseInt(word, 8).toString(8)}`];
};

/** ControlPersist: `yes`, `no` or a time. */
export const controlPersist: ReadValue = (words) => {
  const word = take(words);
  if (['yes', 'true'].includes(word.toLowerCase())) return ['yes'];
  if (['no', 'false'].includes(word.toLowerCase())) return ['no'];
  const seconds = secondsOf(word);
  if (seconds === undefined) throw new BadLine('invalid time value.');
  return [seconds === 0 ? 'yes' : String(seconds)];
};

/** TunnelDevice: numbers of the two ends. */
export const tunnelDevice: ReadValue = (words) => {
  const word = take(words);
  const [, local, remote = 'any'] = /^(\d{1,9}|any)(?::(\d{1,9}|any))?$/.exec(word) ?? [];
  if (local === undefined) throw new BadLine('Bad tun device.');
  return [`${local}:${remote}`];
};

/** CanonicalizePermittedCNAMEs: pairs of lists. */
export const permittedNames: ReadValue = (words) => {
  const all = texts(words);
  if (all.length === 1 && all[0]?.toLowerCase() === 'none') return ['none'];
  for (const word of all) {
    const [sources, targets, more] = word.toLowerCase().split(':');
    if (sources === undefined || sources === '' || targets === undefined || targets === '' || more !== undefined) {
      throw new BadLine(`Invalid permitted CNAME "${word}"`);
    }
  }
  return all;
};

/** PermitRemoteOpen: hosts with ports, or one of two words alone. */
export const permittedHosts: ReadValue = (words) => {
  const all = texts(words);
  const [first = ''] = all;
  if (all.length === 1 && ['any', 'none'].includes(first)) return all;
  for (const word of all) {
    if (!/^(?:\[[^\]]+\]|[^:]+):(?:\d{1,5}|\*)$/.test(word))
      throw new BadLine(`bad port number in PermitRemoteOpen ${word}`);
  }
  return all;
};

/** SetEnv: assignments. */
export const assignments: ReadValue = (words) => {
  const all = texts(words);
  if (all.some((word) => word.indexOf('=') < 0)) throw new BadLine('Invalid SetEnv.');
  return all;
};

/** SendEnv: names with wildcards; `-NAME` takes one back that came before. */
export const variables: ReadValue = (words) => {
  const all = texts(words);
  if (all.some((word) => word.includes('='))) throw new BadLine('Invalid environment name.');
  return all;
};
