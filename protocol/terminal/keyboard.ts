/**
 * How keys are to be told, beyond what terminals always did: kitty's keyboard protocol ("Comprehensive keyboard handling in terminals":
 * progressive enhancement, a stack for each of the two screens) and xterm's modifyOtherKeys. The keys themselves are the user's
 * terminal's: it is asked only for what it can do.
 */

import { KEYBOARD_MASK, KEYBOARD_SHIFT, OTHER_KEYS_MASK, OTHER_KEYS_SHIFT } from '../screen/modes.ts';

/** Entries on a stack; a further one pushes out the oldest. */
const MAX_STACK = 16;
const ALL_FLAGS = KEYBOARD_MASK >> KEYBOARD_SHIFT;
const MAX_OTHER_KEYS = 2;
const REPLACE = 1;
const ADD = 2;
const REMOVE = 3;

export class Keyboard {
  /** By screen: main, alternate. The last entry of each is the one that holds. */
  readonly #stacks: [main: number[], alternate: number[]] = [[0], [0]];
  /** modifyOtherKeys, 0 to 2. */
  #otherKeys = 0;

  /** The flags that hold on a screen. */
  flags(alternate: boolean): number {
    return this.#stack(alternate).at(-1) ?? 0;
  }

  get otherKeys(): number {
    return this.#otherKeys;
  }

  /** The bits of screen/modes.ts. */
  bits(alternate: boolean): number {
    return (this.flags(alternate) << KEYBOARD_SHIFT) | ((this.#otherKeys << OTHER_KEYS_SHIFT) & OTHER_KEYS_MASK);
  }

  /** CSI = flags ; how u. */
  set(alternate: boolean, flags: number, how: number): void {
    const stack = this.#stack(alternate);
    const known = flags & ALL_FLAGS;
    const last = stack.pop() ?? 0;
    stack.push(how === ADD ? last | known : how === REMOVE ? last & ~known : how === REPLACE ? known : last);
  }

  /** CSI > flags u. */
  push(alternate: boolean, flags: number): void {
    const stack = this.#stack(alternate);
    stack.push(flags & ALL_FLAGS);
    if (stack.length > MAX_STACK) stack.shift();
  }

  /** CSI < count u. */
  pop(alternate: boolean, count: number): void {
    const stack = this.#stack(alternate);
    stack.length = Math.max(0, stack.length - count);
    if (stack.length === 0) stack.push(0);
  }

  /** CSI > 4 ; value m. */
  setOtherKeys(value: number): void {
    this.#otherKeys = value <= MAX_OTHER_KEYS ? value : 0;
  }

  reset(): void {
    this.#stacks[0] = [0];
    this.#stacks[1] = [0];
    this.#otherKeys = 0;
  }

  #stack(alternate: boolean): number[] {
    return this.#stacks[alternate ? 1 : 0];
  }
}
