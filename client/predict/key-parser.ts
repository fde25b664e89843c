/**
 * What the user meant, from the bytes that the terminal sends: letters, editing keys, and everything else, of which nobody can tell
 * what it will do. Bytes may be cut anywhere; nothing here throws, whatever they are. Pure.
 *
 * Escape sequences: ECMA-48 §5.4 for their form; xterm's control sequences for the keys (cursor keys with CSI and SS3, `CSI n ~`).
 */

import { INCOMPLETE, MALFORMED, Utf8Decoder } from '../../protocol/terminal/utf8.ts';
import { keyCode } from '../terminal/key-code.ts';

/** An editing key of which the effect can be guessed from the line alone. */
export type Edit =
  | 'left'
  | 'right'
  | 'backspace'
  | 'delete'
  | 'home'
  | 'end'
  | 'kill-start'
  | 'kill-end'
  | 'kill-word'
  | 'clear'
  | 'up'
  | 'down';

/**
 * Why nothing is known after a key: `enter` begins a new line, `interrupt` (Ctrl-C, Ctrl-D, Ctrl-L where its effect is not known) a new prompt, `line` puts something
 * else into the line (history, completion), `paste` many letters at once, `strange` may have begun a mode of its own (Esc, Ctrl-R).
 */
export type Unknown = 'enter' | 'interrupt' | 'line' | 'paste' | 'strange';

export type KeyAction =
  /** A character as it is typed; a combining mark is one, too. */
  | { readonly kind: 'letter'; readonly code: number }
  /** `key` tells keys with the same effect apart: some programs know only one of them. */
  | { readonly kind: 'edit'; readonly edit: Edit; readonly key: string }
  | { readonly kind: 'unknown'; readonly cause: Unknown };

/** Letters that come in one piece, without the brackets of a paste, are taken for one from this number on. */
const PASTE_LETTERS = 12;
/** An escape sequence that is longer than this is given up. */
const SEQUENCE_MAX = 64;

const ESC = 0x1b;
const CONTROLS: Readonly<Record<number, KeyAction>> = {
  1: edit('home', '^A'),
  2: edit('left', '^B'),
  3: unknown('interrupt'),
  4: unknown('interrupt'),
  5: edit('end', '^E'),
  6: edit('right', '^F'),
  8: edit('backspace', '^H'),
  9: unknown('line'),
  10: unknown('enter'),
  11: edit('kill-end', '^K'),
  12: edit('clear', '^L'),
  13: unknown('enter'),
  14: edit('down', '^N'),
  16: edit('up', '^P'),
  21: edit('kill-start', '^U'),
  23: edit('kill-word', '^W'),
  25: unknown('line'),
  127: edit('backspace', '^?'),
};
/** By the last byte of `CSI` or `SS3` without parameters. */
const CURSOR_KEYS: Readonly<Record<string, KeyAction>> = {
  A: edit('up', 'Up'),
  B: edit('down', 'Down'),
  C: edit('right', 'Right'),
  D: edit('left', 'Left'),
  F: edit('end', 'End'),
  H: edit('home', 'Home'),
  M: unknown('enter'),
};
/** By the number in `CSI n ~`. */
const TILDE_KEYS: Readonly<Record<string, KeyAction>> = {
  '1': edit('home', 'Home'),
  '3': edit('delete', 'Delete'),
  '4': edit('end', 'End'),
  '7': edit('home', 'Home'),
  '8': edit('end', 'End'),
};

export class KeyParser {
  readonly #utf8 = new Utf8Decoder();
  /** An escape sequence that has begun, as Latin-1; empty when there is none. */
  #sequence = '';
  /** In a bracketed paste, or in a string that the terminal answers with: until its end nothing is a key. */
  #inside: 'paste' | 'string' | undefined;

  /** The keys that `bytes` complete, in order; the bytes are borrowed during the call. */
  push(bytes: Uint8Array): KeyAction[] {
    const actions: KeyAction[] = [];
    for (const byte of bytes) this.#byte(byte, actions);
    // Esc alone: what it begins comes with it, or not at all.
    if (this.#sequence === '\x1b') {
      this.#sequence = '';
      actions.push(unknown('strange'));
    }
    return isPaste(actions) ? [unknown(actions.some(isEnter) ? 'enter' : 'paste')] : actions;
  }

  #byte(byte: number, actions: KeyAction[]): void {
    if (this.#sequence !== '') this.#continue(byte, actions);
    else if (byte === ESC) this.#sequence = '\x1b';
    else if (this.#inside === 'string') this.#inside = byte === 7 ? undefined : 'string';
    else if (this.#inside === 'paste') return;
    else if ((byte < 0x20 || byte === 0x7f) && !this.#utf8.pending) actions.push(CONTROLS[byte] ?? unknown('strange'));
    else this.#character(byte, actions);
  }

  #character(byte: number, actions: KeyAction[]): void {
    let code = this.#utf8.push(byte);
    if (code === MALFORMED) {
      actions.push(unknown('strange'));
      if (byte < 0x20 || byte === 0x7f) {
        actions.push(CONTROLS[byte] ?? unknown('strange'));
        return;
      }
      code = this.#utf8.push(byte);
    }
    if (code === INCOMPLETE || code === MALFORMED) return;
    actions.push(code < 0xa0 && code > 0x7e ? unknown('strange') : { kind: 'letter', code });
  }

  #continue(byte: number, actions: KeyAction[]): void {
    this.#sequence += String.fromCharCode(byte);
    const sequence = this.#sequence;
    if (sequence.length === 2) {
      if (this.#inside === 'string') {
        // ST, or the beginning of something else: the string is over in any case.
        this.#inside = undefined;
        this.#sequence = '';
      } else if ('PX]^_'.includes(sequence.charAt(1)) && this.#inside === undefined) {
        this.#inside = 'string';
        this.#sequence = '';
      } else if (!'[O'.includes(sequence.charAt(1))) {
        this.#sequence = '';
        if (this.#inside === undefined) actions.push(unknown(byte === ESC ? 'strange' : 'line'));
      }
      return;
    }
    const isOver = sequence[1] === 'O' || (byte >= 0x40 && byte <= 0x7e);
    if (!isOver && sequence.length < SEQUENCE_MAX) return;
    this.#sequence = '';
    this.#sequenceKey(sequence.slice(2, -1), sequence.at(-1) ?? '', actions);
  }

  #sequenceKey(parameters: string, last: string, actions: KeyAction[]): void {
    if (last === '~' && parameters === '200') this.#inside = 'paste';
    if (last === '~' && parameters === '201') {
      this.#inside = undefined;
      actions.push(unknown('paste'));
    }
    if (this.#inside !== undefined || (last === '~' && parameters === '201')) return;
    // What the terminal says of itself is no key: focus, and answers to questions about the cursor, the device, its modes.
    if ((parameters === '' && (last === 'I' || last === 'O')) || /[Rcnty]/.test(last)) return;
    if (last === 'u' || (last === '~' && parameters.startsWith('27;'))) {
      this.#toldKey(keyCode(`\x1b[${parameters}${last}`), actions);
      return;
    }
    const known = last === '~' ? TILDE_KEYS[parameters] : parameters === '' ? CURSOR_KEYS[last] : undefined;
    actions.push(known ?? unknown('line'));
  }

  /** A key that the terminal tells by its code, as some programs want it to: what letters do there is not guessed, but Enter is Enter. */
  #toldKey(code: ReturnType<typeof keyCode>, actions: KeyAction[]): void {
    if (code === 'silent') return;
    const isControl = code !== undefined && (code < 0x20 || code === 0x7f);
    actions.push(isControl ? (CONTROLS[code] ?? unknown('strange')) : unknown('line'));
  }
}

function edit(what: Edit, key: string): KeyAction {
  return { kind: 'edit', edit: what, key };
}

function unknown(cause: Unknown): KeyAction {
  return { kind: 'unknown', cause };
}

function isPaste(actions: readonly KeyAction[]): boolean {
  return actions.length >= PASTE_LETTERS && actions.filter(({ kind }) => kind === 'letter').length >= PASTE_LETTERS;
}

function isEnter(action: KeyAction): boolean {
  return action.kind === 'unknown' && action.cause === 'enter';
}
