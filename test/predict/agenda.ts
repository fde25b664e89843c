/** Virtual time: what is to be done when, done in that order, first come first served at the same moment. */

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/** More than any replay needs: one that does not end is a fault. */
const ENTRIES_MAX = 200_000;

export class Agenda {
  now = 0;
  /** The next comes last. */
  readonly #entries: Entry[] = [];
  #count = 0;

  /** Adds what is to be done at `at`, or now if that is past. */
  add(at: number, act: () => void): void {
    const entry = { at: Math.max(at, this.now), order: this.#count++, act };
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#entries[middle] as Entry;
      if (other.at > entry.at || (other.at === entry.at && other.order > entry.order)) low = middle + 1;
      else high = middle;
    }
    this.#entries.splice(low, 0, entry);
  }

  /** Does everything. Throws when there is no end of it. */
  run(): void {
    for (let done = 0; ; done++) {
      const entry = this.#entries.pop();
      if (entry === undefined) return;
      if (done >= ENTRIES_MAX) throw new Error('there is no end of what is to be done');
      this.now = entry.at;
      entry.act();
    }
  }
}
