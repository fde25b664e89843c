/**
 * A server and a client by hand, for tests: what the program prints, what the server says of it and when the client hears of it are all
 * said line by line. Time stands still unless it is moved.
 */

import { textAt } from '../../client/predict/draft.ts';
import { PredictionEngine } from '../../client/predict/engine.ts';
import { programHash } from '../../client/predict/known-programs.ts';
import type { PredictMode } from '../../client/predict/visibility.ts';
import type { Screen } from '../../protocol/screen/screen.ts';
import type { EchoState, TtyState } from '../../protocol/session/shell-state.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';

const SLOW_MS = 300;

export const RAW: Omit<TtyState, 'program'> = { echo: false, canonical: false };
export const ECHOING: Omit<TtyState, 'program'> = { echo: true, canonical: true };
export const HIDDEN: Omit<TtyState, 'program'> = { echo: false, canonical: true };

export class Stage {
  now = 1_000;
  readonly engine: PredictionEngine;
  readonly #emulator: Emulator;
  readonly #smoothedRtt: number;
  #tty: TtyState | undefined;
  #typed = 0;
  #echoed = 0;
  #state: EchoState | undefined;

  constructor(options: { mode?: PredictMode; cols?: number; rows?: number; smoothedRtt?: number } = {}) {
    const { mode = 'adaptive', cols = 40, rows = 6, smoothedRtt = SLOW_MS } = options;
    this.engine = new PredictionEngine({ mode });
    this.#emulator = new Emulator({ cols, rows });
    this.#smoothedRtt = smoothedRtt;
  }

  /** The program of that name reads, in this mode. */
  tty(modes: Omit<TtyState, 'program'>, name: string): this {
    this.#tty = { ...modes, program: programHash(name) };
    return this;
  }

  prints(output: string): this {
    this.#emulator.write(new TextEncoder().encode(output));
    return this;
  }

  resizes(cols: number, rows: number): this {
    this.#emulator.resize(cols, rows);
    return this;
  }

  /** A state reaches the client; with `all`, everything typed has been answered. */
  hears(all: 'all' | 'nothing more' | number = 'nothing more'): this {
    if (all === 'all') this.#echoed = this.#typed;
    else if (typeof all === 'number') this.#echoed = all;
    this.#state = { screen: this.#emulator.snapshot(), echoed: this.#echoed, tty: this.#tty };
    this.engine.server(this.now, this.#state, this.#smoothedRtt);
    return this;
  }

  /** Types each character as a key of its own, and a sequence in braces as one: `ab{\x1b[D}c`. Gives the offset after it. */
  types(text: string, gapMs = 0): number {
    for (const [key] of text.matchAll(/\{[^}]*\}|./gsu)) {
      this.now += gapMs;
      const bytes = new TextEncoder().encode(key.length > 1 && key.startsWith('{') ? key.slice(1, -1) : key);
      this.#typed += bytes.length;
      this.engine.typed(this.now, bytes, this.#typed);
    }
    return this.#typed;
  }

  passes(ms: number): this {
    this.now += ms;
    return this;
  }

  /** Types and has the program echo it, all of it answered. */
  works(text: string): this {
    this.types(text, 100);
    return this.prints(text).passes(200).hears('all');
  }

  /** Enter, the command's output, and the same prompt again, all of it answered. */
  runs(output: string, prompt = 'lab$ '): this {
    this.types('\r', 100);
    return this.prints(`\r\n\x1b[?2004l\r${output}\x1b[?2004h${prompt}`).passes(200).hears('all');
  }

  get screen(): Screen {
    return this.engine.overlay(this.now);
  }

  /** The server's screen, as the client has it. */
  get truth(): Screen | undefined {
    return this.#state?.screen;
  }

  /** What is shown in a row, without blanks at its end; the cursor's row by default. */
  row(index = this.screen.cursorRow): string {
    const { screen } = this;
    let text = '';
    for (let col = 0; col < screen.cols; col++) text += textAt(screen.rows[index], col);
    return text.trimEnd();
  }

  get cursor(): string {
    const { cursorRow, cursorCol } = this.screen;
    return `${cursorRow},${cursorCol}`;
  }
}

/** A stage at bash's prompt `lab$ `, which has been seen to echo. */
export function atPrompt(options: ConstructorParameters<typeof Stage>[0] = {}): Stage {
  return new Stage(options).tty(RAW, 'bash').prints('\x1b[?2004hlab$ ').hears().works('true').runs('');
}
