/**
 * Reading with less: pages, lines, a search, both ends. Every key is a command, none is echoed, and most change the whole screen.
 */

import { diceFor, drawInteger, drawSentence } from './chance.ts';
import { ENTER, Keyboard } from './keyboard.ts';
import type { TypedWork } from './stroke.ts';

const NAME = 'less';
const LINES = 300;

export function lessWork(seed: number, gapSeed = seed): TypedWork {
  const dice = diceFor(NAME, seed);
  const keyboard = new Keyboard(diceFor(`${NAME} gaps`, gapSeed));
  const lines = Array.from(
    { length: LINES },
    (_, row) => `${row + 1}. ${drawSentence(dice, drawInteger(dice, 20, 65))}`,
  );
  const sought = drawInteger(dice, 120, 240);

  // The user's own settings and history would change what is seen.
  keyboard.stage(`LESS= LESSHISTFILE=- less -L story.txt; clear${ENTER}`);
  keyboard.command(' ', 3).command('b').command('j', 4).command('k', 2).command('d').command(' ');
  keyboard.command('/').letters(`${sought}\\.`).command(ENTER).look();
  keyboard.command('k', 3).command('j').command('b').command('G').command('g').look().command(' ', 2);
  keyboard.stage('q');
  return {
    name: NAME,
    title: 'less: pages, lines, a search',
    strokes: keyboard.strokes,
    files: { 'story.txt': `${lines.join('\n')}\n` },
    programs: ['less', 'clear'],
  };
}
