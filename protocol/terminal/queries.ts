/**
 * What programs ask the terminal, answered here without a round trip, and truthfully: what rove carries from the program to the user's
 * terminal and back is claimed, what it does not carry is not. (xterm, "Control Sequences"; kitty and contour for 996, 2048.)
 * Titles are never told, because an answer would type what somebody else's output had put there.
 */

import { isDark } from './colors.ts';
import type { Interpreter } from './interpreter.ts';
import type { Params } from './params.ts';
import { named } from './parser.ts';
import { sgrOf } from './pen.ts';

type Query = (terminal: Interpreter, params: Params) => void;

/** By name, see `named`. */
export const QUERIES: readonly [number, Query][] = [
  [named('c'), primaryAttributes], // DA1
  [named('>c'), secondaryAttributes], // DA2
  [named('=c'), tertiaryAttributes], // DA3
  [named('>q'), version], // XTVERSION
  [named('n'), reportStatus], // DSR
  [named('?n'), reportPrivateStatus], // DECDSR
  [named('?u'), reportKeyboard], // kitty's keyboard
  [named('?m'), reportOtherKeys], // XTQMODKEYS
];

/** What XTGETTCAP tells: terminfo's and tmux's names, of what rove carries. */
const CAPABILITIES: ReadonlyMap<string, string> = new Map([
  ['TN', 'xterm-256color'],
  ['name', 'xterm-256color'],
  ['Co', '256'],
  ['colors', '256'],
  ['RGB', '8/8/8'],
  ['Tc', ''],
  ['Su', ''],
  ['Smulx', '\x1b[4:%p1%dm'],
  ['Setulc', '\x1b[58:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%d%;m'],
  ['setrgbf', '\x1b[38:2::%p1%d:%p2%d:%p3%dm'],
  ['setrgbb', '\x1b[48:2::%p1%d:%p2%d:%p3%dm'],
  ['Ss', '\x1b[%p1%d q'],
  ['Se', '\x1b[0 q'],
  ['Cs', '\x1b]12;%p1%s\x07'],
  ['Cr', '\x1b]112\x07'],
  ['Ms', '\x1b]52;%p1%s;%p2%s\x07'],
  ['Sync', '\x1b[?2026%?%p1%{1}%-%tl%eh%;'],
  ['BE', '\x1b[?2004h'],
  ['BD', '\x1b[?2004l'],
  ['fe', '\x1b[?1004h'],
  ['fd', '\x1b[?1004l'],
]);
/** Names answered in one question. */
const MAX_NAMES = 64;

/** A VT220 with colours and a clipboard that can be written: no sixels, no user-defined keys. */
function primaryAttributes({ replies }: Interpreter, params: Params): void {
  if (params.at(0) === 0) replies.add('\x1b[?62;22;52c');
}

/** As xterm's patch 277: vim then takes the mouse's SGR encoding. */
function secondaryAttributes({ replies }: Interpreter, params: Params): void {
  if (params.at(0) === 0) replies.add('\x1b[>1;277;0c');
}

function tertiaryAttributes({ replies }: Interpreter, params: Params): void {
  if (params.at(0) === 0) replies.add('\x1bP!|00000000\x1b\\');
}

function version({ replies }: Interpreter, params: Params): void {
  if (params.at(0) === 0) replies.add('\x1bP>|rove\x1b\\');
}

function reportStatus(terminal: Interpreter, params: Params): void {
  if (params.at(0) === 5) terminal.replies.add('\x1b[0n');
  if (params.at(0) === 6) reportCursor(terminal, '');
}

/** The cursor; that there is no printer, that keys can't be defined, a keyboard of North America; and dark or light colours. */
function reportPrivateStatus(terminal: Interpreter, params: Params): void {
  const { replies } = terminal;
  switch (params.at(0)) {
    case 6:
      reportCursor(terminal, '?');
      break;
    case 15:
      replies.add('\x1b[?13n');
      break;
    case 25:
      replies.add('\x1b[?21n');
      break;
    case 26:
      replies.add('\x1b[?27;1;0;0n');
      break;
    case 996:
      reportColorScheme(terminal);
      break;
  }
}

/** Dark or light colours, where that is known: asked for, or told on a change under mode 2031. */
export function reportColorScheme(terminal: Interpreter): void {
  const dark = isDark(terminal);
  if (dark !== undefined) terminal.replies.add(`\x1b[?997;${dark ? 1 : 2}n`);
}

function reportCursor({ page, replies }: Interpreter, prefix: string): void {
  const row = page.origin ? page.y - page.grid.top : page.y;
  const col = page.origin ? page.column - page.grid.left : page.column;
  replies.add(`\x1b[${prefix}${row + 1};${col + 1}R`);
}

function reportKeyboard({ facts, keyboard, page, replies }: Interpreter): void {
  if (facts.keyboard) replies.add(`\x1b[?${keyboard.flags(page.alternate)}u`);
}

function reportOtherKeys({ facts, keyboard, replies }: Interpreter, params: Params): void {
  if (facts.otherKeys && params.at(0) === 4) replies.add(`\x1b[>4;${keyboard.otherKeys}m`);
}

/** Sizes in cells and, where the user's terminal has told them, in pixels. Nothing here moves or resizes the user's window. */
export function reportSize({ facts, page, replies }: Interpreter, operation: number): void {
  const { cellWidth, cellHeight } = facts;
  const hasPixels = cellWidth > 0 && cellHeight > 0;
  if (operation === 14 && hasPixels) replies.add(`\x1b[4;${cellHeight * page.height};${cellWidth * page.cols}t`);
  if (operation === 16 && hasPixels) replies.add(`\x1b[6;${cellHeight};${cellWidth}t`);
  if (operation === 18) replies.add(`\x1b[8;${page.height};${page.cols}t`);
  if (operation === 19) replies.add(`\x1b[9;${page.height};${page.cols}t`);
}

/** Mode 2048: the size, as a program asked to be told it in its input. */
export function reportResize({ facts, page, replies }: Interpreter): void {
  const { cellWidth, cellHeight } = facts;
  replies.add(`\x1b[48;${page.height};${page.cols};${cellHeight * page.height};${cellWidth * page.cols}t`);
}

/** DECRQSS's answer: 1, and the setting as the sequence would set it; 0 for what is not known. */
export function reportSetting(terminal: Interpreter, name: string): void {
  terminal.replies.add(`\x1bP${settingOf(terminal, name)}\x1b\\`);
}

function settingOf({ page, cursorShape }: Interpreter, name: string): string {
  switch (name) {
    case 'm':
      return `1$r${sgrOf(page.pen)}m`;
    case 'r':
      return `1$r${page.grid.top + 1};${page.grid.bottom + 1}r`;
    case 's':
      return page.columnMargins ? `1$r${page.grid.left + 1};${page.grid.right + 1}s` : '0$r';
    case ' q':
      return `1$r${cursorShape} q`;
    case '"q':
      return '1$r0"q';
    case '"p':
      return '1$r62;1"p';
    default:
      return '0$r';
  }
}

/** XTGETTCAP: names in hexadecimal, with semicolons between; one answer for each. */
export function reportCapabilities({ replies }: Interpreter, names: string): void {
  for (const name of names.split(';', MAX_NAMES)) {
    if (!/^(?:[0-9a-f]{2}){1,16}$/i.test(name)) {
      replies.add('\x1bP0+r\x1b\\');
      return;
    }
    const value = CAPABILITIES.get(fromHex(name));
    if (value === undefined) replies.add(`\x1bP0+r${name}\x1b\\`);
    else replies.add(`\x1bP1+r${name}${value === '' ? '' : `=${toHex(value)}`}\x1b\\`);
  }
}

function fromHex(text: string): string {
  return text.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
}

function toHex(text: string): string {
  return Array.from(text, (character) => character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()).join('');
}
