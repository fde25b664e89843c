/**
 * The character that a key's sequence stands for, where the terminal tells keys by sequences: kitty's `CSI code ; modifiers ; text u` and xterm's
 * modifyOtherKeys `CSI 27 ; modifiers ; code ~`. Pure.
 */

const SHIFT = 1;
const CONTROL = 4;
/** Caps Lock and Num Lock are no keys that are held. */
const LOCKS = 64 | 128;
const RELEASED = '3';
const KEYPAD_ENTER = 57_414;
/** Caps, Scroll and Num Lock; Shift to Meta, left and right, and the shifts of levels. */
const LOCK_KEYS: readonly [first: number, last: number] = [57_358, 57_360];
const MODIFIER_KEYS: readonly [first: number, last: number] = [57_441, 57_454];
/** What Shift makes of keys, where the terminal does not tell it: on keyboards of the U.S. */
const SHIFTED: Readonly<Record<number, number>> = { 96: 0x7e, 47: 0x3f };

/**
 * The code of the character that a whole CSI sequence types; `silent` for what types nothing (a key let go, a modifier alone, the mouse,
 * focus); undefined for other keys.
 */
export function keyCode(sequence: string): number | 'silent' | undefined {
  const parameters = sequence.slice(2, -1);
  const last = sequence.at(-1);
  if (parameters === '' && (last === 'I' || last === 'O')) return 'silent';
  if (parameters.startsWith('<') || parameters.startsWith('?')) return 'silent';
  const [keys = '', modifiers = '', text = ''] = parameters.split(';');
  const [held = '', event] = modifiers.split(':');
  if (event === RELEASED) return 'silent';
  if (last === 'u') {
    const [key = '', shifted] = keys.split(':');
    return typedCode(Number(key), Number(held), Number(shifted) || undefined, Number(text) || undefined);
  }
  return last === '~' && keys === '27' ? typedCode(Number(text), Number(held), undefined, undefined) : undefined;
}

function typedCode(
  key: number,
  modifiers: number,
  shifted: number | undefined,
  text: number | undefined,
): number | 'silent' | undefined {
  if (isWithin(key, LOCK_KEYS) || isWithin(key, MODIFIER_KEYS)) return 'silent';
  if (text !== undefined) return text;
  const held = Math.max(0, modifiers - 1) & ~LOCKS;
  if ((held & ~(SHIFT | CONTROL)) !== 0) return undefined;
  if ((held & CONTROL) !== 0) return key >= 0x61 && key <= 0x7a ? key & 0x1f : undefined;
  if (key === KEYPAD_ENTER) return 0x0d;
  return (held & SHIFT) === 0 ? key : (shifted ?? SHIFTED[key] ?? key);
}

function isWithin(key: number, [first, last]: readonly [number, number]): boolean {
  return key >= first && key <= last;
}
