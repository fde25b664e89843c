/**
 * Character sets, G0 to G3, of which one is in use (ISO 2022; SO, SI, LS2, LS3, and ESC ( ) * + to designate). Under UTF-8
 * only two of them still matter: DEC's line drawing, which ncurses and dialogs use, and the British pound sign.
 */

export type Charset = 'ascii' | 'british' | 'graphics';

/** What DEC's special graphics show for 60 to 7E. */
const GRAPHICS = '◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·';

export class Charsets {
  #sets: readonly Charset[] = ['ascii', 'ascii', 'ascii', 'ascii'];
  #level = 0;

  /** The set in use. */
  get current(): Charset {
    return this.#sets[this.#level] ?? 'ascii';
  }

  /** Puts a set into G0 to G3. */
  designate(level: number, set: Charset): void {
    if (this.#sets[level] !== set) this.#sets = this.#sets.with(level, set);
  }

  /** Takes G0, G1, G2 or G3 into use. */
  use(level: number): void {
    this.#level = level;
  }

  /** An independent copy, for DECSC. */
  copy(): Charsets {
    const copy = new Charsets();
    copy.#sets = this.#sets;
    copy.#level = this.#level;
    return copy;
  }
}

/** The set that a designation's last byte means; those that UTF-8 has replaced count as ASCII. */
export function charsetOf(final: string): Charset {
  return final === '0' ? 'graphics' : final === 'A' ? 'british' : 'ascii';
}

/** What `code`, below 7F, shows in a set. */
export function translate(set: Charset, code: number): number {
  if (set === 'graphics' && code >= 0x60) return GRAPHICS.charCodeAt(code - 0x60);
  if (set === 'british' && code === 0x23) return 0xa3;
  return code;
}
