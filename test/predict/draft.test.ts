import { expect, test } from 'vitest';
import { Draft } from '../../client/predict/draft.ts';
import { Emulator } from '../../protocol/terminal/emulator.ts';
import { screenFault } from '../screen/arbitrary-screen.ts';

/** Three columns: a wide character of several code points, then a letter. */
const TEXT = '中\u0301a';

test.for([
  { from: 0, end: 3, by: 1, limit: 2 },
  { from: 0, end: 3, by: 1, limit: 3 },
  { from: 0, end: 2, by: 2, limit: 3 },
  { from: 1, end: 3, by: -1, limit: 3 },
  { from: 0, end: 1, by: 1, limit: 2 },
])('a wide character that a move cuts leaves nothing: %o', ({ from, end, by, limit }) => {
  const emulator = new Emulator({ cols: 3, rows: 1 });
  emulator.write(new TextEncoder().encode(TEXT));
  const screen = emulator.snapshot();
  expect(screen.rows[0]?.clusters?.size).toBe(1);
  const draft = new Draft(screen);
  draft.move(0, from, end, by, limit);
  expect(screenFault(draft.compose(screen, false))).toBeUndefined();
});
