/**
 * The variables that go along to the other side: those of SendEnv and SetEnv, as ssh sends them, and with a session the locale and the terminal's
 * colours in any case, without which a screen of letters is none.
 */

import { isPassedVariable, isVariableName, MAX_VARIABLE_BYTES, MAX_VARIABLES } from '../protocol/bootstrap/request.ts';
import { wildcardMatch } from './ssh/patterns.ts';
import type { SessionSettings } from './ssh/settings.ts';

/** Of all variables together, as JSON, in bytes: with the longest command there is still room in a request. */
const BYTES_MAX = 32 * 1024;

/** This program's own variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the configuration asks for, by name; of two, SetEnv wins. */
export function sentVariables(
  { sendEnv, setEnv }: Pick<SessionSettings, 'sendEnv' | 'setEnv'>,
  env: Environment,
): Record<string, string> {
  const sent = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    value !== undefined && sendEnv.some((pattern) => wildcardMatch(pattern, name)) ? [[name, value]] : [],
  );
  return Object.fromEntries([...sent, ...Object.entries(setEnv)]);
}

/** What goes into the request for a session, within its limits, and the names of what was left out. */
export function sessionVariables(
  settings: Pick<SessionSettings, 'sendEnv' | 'setEnv'>,
  env: Environment,
): { readonly variables: Record<string, string>; readonly leftOut: readonly string[] } {
  const own = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    value !== undefined && isPassedVariable(name) ? [[name, value]] : [],
  );
  const wanted = new Map([...own, ...Object.entries(sentVariables(settings, env))]);
  const kept: [string, string][] = [];
  const leftOut: string[] = [];
  let bytes = 0;
  for (const [name, value] of wanted) {
    const more = Buffer.byteLength(JSON.stringify([name, value]));
    if (fits(name, value) && kept.length < MAX_VARIABLES && bytes + more <= BYTES_MAX) {
      kept.push([name, value]);
      bytes += more;
    } else {
      leftOut.push(name);
    }
  }
  return { variables: Object.fromEntries(kept), leftOut };
}

function fits(name: string, value: string): boolean {
  return isVariableName(name) && !/[\0\p{Cs}]/u.test(value) && Buffer.byteLength(value) <= MAX_VARIABLE_BYTES;
}
