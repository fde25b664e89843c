/**
 * A paste of 10 kB, into a program that counts them and answers with their digest: the end of the paste is on the screen when the
 * digest is, and then nothing was lost or changed on the way.
 */

import { createHash } from 'node:crypto';
import type { Dice } from '../link/random.ts';
import type { Act } from './act.ts';
import { drawInteger, drawSentence } from './chance.ts';
import { CTRL_C } from './keyboard.ts';
import { clearPrompt, isAtPrompt, orNever } from './prompt.ts';

const BYTES = 10_000;
/** As long as lines of code are at most; a terminal in line mode takes no more than 4,095 in one. */
const LINE_LENGTH = 70;
const TIMEOUT_MS = 60_000;

export const PASTE: Act = {
  name: 'paste',
  title: 'a paste of 10 kB',
  files: {},
  programs: ['head', 'sha1sum'],
  needsNetwork: false,
  endsSessions: false,
  async play({ terminal, dice }) {
    const text = drawText(dice);
    const digest = createHash('sha1').update(text).digest('hex');
    await clearPrompt(terminal);
    terminal.type(`head -c ${BYTES} | sha1sum\r`);
    // The program has the terminal when the cursor is at the beginning of an empty row.
    await terminal.waitFor(() => terminal.cursor.x === 0 && terminal.cursor.y === 1, TIMEOUT_MS);
    // From a clipboard, lines end as Enter does.
    const pastedAt = terminal.type(text.replaceAll('\n', '\r'));
    const isOver = (): boolean => terminal.rows().some((row) => /^[0-9a-f]{40} {2}-$/.test(row));
    const overAt = await orNever(terminal, isOver, TIMEOUT_MS);
    if (overAt === null) terminal.type(CTRL_C);
    else if (!terminal.screenText().includes(digest)) throw new Error('what was pasted is not what arrived');
    await terminal.waitFor(() => isAtPrompt(terminal), TIMEOUT_MS);
    await clearPrompt(terminal);
    return { pasteMs: overAt === null ? null : overAt - pastedAt };
  },
};

/** Lines of words and numbers, exactly `BYTES` long with the last line feed. */
function drawText(dice: Dice): string {
  let text = '';
  while (text.length < BYTES) text += `${drawSentence(dice, drawInteger(dice, 10, LINE_LENGTH))}\n`;
  return `${text
    .slice(0, BYTES - 1)
    .trimEnd()
    .padEnd(BYTES - 1, '.')}\n`;
}
