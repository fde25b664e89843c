/**
 * What a simulated user types: strokes with human gaps between them. A work (a quarter of a minute in bash, in vim, at a
 * password prompt) is a list of them, the same for every shell under test, drawn from a seed.
 */

/**
 * What a stroke is, for the report: `letter` is any printable key that the program echoes or inserts; `edit` moves or deletes
 * (arrows, backspace, Ctrl-W); `command` is a key whose effect only the program knows (vim's `dd`, less's space);
 * `enter` runs something whose output nobody can predict; `silent` must show nothing at all (a password).
 */
export const STROKE_KINDS = ['letter', 'edit', 'command', 'enter', 'silent'] as const;
export type StrokeKind = (typeof STROKE_KINDS)[number];

export interface Stroke {
  readonly kind: StrokeKind;
  /** The bytes that the keyboard sends at once: a letter, `\r`, `\x1b[A`. */
  readonly keys: string;
  /** From the stroke before to this one; after a stroke that is waited for, from the moment it stood on the screen. */
  readonly gapMs: number;
  /** The user looks for its effect before typing on, as everybody does after Enter. */
  readonly awaited: boolean;
  /** False for what only sets the stage (opening the editor, leaving it): waited for, but in no figure. */
  readonly measured: boolean;
}

/** A work that is typed: the strokes are all there is to it. */
export interface TypedWork {
  readonly name: string;
  /** One line for people: `letters and corrections at a bash prompt`. */
  readonly title: string;
  readonly strokes: readonly Stroke[];
  /** Files that must lie in the working directory before: names to contents. */
  readonly files: Readonly<Record<string, string>>;
  /** Programs that it needs on the server's side; the work is left out, and said to be, where one is missing. */
  readonly programs: readonly string[];
}
