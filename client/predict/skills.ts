/** Whether editing keys do in a program what they do in most: taken for granted where that is safe, and learnt of each key by itself. */

import type { Confidence } from './confidence.ts';
import type { Edit } from './key-parser.ts';
import type { Step } from './line-edit.ts';
import type { Situation } from './situation.ts';

/** What every editor of lines does with these; other keys are shown when they are known to work. */
const PLAIN_EDITS: readonly Edit[] = ['left', 'right', 'backspace', 'delete'];
/** Keys with which multiplexers begin a command of their own. */
const PREFIX_KEYS: readonly string[] = ['^A', '^B', '^F'];

/** By what it is remembered how a key went in a program; `wrap` is the end of the row. */
export function skillKey({ program, kind }: Situation, key: string): string {
  return `key ${kind} ${program} ${key}`;
}

/** Whether an editing key is known to do the usual. */
export function editIsTrusted(situation: Situation, edit: Edit, key: string, confidence: Confidence): boolean {
  if (edit === 'clear') return confidence.trusts(skillKey(situation, key), true);
  const isPlain = PLAIN_EDITS.includes(edit) && !PREFIX_KEYS.includes(key);
  const isUsual = isPlain || situation.announced || situation.kind === 'kernel';
  return confidence.trusts(skillKey(situation, key), isUsual && !situation.unbound.includes(key));
}

/** Whether a step stays in its row, or the program is known to go on in the next. */
export function wrapIsTrusted(situation: Situation, step: Step, confidence: Confidence): boolean {
  const isUsual = situation.announced || situation.kind === 'kernel';
  return !step.wrapped || confidence.trusts(skillKey(situation, 'wrap'), isUsual);
}
