/** The window's title and the icon's (OSC 0, 1, 2), and xterm's stack of them (CSI 22 t, CSI 23 t). */

import { MAX_TITLE } from '../screen/screen.ts';
import { cleanText } from './clean-text.ts';

/** Titles on a stack; a further one pushes out the oldest. xterm has 10 as well. */
const MAX_STACK = 10;

export class Titles {
  window = '';
  icon = '';
  readonly #windows: string[] = [];
  readonly #icons: string[] = [];

  setBoth(title: string): void {
    this.setWindow(title);
    this.setIcon(title);
  }

  setWindow(title: string): void {
    this.window = cleanText(title, MAX_TITLE);
  }

  setIcon(title: string): void {
    this.icon = cleanText(title, MAX_TITLE);
  }

  /** `which` as in CSI 22 ; which t: 0 both, 1 icon, 2 window. */
  push(which: number): void {
    if (which === 0 || which === 2) push(this.#windows, this.window);
    if (which === 0 || which === 1) push(this.#icons, this.icon);
  }

  /** Likewise; an empty stack changes nothing. */
  pop(which: number): void {
    if (which === 0 || which === 2) this.window = this.#windows.pop() ?? this.window;
    if (which === 0 || which === 1) this.icon = this.#icons.pop() ?? this.icon;
  }
}

function push(stack: string[], title: string): void {
  stack.push(title);
  if (stack.length > MAX_STACK) stack.shift();
}
