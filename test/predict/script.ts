/**
 * What a simulated person types into a session that is recorded: the keys, their gaps (as people have them, see bench/work/gaps.ts), slips
 * and how they are mended. The same seed types the same.
 */

import type { Dice } from '../../bench/link/random.ts';
import { drawGapMs, type Pause } from '../../bench/work/gaps.ts';

export interface ScriptedKey {
  readonly keys: string;
  readonly gapMs: number;
  readonly waits: boolean;
  readonly letter: boolean;
}

export const KEYS = {
  enter: '\r',
  backspace: '\x7f',
  tab: '\t',
  esc: '\x1b',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  home: '\x1b[H',
  end: '\x1b[F',
  delete: '\x1b[3~',
} as const;

const NEIGHBOURS = 'qwertyuiopasdfghjklzxcvbnm';

export class Script {
  readonly #dice: Dice;
  readonly #slips: number;
  readonly #keys: ScriptedKey[] = [];

  /** Of so many letters in words, one is a slip that is noticed and mended. */
  constructor(dice: Dice, slipsOneIn = 45) {
    this.#dice = dice;
    this.#slips = 1 / slipsOneIn;
  }

  get keys(): readonly ScriptedKey[] {
    return this.#keys;
  }

  /** Types a text, with slips in its words. */
  text(text: string): this {
    const letters = Array.from(text);
    for (const [index, letter] of letters.entries()) {
      if (/[a-z]/.test(letter) && this.#dice.next() < this.#slips) this.#slip(letters.slice(index, index + 3));
      this.#letter(letter, index === 0 || letters[index - 1] === ' ' ? 'word' : 'inside');
    }
    return this;
  }

  /** Types a text without slips, which nothing echoes. */
  silent(text: string): this {
    for (const letter of text) this.press(letter, 'inside');
    return this;
  }

  /** A key that is no letter, `times` over. */
  press(keys: string, pause: Pause = 'correction', times = 1): this {
    for (let time = 0; time < times; time++) this.#push(keys, time === 0 ? pause : 'again', false, false);
    return this;
  }

  /** A key, and a look at what comes of it. */
  wait(keys: string, pause: Pause = 'enter'): this {
    return this.#push(keys, pause, true, false);
  }

  /** A whole line and Enter. */
  line(text: string): this {
    return this.text(text).wait(KEYS.enter);
  }

  #slip(meant: readonly string[]): void {
    const wrong = NEIGHBOURS[Math.floor(this.#dice.next() * NEIGHBOURS.length)] ?? 'e';
    const noticedAfter = Math.floor(this.#dice.next() * 3);
    const typed = [wrong, ...meant.slice(1, 1 + noticedAfter)];
    for (const letter of typed) this.#letter(letter, 'inside');
    this.press(KEYS.backspace, 'correction', typed.length);
  }

  #letter(letter: string, pause: Pause): void {
    this.#push(letter, /[a-z ]/.test(letter) ? pause : 'symbol', false, true);
  }

  #push(keys: string, pause: Pause, waits: boolean, letter: boolean): this {
    const afterOutput = this.#keys.at(-1)?.waits === true;
    this.#keys.push({ keys, gapMs: drawGapMs(this.#dice, afterOutput ? 'thought' : pause), waits, letter });
    return this;
  }
}
