/**
 * What was asked of the lab: the command line of `rove bench`, parsed into one record. The names that may be chosen from are given,
 * so that this knows the grammar and nothing of networks or works. How a `--link` is spelt is the link's own affair (link/presets.ts).
 */

import { type Destination, parseDestination } from '../../client/ssh/destination.ts';

/** What there is to choose from, by name. */
export interface Choices {
  readonly links: readonly string[];
  readonly works: readonly string[];
  readonly shells: readonly string[];
}

/** What the lab was told to do. */
export type BenchOptions =
  | { readonly kind: 'help' }
  /** Say what links, works and shells there are. */
  | { readonly kind: 'list' }
  | RunOptions;

export interface RunOptions {
  readonly kind: 'run';
  /** A real path to measure instead of an emulated link: as it was written, and in its parts. */
  readonly target: { readonly word: string; readonly destination: Destination } | undefined;
  /** Names, without repeats, in the order asked for; undefined: all that are installed. */
  readonly shells: readonly string[] | undefined;
  readonly customShells: readonly CustomShell[];
  /** Names; undefined: all there are, unless links are spelt out. */
  readonly links: readonly string[] | undefined;
  /** Links spelt out, `rtt=80,loss=0.05`, not looked into yet. */
  readonly customLinks: readonly string[];
  readonly netem: boolean;
  /** Names; undefined: all, or the few of a quick run. */
  readonly works: readonly string[] | undefined;
  /** At least so many, whatever the figures say. */
  readonly repetitions: number | undefined;
  /** No turn begins after so long, except for the least number of repetitions. */
  readonly timeMs: number | undefined;
  readonly seed: number | undefined;
  /** The name of the .json and .html files, without their endings. */
  readonly out: string | undefined;
  /** A report to compare with. */
  readonly compare: string | undefined;
  /** The shell that ratios are to; undefined: ssh, or the first. */
  readonly baseline: string | undefined;
  readonly paper: boolean;
  readonly quick: boolean;
  readonly plain: boolean;
}

/** A shell under test by its command line, as `--shell` takes it. */
export interface CustomShell {
  readonly name: string;
  readonly command: string;
}

/** A command line that cannot be obeyed; the message is one line that says what to do. */
export class BenchUsageError extends Error {
  override readonly name = 'BenchUsageError';
}

/** What `rove bench --help` prints. */
export const BENCH_USAGE = `rove bench: how fast is my shell on this network

usage: rove bench [options]                 on emulated links, on this machine alone (Linux, as root)
       rove bench [options] [user@]host     on the real path to a host that ssh gets into without asking

what is measured
  --shells=A,B         of rove, ssh, mosh (all that are installed)
  --shell='NAME=CMD'   any other, by its command line; in it, {host} is the host, {config} an ssh configuration
                       file, and {ssh} an ssh that reaches the host: 'et=et --ssh-option … {host}' (may be repeated)
  --links=A,B          by name (all: see --list)
  --link='rtt=80,loss=0.05,…'
                       a link of your own (may be repeated)
  --works=A,B          what is typed and done (all: see --list)
  --paper              the four conditions of mosh's paper, beside its figures
  --quick              one repetition of a few works: a first look

how
  --repetitions=N      at least so many turns of each shell; more until the medians are certain or the time is up
  --time=T             begin no further repetition after 90s, 20m, 2h
  --seed=N             what draws the keys, the gaps and the losses: the same again with the same seed
  --netem              let the kernel's tc netem impair the links
  --baseline=SHELL     the shell that ratios are to (ssh)

the report
  --out=NAME           write NAME.json and NAME.html (rove-bench-DATE)
  --compare=OLD.json   say what has changed since
  --plain              lines instead of the dashboard
  --list               links, works and shells that there are
  --help

Ctrl-C stops it; what was measured until then is written.
`;

/** More is surely a slip of the finger. */
const REPETITIONS_MAX = 1000;
const TIME_MAX_MS = 7 * 24 * 60 * 60 * 1000;
const CUSTOM_MAX = 32;

const HELP = 'see rove bench --help';
const FLAGS = ['netem', 'paper', 'quick', 'plain', 'list', 'help'] as const;
const ONCE = ['shells', 'links', 'works', 'repetitions', 'time', 'seed', 'out', 'compare', 'baseline'] as const;
const REPEATABLE = ['shell', 'link'] as const;
type Flag = (typeof FLAGS)[number];
type Once = (typeof ONCE)[number];
type Repeatable = (typeof REPEATABLE)[number];

/** The words of a command line, sorted by what they are, their values not looked into. */
interface Words {
  readonly flags: ReadonlySet<Flag>;
  readonly once: ReadonlyMap<Once, string>;
  readonly repeated: Readonly<Record<Repeatable, readonly string[]>>;
  readonly host: string | undefined;
}

/** Parses the words after `rove bench`. Throws `BenchUsageError`. */
export function parseBenchOptions(words: readonly string[], choices: Choices): BenchOptions {
  const { flags, once, repeated, host } = sortWords(words);
  if (flags.has('help')) return { kind: 'help' };
  if (flags.has('list')) return { kind: 'list' };

  const customShells = repeated.shell.map((text) => parseCustomShell(text, choices.shells));
  const names = customShells.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new BenchUsageError(`--shell: two shells are called ${twice}: give each its own name`);
  const given = <T>(name: Once, parse: (text: string) => T): T | undefined => {
    const text = once.get(name);
    return text === undefined ? undefined : parse(text);
  };
  const shells = given('shells', (text) => parseNames('shells', text, [...choices.shells, ...names]));
  const options: RunOptions = {
    kind: 'run',
    target: host === undefined ? undefined : parseTarget(host),
    shells,
    customShells,
    links: given('links', (text) => parseNames('links', text, choices.links)),
    customLinks: repeated.link,
    netem: flags.has('netem'),
    works: given('works', (text) => parseNames('works', text, choices.works)),
    repetitions: given('repetitions', (text) => parseCount('repetitions', text, 1, REPETITIONS_MAX)),
    timeMs: given('time', parseTime),
    seed: given('seed', (text) => parseCount('seed', text, 0, 2 ** 32 - 1)),
    out: given('out', (text) => text.replace(/\.(json|html)$/, '')),
    compare: once.get('compare'),
    baseline: given('baseline', (text) => parseOne('baseline', text, [...(shells ?? choices.shells), ...names])),
    paper: flags.has('paper'),
    quick: flags.has('quick'),
    plain: flags.has('plain'),
  };
  refuseContradictions(options);
  return options;
}

function sortWords(words: readonly string[]): Words {
  const flags = new Set<Flag>();
  const once = new Map<Once, string>();
  const repeated: Record<Repeatable, string[]> = { shell: [], link: [] };
  let host: string | undefined;
  const left = [...words];
  let isOnlyHost = false;
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (!isOnlyHost && word === '--') {
      isOnlyHost = true;
      continue;
    }
    if (isOnlyHost || !word.startsWith('-')) {
      if (host !== undefined)
        throw new BenchUsageError(`one host at a time: what is "${word}" beside ${host}? ${HELP}`);
      host = word;
      continue;
    }
    const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const flag = oneOf(FLAGS, name) ?? (word === '-h' ? 'help' : undefined);
    if (flag !== undefined) {
      if (value !== undefined) throw new BenchUsageError(`--${name} takes no value`);
      flags.add(flag);
      continue;
    }
    const single = oneOf(ONCE, name);
    const repeatable = oneOf(REPEATABLE, name);
    if (single === undefined && repeatable === undefined) {
      throw new BenchUsageError(`there is no option ${word.split('=')[0]}: ${HELP}`);
    }
    const text = value ?? left.shift();
    if (text === undefined || text.trim() === '') throw new BenchUsageError(`--${name} needs a value: ${HELP}`);
    if (single !== undefined) {
      if (once.has(single)) throw new BenchUsageError(`--${name} is there twice: give it once`);
      once.set(single, text);
    }
    if (repeatable !== undefined) {
      if (repeated[repeatable].length === CUSTOM_MAX)
        throw new BenchUsageError(`more than ${CUSTOM_MAX} times --${name}`);
      repeated[repeatable].push(text);
    }
  }
  return { flags, once, repeated, host };
}

function refuseContradictions(options: RunOptions): void {
  const refuse = (why: string): never => {
    throw new BenchUsageError(why);
  };
  const hasLinks = options.links !== undefined || options.customLinks.length > 0;
  if (options.target !== undefined) {
    if (hasLinks) refuse('a real path has the link it has: leave out --links and --link, or the host');
    if (options.netem) refuse('--netem is for emulated links: leave it out, or the host');
    if (options.paper) refuse('--paper is for emulated links: leave it out, or the host');
  }
  if (options.paper && hasLinks) refuse("--paper has the paper's links: leave out --links and --link");
  if (options.paper && options.works !== undefined)
    refuse("--paper types what the paper's figures are of: leave out --works");
}

function parseTarget(word: string): { word: string; destination: Destination } {
  const destination = parseDestination(word);
  if (destination === undefined) {
    throw new BenchUsageError(`"${word}" is no host: expected host, user@host or ssh://user@host:port`);
  }
  return { word, destination };
}

function parseCustomShell(text: string, taken: readonly string[]): CustomShell {
  const [, name = '', command = ''] = /^([A-Za-z0-9][\w.+-]{0,23})=(.*)$/s.exec(text) ?? [];
  if (name === '' || command.trim() === '') {
    throw new BenchUsageError(`--shell=${text}: expected NAME=COMMAND, a name of up to 24 letters: 'et=et {host}'`);
  }
  if (taken.includes(name)) throw new BenchUsageError(`--shell: ${name} is there already: call yours otherwise`);
  return { name, command };
}

/** Names with commas between, each of `known`, without repeats. */
function parseNames(option: string, text: string, known: readonly string[]): readonly string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw new BenchUsageError(`--${option} names nothing: choose from ${known.join(', ')}`);
  return [...new Set(names.map((name) => parseOne(option, name, known)))];
}

function parseOne(option: string, name: string, known: readonly string[]): string {
  if (!known.includes(name))
    throw new BenchUsageError(`--${option}: there is no ${name}: choose from ${known.join(', ')}`);
  return name;
}

function parseCount(option: string, text: string, min: number, max: number): number {
  const count = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= min && count <= max)) {
    throw new BenchUsageError(`--${option}=${text}: expected a whole number from ${min} to ${max}`);
  }
  return count;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

function parseTime(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const spanMs = Number(count) * (UNIT_MS[unit] ?? 0);
  if (!(spanMs > 0)) throw new BenchUsageError(`--time=${text}: expected a time such as 90s, 20m or 2h`);
  if (spanMs > TIME_MAX_MS) throw new BenchUsageError(`--time=${text}: more than a week`);
  return spanMs;
}

function oneOf<T extends string>(names: readonly T[], name: string): T | undefined {
  return names.find((known) => known === name);
}
