/**
 * A row of cells. Rows are shared between the emulator, its snapshots, the states of the sync and the renderer, so a row is
 * either a draft, which its one owner may write, or frozen, which nobody may. Two screens that hold the same row object hold
 * the same text there: that is how a diff finds in a nanosecond what did not change, and what only moved.
 */

import { assert } from '../assert.ts';
import { CELL_WORDS } from './cell.ts';
import type { Columns } from './columns.ts';
import { type Extra, equalExtras } from './extra.ts';

export class Row {
  /** `CELL_WORDS` words a cell, see cell.ts. Not to be written once `frozen`. */
  readonly cells: Uint32Array;
  /** The text of cells with `CLUSTER`, by column; undefined while there is none. */
  clusters: Columns<string> | undefined;
  /** The rest of the pen of cells with `EXTENDED`, by column, both halves of wide ones; undefined while there is none. */
  extras: Columns<Extra> | undefined;
  /** What a shell said of this row by OSC 133: see mark.ts; 0 nothing. */
  mark = 0;
  /** The row goes on with the text of the row above, which was full. */
  wrapped: boolean;
  /** In a snapshot: shared, and never written again. */
  frozen: boolean;

  constructor(cells: Uint32Array, wrapped: boolean, clusters: Columns<string> | undefined, extras?: Columns<Extra>) {
    assert(cells.length % CELL_WORDS === 0, 'a row holds whole cells');
    this.cells = cells;
    this.wrapped = wrapped;
    this.clusters = clusters;
    this.extras = extras;
    this.frozen = false;
  }

  /** Width in cells. */
  get cols(): number {
    return this.cells.length / CELL_WORDS;
  }

  /** A draft with the same text. */
  thaw(): Row {
    const { clusters, extras } = this;
    const draft = new Row(this.cells.slice(), this.wrapped, clusters?.copy(), extras?.copy());
    draft.mark = this.mark;
    return draft;
  }
}

/** A draft of `cols` erased cells in default colours. */
export function blankRow(cols: number): Row {
  return new Row(new Uint32Array(cols * CELL_WORDS), false, undefined);
}

/** Whether two rows hold the same, cell for cell. */
export function equalRows(a: Row, b: Row): boolean {
  if (a === b) return true;
  if (a.wrapped !== b.wrapped || a.mark !== b.mark || a.cells.length !== b.cells.length) return false;
  for (let i = 0; i < a.cells.length; i++) if (a.cells[i] !== b.cells[i]) return false;
  if (!equalExtras(a.extras, b.extras)) return false;
  if (a.clusters === undefined && b.clusters === undefined) return true;
  if ((a.clusters?.size ?? 0) !== (b.clusters?.size ?? 0)) return false;
  for (const [col, text] of a.clusters ?? []) if (b.clusters?.get(col) !== text) return false;
  return true;
}
