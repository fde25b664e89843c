/**
 * What known terminals answer to the questions of a session's start, put together from their documentation and sources (xterm, "Control
 * Sequences"; foot-ctlseqs(7); kitty's and Ghostty's pages on the terminal protocol; VTE's, WezTerm's, Alacritty's, iTerm2's, Windows
 * Terminal's, tmux's and screen's change logs and parsers). They are no recordings, but for tmux's, which is one of tmux 3.3a.
 */

import type { Sample } from '../../../client/terminal/questions.ts';

/** How wide a terminal draws the samples, and what else it answers. */
export interface KnownAnswers {
  readonly environment: Readonly<Record<string, string>>;
  /** By a question's sequence, without ESC at its start. What is not here is not answered. */
  readonly answers: Readonly<Record<string, string>>;
  /** Columns, of each sample. */
  readonly widths: Readonly<Record<Sample, number>>;
}

const ST = '\x1b\\';
const WCWIDTH = { family: 6, tone: 4, flag: 2, heart: 1, ambiguous: 1 };
const CLUSTERS = { family: 2, tone: 2, flag: 2, heart: 2, ambiguous: 1 };

function colors(end: string): Record<string, string> {
  const answers: Record<string, string> = {
    [`]10;?${ST}`]: `\x1b]10;rgb:d3d3/d7d7/cfcf${end}`,
    [`]11;?${ST}`]: `\x1b]11;rgb:0000/0000/0000${end}`,
    [`]12;?${ST}`]: `\x1b]12;rgb:ffff/ffff/ffff${end}`,
  };
  for (let index = 0; index < 16; index++) {
    answers[`]4;${index};?${ST}`] = `\x1b]4;${index};rgb:${index.toString(16).repeat(4)}/8080/ffff${end}`;
  }
  return answers;
}

export const TERMINALS: Readonly<Record<string, KnownAnswers>> = {
  xterm: {
    environment: { TERM: 'xterm-256color', XTERM_VERSION: 'XTerm(390)' },
    answers: {
      ...colors(ST),
      '[>q': `\x1bP>|XTerm(390)${ST}`,
      '[>c': '\x1b[>41;390;0c',
      '[c': '\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c',
      '[?4m': '\x1b[>4;0m',
      '[?2026$p': '\x1b[?2026;0$y',
      '[?2027$p': '\x1b[?2027;0$y',
      '[?2031$p': '\x1b[?2031;0$y',
      '[?69$p': '\x1b[?69;2$y',
      '[14t': '\x1b[4;384;640t',
      '[16t': '\x1b[6;16;8t',
      [`P$qm${ST}`]: `\x1bP1$r0;4;38:2::4:5:6m${ST}`,
      [`P+q524742${ST}`]: `\x1bP0+r524742${ST}`,
    },
    widths: WCWIDTH,
  },
  'GNOME Terminal (VTE)': {
    environment: { TERM: 'xterm-256color', COLORTERM: 'truecolor', VTE_VERSION: '7600' },
    answers: {
      ...colors(ST),
      '[>c': '\x1b[>65;7600;1c',
      '[c': '\x1b[?65;1;9c',
      '[?2026$p': '\x1b[?2026;2$y',
      '[?2027$p': '\x1b[?2027;0$y',
      '[?2031$p': '\x1b[?2031;0$y',
      '[?69$p': '\x1b[?69;2$y',
      '[14t': '\x1b[4;408;720t',
    },
    widths: WCWIDTH,
  },
  kitty: {
    environment: { TERM: 'xterm-kitty', COLORTERM: 'truecolor', KITTY_WINDOW_ID: '1' },
    answers: {
      ...colors(ST),
      '[>q': `\x1bP>|kitty(0.38.1)${ST}`,
      '[>c': '\x1b[>1;4000;38c',
      '[c': '\x1b[?62;52;c',
      '[?u': '\x1b[?0u',
      '[?2026$p': '\x1b[?2026;2$y',
      '[?2027$p': '\x1b[?2027;3$y',
      '[?2031$p': '\x1b[?2031;2$y',
      '[14t': '\x1b[4;720;1280t',
      '[16t': '\x1b[6;30;16t',
      [`P+q5375${ST}`]: `\x1bP1+r5375${ST}`,
      [`P+q4d73${ST}`]: `\x1bP1+r4d73=5c455d35323b2570312573${ST}`,
    },
    widths: CLUSTERS,
  },
  foot: {
    environment: { TERM: 'foot', COLORTERM: 'truecolor' },
    answers: {
      ...colors(ST),
      '[>q': `\x1bP>|foot(1.18.1)${ST}`,
      '[>c': '\x1b[>1;011801;0c',
      '[c': '\x1b[?62;4;22;28;52c',
      '[?u': '\x1b[?0u',
      '[?2026$p': '\x1b[?2026;2$y',
      '[?2027$p': '\x1b[?2027;1$y',
      '[?2031$p': '\x1b[?2031;2$y',
      '[14t': '\x1b[4;480;800t',
      '[16t': '\x1b[6;20;10t',
    },
    widths: CLUSTERS,
  },
  WezTerm: {
    environment: { TERM: 'xterm-256color', COLORTERM: 'truecolor', TERM_PROGRAM: 'WezTerm' },
    answers: {
      ...colors(ST),
      '[>q': `\x1bP>|WezTerm 20240203-110809-5046fc22${ST}`,
      '[>c': '\x1b[>1;277;0c',
      '[c': '\x1b[?65;4;6;18;22c',
      '[?2026$p': '\x1b[?2026;2$y',
      '[16t': '\x1b[6;18;9t',
    },
    widths: CLUSTERS,
  },
  Alacritty: {
    environment: { TERM: 'alacritty', COLORTERM: 'truecolor' },
    answers: {
      ...colors(ST),
      '[>c': '\x1b[>0;1501;1c',
      '[c': '\x1b[?6c',
      '[?u': '\x1b[?0u',
      '[?2026$p': '\x1b[?2026;2$y',
      '[14t': '\x1b[4;432;800t',
    },
    widths: { family: 6, tone: 4, flag: 2, heart: 1, ambiguous: 1 },
  },
  iTerm2: {
    environment: { TERM: 'xterm-256color', COLORTERM: 'truecolor', TERM_PROGRAM: 'iTerm.app' },
    answers: {
      ...colors('\x07'),
      '[>q': `\x1bP>|iTerm2 3.5.10${ST}`,
      '[>c': '\x1b[>64;2500;0c',
      '[c': '\x1b[?64;1;2;4;6;17;18;21;22c',
      '[?u': '\x1b[?0u',
      '[?2026$p': '\x1b[?2026;2$y',
    },
    widths: CLUSTERS,
  },
  'Windows Terminal': {
    environment: { TERM: 'xterm-256color', WT_SESSION: '0c0ffee0' },
    answers: {
      ...colors(ST),
      '[>c': '\x1b[>0;10;1c',
      '[c': '\x1b[?61;6;7;14;21;22;23;24;28;32;42;52c',
      '[?2026$p': '\x1b[?2026;2$y',
      '[?69$p': '\x1b[?69;2$y',
    },
    widths: CLUSTERS,
  },
  tmux: {
    environment: {
      TERM: 'tmux-256color',
      COLORTERM: 'truecolor',
      TMUX: '/tmp/tmux-0/default,1,0',
      KITTY_WINDOW_ID: '1',
    },
    answers: { '[>q': `\x1bP>|tmux 3.3a${ST}`, '[>c': '\x1b[>84;0;0c', '[c': '\x1b[?1;2c' },
    widths: { family: 2, tone: 4, flag: 2, heart: 1, ambiguous: 1 },
  },
  screen: {
    environment: { TERM: 'screen-256color', COLORTERM: 'truecolor', STY: '1.pts-0.host', VTE_VERSION: '7600' },
    answers: { '[>c': '\x1b[>83;40900;0c', '[c': '\x1b[?1;2c' },
    widths: WCWIDTH,
  },
  'Linux console': {
    environment: { TERM: 'linux' },
    answers: { '[c': '\x1b[?6c' },
    widths: { family: 5, tone: 4, flag: 2, heart: 1, ambiguous: 1 },
  },
};

/** What the terminal sends when it is asked `questions`, answer by answer. */
export function answersTo(questions: string, known: KnownAnswers): string[] {
  const replies: string[] = [];
  let places = 0;
  const samples = Object.values(known.widths);
  for (const question of questions.split('\x1b').map((_, i, parts) => sequenceAt(parts, i))) {
    if (question === '[6n') {
      replies.push(`\x1b[7;${(samples[places] ?? 0) + 1}R`);
      places++;
    }
    const answer = known.answers[question];
    if (answer !== undefined) replies.push(answer);
  }
  return replies;
}

/** The sequence that begins at a part of a text that was cut at each ESC: strings have their ST. */
function sequenceAt(parts: readonly string[], i: number): string {
  const part = parts[i] ?? '';
  if (parts[i + 1]?.startsWith('\\') === true) return `${part}${ST}`;
  return /^\[[?>]?[\d;]*\$?[a-zA-Z]/.exec(part)?.[0] ?? '';
}
