/**
 * A full-screen editor that is not modal: nano. Letters insert themselves, arrows and control keys move, cut and paste, and the bars
 * at the top and the bottom change with them.
 */

import { diceFor, drawInteger, drawSentence } from './chance.ts';
import {
  APPLICATION_DOWN,
  APPLICATION_UP,
  BACKSPACE,
  CTRL_A,
  CTRL_E,
  CTRL_K,
  CTRL_U,
  CTRL_X,
  ENTER,
  Keyboard,
} from './keyboard.ts';
import type { TypedWork } from './stroke.ts';

const NAME = 'editor';
const LINES = 14;

export function editorWork(seed: number, gapSeed = seed): TypedWork {
  const dice = diceFor(NAME, seed);
  const keyboard = new Keyboard(diceFor(`${NAME} gaps`, gapSeed));
  const lines = Array.from({ length: LINES }, () => drawSentence(dice, drawInteger(dice, 20, 45)));

  keyboard.stage(`nano --ignorercfiles letter.txt; clear${ENTER}`);
  keyboard
    .edit(APPLICATION_DOWN, 2)
    .edit(CTRL_E)
    .letters(`, ${drawSentence(dice, 14)}`);
  keyboard.edit(BACKSPACE, 2).letters('en.').edit(ENTER);
  keyboard.letters(drawSentence(dice, 18)).edit(CTRL_A).letters('The ');
  keyboard.edit(APPLICATION_DOWN).edit(CTRL_K, 2).edit(APPLICATION_UP).edit(CTRL_U);
  // With Ctrl-X already waiting, nano would not draw what it did last.
  keyboard
    .letters(`${drawSentence(dice, 10)} `)
    .edit(APPLICATION_UP, 2)
    .look();
  keyboard.stage(CTRL_X).stage('n');
  return {
    name: NAME,
    title: 'nano: letters, arrows, cut and paste',
    strokes: keyboard.strokes,
    files: { 'letter.txt': `${lines.join('\n')}\n` },
    programs: ['nano', 'clear'],
  };
}
