import { describe, expect, test } from 'vitest';
import { PROMPT } from '../../bench/lab/lab.ts';
import { typedWorks } from '../../bench/work/catalogue.ts';
import type { Stroke, TypedWork } from '../../bench/work/stroke.ts';
import { missingPrograms, rehearse, repeat, rush, withBash } from './rehearsal.ts';

const SEED = 4;
const WORKS = typedWorks(SEED);
const EMPTY = `${PROMPT.trimEnd()}${'\n'.repeat(24)}cursor ${PROMPT.length},0`;

/** What stands somewhere on the screen in the course of a work, in this order. */
const FACTS: Readonly<Record<string, readonly RegExp[]>> = {
  shell: [
    /^lab\$ grep -c \w+ crop\.log\n\d+$/m,
    /^lab\$ grep -c \w+ list\.txt\n\d+$/m,
    /^one two three four$/m,
    /^lab\$ tail -n \d crop\.log$/m,
  ],
  unpredictable: [/^\d{4,5}$/m, /^[0-9a-f]{40} {2}a\.txt$/m, /^[0-9a-f]{32} {2}a\.txt$/m],
  vim: [/^1 .*"notes\.txt" 30L/s, /-- INSERT --/, /^\/\d\d$/m],
  less: [/^1\. /, /^\/\d{3}\\\.$/m, /^300\. .*\n\(END\)/m],
  editor: [/GNU nano/, /Modified/, /^The /m, /Save modified buffer\?/],
  python: [/^>>> $|^>>>$/m, /^\d{5,6}$/m, /^\.\.\.$/m, /^\[\d+(, \d+)+\]$/m],
  password: [/^Password:$/m, /^unlocked, 0$/m, /^Passphrase:$/m, /^opened, True$/m],
};

describe.concurrent('typed works in a real bash', () => {
  for (const work of WORKS) {
    const missing = missingPrograms(work);
    const title = missing.length === 0 ? work.name : `${work.name} (left out: no ${missing.join(', ')})`;

    test.skipIf(missing.length > 0)(
      `${title}: the same screens key by key, and at any pace`,
      async () => {
        const looks = await withBash(work.files, (terminal) => rehearse(terminal, work.strokes));
        expect([looks[0], looks.at(-1)]).toEqual([EMPTY, EMPTY]);
        expect(withoutEffect(work.strokes, looks)).toEqual([]);
        let from = 0;
        for (const fact of FACTS[work.name] ?? []) {
          const found = looks.findIndex((look, index) => index >= from && fact.test(look));
          expect(found, `${fact} never stands after stroke ${from}`).toBeGreaterThan(-1);
          from = found;
        }
        if (work.name === 'password') expect(secretsSeen(work, looks)).toEqual([]);

        await withBash(work.files, (terminal) => repeat(terminal, work.strokes, looks));
        await withBash(work.files, (terminal) => rush(terminal, work.strokes, looks));
      },
      30_000,
    );
  }

  test('each has facts to be held to', () => {
    expect(Object.keys(FACTS)).toEqual(WORKS.map(({ name }) => name));
  });
});

/** Measured strokes after which the screen is what it was before, though they should show something: nobody could time them. */
function withoutEffect(strokes: readonly Stroke[], looks: readonly string[]): readonly string[] {
  return strokes.flatMap(({ kind, keys, measured }, index) =>
    measured && kind !== 'silent' && looks[index] === looks[index - 1] ? [`${index}: ${JSON.stringify(keys)}`] : [],
  );
}

/** Silent strokes that changed the screen. */
function secretsSeen({ strokes }: TypedWork, looks: readonly string[]): readonly string[] {
  return strokes.flatMap(({ kind, keys }, index) =>
    kind === 'silent' && looks[index] !== looks[index - 1] ? [`${index}: ${keys}`] : [],
  );
}
