/**
 * Where the user types: what kind of program reads it, at which prompt, and what is known about whether typing shows there. This is
 * where a password is kept from being shown, so it errs on the side of showing nothing. Pure.
 *
 * - The kernel says line mode without echo: a secret is being asked for, and there is no situation at all.
 * - The kernel echoes: that may end at any moment, when a program begins to ask for a password. Nothing is taken for granted: only where
 *   whole lines were echoed before, to a program that has not asked for a password yet.
 * - A line editor at its prompt: it has asked for bracketed pastes, which programs that it starts do not find set.
 * - Any other program in raw mode is known by its prompts only.
 */

import { COLOR_KIND_MASK, COLOR_MASK, COLOR_PALETTE, COLOR_RGB, FAINT } from '../../protocol/screen/cell.ts';
import { ALTERNATE_SCREEN, BRACKETED_PASTE } from '../../protocol/screen/modes.ts';
import type { EchoState, TtyState } from '../../protocol/session/shell-state.ts';
import type { Confidence } from './confidence.ts';
import type { Place } from './draft.ts';
import type { KeyAction } from './key-parser.ts';
import {
  askingRows,
  isEditor,
  isFish,
  isModeless,
  isRelay,
  isShell,
  killsWholeLine,
  unboundKeys,
  wordLettersOf,
} from './known-programs.ts';
import type { Manners, TailHabit } from './line-edit.ts';
import { asksForSecret, type LeftText, leftText, lettersOf, promptKey, sigilOf } from './prompt.ts';

export interface Situation {
  readonly kind: 'kernel' | 'line' | 'editor';
  /** What letters are learnt by: all of them together. */
  readonly keys: readonly string[];
  /** A line editor that has announced itself, or an editor that says that it inserts: trusted until it disappoints. */
  readonly prior: boolean;
  /** It is a line editor that has said so: the usual keys do the usual. */
  readonly announced: boolean;
  /** Nothing is to be shown or learnt here, whatever echoes. */
  readonly secret: boolean;
  /** Nothing stands left of the cursor: a program that has not asked anything. */
  readonly blank: boolean;
  /** Where the line begins. */
  readonly home: Place | undefined;
  /** The text up to there. */
  readonly prompt: string | undefined;
  /** Keys that do nothing here unless the user has bound them. */
  readonly unbound: readonly string[];
  /** Begins the names of what else is learnt about the program. */
  readonly program: string;
}

/** What the keys before have left unsaid. */
export interface Mood {
  /** The last key of unknown effect began a line. */
  readonly fresh: boolean;
  /** It may have begun a mode of its own. */
  readonly strange: boolean;
  /** Counts the programs that were in the foreground. */
  readonly visit: number;
}

/** Rows at the bottom of which one at least is not empty when an editor without modes has drawn its screen. */
const BAR_ROWS = 3;
const INSERTING = /^(INSERT|REPLACE)\b/;
/** Prompts of programs that ask for no secrets, whether they announce themselves or not. */
const KNOWN_PROMPT =
  /^(>>>|\.\.\.|In \[\d+\]:|\((gdb|lldb|Pdb)\)|\w+=[#>]|\s+\.\.\.>|(sqlite|mysql|redis|ftp|sftp)>) $/;
/** fish's `read -s` announces itself like any line editor and echoes nothing: what asks with a plain `>` is to be learnt word by word. */
const NO_FISH_READ = /[@~/$#%❯➜λ»]/u;
const PROMPT_WITHIN = /^.*?([$#%❯➜λ»›⟩]|>>>|\.\.\.|\w>)\s/u;

/** The situation at a place; undefined where nothing may be guessed. */
export function situationAt(state: EchoState, at: Place, mood: Mood, confidence: Confidence): Situation | undefined {
  const { screen, tty } = state;
  if (tty?.canonical === true && !tty.echo) return undefined;
  const isAlternate = (screen.modes & ALTERNATE_SCREEN) !== 0;
  const program = `${tty?.program ?? 0}${isAlternate ? ' full' : ''}`;
  const left = leftText(screen, at);
  if (tty?.canonical === true) return kernelSituation(tty, left, at, program, mood);
  return isAlternate && isInEditor(state)
    ? editorSituation(state, at, left, program, mood)
    : lineSituation(state, at, left, isAlternate, program, mood, confidence);
}

/** After a key was answered. */
export function moodAfter(mood: Mood, action: KeyAction): Mood {
  if (action.kind !== 'unknown') return { ...mood, fresh: false };
  const { cause } = action;
  if (cause === 'enter' || cause === 'interrupt') return { ...mood, fresh: true, strange: false };
  return { ...mood, fresh: false, strange: mood.strange || cause === 'strange' };
}

/** Whether letters are shown at once here, by what has been seen so far. */
export function isTrusted({ keys, prior, secret }: Situation, confidence: Confidence): boolean {
  if (secret) return false;
  const known = keys.filter((key) => confidence.knows(key));
  const [nearest] = known;
  return nearest === undefined ? prior : confidence.trusts(nearest, prior);
}

/** How the program at hand edits, with what was seen of it. */
export function mannersOf(
  situation: Situation,
  tty: EchoState['tty'],
  tailOf: (key: string) => TailHabit | undefined,
  recall: Manners['recall'],
  rowsAbove: number | undefined,
): Manners {
  const { kind, program } = situation;
  return {
    kind,
    tail: (foreground) => {
      if (kind === 'line' && looksSuggested(foreground)) return 'suggestion';
      const learnt = tailOf(tailKey(program, foreground));
      if (learnt !== undefined) return learnt;
      return kind === 'kernel' ? 'unknown' : 'shift';
    },
    recall,
    rowsAbove: situation.announced ? rowsAbove : undefined,
    wordLetters: kind === 'kernel' ? /[\p{L}\p{N}_]/u : wordLettersOf(tty?.program ?? 0),
    killsWholeLine: killsWholeLine(tty?.program ?? 0),
  };
}

/** By what it is remembered how text in this colour gives way. */
export function tailKey(program: string, foreground: number): string {
  return `${program} ${foreground.toString(16)}`;
}

function kernelSituation(tty: TtyState, left: LeftText, at: Place, program: string, mood: Mood): Situation {
  const blank = left.text.trim() === '';
  const key = blank ? `kernel ${program} ${mood.visit}` : `kernel ${program} ${promptKey(left.text)}`;
  const secret = asksForSecret(left.text);
  return {
    kind: 'kernel',
    // In the middle of a line, what stands left of the cursor may be what was typed ahead. A shell that asks nothing is about to start
    // another program.
    keys: mood.fresh && !(blank && isShell(tty.program)) ? [key] : [],
    prior: false,
    announced: false,
    secret,
    blank,
    home: at,
    prompt: left.text,
    unbound: [],
    program,
  };
}

/** An editor has the whole screen; its last row tells its mode, or is where it asks. */
function editorSituation(
  { screen, tty }: EchoState,
  at: Place,
  left: LeftText,
  program: string,
  mood: Mood,
): Situation {
  const last = screen.rows.length - 1;
  const modeless = isModeless(tty?.program ?? 0);
  const asks = at.row > last - askingRows(tty?.program ?? 0);
  const isDrawn = screen.rows.slice(-BAR_ROWS).some((row) => lettersOf(row, screen.cols) !== '');
  const mode = asks ? promptKey(left.text) : lettersOf(screen.rows[last], screen.cols);
  return {
    kind: 'editor',
    keys: [`editor ${program} ${asks ? 'asks' : 'in'} ${mode}`],
    announced: false,
    prior: !asks && (modeless ? isDrawn && !mood.strange : INSERTING.test(mode)),
    secret: asks && asksForSecret(left.text),
    blank: false,
    home: undefined,
    prompt: undefined,
    unbound: [],
    program,
  };
}

function lineSituation(
  { screen, tty }: EchoState,
  at: Place,
  left: LeftText,
  isAlternate: boolean,
  program: string,
  mood: Mood,
  confidence: Confidence,
): Situation {
  const { text, places } = left;
  const announced = !isAlternate && (screen.modes & BRACKETED_PASTE) !== 0 && !mood.strange;
  const kind = mood.strange ? 'strange' : 'line';
  const keyOf = (prompt: string): string => `${kind} ${program} ${promptKey(prompt)}`;
  const blank = text.trim() === '';
  const sigil = sigilOf(text);
  const isPrompt = mood.fresh || sigil !== undefined;
  const length = isPrompt ? text.length : promptLength(text, keyOf, announced, confidence);
  const prompt = length === undefined ? undefined : text.slice(0, length);
  const sigilKey = prompt === undefined ? undefined : sigilOf(prompt);
  // The same prompt in another program, in tmux for one; another prompt in the same program.
  const mayBeRead = isFish(tty?.program ?? 0) && !NO_FISH_READ.test(prompt ?? '');
  const others =
    prompt === undefined || sigilKey === undefined || mayBeRead
      ? []
      : [`${kind} anywhere ${promptKey(prompt)}`, `${kind} ${program} any ${sigilKey}`];
  const isKnown = !mood.strange && KNOWN_PROMPT.test(prompt ?? '');
  const prior = isKnown || (announced && sigilKey !== undefined && !mayBeRead);
  return {
    kind: 'line',
    announced: announced || isKnown,
    keys: [keyOf(prompt ?? text), ...others],
    prior,
    secret: asksForSecret(prompt ?? text) || (blank && !prior),
    blank,
    home: length === undefined ? undefined : (places[length] ?? at),
    prompt,
    unbound: unboundKeys(tty?.program ?? 0),
    program,
  };
}

/** How much of the text is a prompt, where typing begins in the middle of a line; undefined when that can't be told. */
function promptLength(
  text: string,
  keyOf: (prompt: string) => string,
  announced: boolean,
  confidence: Confidence,
): number | undefined {
  for (let length = 1; length <= text.length; length++) {
    if (text[length - 1] !== ' ') continue;
    if (confidence.trusts(keyOf(text.slice(0, length)), false)) return length;
  }
  const found = announced ? PROMPT_WITHIN.exec(text) : undefined;
  return found?.[0].length;
}

function isInEditor({ screen, tty }: EchoState): boolean {
  const program = tty?.program ?? 0;
  if (isEditor(program)) return true;
  if (!isRelay(program)) return false;
  const last = lettersOf(screen.rows.at(-1), screen.cols);
  return INSERTING.test(last) && screen.cursorRow < screen.rows.length - 1;
}

/** The grey in which shells suggest what one might want to type: fish's and zsh-autosuggestions' own. */
function looksSuggested(foreground: number): boolean {
  if ((foreground & FAINT) !== 0) return true;
  const color = foreground & COLOR_MASK;
  const kind = foreground & COLOR_KIND_MASK;
  if (kind === COLOR_PALETTE) return color === 8 || (color >= 237 && color <= 245);
  return kind === COLOR_RGB && color === 0x55_5555;
}
