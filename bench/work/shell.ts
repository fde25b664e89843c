/**
 * Letters at a bash prompt, and their corrections: commands of every day on files of the work's own, with the slips, insertions
 * and second thoughts that people have. This is what most keys in a remote shell are.
 */

import { diceFor, drawInteger, drawOne, drawSentence, WORDS } from './chance.ts';
import { BACKSPACE, CTRL_A, CTRL_E, CTRL_L, CTRL_U, CTRL_W, Keyboard, LEFT, UP } from './keyboard.ts';
import type { TypedWork } from './stroke.ts';

const NAME = 'shell';
/** Lines of the log that is searched. */
const LOG_LINES = 40;

export function shellWork(seed: number, gapSeed = seed): TypedWork {
  const dice = diceFor(NAME, seed);
  const keyboard = new Keyboard(diceFor(`${NAME} gaps`, gapSeed));
  const log = Array.from({ length: LOG_LINES }, () => `${drawInteger(dice, 100, 999)} ${drawSentence(dice, 40)}`);
  const list = Array.from({ length: drawInteger(dice, 12, 30) }, () => drawOne(dice, WORDS));
  const slip = slipOf(drawOne(dice, WORDS));

  keyboard.letters(`echo ${slip.typed}`).edit(BACKSPACE, slip.wrong).letters(slip.rest).enter();
  keyboard.letters(`grep -c ${drawOne(dice, WORDS)} crop.log`).enter();
  keyboard.edit(UP).edit(CTRL_W).letters('list.txt').enter();
  keyboard.letters('echo one three').edit(LEFT, 5).letters('two ').edit(CTRL_E).letters(' four').enter();
  keyboard
    .letters('cat l')
    .edit(CTRL_U)
    .letters(`tail -n ${drawInteger(dice, 2, 4)} crop.log`)
    .enter();
  keyboard.edit(UP, 2).edit(CTRL_A).enter();
  keyboard.stage(CTRL_L);
  return {
    name: NAME,
    title: 'letters and corrections at a bash prompt',
    strokes: keyboard.strokes,
    files: { 'crop.log': `${log.join('\n')}\n`, 'list.txt': `${list.join('\n')}\n` },
    programs: ['grep', 'tail'],
  };
}

/** A word typed with its second and third letter swapped, and how it is mended. */
function slipOf(word: string): { typed: string; wrong: number; rest: string } {
  const typed = `${word[0]}${word[2]}${word[1]}${word[3]}`;
  return { typed, wrong: 3, rest: word.slice(1) };
}
