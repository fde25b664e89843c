/** The window's title and the icon's (OSC 0, 1, 2), and xterm's stack of them (CSI 22 t, CSI 23 t). */

import { MAX_TITLE } from '../screen/screen.ts';

/** Titles on a stack; a further one pushes out the oldest. xterm has 10 as well. */
const MAX_STACK = 10;

export class Titles {
  window = '';
  icon = '';
  readonly #windows: string[] = [];
  readonly #icons: string[] = [];

  setWindow(title: string): void {
    this.window = clean(title);
  }

  setIcon(title: string): void {
    this.icon = clean(title);
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

/** Without control characters, and cut between characters to MAX_TITLE. */
function clean(title: string): string {
  const text = title.replace(/[\x00-\x1f\x7f-\x9f]/g, '');
  if (text.length <= MAX_TITLE) return text;
  const last = text.charCodeAt(MAX_TITLE - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? MAX_TITLE - 1 : MAX_TITLE);
}
