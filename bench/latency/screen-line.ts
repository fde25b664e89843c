/**
 * Why a session did not come to its prompt, in one line for people: the screen that a test would show whole is cut down to the last
 * that was said on it.
 */

import { printable } from '../../client/printable.ts';
import type { ScreenTerminal } from '../lab/screen-terminal.ts';

const LENGTH_MAX = 200;

/** The first line of `error`, and the last row of the screen that has something on it. */
export function inOneLine(error: unknown, terminal: ScreenTerminal): string {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  const last = terminal.history().findLast((row) => row.trim() !== '');
  const said = last === undefined ? 'its screen is empty' : `its screen ends with: ${last.trim()}`;
  return printable(`${first}; ${said}`, { lengthMax: LENGTH_MAX });
}
