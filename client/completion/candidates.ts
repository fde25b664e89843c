/**
 * What may stand where the cursor is, given the words before it: the grammar of `options.ts`, read with an unfinished last word. Pure;
 * the names of hosts come from outside.
 */

import { DIRECTIVES } from './directives.ts';
import {
  COPY_ID_OPTIONS,
  type Option,
  ROVE_OPTIONS,
  SHELLS,
  SSH_OPTIONS,
  SUBCOMMANDS,
  type Value,
} from './option-table.ts';

/** One thing that may stand there: the whole word, and what it is. */
export interface Candidate {
  readonly word: string;
  readonly about: string;
}

/** What the shell is to offer. */
export interface Answer {
  /** What the shell itself can complete better: `files`, or the `commands` of this machine. */
  readonly also: 'nothing' | 'files' | 'commands';
  /** Whole words, in place of the one under the cursor, whether they begin as it does or not. */
  readonly candidates: readonly Candidate[];
}

const NOTHING: Answer = { also: 'nothing', candidates: [] };

/** The state of the words before the cursor. */
interface Reading {
  readonly table: readonly Option[];
  /** The value that the word under the cursor is, if an option waits for one. */
  readonly pending: Value | undefined;
  /** Words that are no options. */
  readonly plain: number;
  /** `--` was there: nothing after it is an option. */
  readonly onlyWords: boolean;
}

/** What fits `words`, those after `rove`, of which the last is unfinished; `hosts` gives the names of hosts if they are needed. */
export function candidatesFor(words: readonly string[], hosts: () => readonly string[]): Answer {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const named = SUBCOMMANDS.find(({ name }) => name === before[0])?.name;
  const about = named === undefined ? before : before.slice(1);
  if (named === 'completion') return about.length > 0 ? NOTHING : offer(SHELLS, 'print it for this shell');
  const table = named === undefined ? [...SSH_OPTIONS, ...ROVE_OPTIONS] : named === 'copy-id' ? copyIdTable() : [];

  const reading = read(about, table);
  if (reading.pending !== undefined) return valuesOf(reading.pending, '', current, hosts);
  if (!reading.onlyWords && current.startsWith('-') && (reading.plain < 2 || named !== undefined)) {
    return optionsFor(current, reading, hosts);
  }
  if (reading.plain > 0) {
    if (named !== undefined) return NOTHING;
    return { also: reading.plain === 1 ? 'commands' : 'files', candidates: [] };
  }
  const found = hostsFor('', current, hosts);
  if (words.length > 1) return found;
  const subcommands = SUBCOMMANDS.map(({ name, about: what }) => ({ word: name, about: what }));
  return { also: 'nothing', candidates: [...subcommands, ...found.candidates] };
}

function copyIdTable(): Option[] {
  const own = new Set(COPY_ID_OPTIONS.map(({ name }) => name));
  return [...COPY_ID_OPTIONS, ...SSH_OPTIONS.filter(({ name }) => !own.has(name))];
}

/** Goes through the finished words. */
function read(words: readonly string[], table: readonly Option[]): Reading {
  let pending: Value | undefined;
  let plain = 0;
  let onlyWords = false;
  for (const word of words) {
    if (pending !== undefined) pending = undefined;
    // With the command's first word, ssh's options are over: what follows is the command's own.
    else if (onlyWords || plain > 1 || !word.startsWith('-') || word === '-') plain++;
    else if (word === '--') onlyWords = true;
    else pending = waitingAfter(word, table);
  }
  return { table, pending, plain, onlyWords };
}

/** The value that the next word is, after the option or the cluster of options `word`. */
function waitingAfter(word: string, table: readonly Option[]): Value | undefined {
  if (word.startsWith('--')) return table.find(({ name }) => name === word)?.value;
  const at = valueLetterIn(word, table);
  return at === word.length - 1 ? letter(word, at, table)?.value : undefined;
}

/** Where in a cluster (`-4vp22`) the option stands whose value is all that follows; beyond the end if there is none. */
function valueLetterIn(cluster: string, table: readonly Option[]): number {
  for (let at = 1; at < cluster.length; at++) if (letter(cluster, at, table)?.value !== undefined) return at;
  return cluster.length;
}

function letter(cluster: string, at: number, table: readonly Option[]): Option | undefined {
  return table.find(({ name }) => name === `-${cluster.charAt(at)}`);
}

/** The word under the cursor begins with a dash. */
function optionsFor(current: string, { table }: Reading, hosts: () => readonly string[]): Answer {
  const equals = current.indexOf('=');
  if (current.startsWith('--') && equals > 0) {
    const value = table.find(({ name }) => name === current.slice(0, equals))?.value;
    return value === undefined
      ? NOTHING
      : valuesOf(value, current.slice(0, equals + 1), current.slice(equals + 1), hosts);
  }
  const at = current.startsWith('--') ? current.length : valueLetterIn(current, table);
  if (at < current.length) {
    const value = letter(current, at, table)?.value ?? { kind: 'text' };
    // Nothing typed of the value yet: the option is complete, and a space may follow.
    if (at + 1 < current.length) return valuesOf(value, current.slice(0, at + 1), current.slice(at + 1), hosts);
  }
  return {
    also: 'nothing',
    candidates: table.map(({ name, value, about }) => ({
      word: name.startsWith('--') && value !== undefined ? `${name}=` : name,
      about,
    })),
  };
}

/** What may be `typed` as the value, `prefix` being the part of the word that comes before it. */
function valuesOf(value: Value, prefix: string, typed: string, hosts: () => readonly string[]): Answer {
  switch (value.kind) {
    case 'word':
      return offer(value.words.map((word) => prefix + word));
    case 'file':
      return { also: 'files', candidates: [] };
    case 'command':
      return { also: 'commands', candidates: [] };
    case 'host':
      return hostsFor(prefix, typed, hosts);
    case 'hosts': {
      const done = typed.lastIndexOf(',') + 1;
      return hostsFor(prefix + typed.slice(0, done), typed.slice(done), hosts);
    }
    case 'directive':
      return directives(prefix, typed, hosts);
    case 'text':
      return NOTHING;
  }
}

function directives(prefix: string, typed: string, hosts: () => readonly string[]): Answer {
  const [, keyword, words] = /^([A-Za-z]+)[= ](.*)$/.exec(typed) ?? [];
  if (keyword === undefined || words === undefined) {
    return offer(Object.keys(DIRECTIVES).map((name) => `${prefix}${name}=`));
  }
  const name = Object.keys(DIRECTIVES).find((known) => known.toLowerCase() === keyword.toLowerCase());
  const value = name === undefined ? undefined : DIRECTIVES[name];
  return value === undefined ? NOTHING : valuesOf(value, prefix + typed.slice(0, keyword.length + 1), words, hosts);
}

/** Hosts, with the user that was typed before an `@`. */
function hostsFor(prefix: string, typed: string, hosts: () => readonly string[]): Answer {
  const user = typed.slice(0, typed.lastIndexOf('@') + 1);
  return offer(
    hosts().map((host) => prefix + user + host),
    'host',
  );
}

function offer(words: readonly string[], about = ''): Answer {
  return { also: 'nothing', candidates: words.map((word) => ({ word, about })) };
}
