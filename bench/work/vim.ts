/**
 * Vim as one writes notes in it: moving, appending until the line wraps, opening a line, deleting, putting, searching. Half of the
 * keys insert themselves and half do what only vim knows, and nothing on the screen tells which.
 */

import { diceFor, drawInteger, drawOne, drawSentence, WORDS } from './chance.ts';
import { BACKSPACE, ENTER, ESC, Keyboard } from './keyboard.ts';
import type { TypedWork } from './stroke.ts';

const NAME = 'vim';
const LINES = 30;
/** So short of the right edge that the appended words wrap. */
const LONG_LINE = 68;

/** One look on every machine, and a plain Esc at once instead of waiting for the rest of an arrow key; no questions to the terminal. */
const SETTINGS = [
  'set nocompatible ruler noshowcmd nomodeline noswapfile nobackup viminfo= shortmess+=I laststatus=1',
  'set notimeout ttimeout ttimeoutlen=0 nohlsearch noincsearch wrapscan textwidth=0 wrap scrolloff=0',
  'set t_RV= t_u7= t_RF= t_RB= t_RC= t_RS=',
];

export function vimWork(seed: number, gapSeed = seed): TypedWork {
  const dice = diceFor(NAME, seed);
  const keyboard = new Keyboard(diceFor(`${NAME} gaps`, gapSeed));
  const lines = Array.from(
    { length: LINES },
    (_, row) => `${row + 1} ${drawSentence(dice, drawInteger(dice, 20, 60))}`,
  );
  lines[2] = `3 ${drawSentence(dice, LONG_LINE)}`.padEnd(LONG_LINE, '.');
  const sought = drawInteger(dice, 15, 22);

  keyboard.stage(`vim -N -u vim.rc -i NONE --noplugin notes.txt; clear${ENTER}`);
  keyboard.command('j', 2).command('l', 2);
  keyboard
    .command('A')
    .letters(` and ${drawSentence(dice, 14)}`)
    .edit(BACKSPACE, 2)
    .letters('er')
    .command(ESC)
    .look();
  keyboard.command('k').command('x', 2);
  keyboard
    .command('o')
    .letters(`${drawOne(dice, WORDS)} (${drawOne(dice, WORDS)})`)
    .command(ESC)
    .look();
  // Both at once: of the first d alone there is nothing to see.
  keyboard.command('j').command('dd').command('p').command('w').command('h').command('b');
  keyboard.command('/').letters(`${sought} `).command(ENTER).look();
  keyboard.command('dd').command('k', 2).command('G').command('gg').look();
  keyboard.stage(`:q!${ENTER}`);
  return {
    name: NAME,
    title: 'vim: insert, move, delete, put, search',
    strokes: keyboard.strokes,
    files: { 'notes.txt': `${lines.join('\n')}\n`, 'vim.rc': `${SETTINGS.join('\n')}\n` },
    programs: ['vim', 'clear'],
  };
}
