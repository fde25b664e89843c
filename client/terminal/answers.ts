/** What is known of the user's terminal from its own answers, gathered as they come. Immutable. */

import type { Sample } from './questions.ts';
import type { Reply } from './reply.ts';

export interface Answers {
  /** DA1's numbers and DA2's. */
  readonly attributes: readonly number[] | undefined;
  readonly identity: readonly number[] | undefined;
  /** XTVERSION's text, such as `XTerm(379)` or `kitty(0.35.2)`. */
  readonly version: string | undefined;
  /** 0xRRGGBB each. */
  readonly foreground: number | undefined;
  readonly background: number | undefined;
  readonly cursorColor: number | undefined;
  /** By index, 0 to 15. */
  readonly palette: readonly (number | undefined)[];
  readonly keyboard: boolean;
  readonly otherKeys: boolean;
  /** DECRPM's values, by mode. */
  readonly modes: ReadonlyMap<number, number>;
  /** In pixels. */
  readonly cell: PixelSize | undefined;
  readonly window: PixelSize | undefined;
  /** XTGETTCAP's values, by name. */
  readonly capabilities: ReadonlyMap<string, string>;
  /** What DECRQSS tells of the questions' rendition: parameters of SGR. */
  readonly rendition: string | undefined;
  /** How many columns each of the samples took. */
  readonly widths: ReadonlyMap<Sample, number>;
}

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** Of a terminal that said nothing. */
export const NO_ANSWERS: Answers = {
  attributes: undefined,
  identity: undefined,
  version: undefined,
  foreground: undefined,
  background: undefined,
  cursorColor: undefined,
  palette: [],
  keyboard: false,
  otherKeys: false,
  modes: new Map(),
  cell: undefined,
  window: undefined,
  capabilities: new Map(),
  rendition: undefined,
  widths: new Map(),
};

/** `answers` with one more; places of the cursor and the clipboard are no lasting facts and change nothing. */
export function withReply(answers: Answers, reply: Reply): Answers {
  switch (reply.kind) {
    case 'attributes':
      return { ...answers, attributes: reply.values };
    case 'identity':
      return { ...answers, identity: reply.values };
    case 'version':
      return { ...answers, version: reply.text };
    case 'color':
      if (reply.of === 10) return { ...answers, foreground: reply.color };
      if (reply.of === 11) return { ...answers, background: reply.color };
      return { ...answers, cursorColor: reply.color };
    case 'palette': {
      const palette = [...answers.palette];
      palette[reply.index] = reply.color;
      return { ...answers, palette };
    }
    case 'keyboard':
      return { ...answers, keyboard: true };
    case 'other-keys':
      return { ...answers, otherKeys: true };
    case 'mode':
      return { ...answers, modes: new Map(answers.modes).set(reply.mode, reply.value) };
    case 'pixels':
      return { ...answers, [reply.of]: { width: reply.width, height: reply.height } };
    case 'capability':
      if (reply.value === undefined) return answers;
      return { ...answers, capabilities: new Map(answers.capabilities).set(reply.name, reply.value) };
    case 'rendition':
      return { ...answers, rendition: reply.text };
    case 'cursor':
    case 'clipboard':
      return answers;
  }
}

/** `answers` with what the places of the cursor say, each behind one sample. */
export function withPlaces(
  answers: Answers,
  places: readonly { readonly row: number; readonly col: number }[],
  samples: readonly Sample[],
): Answers {
  // One missing, and none can be told from the others.
  const isWhole = places.length === samples.length && places.every(({ row }) => row === places[0]?.row);
  const widths = new Map(isWhole ? samples.map((sample, i) => [sample, (places[i]?.col ?? 1) - 1]) : []);
  return { ...answers, widths };
}
