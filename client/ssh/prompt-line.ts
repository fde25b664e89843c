/**
 * The little line editor behind a question on the terminal. The terminal is raw meanwhile, so what a key does and what shows of it
 * is decided here, in pure code: bytes in; a step out, with what to echo.
 */

/** What the bytes so far came to. `echo` is to be written to the terminal, whatever the kind. */
export type PromptStep =
  | { readonly kind: 'more'; readonly echo: string }
  | { readonly kind: 'done'; readonly echo: string; readonly line: string }
  /** Ctrl-C, or Ctrl-D with nothing typed. */
  | { readonly kind: 'aborted'; readonly echo: string };

/** Longest line taken, in bytes; what is typed beyond it is not. */
const LINE_LENGTH_MAX = 4096;

const NEW_LINE = '\r\n';

/** One line being typed. Nothing is echoed if `echo` is false, not even the length. */
export class PromptLine {
  readonly #echo: boolean;
  #bytes: number[] = [];

  constructor(echo: boolean) {
    this.#echo = echo;
  }

  /** Takes what came from the terminal. After `done` or `aborted` the rest of the bytes is thrown away, as ssh flushes its input. */
  type(bytes: Uint8Array): PromptStep {
    const before = this.#text();
    for (const byte of bytes) {
      switch (byte) {
        case 0x0d:
        case 0x0a: {
          const line = this.#text();
          this.#wipe();
          return { kind: 'done', echo: `${this.#redraw(before, line)}${NEW_LINE}`, line };
        }
        case 0x03:
          this.#wipe();
          return { kind: 'aborted', echo: NEW_LINE };
        case 0x04:
          if (this.#bytes.length === 0) return { kind: 'aborted', echo: NEW_LINE };
          break;
        case 0x08:
        case 0x7f:
          this.#erase();
          break;
        case 0x15:
          this.#wipe();
          break;
        default:
          if (byte >= 0x20 && this.#bytes.length < LINE_LENGTH_MAX) this.#bytes.push(byte);
      }
    }
    return { kind: 'more', echo: this.#redraw(before, this.#text()) };
  }

  #text(): string {
    return new TextDecoder().decode(Uint8Array.from(this.#bytes));
  }

  /** Takes away the last character: the continuation bytes of UTF-8 with their head. */
  #erase(): void {
    let byte = this.#bytes.pop();
    while (byte !== undefined && byte >= 0x80 && byte < 0xc0) byte = this.#bytes.pop();
  }

  #wipe(): void {
    this.#bytes.fill(0);
    this.#bytes = [];
  }

  /** What turns `before` on the terminal into `after`. */
  #redraw(before: string, after: string): string {
    if (!this.#echo) return '';
    const old = [...before];
    const fresh = [...after];
    let same = 0;
    while (same < old.length && old[same] === fresh[same]) same++;
    const gone = old.slice(same).reduce((cells, character) => cells + width(character), 0);
    return '\b \b'.repeat(gone) + fresh.slice(same).join('');
  }
}

/** Cells of a character, roughly: what a name or a password typed at a prompt is likely to hold. */
function width(character: string): number {
  return (character.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1;
}
