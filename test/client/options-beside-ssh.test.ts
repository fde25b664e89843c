/** The command line as ssh reads it: what holds for a host after any row of options, by `ssh -G` and by `rove -G`. */

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../client/options.ts';
import { dumpSettings } from '../../client/ssh/config/dump.ts';
import { UsageError } from '../../client/usage-error.ts';
import { UserError } from '../../client/user-error.ts';

const NO_SSH = spawnSync('ssh', ['-V']).error === undefined ? undefined : 'there is no ssh';

/** What ssh says for `words`, or that it refused them. */
function ofSsh(words: readonly string[]): readonly string[] | 'refused' {
  const { status, stdout } = spawnSync('ssh', ['-F', '/dev/null', '-G', ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  return status === 0 ? sorted(stdout) : 'refused';
}

async function ofRove(words: readonly string[]): Promise<readonly string[] | 'refused'> {
  try {
    const options = parseOptions(['-F', '/dev/null', '-G', ...words]);
    return options.kind === 'configuration' ? sorted(await dumpSettings(options.target)) : 'refused';
  } catch (error) {
    if (error instanceof UsageError || error instanceof UserError) return 'refused';
    throw error;
  }
}

function sorted(text: string): readonly string[] {
  return text.trimEnd().split('\n').sort();
}

// Left out: -s and -f, which ssh does not print without a command, and values that ssh looks at less closely when another one wins.
const flag = fc.stringMatching(/^-[46AaCgKkMNnqTtvXxYy]{1,3}$/).map((word) => [word]);
const valued = fc
  .constantFrom<[string, readonly string[]]>(
    ['b', ['127.0.0.1', 'here']],
    ['B', ['lo']],
    ['c', ['aes128-ctr', '+aes128-cbc']],
    ['D', ['1080', '127.0.0.1:1080']],
    ['e', ['none', '^b', '#', '"', '~', 'xx', '\u0002']],
    ['I', ['/usr/lib/token.so']],
    ['i', ['/dev/null', '/etc/passwd']],
    ['J', ['jump', 'a@b:22,c', 'none', 'a b']],
    ['L', ['1:h:2', '[::1]:1:h:2', 'h:1:[::1]:2', 'x']],
    ['l', ['ann', 'a\\b']],
    ['m', ['hmac-sha2-256', 'hmac-sha2-512,hmac-sha1']],
    ['o', ['Port=7', 'user = "bob"', 'LogLevel=ERROR', 'RequestTTY force', 'Nonsense=1', 'Ciphers=aes256-ctr']],
    ['p', ['22', '2222']],
    ['R', ['1:h:2', '0:h:2']],
    ['S', ['none', '/tmp/%h']],
    ['w', ['0', '1:any']],
  )
  .chain(([letter, values]) =>
    fc
      .tuple(fc.constantFrom(...values), fc.boolean())
      .map(([value, isJoined]) => (isJoined && value !== '' ? [`-${letter}${value}`] : [`-${letter}`, value])),
  );
const host = fc.constantFrom(
  'h',
  'me@h',
  'ssh://me@h:99',
  'ssh://h',
  'me@you@h',
  'ssh://me%40x@h',
  'ssh://%68',
  '::1',
  '-h',
  'a b',
);

describe.skipIf(NO_SSH !== undefined)(`the command line beside ssh's${NO_SSH ? `: ${NO_SSH}` : ''}`, () => {
  it('comes to the same', async () => {
    const some = (maxLength: number) => fc.array(fc.oneof(flag, valued), { maxLength }).map((list) => list.flat());
    await fc.assert(
      fc.asyncProperty(some(5), host, some(2), async (before, name, after) => {
        const words = [...before, name, ...after];
        expect(await ofRove(words)).toEqual(ofSsh(words));
      }),
      { numRuns: 250 },
    );
  });
});
