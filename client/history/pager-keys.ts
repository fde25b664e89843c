/** Keys as a terminal sends them, named: what the pager understands. Pure. */

/** A named key, or a character that was typed. */
export type PagerKey =
  | { readonly kind: 'named'; readonly name: 'up' | 'down' | 'page-up' | 'page-down' | 'home' | 'end' | 'escape' }
  | { readonly kind: 'typed'; readonly character: string };

type Name = Extract<PagerKey, { kind: 'named' }>['name'];

/** By what follows `ESC [` or `ESC O`. */
const NAMES: Readonly<Record<string, Name>> = {
  A: 'up',
  B: 'down',
  H: 'home',
  F: 'end',
  '1~': 'home',
  '4~': 'end',
  '5~': 'page-up',
  '6~': 'page-down',
  '7~': 'home',
  '8~': 'end',
};

const ESC = '\x1b';

export class PagerKeys {
  readonly #decoder = new TextDecoder();
  /** A sequence that has begun. */
  #sequence = '';

  /** An Escape has come that may be the beginning of a sequence: more bytes or `takeEscape` tell. */
  get holdsEscape(): boolean {
    return this.#sequence === ESC;
  }

  /** No more bytes have come for a while: it was the key. */
  takeEscape(): readonly PagerKey[] {
    if (!this.holdsEscape) return [];
    this.#sequence = '';
    return [{ kind: 'named', name: 'escape' }];
  }

  /** The keys of the next bytes. A sequence that is none of ours, and modifiers, are left out. */
  push(bytes: Uint8Array): readonly PagerKey[] {
    const keys: PagerKey[] = [];
    for (const character of this.#decoder.decode(bytes, { stream: true })) {
      if (this.#sequence === '') {
        if (character === ESC) this.#sequence = ESC;
        else keys.push({ kind: 'typed', character });
      } else {
        this.#continue(character, keys);
      }
    }
    return keys;
  }

  #continue(character: string, keys: PagerKey[]): void {
    if (character === ESC) {
      keys.push({ kind: 'named', name: 'escape' });
      this.#sequence = ESC;
      return;
    }
    this.#sequence += character;
    const body = this.#sequence.slice(2);
    const isOpen = this.#sequence.length === 2 ? /[[O]/.test(character) : !/[@-~]/.test(character);
    if (isOpen && this.#sequence.length < 32) return;
    const name = NAMES[body] ?? NAMES[body.replace(/^(?:1;|(\d);)\d+/, '$1')];
    if (name !== undefined) keys.push({ kind: 'named', name });
    this.#sequence = '';
  }
}
