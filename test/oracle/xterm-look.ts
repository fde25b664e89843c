/**
 * What is seen on two xterm.js, one behind rove and one that the program writes to itself, and the differences in words. As between two of
 * ours (look.ts) an erased cell looks like a space, and a joiner with nothing after it like nothing.
 */

import type { IBufferLine } from '@xterm/headless';
import { describeTheirs, type Oracle } from '../terminal/oracle.ts';

const ERASED = '[]';
const SPACE = '[ ]';
const JOINERS = /\u200d+\]/;
/** Half a wide character, which xterm.js leaves in places: it looks like nothing. */
const HALF = 'half';

/** Every difference between what the program's own terminal shows and what the user's does, scrollback included if `scrollback`. */
export function xtermDifferences(wanted: Oracle, seen: Oracle, scrollback: boolean): string[] {
  const found: string[] = [];
  const differ = (what: string, there: unknown, here: unknown): void => {
    if (there !== here) found.push(`${what}: ${JSON.stringify(there)} there, ${JSON.stringify(here)} here`);
  };
  const [there, here] = [wanted.terminal.buffer.active, seen.terminal.buffer.active];
  const { cols, rows } = wanted.terminal;
  differ('cursor row', there.cursorY, here.cursorY);
  differ('cursor column', Math.min(there.cursorX, cols - 1), Math.min(here.cursorX, cols - 1));
  differ('modes', wanted.modes(), seen.modes());
  differ('title', wanted.title, seen.title);
  if (scrollback) differ('lines in the scrollback', there.baseY, here.baseY);
  const above = scrollback ? Math.max(there.baseY, here.baseY) : 0;
  for (let y = -above; y < rows; y++) {
    const [a, b] = [there.getLine(there.baseY + y), here.getLine(here.baseY + y)];
    for (let x = 0; x < cols; x++) differ(`row ${y} column ${x}`, lookOf(a, x), lookOf(b, x));
  }
  return found;
}

function lookOf(line: IBufferLine | undefined, x: number): string {
  if (line === undefined) return 'no line';
  const text = describeTheirs(line, x);
  if (text === HALF) return SPACE;
  return text.startsWith(ERASED) ? SPACE + text.slice(ERASED.length) : text.replace(JOINERS, ']');
}
