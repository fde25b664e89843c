/**
 * The keyboard of a simulated user: what a work wants typed goes in, strokes with human gaps come out.
 */

import type { Dice } from '../link/random.ts';
import { drawGapMs, type Pause } from './gaps.ts';
import type { Stroke, StrokeKind } from './stroke.ts';

/** What the keys send: control keys, and arrows as a terminal sends them outside and inside of full-screen programs. */
export const CTRL_A = '\x01';
export const CTRL_C = '\x03';
export const CTRL_D = '\x04';
export const CTRL_E = '\x05';
export const CTRL_K = '\x0b';
export const CTRL_L = '\x0c';
export const CTRL_U = '\x15';
export const CTRL_W = '\x17';
export const CTRL_X = '\x18';
export const ESC = '\x1b';
export const BACKSPACE = '\x7f';
export const ENTER = '\r';
export const UP = '\x1b[A';
export const LEFT = '\x1b[D';
export const APPLICATION_UP = '\x1bOA';
export const APPLICATION_DOWN = '\x1bOB';

export class Keyboard {
  readonly #dice: Dice;
  readonly #strokes: Stroke[] = [];

  /** `gaps` are the dice for the pauses alone. It begins with a cleared screen, as every work does. */
  constructor(gaps: Dice) {
    this.#dice = gaps;
    this.stage(CTRL_L);
  }

  /** What was typed so far. */
  get strokes(): readonly Stroke[] {
    return [...this.#strokes];
  }

  /** Types a text, key by key. */
  letters(text: string): this {
    for (const letter of text) this.#letter('letter', letter);
    return this;
  }

  /** Types what must not be seen, key by key. */
  silent(text: string): this {
    for (const letter of text) this.#letter('silent', letter);
    return this;
  }

  /** Moves or deletes, `times` over. */
  edit(keys: string, times = 1): this {
    for (let time = 0; time < times; time++) this.#press('edit', keys, this.#pauseBefore('edit', keys));
    return this;
  }

  /** A key that only the program knows, `times` over. */
  command(keys: string, times = 1): this {
    for (let time = 0; time < times; time++) this.#press('command', keys, this.#pauseBefore('command', keys));
    return this;
  }

  /** Before the next key, the user looks for the effect of the last one. */
  look(): this {
    const last = this.#strokes.pop();
    if (last !== undefined) this.#strokes.push({ ...last, awaited: true });
    return this;
  }

  /** Enter, and a look at what comes of it. */
  enter(): this {
    return this.#press('enter', ENTER, 'enter', { awaited: true });
  }

  /** Sets the stage: all keys at once, waited for, and in no figure. */
  stage(keys: string): this {
    return this.#press('command', keys, 'thought', { awaited: true, measured: false });
  }

  #letter(kind: StrokeKind, letter: string): void {
    const last = this.#strokes.at(-1)?.keys;
    const isPlain = /^[a-z]$/.test(letter);
    const isWordsFirst = letter === ' ' || !(last !== undefined && /^[a-z]$/.test(last));
    this.#press(kind, letter, isPlain && !isWordsFirst ? 'inside' : isPlain || letter === ' ' ? 'word' : 'symbol');
  }

  #pauseBefore(kind: 'edit' | 'command', keys: string): Pause {
    const last = this.#strokes.at(-1);
    if (last?.keys === keys) return 'again';
    return kind === 'command' || last?.kind === kind ? 'command' : 'correction';
  }

  #press(
    kind: StrokeKind,
    keys: string,
    pause: Pause,
    { awaited = false, measured = true }: Partial<Pick<Stroke, 'awaited' | 'measured'>> = {},
  ): this {
    const isAfterOutput = this.#strokes.at(-1)?.awaited === true;
    const gapMs = drawGapMs(this.#dice, isAfterOutput ? 'thought' : pause);
    this.#strokes.push({ kind, keys, gapMs, awaited, measured });
    return this;
  }
}
