/**
 * Which terminal it is: by its own word (XTVERSION), else by what the environment and DA2 say. A multiplexer hides the terminal around it, so it
 * comes before all that the environment says of that one.
 */

import type { Answers } from './answers.ts';

export interface TerminalName {
  /** In small letters, such as `kitty`; empty for an unknown one. */
  readonly name: string;
  /** A thousand times the first number and the second, `3.4` is 3004; a single number as it is; 0 unknown. */
  readonly version: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const UNKNOWN: TerminalName = { name: '', version: 0 };

/** What TERM begins with, and the name. */
const TERMS: readonly (readonly [prefix: string, name: string])[] = [
  ['xterm-kitty', 'kitty'],
  ['xterm-ghostty', 'ghostty'],
  ['ghostty', 'ghostty'],
  ['foot', 'foot'],
  ['alacritty', 'alacritty'],
  ['wezterm', 'wezterm'],
  ['contour', 'contour'],
  ['konsole', 'konsole'],
  ['mintty', 'mintty'],
  ['rxvt-unicode', 'urxvt'],
  ['st-', 'st'],
  ['stterm', 'st'],
  ['putty', 'putty'],
  ['vte', 'vte'],
  ['linux', 'linux'],
  ['dumb', 'dumb'],
];
/** Names that XTVERSION has for the ones of here. */
const NAMES: Readonly<Record<string, string>> = { 'Windows Terminal': 'windows-terminal', iTerm: 'iterm2' };
/** TERM_PROGRAM's values. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'iTerm.app': 'iterm2',
  Apple_Terminal: 'apple',
  WezTerm: 'wezterm',
  vscode: 'xterm.js',
  ghostty: 'ghostty',
  mintty: 'mintty',
  kitty: 'kitty',
};
/** Variables that a terminal sets for its children. */
const VARIABLES: readonly (readonly [variable: string, name: string])[] = [
  ['KITTY_WINDOW_ID', 'kitty'],
  ['ALACRITTY_WINDOW_ID', 'alacritty'],
  ['WT_SESSION', 'windows-terminal'],
  ['KONSOLE_VERSION', 'konsole'],
  ['VTE_VERSION', 'vte'],
  ['XTERM_VERSION', 'xterm'],
];
/** DA2's first number, for what says nothing else. */
const IDENTITIES: Readonly<Record<number, string>> = { 65: 'vte', 83: 'screen', 84: 'tmux', 85: 'urxvt' };

/** The terminal that the program runs on. */
export function terminalName(answers: Answers, environment: Environment): TerminalName {
  const term = environment.TERM ?? '';
  if (answers.version !== undefined) return ownWord(answers.version);
  const identity = answers.identity?.[0] ?? 0;
  const identified = IDENTITIES[identity];
  if (term.startsWith('tmux') || environment.TMUX !== undefined || identified === 'tmux')
    return { ...UNKNOWN, name: 'tmux' };
  if (term.startsWith('screen') || environment.STY !== undefined || identified === 'screen') {
    return { ...UNKNOWN, name: 'screen' };
  }
  const byTerm = TERMS.find(([prefix]) => term.startsWith(prefix))?.[1];
  if (byTerm !== undefined) return { ...UNKNOWN, name: byTerm };
  const byProgram = PROGRAMS[environment.TERM_PROGRAM ?? ''];
  if (byProgram !== undefined) {
    return { name: byProgram, version: versionOf(environment.TERM_PROGRAM_VERSION ?? '') };
  }
  if (identified === 'vte') return { name: 'vte', version: answers.identity?.[1] ?? 0 };
  const [variable, name] = VARIABLES.find(([key]) => environment[key] !== undefined) ?? [];
  if (variable !== undefined && name !== undefined) return { name, version: versionOf(environment[variable] ?? '') };
  return identified === undefined ? UNKNOWN : { ...UNKNOWN, name: identified };
}

/** `XTerm(379)`, `kitty(0.35.2)`, `tmux 3.3a`, `WezTerm 20240203-110809-5046fc22`. */
function ownWord(text: string): TerminalName {
  const [, name = '', version = ''] = /^([A-Za-z][A-Za-z ._-]*?)\d*(?:[ (]+v?([\d.]+).*)?$/.exec(text) ?? [];
  return { name: NAMES[name] ?? name.toLowerCase(), version: versionOf(version) };
}

function versionOf(text: string): number {
  const [, first = '0', second] = /^(\d{1,9})(?:\.(\d{1,3}))?/.exec(text) ?? [];
  return second === undefined ? Number(first) : 1_000 * Number(first) + Number(second);
}
