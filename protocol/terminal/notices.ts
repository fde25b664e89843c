/**
 * Notifications that a program has the terminal show: OSC 9 (iTerm2), OSC 777;notify (urxvt) and OSC 99 (kitty, "Desktop
 * notifications": titles and texts, in pieces; buttons, icons and sounds are not carried). And OSC 9;4, progress (ConEmu).
 */

import { decodeBase64 } from '../base64.ts';
import { MAX_NOTICE_TEXT, MAX_NOTICE_TITLE, MAX_NOTICES } from '../screen/properties.ts';
import { cleanText } from './clean-text.ts';
import type { Interpreter } from './interpreter.ts';

/** Most pieces of one kitty notification, in UTF-16 code units; what is over is dropped. */
const MAX_PENDING = 4 * MAX_NOTICE_TEXT;
/** Pieces of a kitty notification; what else it has are questions and orders. Of these, only the title and the body are shown. */
const PARTS: ReadonlySet<string> = new Set(['title', 'body', 'icon', 'buttons']);
const MAX_PROGRESS_STATE = 4;
const MAX_PERCENT = 100;

/** The kitty notification that is being put together. */
export interface PendingNotice {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** OSC 9: a text; with a number first it is one of ConEmu's commands, of which 4 is progress. */
export function notify(terminal: Interpreter, value: string): void {
  const [, command, rest = ''] = /^(\d{1,2})(?:;(.*))?$/s.exec(value) ?? [];
  if (command === undefined) addNotice(terminal, '', value);
  else if (command === '4') setProgress(terminal, rest);
}

/** OSC 777;notify;title;text. */
export function notifyByUrxvt(terminal: Interpreter, value: string): void {
  const [what, title = '', ...text] = value.split(';');
  if (what === 'notify') addNotice(terminal, title, text.join(';'));
}

/** OSC 99;metadata;payload. */
export function notifyByKitty(terminal: Interpreter, value: string): void {
  const semicolon = value.indexOf(';');
  if (semicolon < 0) return;
  const metadata = new Map(
    value
      .slice(0, semicolon)
      .split(':')
      .map((pair): [string, string] => [pair.charAt(0), pair.slice(2)]),
  );
  const part = metadata.get('p') ?? 'title';
  const payload = payloadOf(value.slice(semicolon + 1), metadata.get('e') === '1');
  if (payload === undefined || !PARTS.has(part)) return;
  const id = metadata.get('i') ?? '';
  const before = terminal.pendingNotice?.id === id ? terminal.pendingNotice : { id, title: '', text: '' };
  const title = part === 'title' ? before.title + payload : before.title;
  const text = part === 'body' ? before.text + payload : before.text;
  terminal.pendingNotice = { id, title: title.slice(0, MAX_PENDING), text: text.slice(0, MAX_PENDING) };
  if (metadata.get('d') === '0') return;
  terminal.pendingNotice = undefined;
  addNotice(terminal, title, text);
}

function payloadOf(payload: string, encoded: boolean): string | undefined {
  if (!encoded) return payload;
  const bytes = decodeBase64(payload);
  return bytes && new TextDecoder().decode(bytes);
}

function addNotice(terminal: Interpreter, title: string, text: string): void {
  const notice = { title: oneLine(title, MAX_NOTICE_TITLE), text: oneLine(text, MAX_NOTICE_TEXT) };
  if (notice.title === '' && notice.text === '') return;
  const { properties } = terminal;
  terminal.properties = {
    ...properties,
    notices: [...properties.notices, notice].slice(-MAX_NOTICES),
    noticeCount: (properties.noticeCount + 1) >>> 0,
  };
}

function oneLine(text: string, max: number): string {
  return cleanText(text.replace(/[\t\n\r]+/g, ' '), max);
}

function setProgress(terminal: Interpreter, value: string): void {
  const [state = 0, percent = 0] = value.split(';').map(Number);
  if (!(Number.isInteger(state) && state >= 0 && state <= MAX_PROGRESS_STATE)) return;
  const share = Number.isInteger(percent) ? Math.max(0, Math.min(percent, MAX_PERCENT)) : 0;
  const progress = state === 0 ? 0 : (state << 8) | share;
  if (progress !== terminal.properties.progress) terminal.properties = { ...terminal.properties, progress };
}
