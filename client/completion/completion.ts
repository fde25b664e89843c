/**
 * `rove completion`: prints what a shell is to run so that Tab completes `rove`, and answers the questions that this asks of it later.
 */

import process from 'node:process';
import { candidatesFor } from './candidates.ts';
import { hostNames, usualPlaces } from './host-names.ts';
import { SHELLS } from './option-table.ts';
import { SCRIPTS } from './scripts.ts';
import { afterBreaks, wordsOfLine } from './shell-line.ts';

/** What the shells' scripts ask by: a word that is not for people. */
const ANSWER = 'answer';

/** Runs `rove completion` with `words` after it. Gives the exit status. */
export function runCompletion(words: readonly string[]): number {
  const [asked, shell, ...rest] = words;
  if (asked === ANSWER) {
    process.stdout.write(answer(shell, rest));
    return 0;
  }
  const named = SHELLS.find((known) => known === asked);
  if (named === undefined || words.length > 1) {
    process.stderr.write(`rove: which shell? Expected rove completion ${SHELLS.join(', or ')}\n`);
    return 255;
  }
  process.stdout.write(SCRIPTS[named]);
  return 0;
}

/** The lines that the script of `shell` reads. bash sends its line and where it parts words, the others send the words. */
function answer(shell: string | undefined, rest: readonly string[]): string {
  const [line = '', breaks = ''] = rest;
  const words = shell === 'bash' ? wordsOfLine(line) : rest;
  const typed = words.at(-1) ?? '';
  const { also, candidates } = candidatesFor(words, () => hostNames(usualPlaces(configOf(words))));
  const lines = candidates.flatMap(({ word, about }) => {
    const shown = shell === 'bash' ? afterBreaks(word, typed, breaks) : word;
    return shown === undefined ? [] : [`${shown}\t${about}`];
  });
  return [also, ...lines, ''].join('\n');
}

/** The configuration that a finished `-F` among the words names. */
function configOf(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => /^-[46AaCGnqsTtVv]*F/.test(word));
  const word = words[at];
  if (word === undefined || at === words.length - 1) return undefined;
  const glued = word.slice(word.indexOf('F') + 1);
  return glued === '' ? words[at + 1] : glued;
}
