/**
 * A remote program that takes down every line typed, while it prints or is silent, and then leaves a picture on the screen
 * that must arrive whole: colours, wide characters, and parts drawn over others.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { PROMPT } from '../../bench/lab/lab.ts';
import { ScreenTerminal } from '../../bench/lab/screen-terminal.ts';
import type { Session } from './subject.ts';
import { Typist } from './typist.ts';

const DONE = 'the picture is whole';

const PAINT = String.raw`
printf '\033[2J\033[H'
for row in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
  printf '\033[38;5;%dm row %02d \033[48;2;%d;40;90m over \033[0;1;4m bold \033[0m 漢字 é ─┼─ ' $((row * 13)) $row $((row * 15))
  printf '\033[7m%0*d\033[0m\n' $((row * 2)) $row
done
printf '\033[5;20H\033[1;31mdrawn over\033[0m\033[8;1H\033[K\033[20;1H'
echo '${DONE}'
`;

/** Prints for ever in the background when told to, takes lines until Ctrl-D, then paints. */
const TAKE_DOWN = `
if [ "$1" = flow ]; then
  ( i=0; while :; do i=$((i + 1)); printf '\\033[3%dmtick %d\\033[0m\\n' $((i % 8)) $i; sleep 0.02; done ) &
fi
echo dictation begins
cat > typed
[ "$1" = flow ] && { kill $!; wait $! 2>/dev/null; }
${PAINT}`;

/** Begins to dictate; `flow`: while the program prints all the time. */
export async function dictate({ lab, terminal }: Session, output: 'flow' | 'silence'): Promise<Typist> {
  writeFileSync(join(lab.serverHome, 'take-down.sh'), TAKE_DOWN);
  terminal.type(`bash take-down.sh ${output}\r`);
  await terminal.waitFor('dictation begins');
  return new Typist(terminal);
}

/** Ends it, and holds what arrived and what the screen shows against what should. */
export async function checkDictation({ lab, terminal }: Session, typist: Typist, timeoutMs = 20_000): Promise<void> {
  const typed = typist.stop();
  terminal.type('\x04');
  await terminal.waitFor(DONE, timeoutMs);
  const prompt = PROMPT.trimEnd();
  await terminal.waitFor(({ cursor }) => terminal.rows()[cursor.y]?.startsWith(prompt) === true);
  expect(readFileSync(join(lab.serverHome, 'typed'), 'utf8')).toBe(typed);
  // A bar may stand until the next contact; and the last rows may still be on their way.
  const expected = await paintedHere();
  await terminal.waitFor(() => terminal.picture() === expected, 5000).catch(() => {});
  expect(terminal.picture()).toBe(expected);
}

/** What the same picture looks like on a terminal without a network in between. */
async function paintedHere(): Promise<string> {
  const terminal = new ScreenTerminal({ command: ['bash', '-c', `${PAINT} printf '${PROMPT}'; read`] });
  try {
    await terminal.waitFor(({ cursor }) => terminal.rows()[cursor.y]?.startsWith(PROMPT.trimEnd()) === true);
    return terminal.picture();
  } finally {
    await terminal.close();
  }
}
