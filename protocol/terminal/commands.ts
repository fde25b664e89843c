/**
 * OSC: what programs ask of the terminal beside the screen's text, by number, one line each. Links (8, "Hyperlinks in terminal
 * emulators"), the working directory (7), prompts (133, "semantic prompts"), the clipboard (52), titles, colours, notices. Others have
 * no effect and no answer.
 */

import { decodeBase64 } from '../base64.ts';
import { type Link, MAX_LINK_ID, MAX_LINK_URI } from '../screen/extra.ts';
import { CONTINUATION_MARK, OUTPUT_MARK, PROMPT_MARK, STATUS_MARK } from '../screen/mark.ts';
import { MAX_CLIPBOARD, MAX_DIRECTORY } from '../screen/properties.ts';
import { isPrintableAscii } from './clean-text.ts';
import { resetDynamic, resetPalette, setDynamic, setPalette } from './colors.ts';
import type { Interpreter } from './interpreter.ts';
import { notify, notifyByKitty, notifyByUrxvt } from './notices.ts';

type Command = (terminal: Interpreter, value: string) => void;

const MAX_STATUS = 255;

/** By the number before the first semicolon, as text. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['0', ({ titles }, value) => titles.setBoth(value)],
  ['1', ({ titles }, value) => titles.setIcon(value)],
  ['2', ({ titles }, value) => titles.setWindow(value)],
  ['4', setPalette],
  ['7', setDirectory],
  ['8', setLink],
  ['9', notify],
  ['10', (terminal, value) => setDynamic(terminal, 10, value)],
  ['11', (terminal, value) => setDynamic(terminal, 11, value)],
  ['12', (terminal, value) => setDynamic(terminal, 12, value)],
  ['52', copy],
  ['99', notifyByKitty],
  ['104', resetPalette],
  ['110', (terminal) => resetDynamic(terminal, 10)],
  ['111', (terminal) => resetDynamic(terminal, 11)],
  ['112', (terminal) => resetDynamic(terminal, 12)],
  ['133', mark],
  ['777', notifyByUrxvt],
  ['1337', setByIterm],
]);

/** `params;uri`; without an address the link ends. One that is not a proper URI ends it too: its text is no link. */
function setLink({ page }: Interpreter, value: string): void {
  const semicolon = value.indexOf(';');
  if (semicolon < 0) return;
  const uri = value.slice(semicolon + 1);
  const last = page.pen.extra?.link;
  const id = idOf(value.slice(0, semicolon));
  if (last !== undefined && last.uri === uri && last.id === id) return;
  const isLink = uri !== '' && uri.length <= MAX_LINK_URI && isPrintableAscii(uri);
  const link: Link | undefined = isLink ? { id, uri } : undefined;
  page.pen.setLink(link);
}

/** The id among `key=value` pairs with colons between. */
function idOf(params: string): string {
  const id = params
    .split(':')
    .find((pair) => pair.startsWith('id='))
    ?.slice(3);
  return id !== undefined && id.length <= MAX_LINK_ID && isPrintableAscii(id) ? id : '';
}

function setDirectory(terminal: Interpreter, value: string): void {
  const isAddress =
    /^(?:file|kitty-shell-cwd):\/\//.test(value) && value.length <= MAX_DIRECTORY && isPrintableAscii(value);
  if (!isAddress && value !== '') return;
  if (value !== terminal.properties.directory) terminal.properties = { ...terminal.properties, directory: value };
}

/** iTerm2's: the working directory without a host, and a mark as of a prompt. Its files, images and badges are not carried. */
function setByIterm(terminal: Interpreter, value: string): void {
  if (value === 'SetMark') setMark(terminal, PROMPT_MARK);
  const path = /^CurrentDir=(\/.*)$/s.exec(value)?.[1];
  if (path !== undefined) setDirectory(terminal, `file://${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}`);
}

/** `selections;base64`, or `?` to read. What is too large or no Base64 is not taken at all. */
function copy(terminal: Interpreter, value: string): void {
  const { properties, facts } = terminal;
  const [selections = '', text, ...more] = value.split(';');
  if (text === undefined || more.length > 0) return;
  if (text === '?') {
    // A program that may not read gets no answer, as from a terminal that has no clipboard.
    if (facts.clipboardReading) {
      terminal.properties = { ...properties, pasteCount: (properties.pasteCount + 1) >>> 0 };
    }
    return;
  }
  const bytes = decodeBase64(text);
  if (bytes === undefined || bytes.length > MAX_CLIPBOARD) return;
  const isPrimary = selections.includes('p') && !/[cs]/.test(selections);
  terminal.properties = {
    ...properties,
    copied: { selection: isPrimary ? 'p' : 'c', bytes },
    copyCount: (properties.copyCount + 1) >>> 0,
  };
}

/** What a shell tells of its prompt. */
function mark(terminal: Interpreter, value: string): void {
  const [what, ...options] = value.split(';');
  switch (what) {
    case 'A':
    case 'N':
    case 'P':
      beginPrompt(terminal, options.find((option) => option.startsWith('k='))?.charAt(2) ?? 'i');
      break;
    case 'C':
      setMark(terminal, OUTPUT_MARK);
      break;
    case 'D': {
      const status = /^\d{1,3}$/.test(options[0] ?? '') ? Number(options[0]) : 0;
      terminal.commandStatus = Math.min(status, MAX_STATUS);
      break;
    }
  }
}

/** A prompt, by its kind: `i` the first line's, `s` and `c` those of further lines, `r` at the right, which begins nothing. */
function beginPrompt(terminal: Interpreter, kind: string): void {
  if (kind === 'r') return;
  if (kind === 's' || kind === 'c') {
    setMark(terminal, CONTINUATION_MARK);
    return;
  }
  const status = terminal.commandStatus;
  terminal.commandStatus = undefined;
  setMark(terminal, status === undefined ? PROMPT_MARK : STATUS_MARK + status);
}

/** Marks the cursor's row. One that begins a prompt stays that, though it is drawn again, or output begins on it, too. */
function setMark({ page }: Interpreter, next: number): void {
  const before = page.grid.row(page.y).mark;
  if (before === next || (before >= PROMPT_MARK && next < STATUS_MARK)) return;
  page.grid.draft(page.y).mark = next;
}
