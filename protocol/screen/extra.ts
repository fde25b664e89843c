/**
 * What few cells have and would not fit into a cell's words: the colour of the underline and the link. Cells written with one pen share
 * one object. Immutable.
 */

import type { Columns } from './columns.ts';

/** Longest address of a link, in UTF-16 code units (as VTE has it); a program's longer one is no link. */
export const MAX_LINK_URI = 2_083;
/** Longest id of a link; a longer one counts as none. */
export const MAX_LINK_ID = 250;

/** A link of OSC 8. */
export interface Link {
  /** Cells with the same non-empty id and address are one link, wherever they stand. */
  readonly id: string;
  /** Not empty, printable ASCII only: a URI is percent-encoded. */
  readonly uri: string;
}

/** The rest of a pen. At least one of its parts is set. */
export interface Extra {
  /** SGR 58: colour and kind of colour as in a cell's word; 0 the colour of the text. */
  readonly underlineColor: number;
  readonly link: Link | undefined;
}

/** Whether two are the same, or both missing. */
export function equalExtra(a: Extra | undefined, b: Extra | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.underlineColor !== b.underlineColor) return false;
  return equalLink(a.link, b.link);
}

/** Whether two links are one, or both missing. */
export function equalLink(a: Link | undefined, b: Link | undefined): boolean {
  return a === b || (a?.uri === b?.uri && a?.id === b?.id);
}

/** The same of the extras of two rows. */
export function equalExtras(a: Columns<Extra> | undefined, b: Columns<Extra> | undefined): boolean {
  if (a === b) return true;
  if ((a?.size ?? 0) !== (b?.size ?? 0)) return false;
  for (const [col, extra] of a ?? []) if (!equalExtra(extra, b?.get(col))) return false;
  return true;
}
