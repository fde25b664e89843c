import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { candidatesFor } from '../../../client/completion/candidates.ts';
import { hostNames } from '../../../client/completion/host-names.ts';
import { ROVE_OPTIONS, SSH_OPTIONS } from '../../../client/completion/option-table.ts';
import { afterBreaks, wordsOfLine } from '../../../client/completion/shell-line.ts';

const HOSTS = ['alpha', 'beta'];

function offered(...words: string[]): readonly string[] {
  return candidatesFor(words, () => HOSTS).candidates.map(({ word }) => word);
}

function also(...words: string[]): string {
  return candidatesFor(words, () => HOSTS).also;
}

describe('what is offered', () => {
  test('first is a host, or a command of rove', () => {
    expect(offered('')).toEqual(['bench', 'completion', 'copy-id', ...HOSTS]);
  });

  test('after an option is a host, too, but no command of rove', () => {
    expect(offered('-4', '')).toEqual(HOSTS);
    expect(offered('--', '')).toEqual(HOSTS);
  });

  test('for a value glued to its letter, also behind flags, keeps the letters', () => {
    expect(offered('-4vJal')).toEqual(['-4vJalpha', '-4vJbeta']);
    expect(offered('-oBatchMode=')).toEqual(['-oBatchMode=yes', '-oBatchMode=no']);
  });

  test('for a keyword is as the user spells it', () => {
    expect(offered('-o', 'batchmode=y')).toEqual(['batchmode=yes', 'batchmode=no']);
  });

  test('is no option of ours within the command for the host', () => {
    expect(offered('alpha', '-')).toContain('-p');
    expect(offered('alpha', 'ls', '-')).toEqual([]);
    expect(also('alpha', '')).toBe('commands');
    expect(also('alpha', 'ls', '')).toBe('files');
    expect(also('alpha', 'ls', '-p', '')).toBe('files');
  });

  test('for copy-id are hosts and its own -n', () => {
    expect(offered('copy-id', '')).toEqual(HOSTS);
    const { candidates } = candidatesFor(['copy-id', '-'], () => HOSTS);
    expect(candidates.filter(({ word }) => word === '-n')).toHaveLength(1);
    expect(also('copy-id', '-i', '')).toBe('files');
  });

  test('asks for hosts only where one may stand', () => {
    const never = () => {
      throw new Error('asked');
    };
    expect(candidatesFor(['-p', ''], never).candidates).toEqual([]);
    expect(candidatesFor(['--pre'], never).candidates).toHaveLength(SSH_OPTIONS.length + ROVE_OPTIONS.length);
  });

  test('comes of any words', () => {
    const word = fc.oneof(
      fc.constantFrom('-', '--', '-o', '-J', 'copy-id', '--predict=', '--predict', '-vp', 'a@', '-oPort=', ','),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        expect(candidatesFor(words, () => HOSTS).candidates.length).toBeLessThan(200);
      }),
    );
  });
});

describe('the line of bash', () => {
  test.each([
    ['rove ', ['']],
    ['rove a', ['a']],
    ['X=1 rove a ', ['a', '']],
    ["rove 'a b' c\\ d \"e'\\\"f", ['a b', 'c d', 'e\'"f']],
    ['rove -o A=b', ['-o', 'A=b']],
  ])('%j has the words that the shell sees', (line, words) => {
    expect(wordsOfLine(line)).toEqual(words);
  });

  test('gets what comes after the last break', () => {
    expect(afterBreaks('--predict=always', '--predict=a', '=:@')).toBe('always');
    expect(afterBreaks('me@host', 'me@h', '=:@')).toBe('@host');
    expect(afterBreaks('host', 'h', '=:@')).toBe('host');
    expect(afterBreaks('host', 'x', '=:@')).toBeUndefined();
  });
});

describe('the names of hosts', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rove-hosts-'));
    mkdirSync(join(folder, 'd'));
    const files = {
      config: [
        'host one  two *.three !four f?ve',
        'HOST="six"',
        'Include d/*.conf',
        `Include ${join(folder, 'config')} missing d/[x-z]*`,
        'Include d/[z-a]',
        `UserKnownHostsFile ${join(folder, 'more_known')}`,
        'Match host nowhere',
        'HostName elsewhere',
        'Host -oProxyCommand=x $(reboot) a;b',
      ],
      'd/seven.conf': ['Host seven'],
      'd/.hidden.conf': ['Host hidden'],
      'd/yes': ['Host yes'],
      known: [
        'eight,192.0.2.8 ssh-ed25519 AAAA',
        '[nine]:22022 ssh-ed25519 AAAA',
        '|1|c2FsdA==|aGFzaA== ssh-ed25519 AAAA',
        '@cert-authority *.corp ssh-ed25519 AAAA',
        '@revoked ten ssh-ed25519 AAAA',
        '# eleven ssh-ed25519 AAAA',
        '',
      ],
      more_known: ['twelve ssh-ed25519 AAAA'],
    };
    for (const [name, lines] of Object.entries(files)) writeFileSync(join(folder, name), lines.join('\n'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('are those of the configuration, what it includes, and known_hosts; no pattern, no hash, nothing that a shell would run', () => {
    const places = { configs: [{ path: join(folder, 'config'), folder }], knownHosts: [join(folder, 'known')] };
    const names = ['192.0.2.8', 'eight', 'nine', 'one', 'seven', 'six', 'twelve', 'two', 'yes'];
    expect(hostNames(places)).toEqual(names);
  });
});
