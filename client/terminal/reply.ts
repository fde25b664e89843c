/**
 * What a terminal answers when it is asked about itself, read from the sequence of one answer. Pure; nothing here throws.
 *
 * Forms: xterm, "Control Sequences" (DA, CPR, DECRPM, XTVERSION, XTGETTCAP, DECRQSS, XTWINOPS, OSC 4, 10 to 12 and 52); kitty,
 * "Comprehensive keyboard handling in terminals" (CSI ? flags u).
 */

import { decodeBase64 } from '../../protocol/base64.ts';
import { MAX_CLIPBOARD } from '../../protocol/screen/properties.ts';
import { parseColor } from '../../protocol/terminal/colors.ts';

export type Reply =
  /** DA1: what it is, as numbers. */
  | { readonly kind: 'attributes'; readonly values: readonly number[] }
  /** DA2: its type, version and hardware. */
  | { readonly kind: 'identity'; readonly values: readonly number[] }
  /** XTVERSION: its name and version, in printable ASCII. */
  | { readonly kind: 'version'; readonly text: string }
  /** CPR: where the cursor is, from 1 on. */
  | { readonly kind: 'cursor'; readonly row: number; readonly col: number }
  /** OSC 10, 11, 12: foreground, background, cursor, as 0xRRGGBB; undefined for a form of colour that is not known. */
  | { readonly kind: 'color'; readonly of: number; readonly color: number | undefined }
  /** OSC 4. */
  | { readonly kind: 'palette'; readonly index: number; readonly color: number | undefined }
  /** It knows kitty's keyboard protocol. */
  | { readonly kind: 'keyboard'; readonly flags: number }
  /** It knows modifyOtherKeys. */
  | { readonly kind: 'other-keys'; readonly level: number }
  /** DECRPM: 0 not known, 1 set, 2 reset, 3 always set, 4 always reset. */
  | { readonly kind: 'mode'; readonly mode: number; readonly value: number }
  /** XTWINOPS 14 and 16, in pixels. */
  | { readonly kind: 'pixels'; readonly of: 'window' | 'cell'; readonly width: number; readonly height: number }
  /** XTGETTCAP: a capability's value, or undefined for one that it has not; the name may be missing then. */
  | { readonly kind: 'capability'; readonly name: string; readonly value: string | undefined }
  /** DECRQSS: the rendition that the terminal has made of the one it was given, as parameters of SGR. */
  | { readonly kind: 'rendition'; readonly text: string }
  /** OSC 52: what is in the clipboard; undefined if that is no Base64, or too much. */
  | { readonly kind: 'clipboard'; readonly bytes: Uint8Array | undefined };

/** Something that was asked: the same text for the question and its answer. */
export type Question = string;

/** The question that `reply` answers. */
export function questionOf(reply: Reply): Question {
  switch (reply.kind) {
    case 'color':
    case 'pixels':
      return `${reply.kind} ${reply.of}`;
    case 'palette':
      return `palette ${reply.index}`;
    case 'mode':
      return `mode ${reply.mode}`;
    default:
      return reply.kind;
  }
}

/** Longest text of a version and of a capability's value, in characters. */
const MAX_TEXT = 256;

/** The answer that a whole sequence is, from ESC to its end; undefined if it is none. */
export function readReply(sequence: string): Reply | undefined {
  switch (sequence[1]) {
    case '[':
      return readControl(sequence.slice(2));
    case ']':
      return readCommand(contentOf(sequence));
    default:
      return readDevice(contentOf(sequence));
  }
}

/** What stands between the introducer of a string and its end, BEL or ST. */
function contentOf(sequence: string): string {
  return sequence.slice(2, sequence.endsWith('\x07') ? -1 : -2);
}

function readControl(text: string): Reply | undefined {
  const [, prefix = '', list = '', last = ''] = /^([?>]?)([0-9;]{0,60})(\$?[cRutmy])$/.exec(text) ?? [];
  const values = list === '' ? [] : list.split(';').map(Number);
  const [first = 0, second = 0, third = 0] = values;
  switch (prefix + last) {
    case '?c':
      return { kind: 'attributes', values };
    case '>c':
      return { kind: 'identity', values };
    case 'R':
      return values.length === 2 ? { kind: 'cursor', row: first, col: second } : undefined;
    case '?u':
      return values.length <= 1 ? { kind: 'keyboard', flags: first } : undefined;
    case '>m':
      return first === 4 ? { kind: 'other-keys', level: second } : undefined;
    case '?$y':
      return values.length === 2 ? { kind: 'mode', mode: first, value: second } : undefined;
    case 't':
      if (values.length !== 3 || (first !== 4 && first !== 6)) return undefined;
      return { kind: 'pixels', of: first === 4 ? 'window' : 'cell', height: second, width: third };
    default:
      return undefined;
  }
}

function readCommand(text: string): Reply | undefined {
  const [, code = '', value = ''] = /^(10|11|12|4;\d{1,3});([^;]{1,40})$/.exec(text) ?? [];
  if (code.startsWith('4;')) return { kind: 'palette', index: Number(code.slice(2)), color: colorOf(value) };
  if (code !== '') return { kind: 'color', of: Number(code), color: colorOf(value) };
  // Not by one expression: there may be much of it.
  const [command = '', selection = '', data] = text.split(';', 3);
  if (command !== '52' || data === undefined || !/^[a-z0-7]{0,12}$/.test(selection)) return undefined;
  const bytes = decodeBase64(data);
  return { kind: 'clipboard', bytes: bytes !== undefined && bytes.length <= MAX_CLIPBOARD ? bytes : undefined };
}

/** Some tell the opacity, too. */
function colorOf(text: string): number | undefined {
  const [, opaque] = /^rgba:([^/]+\/[^/]+\/[^/]+)\/[^/]+$/.exec(text) ?? [];
  return parseColor(opaque === undefined ? text : `rgb:${opaque}`);
}

function readDevice(text: string): Reply | undefined {
  if (text.startsWith('>|')) return { kind: 'version', text: printable(text.slice(2)) };
  const [, rendition] = /^1\$r([\d;:]{0,100})m$/.exec(text) ?? [];
  if (rendition !== undefined) return { kind: 'rendition', text: rendition };
  const [, found, name = '', value = ''] = /^([01])\+r([0-9a-f]*)(?:=([0-9a-f]*))?$/i.exec(text) ?? [];
  if (found === undefined) return undefined;
  return { kind: 'capability', name: fromHex(name), value: found === '1' ? fromHex(value) : undefined };
}

function fromHex(text: string): string {
  const bytes = text.slice(0, 2 * MAX_TEXT).match(/../g) ?? [];
  return bytes.map((pair) => String.fromCharCode(Number.parseInt(pair, 16))).join('');
}

function printable(text: string): string {
  return text.slice(0, MAX_TEXT).replace(/[^ -~]/g, '');
}
