import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BENCH_USAGE, type BenchOptions, BenchUsageError, parseBenchOptions } from '../../bench/latency/options.ts';
import { parseOptions } from '../../client/options.ts';

const CHOICES = {
  links: ['lan', 'wifi', 'lossy-10'],
  works: ['shell', 'vim', 'idle'],
  shells: ['rove', 'ssh', 'mosh'],
};

function parse(...words: string[]): BenchOptions {
  return parseBenchOptions(words, CHOICES);
}

function refused(...words: string[]): string {
  try {
    parse(...words);
  } catch (error) {
    if (error instanceof BenchUsageError) return error.message;
    throw error;
  }
  throw new Error(`was taken: ${words.join(' ')}`);
}

describe('the command line of the lab', () => {
  test('asks for everything there is when it says nothing', () => {
    expect(parse()).toMatchObject({
      kind: 'run',
      target: undefined,
      shells: undefined,
      links: undefined,
      works: undefined,
      customShells: [],
      customLinks: [],
      paper: false,
      quick: false,
      plain: false,
      netem: false,
    });
  });

  test('chooses by name, with the value in the same word or in the next, each once', () => {
    expect(parse('--shells=ssh,rove,ssh', '--links', 'wifi, lan', '--works=vim')).toMatchObject({
      shells: ['ssh', 'rove'],
      links: ['wifi', 'lan'],
      works: ['vim'],
    });
  });

  test('takes shells and links that are spelt out, equals signs and all', () => {
    const options = parse(
      '--shell=et=et -x=1 {host}',
      '--shell',
      'b=B=1 b {ssh}',
      '--link=rtt=80,loss=0.05',
      '--shells=et',
    );
    expect(options).toMatchObject({
      customShells: [
        { name: 'et', command: 'et -x=1 {host}' },
        { name: 'b', command: 'B=1 b {ssh}' },
      ],
      customLinks: ['rtt=80,loss=0.05'],
      shells: ['et'],
    });
  });

  test('takes a host before or after the options, and one that begins with a dash after two', () => {
    expect(parse('ann@host', '--plain')).toMatchObject({
      target: { word: 'ann@host', destination: { host: 'host', user: 'ann', port: undefined } },
      plain: true,
    });
    expect(parse('--time', '90s', 'ssh://host:2222')).toMatchObject({
      timeMs: 90_000,
      target: { destination: { host: 'host', port: 2222 } },
    });
    expect(refused('--', '-host')).toContain('is no host');
  });

  test('reads numbers and times with their bounds', () => {
    expect(parse('--repetitions=5', '--seed=0', '--time=2h')).toMatchObject({
      repetitions: 5,
      seed: 0,
      timeMs: 7_200_000,
    });
    for (const words of [
      '--repetitions=0',
      '--repetitions=2.5',
      '--seed=-1',
      '--seed=4294967296',
      '--time=20',
      '--time=0m',
    ]) {
      expect(refused(words)).toContain(`${words}: expected`);
    }
    expect(refused('--time=999999h')).toContain('more than a week');
  });

  test('drops the ending of a report, since there are two files', () => {
    expect(parse('--out=a/b.html')).toMatchObject({ out: 'a/b' });
    expect(parse('--out=a/b')).toMatchObject({ out: 'a/b' });
  });

  test('names what there is when something is not', () => {
    expect(refused('--links=wan')).toBe('--links: there is no wan: choose from lan, wifi, lossy-10');
    expect(refused('--works=emacs')).toContain('choose from shell, vim, idle');
    expect(refused('--shells=telnet')).toContain('choose from rove, ssh, mosh');
    expect(refused('--baseline=mosh', '--shells=ssh,rove')).toContain('choose from ssh, rove');
    expect(refused('--shells=,')).toContain('names nothing');
    expect(refused('--fast')).toBe('there is no option --fast: see rove bench --help');
    expect(refused('-x')).toBe('there is no option -x: see rove bench --help');
  });

  test('refuses what contradicts itself', () => {
    expect(refused('host', '--links=lan')).toContain('leave out');
    expect(refused('host', '--netem')).toContain('leave it out');
    expect(refused('host', '--paper')).toContain('leave it out');
    expect(refused('--paper', '--link=rtt=1')).toContain("paper's links");
    expect(refused('--paper', '--works=vim')).toContain('--works');
    expect(refused('one', 'two')).toContain('one host at a time');
    expect(refused('--seed=1', '--seed=2')).toContain('twice');
    expect(refused('--quick=yes')).toContain('takes no value');
    expect(refused('--seed')).toContain('needs a value');
    expect(refused('--shell=ssh=ssh {host}')).toContain('ssh is there already');
    expect(refused('--shell=a=x', '--shell=a=y')).toContain('two shells are called a');
    expect(refused('--shell=nothing')).toContain('NAME=COMMAND');
  });

  test('is explained, each option of it', () => {
    expect(parse('--seed=1', '--help')).toEqual({ kind: 'help' });
    expect(parse('--list')).toEqual({ kind: 'list' });
    for (const [option] of BENCH_USAGE.matchAll(/^ {2}--[a-z]+/gm)) {
      expect(() => parse(option.trim(), '1')).not.toThrow(/there is no option/);
    }
  });

  test('is obeyed or refused in one line, whatever it is', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '--links=lan',
        '--seed=1',
        '--shell=a=b',
        '--paper',
        '--help',
        '--',
        'host',
        '--time=1h',
        '--shell',
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        try {
          parse(...words);
        } catch (error) {
          expect(error).toBeInstanceOf(BenchUsageError);
        }
      }),
    );
  });
});

describe('rove bench', () => {
  test('is the lab when it is the first word, and a host anywhere else', () => {
    expect(parseOptions(['bench', '--links=lan', 'host'])).toEqual({ kind: 'bench', words: ['--links=lan', 'host'] });
    expect(parseOptions(['me@bench'])).toMatchObject({
      kind: 'session',
      target: { host: 'bench', directives: ['User="me"'] },
    });
    expect(parseOptions(['--', 'bench'])).toMatchObject({ kind: 'session', target: { host: 'bench' } });
    expect(parseOptions(['-4', 'bench'])).toMatchObject({ kind: 'session', target: { host: 'bench' } });
  });
});
