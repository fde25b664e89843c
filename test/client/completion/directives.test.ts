/** What is offered for `-o` is what the configuration takes. */

import { describe, expect, test } from 'vitest';
import { DIRECTIVES } from '../../../client/completion/directives.ts';
import { KEYWORDS } from '../../../client/ssh/config/keywords.ts';

describe('the keywords for -o', () => {
  // Some that are not honoured may be offered, too: the system's ssh has them, or they do no harm.
  test('are all those that are honoured, as ssh_config(5) spells them', () => {
    const honoured = KEYWORDS.filter(({ use }) => use === 'honoured').map(({ name }) => name);
    expect(honoured.filter((name) => DIRECTIVES[name] === undefined)).toEqual([]);
    const names = KEYWORDS.map(({ name }) => name);
    expect(Object.keys(DIRECTIVES).filter((name) => !names.includes(name))).toEqual([]);
  });

  test('take each value that is offered', () => {
    for (const { name, read } of KEYWORDS) {
      const value = DIRECTIVES[name];
      for (const word of value?.kind === 'word' ? value.words : []) {
        expect(() => read([word]), `${name}=${word}`).not.toThrow();
      }
    }
  });
});
