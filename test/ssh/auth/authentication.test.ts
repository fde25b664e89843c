import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeKeyPair } from '../../../client/local/key-pair.ts';
import { Authentication } from '../../../client/ssh/auth/authentication.ts';
import { NobodyToAsk, type Prompter } from '../../../client/ssh/prompter.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../client/ssh/settings.ts';
import { loadSsh2 } from '../../../client/ssh/ssh2-library.ts';
import { UserError } from '../../../client/user-error.ts';

/** More attempts than these are without end: keys, and three of each kind of question, in sixteen stages. */
const ATTEMPTS_MAX = 200;

/** What a server may say to an attempt. */
const verdict = fc.record({
  left: fc.subarray(['publickey', 'keyboard-interactive', 'password', 'hostbased', '\x1b[2J']),
  partial: fc.boolean(),
  /** Of keyboard-interactive, before it. */
  rounds: fc.nat(2),
});

const changes = fc.record({
  prompts: fc.nat(3),
  batch: fc.boolean(),
  preferred: fc.shuffledSubarray(['publickey', 'keyboard-interactive', 'password'] as const),
  answers: fc.boolean(),
  distrusted: fc.boolean(),
});

describe('the attempts of a login', () => {
  it('come to an end whatever the server says, are of methods that it has, and ask nobody in batch mode', async () => {
    const ssh2 = await loadSsh2();
    const keys = [1, 2, 3].map(() => ssh2.utils.parseKey(makeKeyPair(ssh2).private));
    const inMemory = keys.flatMap((key) => (key instanceof Error ? [] : [key].flat()));
    await fc.assert(
      fc.asyncProperty(fc.array(verdict, { minLength: 1, maxLength: 12 }), changes, async (verdicts, change) => {
        let questions = 0;
        const prompter: Prompter = {
          ask: async (question) => {
            questions++;
            if (!change.answers) throw new NobodyToAsk(question);
            return 'x';
          },
          tell: () => undefined,
        };
        const settings: Settings = {
          ...DEFAULT_SETTINGS,
          label: 'desk',
          host: 'desk',
          user: 'ann',
          prompts: change.prompts,
          batch: change.batch,
          methods: { ...DEFAULT_SETTINGS.methods, preferred: change.preferred },
          identities: { ...DEFAULT_SETTINGS.identities, inMemory },
        };
        let failure: UserError | undefined;
        const authentication = new Authentication(ssh2, settings, prompter, (error) => {
          failure = error;
        });
        if (change.distrusted) authentication.distrust();
        let left: readonly string[] | null = null;
        let partial: boolean | null = null;
        for (let count = 0; failure === undefined; count++) {
          expect(count).toBeLessThan(ATTEMPTS_MAX);
          const attempt = await authentication.next(left, partial).catch((error: unknown) => {
            if (error instanceof UserError) return false as const;
            throw error;
          });
          if (attempt === false) break;
          const method = attempt.type === 'signed-key' ? 'publickey' : attempt.type;
          if (left !== null && method !== 'none') expect(left).toContain(method);
          if (change.distrusted || change.batch) expect(['publickey', 'none']).toContain(method);
          if (attempt.type === 'signed-key') await attempt.sign(Uint8Array.of(1));
          // The server says the same things over and over.
          const said = verdicts[count % verdicts.length] ?? { left: [], partial: false, rounds: 0 };
          for (let round = 0; round < said.rounds && attempt.type === 'keyboard-interactive'; round++) {
            const { prompt } = attempt;
            await new Promise<void>((resolve) => {
              const timer = setImmediate(resolve);
              prompt('', '', '', [{ prompt: '? ', echo: false }], () => {
                clearImmediate(timer);
                resolve();
              });
            });
          }
          ({ left, partial } = said);
        }
        expect(authentication.describeFailure()).toMatch(/^ann@desk: Permission denied/);
        expect(authentication.describeFailure()).not.toContain('\x1b');
        if (change.batch || change.distrusted) expect(questions).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
