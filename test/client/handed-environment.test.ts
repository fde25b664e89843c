import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sentVariables, sessionVariables } from '../../client/handed-environment.ts';
import { encodeRequest, MAX_VARIABLES } from '../../protocol/bootstrap/request.ts';
import { newRequest } from '../server/udp-client.ts';

const { request: REQUEST } = newRequest();
const NOTHING = { sendEnv: [], setEnv: {} };

describe('the variables that go along', () => {
  it('are those that SendEnv names by patterns and those of SetEnv, which win', () => {
    const settings = { sendEnv: ['A*', 'ONE?'], setEnv: { AB: 'set', NEW: '' } };
    const env = { A: 'a', AB: 'ab', B: 'b', ONE: '1', ONE2: '2', GONE: undefined };
    expect(sentVariables(settings, env)).toEqual({ A: 'a', AB: 'set', ONE2: '2', NEW: '' });
    expect(sentVariables(NOTHING, { LANG: 'C' })).toEqual({});
  });

  it('are the locale and the colours in any case for a session', () => {
    const env = { LANG: 'de_DE.UTF-8', LC_TIME: 'C', COLORTERM: 'truecolor', TERM: 'xterm', PATH: '/bin' };
    const { variables } = sessionVariables(NOTHING, env);
    expect(variables).toEqual({ LANG: 'de_DE.UTF-8', LC_TIME: 'C', COLORTERM: 'truecolor' });
    const { variables: set } = sessionVariables({ sendEnv: [], setEnv: { LANG: 'C' } }, env);
    expect(set.LANG).toBe('C');
  });

  it('fit into a request, whatever they are, and what does not is named', () => {
    const name = fc.oneof(fc.stringMatching(/^[A-Z_]{1,70}$/), fc.string({ unit: 'binary' }));
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 1020, maxLength: 1030 }));
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 80 }), (env) => {
        const { variables, leftOut } = sessionVariables({ sendEnv: ['*'], setEnv: {} }, env);
        expect(Object.keys(variables).length).toBeLessThanOrEqual(MAX_VARIABLES);
        expect([...Object.keys(variables), ...leftOut].sort()).toEqual(Object.keys(env).sort());
        expect(() => encodeRequest({ ...REQUEST, env: variables })).not.toThrow();
      }),
      { numRuns: 200 },
    );
  });
});
