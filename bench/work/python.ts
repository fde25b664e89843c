/**
 * A python prompt: expressions, an assignment, a function with its indentation. It echoes like bash, with a prompt that is not bash's
 * and results that only python knows.
 */

import { diceFor, drawInteger, drawOne, WORDS } from './chance.ts';
import { BACKSPACE, CTRL_D, ENTER, Keyboard, LEFT } from './keyboard.ts';
import type { TypedWork } from './stroke.ts';

const NAME = 'python';

export function pythonWork(seed: number, gapSeed = seed): TypedWork {
  const dice = diceFor(NAME, seed);
  const keyboard = new Keyboard(diceFor(`${NAME} gaps`, gapSeed));
  const word = drawOne(dice, WORDS);

  // Without site there is no history file; readline is asked for, since it would have brought it.
  keyboard.stage(`python3 -q -I -S -i -c 'import readline'; clear${ENTER}`);
  keyboard.letters(`${drawInteger(dice, 100, 999)}*${drawInteger(dice, 100, 999)}`).enter();
  keyboard.letters(`w = '${word}s`).edit(BACKSPACE).letters("'").enter();
  keyboard.letters('w[::-1]').enter();
  keyboard
    .letters('def f(n):')
    .enter()
    .letters(`    return n % ${drawInteger(dice, 11, 99)}`)
    .enter()
    .enter();
  keyboard
    .letters(`f(${drawInteger(dice, 1000, 9999)})`)
    .edit(LEFT)
    .letters('7')
    .enter();
  keyboard.letters('[f(i*i) for i in w.encode()]').enter();
  keyboard.stage(CTRL_D);
  return {
    name: NAME,
    title: 'a python prompt: expressions, a function',
    strokes: keyboard.strokes,
    files: {},
    programs: ['python3', 'clear'],
  };
}
