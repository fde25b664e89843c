/**
 * What some cells of a row have and their words have no room for, by column: texts of clusters, links. An array with holes, because a row is
 * copied whenever somebody writes to it, and copying an array of 80 takes a fiftieth of copying a map.
 */

/** Whether what two columns have, which may be nothing, is the same. */
export type Equal<T> = (a: T | undefined, b: T | undefined) => boolean;

const NONE: readonly never[] = [];

export class Columns<T> {
  #values: (T | undefined)[] = [];
  #size = 0;

  constructor(entries: Iterable<readonly [number, T]> = NONE) {
    for (const [col, value] of entries) this.set(col, value);
  }

  /** How many columns have something. */
  get size(): number {
    return this.#size;
  }

  get(col: number): T | undefined {
    return this.#values[col];
  }

  has(col: number): boolean {
    return this.#values[col] !== undefined;
  }

  set(col: number, value: T): void {
    const values = this.#values;
    // What is between is there, too: an array without holes is the faster one to read.
    while (values.length < col) values.push(undefined);
    if (values[col] === undefined) this.#size++;
    values[col] = value;
  }

  delete(col: number): void {
    if (this.#values[col] === undefined) return;
    this.#values[col] = undefined;
    this.#size--;
  }

  /** Deletes the columns `from` to `to` - 1. */
  drop(from: number, to: number): void {
    const end = Math.min(to, this.#values.length);
    for (let col = Math.max(0, from); col < end; col++) this.delete(col);
  }

  /** Another with the same. */
  copy(): Columns<T> {
    const copy = new Columns<T>();
    copy.#values = this.#values.slice();
    copy.#size = this.#size;
    return copy;
  }

  /** The first column below `end` in which the two differ, `end` if there is none. */
  static firstDifference<T>(a: Columns<T>, b: Columns<T>, end: number, equal: Equal<T>): number {
    const [old, now] = [a.#values, b.#values];
    for (let col = 0; col < end; col++) {
      if (old[col] !== now[col] && !equal(old[col], now[col])) return col;
    }
    return end;
  }

  /** The last column after `start` and below `cols` in which the two differ, `start` if there is none. */
  static lastDifference<T>(a: Columns<T>, b: Columns<T>, start: number, cols: number, equal: Equal<T>): number {
    const [old, now] = [a.#values, b.#values];
    for (let col = cols - 1; col > start; col--) {
      if (old[col] !== now[col] && !equal(old[col], now[col])) return col;
    }
    return start;
  }

  *keys(): IterableIterator<number> {
    for (const [col] of this) yield col;
  }

  *[Symbol.iterator](): IterableIterator<[number, T]> {
    for (const [col, value] of this.#values.entries()) if (value !== undefined) yield [col, value];
  }
}
