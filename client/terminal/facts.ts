/** What the server is told of the user's terminal, from the terminal's own answers. */

import type { TerminalFacts } from '../../protocol/session/terminal-facts.ts';
import { DEFAULT_WIDTH_RULES, type WidthRules } from '../../protocol/terminal/width-rules.ts';
import type { TerminalSize } from '../tty.ts';
import type { Answers } from './answers.ts';

/** `clipboardReading` is the user's wish, `size` the terminal's now; not all that know modifyOtherKeys can tell. */
export function factsOf(
  answers: Answers,
  size: TerminalSize,
  clipboardReading: boolean,
  otherKeys: boolean,
): TerminalFacts {
  const { cell, window } = answers;
  return {
    widths: widthRulesOf(answers),
    foreground: answers.foreground,
    background: answers.background,
    cursor: answers.cursorColor,
    palette: Array.from({ length: 16 }, (_, i) => answers.palette[i]),
    cellWidth: cell?.width ?? Math.floor((window?.width ?? 0) / size.cols),
    cellHeight: cell?.height ?? Math.floor((window?.height ?? 0) / size.rows),
    keyboard: answers.keyboard,
    otherKeys,
    clipboardReading,
  };
}

/** How the terminal drew the samples; those of a terminal that did not say when they were not measured. */
export function widthRulesOf({ widths }: Answers): WidthRules {
  if (widths.size === 0) return DEFAULT_WIDTH_RULES;
  return {
    graphemes: widths.get('family') === 2 && widths.get('tone') === 2 && widths.get('flag') === 2,
    emojiPresentation: widths.get('heart') === 2,
    ambiguousWide: widths.get('ambiguous') === 2,
  };
}
