/** A key on its way: typed, and not yet on the server's screen nor answered otherwise. */

import type { EnteredLine } from './entered-lines.ts';
import type { KeyAction } from './key-parser.ts';

export interface PendingKey {
  action: KeyAction;
  /** Of the input stream, after it. */
  readonly offset: number;
  readonly typedAt: number;
  /** Never to be shown, whatever is learnt later. */
  held: boolean;
  shown: boolean;
  /** Of Enter. */
  readonly line: EnteredLine | undefined;
}

/** Whether its echo can be told from none. */
export function isVisible(key: PendingKey | undefined): boolean {
  return key?.action.kind === 'letter' && key.action.code !== 0x20;
}

export function isEnter({ action }: PendingKey): boolean {
  return action.kind === 'unknown' && action.cause === 'enter';
}
