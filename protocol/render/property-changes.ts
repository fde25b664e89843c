/**
 * What of a screen concerns no cell, told to the terminal: colours, the directory, progress, notifications and the clipboard. What happened
 * (a notice, a copy) is told when it happens, and not when a screen is drawn from nothing.
 */

import { encodeBase64 } from '../base64.ts';
import { withoutControls } from '../screen/printable.ts';
import { BLANK_PROPERTIES, type Colors, NO_COLORS, type Notice, type Properties } from '../screen/properties.ts';
import type { Capabilities } from './capabilities.ts';

const ST = '\x1b\\';
const BELL = '\x07';
const DYNAMIC = [
  ['foreground', 10],
  ['background', 11],
  ['cursor', 12],
] as const;
/** A reset is its command's number and this. */
const RESET_OFFSET = 100;

/** From the properties that the terminal shows (undefined: nothing is known, all is the terminal's own) to others. */
export function propertyChanges(from: Properties | undefined, to: Properties, capabilities: Capabilities): string {
  const before = from ?? BLANK_PROPERTIES;
  let out = colorChanges(before.colors, to.colors, capabilities);
  if (capabilities.directory && before.directory !== to.directory) out += osc(`7;${to.directory}`);
  if (capabilities.progress && before.progress !== to.progress) out += progressOf(to.progress);
  if (from === undefined) return out;
  if (from.noticeCount !== to.noticeCount) {
    const fresh = Math.min((to.noticeCount - from.noticeCount) >>> 0, to.notices.length);
    // One at a time: a program can't fill the user's screen with them.
    const newest = fresh === 0 ? undefined : to.notices.at(-1);
    if (newest !== undefined) out += noticeOf(newest, capabilities);
  }
  if (capabilities.clipboard && from.copyCount !== to.copyCount && to.copied !== undefined) {
    out += osc(`52;${to.copied.selection};${encodeBase64(to.copied.bytes)}`);
  }
  return out;
}

/** What gives the terminal its own colours back, and takes the progress away. */
export function propertiesRestored(shown: Properties, capabilities: Capabilities): string {
  return propertyChanges(
    { ...shown, directory: '' },
    { ...shown, directory: '', colors: NO_COLORS, progress: 0 },
    capabilities,
  );
}

function colorChanges(from: Colors, to: Colors, capabilities: Capabilities): string {
  if (from === to) return '';
  let out = '';
  if (capabilities.palette && from.palette !== to.palette) {
    for (const [index, color] of to.palette) {
      if (from.palette.get(index) !== color) out += osc(`4;${index};${specOf(color)}`);
    }
    for (const index of from.palette.keys()) if (!to.palette.has(index)) out += osc(`104;${index}`);
  }
  if (!capabilities.dynamicColors) return out;
  for (const [name, command] of DYNAMIC) {
    const color = to[name];
    if (from[name] === color) continue;
    out += color === undefined ? osc(`${command + RESET_OFFSET}`) : osc(`${command};${specOf(color)}`);
  }
  return out;
}

/** As XParseColor(3) reads it. */
function specOf(color: number): string {
  const parts = [color >> 16, (color >> 8) & 0xff, color & 0xff];
  return `rgb:${parts.map((part) => part.toString(16).padStart(2, '0')).join('/')}`;
}

function progressOf(progress: number): string {
  return osc(progress === 0 ? '9;4;0' : `9;4;${progress >> 8};${progress & 0xff}`);
}

function noticeOf({ title, text }: Notice, { notices }: Capabilities): string {
  const safeTitle = withoutControls(title).replaceAll(';', ',');
  const safeText = withoutControls(text);
  switch (notices) {
    case 'osc99':
      if (safeTitle === '' || safeText === '') return osc(`99;;${safeTitle}${safeText}`);
      return osc(`99;i=rove:d=0;${safeTitle}`) + osc(`99;i=rove:p=body;${safeText}`);
    case 'osc777':
      return osc(`777;notify;${safeTitle};${safeText}`);
    case 'osc9':
      // With a number first it would be a command.
      return osc(
        `9;${[safeTitle, safeText]
          .filter((part) => part !== '')
          .join(': ')
          .replace(/^(?=\d)/, ' ')}`,
      );
    case 'bell':
      return BELL;
  }
}

function osc(command: string): string {
  return `\x1b]${command}${ST}`;
}
