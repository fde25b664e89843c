/**
 * What was learnt about whether guesses come true: by prompt, by program, by key. A bounded memory, of which the least used is forgotten.
 */

/** Entries that are kept. A day at many prompts has some dozens. */
const MEMORY_MAX = 512;
/** However often something failed, so many successes in a row restore it. */
const NEED_MAX = 8;
/** So many successes in a row halve what a failure costs. */
const FORGIVEN_AFTER = 20;

/** How a thing has gone so far. */
export interface Record {
  /** Successes since the last failure. */
  successes: number;
  /** How many of them make it trusted. */
  need: number;
}

export class Confidence {
  /** The last used comes last. */
  readonly #records = new Map<string, Record>();

  /** Whether guesses of this kind come true; `prior` is the answer while nothing is known. */
  trusts(key: string, prior: boolean): boolean {
    const record = this.#records.get(key);
    return record === undefined ? prior : record.successes >= record.need;
  }

  /** Whether they have come true, or failed, before. */
  knows(key: string): boolean {
    return this.#records.has(key);
  }

  confirm(key: string): void {
    const record = this.#use(key);
    record.successes++;
    if (record.successes % FORGIVEN_AFTER === 0) record.need = Math.max(1, record.need >> 1);
  }

  contradict(key: string): void {
    const record = this.#use(key);
    record.successes = 0;
    record.need = Math.min(NEED_MAX, record.need * 2);
  }

  #use(key: string): Record {
    const record = this.#records.get(key) ?? { successes: 0, need: 1 };
    this.#records.delete(key);
    this.#records.set(key, record);
    if (this.#records.size > MEMORY_MAX) {
      const [oldest] = this.#records.keys();
      if (oldest !== undefined) this.#records.delete(oldest);
    }
    return record;
  }
}

/** Programs, by the hash of their name; the last of them that were added. */
export class ProgramSet {
  readonly #programs = new Set<number>();

  add(program: number): void {
    this.#programs.delete(program);
    this.#programs.add(program);
    if (this.#programs.size > MEMORY_MAX) {
      const [oldest] = this.#programs;
      if (oldest !== undefined) this.#programs.delete(oldest);
    }
  }

  has(program: number): boolean {
    return this.#programs.has(program);
  }
}
