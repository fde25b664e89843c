/**
 * What is asked of the user's terminal when a session begins: one burst of bytes, and the answers that it may bring.
 *
 * All is asked on the alternate screen, so that nothing stays to be seen: neither what is drawn there to be measured, nor what
 * some terminals print of questions that they do not know (Apple's Terminal the last letter of DECRQM, older PuTTY and QTerminal the
 * text of XTGETTCAP). Terminals that have no alternate screen are asked only what they are known to understand.
 *
 * Every terminal answers DA1, and answers in order: with that answer there is nothing more to wait for.
 */

import type { Question } from './reply.ts';

/** What the questions depend on. */
export interface Asked {
  /** The environment's name for the terminal, TERM; empty if there is none. */
  readonly term: string;
  /** And the program's, TERM_PROGRAM. */
  readonly program: string;
  /** Columns of the terminal. */
  readonly cols: number;
}

export interface Questions {
  readonly bytes: string;
  readonly questions: readonly Question[];
  /** What is drawn to be measured, in the order of the answers: each brings a place of the cursor. */
  readonly samples: readonly Sample[];
}

/** What terminals draw in different widths. */
export type Sample = 'family' | 'tone' | 'flag' | 'heart' | 'ambiguous';

/**
 * A family joined by U+200D; a thumb with a skin tone, which tmux 3.3 does not join though it joins families; two regional indicators; a
 * heart that U+FE0F makes an emoji; a letter of which East Asian Width is ambiguous.
 */
const SAMPLES: readonly (readonly [sample: Sample, text: string])[] = [
  ['family', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'],
  ['tone', '\u{1f44d}\u{1f3fd}'],
  ['flag', '\u{1f1e9}\u{1f1ea}'],
  ['heart', '\u2764\ufe0f'],
  ['ambiguous', '\u03b1'],
];
/** The widest that a sample may be drawn, and a column for the cursor. */
const SAMPLES_COLS = 12;
/** What XTGETTCAP is asked: true colour, underlines and their colour, the clipboard. */
export const ASKED_CAPABILITIES: readonly string[] = ['RGB', 'Su', 'Smulx', 'Setulc', 'Ms'];
/** What DECRQM is asked: synchronized output, grapheme clusters, reports of dark and light, left and right margins. */
export const ASKED_MODES: readonly number[] = [2026, 2027, 2031, 69];
/** A rendition of which the terminal keeps what it can show: a curly underline of some colour, an overline, text of some colour. */
const RENDITION = '0;4:3;53;58:2::1:2:3;38:2::4:5:6';
const PALETTE = 16;
/** OSC's numbers of the foreground, background and cursor colours. */
export const ASKED_COLORS: readonly number[] = [10, 11, 12];

const ALTERNATE = '\x1b[?1049h';
const MAIN = '\x1b[?1049l';
const WHERE = '\x1b[6n';
const ERASE = '\r\x1b[K';

/** What to ask the terminal; nothing of one that does not answer. */
export function questionsFor({ term, program, cols }: Asked): Questions {
  if (term === '' || term === 'dumb' || term === 'unknown' || /^vt5\d/.test(term)) {
    return { bytes: '', questions: [], samples: [] };
  }
  const questions: Question[] = ['attributes'];
  // The Linux console has no alternate screen and one width; it is described by its entry in terminfo.
  if (term === 'linux') return { bytes: '\x1b[c', questions, samples: [] };
  // screen(1) gives device control strings to the terminal around it as text.
  const isScreen = /^screen/.test(term) && program !== 'tmux';
  const isPlain = isScreen || program === 'Apple_Terminal';
  let bytes = '';
  const ask = (question: Question, sequence: string): void => {
    questions.push(question);
    bytes += sequence;
  };
  if (!isScreen) ask('version', '\x1b[>q');
  ask('identity', '\x1b[>c');
  for (const code of ASKED_COLORS) ask(`color ${code}`, `\x1b]${code};?\x1b\\`);
  if (!isPlain) {
    for (let index = 0; index < PALETTE; index++) ask(`palette ${index}`, `\x1b]4;${index};?\x1b\\`);
    ask('keyboard', '\x1b[?u');
    ask('other-keys', '\x1b[?4m');
    for (const mode of ASKED_MODES) ask(`mode ${mode}`, `\x1b[?${mode}$p`);
    ask('pixels window', '\x1b[14t');
    ask('pixels cell', '\x1b[16t');
    for (const name of ASKED_CAPABILITIES) ask('capability', `\x1bP+q${hex(name)}\x1b\\`);
  }
  if (!isPlain) ask('rendition', `\x1b[${RENDITION}m\x1bP$qm\x1b\\\x1b[m`);
  const samples = cols < SAMPLES_COLS ? [] : SAMPLES;
  for (const [, text] of samples) ask('cursor', `${ERASE}${text}${WHERE}`);
  return {
    bytes: `${ALTERNATE}${bytes}${ERASE}${MAIN}\x1b[c`,
    questions,
    samples: samples.map(([sample]) => sample),
  };
}

function hex(text: string): string {
  return Array.from(text, (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}
