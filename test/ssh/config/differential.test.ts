/**
 * The configuration as rove reads it, held against the ssh that is installed: what `ssh -G` prints, line by line, for cases that people write,
 * for the corners of the syntax, and for generated files.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { dumpSettings } from '../../../client/ssh/config/dump.ts';
import { KEYWORDS } from '../../../client/ssh/config/keywords.ts';
import { UserError } from '../../../client/user-error.ts';
import { CASES, type ConfigurationCase } from './configuration-cases.ts';

const folder = mkdtempSync(join(tmpdir(), 'rove-config-'));
const file = join(folder, 'config');
const included = join(folder, 'included');
mkdirSync(join(folder, 'parts'));
afterAll(() => rmSync(folder, { recursive: true }));

const BRACED = ['$', '{HOME}'].join('');

/** ssh asks name servers for the first three, takes two from blocks that do not hold, and mixes limits of two lines. */
const LEFT_OUT = new Set([
  'CanonicalizePermittedCNAMEs',
  'CanonicalizeHostname',
  'CanonicalDomains',
  'SyslogFacility',
  'StreamLocalBindMask',
  'RekeyLimit',
]);
const GOOD =
  /^ *(?!Host\b|Match\b|Include\b|Canonical|Syslog|ForkAfter|StreamLocalBindM|Rekey|GSS|IgnoreUnknown|ForwardAgent|#)\S+[ =]+[^"'\\=$#]+$/;

const version = spawnSync('ssh', ['-V']).stderr?.toString() ?? '';
// Its home directory is the one of the user database, whatever HOME says.
const isComparable = version.startsWith('OpenSSH_9.2') && userInfo().homedir === homedir();

/** The lines of `ssh -G`, or that it refused. */
function ofSsh({ config, host = 'h', directives = [] }: ConfigurationCase): readonly string[] | 'refused' {
  const options = directives.flatMap((line) => ['-o', line]);
  const { status, stdout } = spawnSync('ssh', ['-F', file, ...options, '-G', host], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(config).toBeDefined();
  return status === 0 ? sorted(stdout.toString()) : 'refused';
}

async function ofRove({ host = 'h', directives = [] }: ConfigurationCase): Promise<readonly string[] | 'refused'> {
  try {
    const target = {
      host,
      directives,
      configFile: file,
      ssh: undefined,
      server: 'rove-server',
      install: 'never',
    } as const;
    return sorted(await dumpSettings(target));
  } catch (error) {
    if (error instanceof UserError) {
      expect(error.message).not.toContain('\n');
      return 'refused';
    }
    throw error;
  }
}

/** By keyword; lines of one keyword keep their order. Those that only some builds of ssh print are left out. */
function sorted(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('gssapi'));
  const word = (line: string): string => line.split(' ')[0] ?? '';
  return lines.toSorted((a, b) => (word(a) < word(b) ? -1 : word(a) > word(b) ? 1 : 0));
}

async function compare(one: ConfigurationCase): Promise<void> {
  writeFileSync(file, `${one.config.replaceAll('INCLUDED', included).replaceAll('VARIABLE', BRACED)}\n`);
  writeFileSync(included, `${one.included ?? ''}\n`);
  expect(await ofRove(one)).toEqual(ofSsh(one));
}

const blanks = fc.constantFrom(' ', '  ', '=', ' = ', '\t');
const words = fc.constantFrom(
  'a',
  'b-%h',
  '"c d"',
  "'e f'",
  'g#h',
  '~/i',
  '%%j',
  'none',
  'yes',
  'no',
  '7',
  '1h',
  '\\"',
  '$K',
  'ask',
  'a,b',
  '*',
  '!h',
);
const keywords = fc.constantFrom(
  ...KEYWORDS.filter(
    ({ print, name }) =>
      print !== 'never' &&
      !name.startsWith('GSS') &&
      !LEFT_OUT.has(name) &&
      !/^(?:ProxyJump|(?:Local|Remote|Dynamic)Forward|ForkAfterAuthentication)$/.test(name),
  ).map(({ name }) => name),
);
const cased = fc.tuple(keywords, fc.boolean()).map(([name, lower]) => (lower ? name.toLowerCase() : name));
/** Any keyword with any words: mostly refused. (Not ProxyJump: ssh finds out about a name that is none when it starts itself for it; nor forwards, of which nothing is used; nor what needs a command.) */
const wild = fc
  .tuple(cased, blanks, fc.array(words, { minLength: 1, maxLength: 2 }))
  .map(([name, blank, values]) => `${name}${blank}${values.join(' ')}`);
/** Lines that are fine. */
const good = fc.constantFrom(...CASES.flatMap(({ config }) => config.split('\n')).filter((line) => GOOD.test(line)));
const settings = fc.oneof({ arbitrary: good, weight: 12 }, { arbitrary: wild, weight: 1 });
const block = fc.constantFrom(
  'Host *',
  'Host h',
  'Host h* !hh web?.example.org',
  'Host 10.* DB',
  'Match all',
  'Match host h,*.org',
  'Match !host h',
  'Match originalhost db user *',
  'Match final',
  'Match canonical host h',
  'Match !final exec "test %h = h"',
  'Match localuser nobody,root',
  '# nothing',
  '',
);
const body = fc
  .array(fc.tuple(block, fc.array(settings, { maxLength: 4 })), { maxLength: 4 })
  .map((blocks) => blocks.flatMap(([head, lines]) => [head, ...lines.map((line) => `  ${line}`)]).join('\n'));
const configs = fc.record({
  config: fc
    .tuple(body, fc.boolean(), body)
    .map(([before, includes, after]) => [before, ...(includes ? ['Include INCLUDED'] : []), after].join('\n')),
  included: body,
});

describe.skipIf(!isComparable)('the configuration is what ssh makes of it', () => {
  test.for(CASES)('%j', async (one) => {
    await compare(one);
  });

  test('for generated files', async () => {
    await fc.assert(
      fc.asyncProperty(
        configs,
        fc.array(settings, { maxLength: 2 }),
        fc.constantFrom('h', 'web1.example.org', 'DB', '10.0.0.7'),
        async (one, more, host) => {
          await compare({
            ...one,
            host,
            directives: more.map((line) => line.trim()).filter((line) => !/[#"]/.test(line)),
          });
        },
      ),
      { numRuns: 150 },
    );
  });
});
