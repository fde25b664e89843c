/**
 * What each sequence does, one line a sequence: ECMA-48's and DEC's as xterm has them, which is what `TERM=xterm-256color`
 * promises. What is not listed has no effect, and what a program asks that is not listed gets no answer: so it knows that
 * the thing is not there. The answers are in queries.ts.
 */

import { charsetOf } from './charset.ts';
import {
  align,
  columnBack,
  columnForward,
  deleteCells,
  deleteLines,
  eraseCells,
  eraseDisplay,
  eraseLine,
  insertCells,
  insertLines,
  shiftColumns,
} from './edit.ts';
import type { Interpreter } from './interpreter.ts';
import {
  backTab,
  down,
  index,
  left,
  moveBy,
  nextLine,
  reverseIndex,
  right,
  tab,
  toColumn,
  toRow,
  up,
} from './movement.ts';
import type { Params } from './params.ts';
import { named } from './parser.ts';
import { QUERIES, reportResize, reportSize } from './queries.ts';

type Control = (terminal: Interpreter, params: Params) => void;
type Escape = (terminal: Interpreter) => void;

/** DECRPM's values. */
const UNKNOWN = 0;
const SET = 1;
const RESET = 2;
const ALWAYS_SET = 3;
const ALWAYS_RESET = 4;

/** The most that an argument of DECSCUSR means. */
const MAX_SHAPE = 6;

/** ESC sequences by name, see `named`. */
export const ESCAPES: ReadonlyMap<number, Escape> = new Map([
  esc('6', ({ page }) => columnBack(page)), // DECBI
  esc('9', ({ page }) => columnForward(page)), // DECFI
  esc('7', ({ page }) => page.save()), // DECSC
  esc('8', ({ page }) => page.restore()), // DECRC
  esc('D', ({ page }) => index(page)), // IND
  esc('E', ({ page }) => nextLine(page)), // NEL
  esc('H', ({ page }) => page.grid.tabs.set(page.x)), // HTS
  esc('M', ({ page }) => reverseIndex(page)), // RI
  esc('=', ({ modes }) => modes.set(66, true)), // DECKPAM
  esc('>', ({ modes }) => modes.set(66, false)), // DECKPNM
  esc('c', (terminal) => terminal.reset()), // RIS
  esc('#8', ({ page }) => align(page)), // DECALN
  esc('n', ({ page }) => page.useCharset(2)), // LS2
  esc('o', ({ page }) => page.useCharset(3)), // LS3
  esc('~', ({ page }) => page.useCharset(1)), // LS1R
  esc('}', ({ page }) => page.useCharset(2)), // LS2R
  esc('|', ({ page }) => page.useCharset(3)), // LS3R
  esc('%G', selectUtf8),
  esc('%@', selectUtf8),
  ...designations(),
]);

/** CSI sequences by name, see `named`; without SGR, the most frequent, and REP, which asks what came before: interpreter.ts. */
export const CONTROLS: ReadonlyMap<number, Control> = new Map([
  // The cursor
  csi('A', ({ page }, p) => up(page, p.count(0))), // CUU
  csi('B', ({ page }, p) => down(page, p.count(0))), // CUD
  csi('C', ({ page }, p) => right(page, p.count(0))), // CUF
  csi('D', ({ page }, p) => left(page, p.count(0))), // CUB
  csi('E', ({ page }, p) => down(page, p.count(0), page.start)), // CNL
  csi('F', ({ page }, p) => up(page, p.count(0), page.start)), // CPL
  csi('G', ({ page }, p) => toColumn(page, p.count(0) - 1)), // CHA
  csi('H', ({ page }, p) => page.moveTo(p.count(1) - 1, p.count(0) - 1)), // CUP
  csi('I', ({ page }, p) => tab(page, p.count(0))), // CHT
  csi('Z', ({ page }, p) => backTab(page, p.count(0))), // CBT
  csi('`', ({ page }, p) => toColumn(page, p.count(0) - 1)), // HPA
  csi('a', ({ page }, p) => moveBy(page, p.count(0), 0)), // HPR
  csi('d', ({ page }, p) => toRow(page, p.count(0) - 1)), // VPA
  csi('e', ({ page }, p) => moveBy(page, 0, p.count(0))), // VPR
  csi('f', ({ page }, p) => page.moveTo(p.count(1) - 1, p.count(0) - 1)), // HVP
  csi('s', saveOrSetMargins), // SCOSC, DECSLRM
  csi('u', ({ page }) => page.restore()), // SCORC

  // The text
  csi('J', ({ page }, p) => eraseDisplay(page, p.at(0))), // ED
  csi('?J', ({ page }, p) => eraseDisplay(page, p.at(0))), // DECSED; nothing is ever protected
  csi('K', ({ page }, p) => eraseLine(page, p.at(0))), // EL
  csi('?K', ({ page }, p) => eraseLine(page, p.at(0))), // DECSEL
  csi('X', ({ page }, p) => eraseCells(page, p.count(0))), // ECH
  csi('@', ({ page }, p) => insertCells(page, p.count(0))), // ICH
  csi('P', ({ page }, p) => deleteCells(page, p.count(0))), // DCH
  csi('L', ({ page }, p) => insertLines(page, p.count(0))), // IL
  csi('M', ({ page }, p) => deleteLines(page, p.count(0))), // DL
  csi('S', ({ page }, p) => page.scrollUp(p.count(0))), // SU
  csi('T', scrollDown), // SD
  csi(' @', ({ page }, p) => shiftColumns(page, page.grid.left, -p.count(0))), // SL
  csi(' A', ({ page }, p) => shiftColumns(page, page.grid.left, p.count(0))), // SR
  csi("'}", ({ page }, p) => shiftColumns(page, page.column, p.count(0))), // DECIC
  csi("'~", ({ page }, p) => shiftColumns(page, page.column, -p.count(0))), // DECDC

  // What comes after
  csi('r', setMargins), // DECSTBM
  csi('g', clearTabs), // TBC
  csi('h', (terminal, p) => setModes(terminal, p, true)), // SM
  csi('l', (terminal, p) => setModes(terminal, p, false)), // RM
  csi('?h', (terminal, p) => setPrivateModes(terminal, p, true)), // DECSET
  csi('?l', (terminal, p) => setPrivateModes(terminal, p, false)), // DECRST
  csi(' q', setCursorShape), // DECSCUSR
  csi('!p', (terminal) => terminal.softReset()), // DECSTR
  csi('?s', saveModes), // XTSAVE
  csi('?r', restoreModes), // XTRESTORE
  csi('=u', ({ keyboard, page }, p) => keyboard.set(page.alternate, p.at(0), p.count(1))),
  csi('>u', ({ keyboard, page }, p) => keyboard.push(page.alternate, p.at(0))),
  csi('<u', ({ keyboard, page }, p) => keyboard.pop(page.alternate, p.count(0))),
  csi('>m', setKeyModifiers), // XTMODKEYS
  csi('>n', ({ keyboard }, p) => (p.at(0) === 4 ? keyboard.setOtherKeys(0) : undefined)),

  // Questions
  ...QUERIES,
  csi('$p', reportMode), // DECRQM
  csi('?$p', reportPrivateMode),
  csi('t', windowOperation), // XTWINOPS
]);

function esc(name: string, does: Escape): [number, Escape] {
  return [named(name), does];
}

function csi(name: string, does: Control): [number, Control] {
  return [named(name), does];
}

/** SCS: `ESC ( B` and the like, for G0 to G3 and any set. */
function designations(): [number, Escape][] {
  const levels = { '(': 0, ')': 1, '*': 2, '+': 3, '-': 1, '.': 2 };
  const finals = Array.from({ length: 0x7f - 0x30 }, (_, i) => String.fromCharCode(0x30 + i));
  return Object.entries(levels).flatMap(([mark, level]) =>
    finals.map((final) => esc(mark + final, ({ page }) => page.designate(level, charsetOf(final)))),
  );
}

function selectUtf8({ page }: Interpreter): void {
  page.useCharset(0);
  page.designate(0, 'ascii');
}

/** SD, but not xterm's highlight tracking, which has five parameters. */
function scrollDown({ page }: Interpreter, params: Params): void {
  if (params.length === 1) page.scrollDown(params.count(0));
}

function setMargins({ page }: Interpreter, params: Params): void {
  const bottom = params.at(1);
  page.setMargins(params.count(0) - 1, (bottom === 0 || bottom > page.height ? page.height : bottom) - 1);
}

/** SCOSC, but under DECLRMM left and right margins. */
function saveOrSetMargins({ page }: Interpreter, params: Params): void {
  if (!page.columnMargins) {
    page.save();
    return;
  }
  const right = params.at(1);
  page.setColumnMargins(params.count(0) - 1, (right === 0 || right > page.cols ? page.cols : right) - 1);
}

function clearTabs({ page }: Interpreter, params: Params): void {
  if (params.at(0) === 0) page.grid.tabs.clear(page.x);
  if (params.at(0) === 3) page.grid.tabs.clearAll();
}

function setCursorShape(terminal: Interpreter, params: Params): void {
  if (params.at(0) <= MAX_SHAPE) terminal.setCursorShape(params.at(0));
}

function setModes({ page }: Interpreter, params: Params, on: boolean): void {
  for (let i = 0; i < params.length; i++) {
    if (params.at(i) === 4) page.insert = on;
    if (params.at(i) === 20) page.newLine = on;
  }
}

function setPrivateModes(terminal: Interpreter, params: Params, on: boolean): void {
  for (let i = 0; i < params.length; i++) setPrivateMode(terminal, params.at(i), on);
}

function setPrivateMode(terminal: Interpreter, mode: number, on: boolean): void {
  const { page } = terminal;
  switch (mode) {
    case 6: // DECOM
      page.origin = on;
      page.moveTo(0, 0);
      break;
    case 7: // DECAWM
      page.autowrap = on;
      break;
    case 12:
      terminal.setBlink(on);
      break;
    case 45:
      page.reverseWrap = on;
      break;
    case 69: // DECLRMM
      page.columnMargins = on;
      break;
    case 47:
    case 1047:
      page.showAlternate(on);
      break;
    case 1048:
      if (on) page.save();
      else page.restore();
      break;
    case 1049:
      if (on) page.save();
      page.showAlternate(on);
      if (!on) page.restore();
      break;
    case 2026:
      terminal.synchronize(on);
      break;
    case 2048:
      terminal.resizeReports = on;
      if (on) reportResize(terminal);
      break;
    default:
      terminal.modes.set(mode, on);
  }
}

function privateMode(terminal: Interpreter, mode: number): number {
  const { page } = terminal;
  switch (mode) {
    case 6:
      return page.origin ? SET : RESET;
    case 7:
      return page.autowrap ? SET : RESET;
    case 12:
      return terminal.blink ? SET : RESET;
    case 45:
      return page.reverseWrap ? SET : RESET;
    case 69:
      return page.columnMargins ? SET : RESET;
    case 47:
    case 1047:
    case 1049:
      return page.alternate ? SET : RESET;
    case 1048:
      return SET;
    case 2026:
      return terminal.synchronized ? SET : RESET;
    case 2048:
      return terminal.resizeReports ? SET : RESET;
    case 2027: // Graphemes: the user's terminal joins them, or does not, whatever a program asks for here.
      return terminal.facts.widths.graphemes ? ALWAYS_SET : UNKNOWN;
    case 8: // Keys repeat, and backspace sends DEL, as the keyboard at the other end has it.
      return ALWAYS_SET;
    case 67:
      return ALWAYS_RESET;
  }
  const on = terminal.modes.is(mode);
  return on === undefined ? UNKNOWN : on ? SET : RESET;
}

/** XTSAVE: keeps whether modes are on, for XTRESTORE. */
function saveModes(terminal: Interpreter, params: Params): void {
  for (let i = 0; i < params.length; i++) {
    const mode = params.at(i);
    const state = privateMode(terminal, mode);
    if (state === SET || state === RESET) terminal.savedModes.set(mode, state === SET);
  }
}

function restoreModes(terminal: Interpreter, params: Params): void {
  for (let i = 0; i < params.length; i++) {
    const on = terminal.savedModes.get(params.at(i));
    if (on !== undefined) setPrivateMode(terminal, params.at(i), on);
  }
}

/** Of xterm's resources only modifyOtherKeys (4); no resource named means all. */
function setKeyModifiers({ keyboard }: Interpreter, params: Params): void {
  if (params.at(0) === 4 || params.at(0) === 0) keyboard.setOtherKeys(params.at(0) === 4 ? params.at(1) : 0);
}

function reportPrivateMode(terminal: Interpreter, params: Params): void {
  const mode = params.at(0);
  terminal.replies.add(`\x1b[?${mode};${privateMode(terminal, mode)}$y`);
}

function reportMode({ page, replies }: Interpreter, params: Params): void {
  const mode = params.at(0);
  const states: Record<number, number> = {
    2: ALWAYS_RESET,
    4: page.insert ? SET : RESET,
    12: ALWAYS_SET,
    20: page.newLine ? SET : RESET,
  };
  replies.add(`\x1b[${mode};${states[mode] ?? UNKNOWN}$y`);
}

/** Sizes, and the stack of titles. */
function windowOperation(terminal: Interpreter, params: Params): void {
  const { titles } = terminal;
  const operation = params.at(0);
  reportSize(terminal, operation);
  if (operation === 22) titles.push(params.at(1));
  if (operation === 23) titles.pop(params.at(1));
}
