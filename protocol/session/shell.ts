/** What both halves of a shell session agree on (SPEC.md §7 to §9). */

import { CELL_WORDS } from '../screen/cell.ts';
import { diffScreens } from '../screen/diff.ts';
import { patchScreen } from '../screen/patch.ts';
import type { Screen } from '../screen/screen.ts';
import type { SyncCodec } from '../sync/sync-state.ts';

/** The stream of what the user does. */
export const INPUT_STREAM = 0;

/** How screens are kept in step. */
export const screenCodec: SyncCodec<Screen> = {
  diff: diffScreens,
  patch: patchScreen,
  size: ({ cols, rows }) => cols * rows.length * CELL_WORDS * Uint32Array.BYTES_PER_ELEMENT,
};
