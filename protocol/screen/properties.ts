/**
 * What a program asks of the terminal beside the cells: colours, the working directory, progress, notifications, the clipboard. Most of it
 * hardly ever changes, so a screen has it as one object, the same while nothing in it does. Immutable.
 */

/** Longest address of a working directory, in UTF-16 code units. */
export const MAX_DIRECTORY = 2_083;
/** Longest title and text of a notification, in UTF-16 code units; longer ones are cut. */
export const MAX_NOTICE_TITLE = 256;
export const MAX_NOTICE_TEXT = 1_024;
/** Notifications that a screen still has: of more at once, the newest are shown. */
export const MAX_NOTICES = 4;
/** Most that a program can put into the clipboard, in bytes; more is not taken at all. */
export const MAX_CLIPBOARD = 65_536;

/** Colours that a program has changed, as 0xRRGGBB; all others are the terminal's own. */
export interface Colors {
  /** OSC 4, by index, 0 to 255. */
  readonly palette: ReadonlyMap<number, number>;
  /** OSC 10, 11 and 12. */
  readonly foreground: number | undefined;
  readonly background: number | undefined;
  readonly cursor: number | undefined;
}

export interface Notice {
  /** May be empty; without control characters, as the text. */
  readonly title: string;
  readonly text: string;
}

/** What a program put into a selection by OSC 52. */
export interface Copied {
  /** `c` the clipboard, `p` the primary selection. */
  readonly selection: 'c' | 'p';
  /** At most MAX_CLIPBOARD; empty clears it. */
  readonly bytes: Uint8Array;
}

export interface Properties {
  readonly colors: Colors;
  /** OSC 7's address, printable ASCII, as the program gave it; empty for none. */
  readonly directory: string;
  /** OSC 9;4: 0 none, else the state (1 normal, 2 error, 3 indeterminate, 4 paused) << 8 | percent, 0 to 100. */
  readonly progress: number;
  /** The newest notifications, oldest first, at most MAX_NOTICES … */
  readonly notices: readonly Notice[];
  /** … and how many there have been since the start, modulo 2^32. */
  readonly noticeCount: number;
  /** The newest copy … */
  readonly copied: Copied | undefined;
  /** … how many there have been … */
  readonly copyCount: number;
  /** … and how often the clipboard was asked for, both modulo 2^32. */
  readonly pasteCount: number;
}

export const NO_COLORS: Colors = {
  palette: new Map(),
  foreground: undefined,
  background: undefined,
  cursor: undefined,
};

/** Those of a new screen. */
export const BLANK_PROPERTIES: Properties = {
  colors: NO_COLORS,
  directory: '',
  progress: 0,
  notices: [],
  noticeCount: 0,
  copied: undefined,
  copyCount: 0,
  pasteCount: 0,
};

export function equalProperties(a: Properties, b: Properties): boolean {
  return (
    a === b ||
    (equalColors(a.colors, b.colors) &&
      a.directory === b.directory &&
      a.progress === b.progress &&
      a.noticeCount === b.noticeCount &&
      equalNotices(a.notices, b.notices) &&
      a.copyCount === b.copyCount &&
      equalCopied(a.copied, b.copied) &&
      a.pasteCount === b.pasteCount)
  );
}

export function equalColors(a: Colors, b: Colors): boolean {
  if (a === b) return true;
  if (a.foreground !== b.foreground || a.background !== b.background || a.cursor !== b.cursor) return false;
  if (a.palette.size !== b.palette.size) return false;
  for (const [index, color] of a.palette) if (b.palette.get(index) !== color) return false;
  return true;
}

export function equalNotices(a: readonly Notice[], b: readonly Notice[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every(({ title, text }, i) => title === b[i]?.title && text === b[i]?.text);
}

export function equalCopied(a: Copied | undefined, b: Copied | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.selection !== b.selection) return false;
  return a.bytes.length === b.bytes.length && a.bytes.every((byte, i) => byte === b.bytes[i]);
}
