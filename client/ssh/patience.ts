/**
 * How long to wait for the other side. Two limits for each stage of a connection: how long it may be silent, and how long the stage may
 * take in all, since a server can say one byte now and then for ever. The time in which the user is being asked something counts in neither.
 */

import type { Prompter } from './prompter.ts';

/** One stage's limits, in ms. */
export interface Limits {
  readonly silenceMs: number;
  readonly totalMs: number;
}

/** The clock of one connection. Stands still until a stage begins. */
export class Patience {
  /** The prompter to ask through, so that its questions stop the clock. */
  readonly prompter: Prompter;
  #limits: Limits | undefined;
  #onEnd: () => void = () => undefined;
  #silence: NodeJS.Timeout | undefined;
  /** Something was heard since the limit of silence ran out. */
  #heard = false;
  #total: NodeJS.Timeout | undefined;
  /** What the stage may still take, as of `#since`. */
  #leftMs = 0;
  #since = 0;
  #questions = 0;

  constructor(prompter: Prompter) {
    this.prompter = {
      tell: (line) => prompter.tell(line),
      ask: async (question, options) => {
        this.#pause();
        try {
          return await prompter.ask(question, options);
        } finally {
          this.#goOn();
        }
      },
    };
  }

  /** Begins a stage; `onEnd` is called once if it takes too long. */
  begin(limits: Limits, onEnd: () => void): void {
    this.end();
    this.#limits = limits;
    this.#onEnd = onEnd;
    this.#leftMs = limits.totalMs;
    if (this.#questions === 0) this.#start();
  }

  /** The other side has said something. */
  heard(): void {
    if (this.#limits === undefined || this.#questions > 0) return;
    this.#heard = true;
    // Once for each piece that arrives: moved on, not made anew.
    this.#silence?.refresh();
  }

  /** The stage is over. */
  end(): void {
    this.#limits = undefined;
    this.#stop();
  }

  #pause(): void {
    this.#questions++;
    if (this.#questions > 1 || this.#limits === undefined) return;
    this.#leftMs -= performance.now() - this.#since;
    this.#stop();
  }

  #goOn(): void {
    this.#questions--;
    if (this.#questions === 0 && this.#limits !== undefined) this.#start();
  }

  #start(): void {
    const limits = this.#limits;
    if (limits === undefined) return;
    const ended = (): void => {
      this.end();
      this.#onEnd();
    };
    this.#since = performance.now();
    this.#silence = setTimeout(() => {
      this.#heard = false;
      // What came while this process was busy is still to be read: only then was it the other side that was silent.
      setImmediate(() => {
        if (!this.#heard && this.#limits === limits && this.#questions === 0) ended();
      });
    }, limits.silenceMs);
    this.#total = setTimeout(ended, Math.max(0, this.#leftMs));
  }

  #stop(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#total);
  }
}
