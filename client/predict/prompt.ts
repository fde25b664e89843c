/**
 * The text left of the cursor, and what it tells: where the line that is typed begins, whether a secret is being asked for, and what to
 * remember a prompt by. Pure.
 */

import type { Row } from '../../protocol/screen/row.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import { glyphOf, type Place, textAt } from './draft.ts';
import { isRule } from './line-edit.ts';

/** A line that has wrapped is read so many rows back at most. */
const ROWS_MAX = 4;
/** What is remembered of a prompt: its end. */
const REMEMBERED = 120;

/** Text, with the place of each of its UTF-16 units. */
export interface LeftText {
  readonly text: string;
  readonly places: readonly Place[];
}

/** What stands left of a place in its line, over the rows that the line has wrapped from. */
export function leftText(screen: Screen, at: Place): LeftText {
  let first = at.row;
  while (first > 0 && at.row - first < ROWS_MAX && screen.rows[first]?.wrapped === true) first--;
  let text = '';
  const places: Place[] = [];
  for (let row = first; row <= at.row; row++) {
    const end = row === at.row ? Math.min(at.col, screen.cols) : screen.cols;
    // Of panes side by side, only the cursor's own counts.
    const start = row === at.row ? paneStart(screen.rows[row], end) : 0;
    if (start > 0) {
      text = '';
      places.length = 0;
    }
    for (let col = start; col < end; col++) {
      const letter = textAt(screen.rows[row], col);
      for (let unit = 0; unit < letter.length; unit++) places.push({ row, col });
      text += letter;
    }
  }
  return { text, places };
}

function paneStart(row: Row | undefined, end: number): number {
  for (let col = end - 1; col >= 0; col--) if (isRule(glyphOf(row, col).content)) return col + 1;
  return 0;
}

/** A prompt as it is remembered: numbers change from one prompt to the next, so all are alike. */
export function promptKey(text: string): string {
  return text.slice(-REMEMBERED).replace(/\d+/g, '0');
}

/** Words for what must not be seen, in the languages that prompts are met in. */
const SECRET =
  /(pass(word|phrase|code|wd)|\bpass\b|\b(pin|puk|code|otp|cvv)\b|token|secret|verification|contrase|mot de passe|passwort|kennwort|wachtwoord|has[lł]o|senha|пароль|密码|密碼|パスワード|암호)[^$#%❯➜»]*$/iu;

/** Whether a secret may be asked for: then nothing is remembered and nothing shown. The sign of a shell's prompt ends the question. */
export function asksForSecret(text: string): boolean {
  return SECRET.test(text);
}

/** How the prompt of a line editor ends: what was learnt at one such prompt counts for the next, though its words are others. */
export function sigilOf(text: string): string | undefined {
  return /([$#%❯➜λ»›⟩>]|\.\.\.|\(\w+\))\s+$/u.exec(text)?.[0];
}

/** The letters of a row, without what changes from key to key: its numbers and signs. */
export function lettersOf(row: Row | undefined, cols: number): string {
  let text = '';
  for (let col = 0; col < cols; col++) text += textAt(row, col);
  return text
    .replace(/[^\p{L}]+/gu, ' ')
    .trim()
    .slice(0, REMEMBERED);
}
