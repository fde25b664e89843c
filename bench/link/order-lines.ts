/**
 * The bytes on the link's standard input, cut into lines. A line may hold two packet-delivery traces, so it is put
 * together from its pieces once, when its end has come.
 */

/** Two traces of a million stamps of nine digits with their commas, and the rest of a setup. */
export const LINE_CHARACTERS_MAX = 2 * 10 * 1_000_000 + 65_536;

export class OrderLines {
  readonly #decoder = new TextDecoder();
  #pieces: string[] = [];
  #length = 0;

  /** The lines that these bytes complete, without their ends. Throws RangeError when one is longer than any is. */
  push(bytes: Uint8Array): readonly string[] {
    const lines: string[] = [];
    const [first = '', ...rest] = this.#decoder.decode(bytes, { stream: true }).split('\n');
    this.#add(first);
    for (const piece of rest) {
      lines.push(this.#pieces.join(''));
      this.#pieces = [];
      this.#length = 0;
      this.#add(piece);
    }
    return lines;
  }

  #add(piece: string): void {
    this.#length += piece.length;
    if (this.#length > LINE_CHARACTERS_MAX) throw new RangeError('an order to the link is longer than any is');
    if (piece !== '') this.#pieces.push(piece);
  }
}
