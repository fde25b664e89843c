/**
 * Commands whose output nobody can predict: products of drawn numbers, digests and lines of drawn text. Only what comes over the
 * network can stand on the screen, so Enter shows the bare latency of the session.
 */

import { diceFor, drawInteger, drawSentence } from './chance.ts';
import { CTRL_L, Keyboard } from './keyboard.ts';
import type { TypedWork } from './stroke.ts';

const NAME = 'unpredictable';
const LINES = 30;

export function unpredictableWork(seed: number, gapSeed = seed): TypedWork {
  const dice = diceFor(NAME, seed);
  const keyboard = new Keyboard(diceFor(`${NAME} gaps`, gapSeed));
  const number = (digits: number): number => drawInteger(dice, 10 ** (digits - 1), 10 ** digits - 1);
  const lines = Array.from({ length: LINES }, () => `${drawSentence(dice, drawInteger(dice, 10, 50))} ${number(6)}`);
  const commands = [
    `echo $((${number(3)}*${number(2)}))`,
    'sha1sum a.txt',
    `sed -n ${drawInteger(dice, 2, LINES - 2)}p a.txt`,
    'cksum a.txt',
    `echo $((${number(4)}%${number(2)}))`,
    'md5sum a.txt',
    'wc a.txt',
    `printf %x ${number(5)}`,
  ];
  for (const command of commands) keyboard.letters(command).enter();
  keyboard.stage(CTRL_L);
  return {
    name: NAME,
    title: 'commands whose output nobody can predict',
    strokes: keyboard.strokes,
    files: { 'a.txt': `${lines.join('\n')}\n` },
    programs: ['sha1sum', 'sed', 'cksum', 'md5sum', 'wc'],
  };
}
